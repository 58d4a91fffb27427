import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import { AiStreamChatElement } from '../../../src/index.js';
import { endpoint, nextEvent, until } from '../support.js';

async function chatOn(name: string): Promise<AiStreamChatElement> {
  const element = await fixture<AiStreamChatElement>(html`
    <ai-stream-chat style="block-size: 480px" src=${endpoint(name).src}></ai-stream-chat>
  `);
  await element.updateComplete;
  return element;
}

function part<E extends HTMLElement>(element: AiStreamChatElement, name: string): E {
  return element.shadowRoot!.querySelector<E>(`[part="${name}"]`)!;
}

function texts(element: AiStreamChatElement): string[] {
  return [...element.shadowRoot!.querySelectorAll('ai-stream-message')].map(({ content }) => content);
}

describe('<ai-stream-chat> in the hands of a page', () => {
  it('counts messages that were set before it was defined', async () => {
    const element = document.createElement('late-chat') as AiStreamChatElement;
    document.body.append(element);
    element.messages = [{ id: 'm', role: 'user', parts: [{ type: 'text', text: 'early' }] }];
    customElements.define('late-chat', class extends AiStreamChatElement {});
    await until(() => texts(element)[0] === 'early');
    element.remove();
  });

  it('stops its run when other messages are set, and is idle then', async () => {
    const chat = await chatOn('hang');
    const run = chat.send('hello');
    await until(() => chat.state === 'streaming');
    chat.messages = [{ id: 'm', role: 'user', parts: [{ type: 'text', text: 'other' }] }];
    await run;
    await chat.settled;
    expect(chat.state).to.equal('idle');
    expect(texts(chat)).to.deep.equal(['other']);
    expect(part(chat, 'send').hidden).to.equal(false);
  });

  it('stops while the page is still asked for headers', async () => {
    const chat = await chatOn('echo');
    chat.headers = () => new Promise(() => {});
    const run = chat.send('hello');
    await until(() => chat.state === 'submitting');
    await chat.stop();
    expect(await run).to.include({ reason: 'aborted' });
    expect(texts(chat), 'no empty answer stays').to.deep.equal(['hello']);
  });

  it('is ready for the next message after a late answer to a tool', async () => {
    const chat = await chatOn('tool');
    await chat.send('go');
    chat.respondToTool('c1', 'ok');
    await chat.settled;
    await until(() => !part(chat, 'send').hidden);
  });

  it('goes on whenever an answer to a tool comes around the end of the stream', async () => {
    for (let turns = 0; turns < 20; turns += 1) {
      const chat = await chatOn('tool');
      chat.addEventListener(
        'stream_end',
        async () => {
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          chat.respondToTool('c1', 'ok');
        },
        { once: true },
      );
      void chat.send('go');
      await until(() => JSON.stringify(chat.messages).includes('The tool said ok'));
      chat.remove();
    }
  });

  it('tells the model of a result that JSON cannot hold', async () => {
    const chat = await chatOn('tool');
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    chat.tools = [{ name: 'fill_form', description: '', execute: () => circular }];
    await chat.send('go');
    await chat.settled;
    expect(texts(chat).at(-1)).to.contain('JSON cannot hold');
  });

  it('announces in pages whose language is none', async () => {
    document.documentElement.lang = 'en_US';
    const chat = await chatOn('echo');
    const outcome = await chat.send('A long question. '.repeat(60));
    document.documentElement.lang = 'en';
    expect(outcome).to.include({ reason: 'stop' });
  });

  it('lets a starter be clicked, and takes the focus to the input when the starter goes', async () => {
    const chat = await chatOn('echo');
    chat.starters = ['hi'];
    await chat.updateComplete;
    const starter = part(chat, 'starter');
    const { x, y, width, height } = starter.getBoundingClientRect();
    expect(chat.shadowRoot!.elementFromPoint(x + width / 2, y + height / 2)).to.equal(starter);
    starter.focus();
    starter.click();
    await chat.settled;
    await until(() => chat.shadowRoot!.activeElement === part(chat, 'input'));
  });

  it('keeps the focus when the button that has it goes', async () => {
    const chat = await chatOn('echo');
    const input = part<HTMLTextAreaElement>(chat, 'input');
    input.value = 'hello';
    const ended = nextEvent(chat, 'stream_end');
    part(chat, 'send').focus();
    part(chat, 'send').click();
    await ended;
    await until(() => chat.shadowRoot!.activeElement === input);
  });

  it('scrolls to a message that was set a moment ago', async () => {
    const chat = await chatOn('echo');
    chat.messages = Array.from({ length: 100 }, (_, index) => ({
      id: `m${index}`,
      role: 'user' as const,
      parts: [{ type: 'text' as const, text: `number ${index}` }],
    }));
    chat.scrollToMessage('m10');
    await until(() => texts(chat).includes('number 10'));
  });

  it('is idle again when it is cleared after a failure', async () => {
    const chat = await chatOn('html-500');
    await chat.send('hello');
    expect(chat.state).to.equal('error');
    await chat.clear();
    expect(chat.state).to.equal('idle');
  });

  it('says that an answer to be asked for again does not exist', async () => {
    const chat = await chatOn('echo');
    await chat.send('hello');
    let message = '';
    await chat.regenerate('nowhere').catch((error: Error) => {
      ({ message } = error);
    });
    expect(message).to.contain('nowhere');
    expect(chat.messages.length).to.equal(2);
  });

  it('alerts of a failure outside the list, whose rows come and go', async () => {
    const chat = await chatOn('html-500');
    await chat.send('hello');
    await chat.settled;
    const alerts = [...chat.shadowRoot!.querySelectorAll('[role="alert"]')];
    expect(alerts.map(({ textContent }) => textContent)).to.deep.equal([
      chat.messages.at(-1)!.error!.message,
    ]);
    expect(alerts[0]!.closest('ai-virtual-list')).to.equal(null);
  });
});
