// The forms of a page as tools of a chat: which requests offer them, and who comes first.
import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import type { AiStreamChatElement, ToolCallEvent } from '../../../src/index.js';
import { clearPage, showForm, valuesOf } from '../page-tools/support.js';
import { endpoint, requestsOf, until } from '../support.js';

const DONE = { type: 'done', reason: 'stop', complete: true };
const CALLS_DONE = { ...DONE, reason: 'tool_calls' };
const SAID = [{ type: 'text', content: 'Done.' }, DONE];
const ARGUMENTS = { name: 'Ada Lovelace', guests: 4 };
const CALLED = [{ type: 'tool_call', id: 'c1', name: 'form', args: ARGUMENTS }, CALLS_DONE];

async function chatOn(
  script: readonly (readonly object[])[],
  pageTools = true,
): Promise<{ chat: AiStreamChatElement; key: string }> {
  const { src, key } = endpoint('scripted');
  const chat = await fixture<AiStreamChatElement>(html`
    <ai-stream-chat style="block-size: 480px" src=${src} ?page-tools=${pageTools}></ai-stream-chat>
  `);
  chat.body = { script };
  return { chat, key };
}

/** Names of the tools that the last request offered. */
async function offered(key: string): Promise<string[] | undefined> {
  const { body } = (await requestsOf(key)).at(-1)!;
  const { tools } = body as { tools?: { function: { name: string } }[] };
  return tools?.map(({ function: { name } }) => name);
}

describe('<ai-stream-chat page-tools>', () => {
  afterEach(clearPage);

  const fields = '<input name="name"><input type="number" name="guests">';

  it('offers no form where the page has not asked for that', async () => {
    showForm(fields);
    const { chat, key } = await chatOn([SAID], false);
    await chat.send('go');
    expect(await offered(key)).to.equal(undefined);
    chat.remove();
  });

  it('offers the forms there are when a request is made, from one request to the next', async () => {
    const { chat, key } = await chatOn([SAID, SAID, SAID, SAID]);
    await chat.send('go');
    expect(await offered(key)).to.equal(undefined);
    showForm(fields);
    await chat.send('go');
    expect(await offered(key)).to.deep.equal(['form']);
    chat.pageTools = false;
    await chat.send('go');
    expect(await offered(key)).to.equal(undefined);
    chat.setAttribute('page-tools', '');
    await chat.send('go');
    expect(await offered(key)).to.deep.equal(['form']);
  });

  it('offers what the page says itself before a form of the same name', async () => {
    const form = showForm(fields);
    const { chat, key } = await chatOn([CALLED, SAID]);
    const ran: unknown[] = [];
    chat.tools = [{ name: 'form', description: 'Mine', execute: (args) => void ran.push(args) }];
    await chat.send('go');
    expect(await offered(key)).to.deep.equal(['form']);
    expect(ran).to.deep.equal([ARGUMENTS]);
    expect(valuesOf(form)).to.deep.equal({ name: [''], guests: [''] });
  });

  it('fills in a form, tells the model, and takes it back on the press of a button', async () => {
    const form = showForm(fields);
    const { chat, key } = await chatOn([CALLED, SAID]);
    await chat.send('go');
    await chat.settled;
    expect(valuesOf(form)).to.deep.equal({ name: ['Ada Lovelace'], guests: ['4'] });
    const { messages } = (await requestsOf(key)).at(-1)!.body;
    const told = JSON.parse(messages.findLast(({ role }) => role === 'tool')!.content as string);
    expect(told).to.deep.include({ status: 'filled', filled: ['name', 'guests'] });
    const undo = [...chat.shadowRoot!.querySelectorAll('ai-stream-message')].flatMap((message) => [
      ...message.shadowRoot!.querySelectorAll<HTMLButtonElement>('.undo'),
    ]);
    undo[0]!.click();
    await until(() => valuesOf(form)['name']![0] === '' && valuesOf(form)['guests']![0] === '');
  });

  it('takes back what it has shown where a listener answers the call', async () => {
    const form = showForm(fields);
    const pieces = ['{"name":"Ada', ' Love', 'lace","guests":', '4}'].map((delta) => ({
      type: 'tool_call_delta',
      id: 'c1',
      delta,
    }));
    const start = { type: 'tool_call_start', id: 'c1', name: 'form', by: 'client' };
    const { chat } = await chatOn([[start, ...pieces, ...CALLED], SAID]);
    let isShown = false;
    form.addEventListener('input', () => (isShown = true));
    chat.addEventListener('tool_call', (event) => {
      (event as ToolCallEvent).respondWith(until(() => isShown && valuesOf(form)['name']![0] === ''));
    });
    expect((await chat.send('go'))!.reason).to.equal('stop');
    expect(valuesOf(form)).to.deep.equal({ name: [''], guests: [''] });
  });

  it('goes on with its forms when it is moved', async () => {
    const form = showForm(fields, 'toolautosubmit');
    form.addEventListener('submit', (event) => event.preventDefault());
    const { chat } = await chatOn([CALLED, SAID]);
    const ended = chat.send('go');
    await until(() =>
      chat.messages.at(-1)?.parts.some((part) => 'state' in part && part.state === 'waiting'),
    );
    document.body.append(chat);
    await chat.updateComplete;
    const approve = await until(() =>
      [...chat.shadowRoot!.querySelectorAll('ai-stream-message')]
        .flatMap((message) => [...message.shadowRoot!.querySelectorAll('button')])
        .find(({ textContent }) => textContent!.trim() === 'Approve'),
    );
    approve.click();
    expect((await ended)!.reason).to.equal('stop');
    const result = chat.messages.flatMap(({ parts }) => parts).find((part) => 'result' in part);
    expect(result).to.have.nested.property('result.status', 'submitted');
    chat.remove();
  });
});
