import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import '../../../src/index.js';
import type { AiStreamChatElement, AiStreamMessageElement, ToolCallEvent } from '../../../src/index.js';
import { announcements, endpoint, nextEvent, recordEvents, requestsOf, until } from '../support.js';

async function chatOn(src: string | undefined): Promise<AiStreamChatElement> {
  const element = await fixture<AiStreamChatElement>(html`
    <ai-stream-chat style="block-size: 480px" src=${src ?? ''}></ai-stream-chat>
  `);
  if (src === undefined) element.removeAttribute('src');
  await element.updateComplete;
  // What waits to be broken is, once the page has seen its first words.
  element.addEventListener('text', () => {
    if (src?.includes('/reset')) void fetch(src.replace('/reset', '/break'));
  });
  return element;
}

function textarea(element: AiStreamChatElement): HTMLTextAreaElement {
  return element.shadowRoot!.querySelector('textarea')!;
}

function messageElements(element: AiStreamChatElement): AiStreamMessageElement[] {
  return [...element.shadowRoot!.querySelectorAll('ai-stream-message')];
}

/** What stands on the screen, message by message. */
function shown(element: AiStreamChatElement): string[] {
  return messageElements(element).map((message) =>
    [...message.shadowRoot!.querySelectorAll('[part~="content"]')]
      .map((part) => part.textContent!.trim())
      .join('|'),
  );
}

function errorRow(element: AiStreamChatElement): HTMLElement | null {
  return element.shadowRoot!.querySelector('[part~="error"]');
}

describe('<ai-stream-chat>', () => {
  describe('sends and shows', () => {
    it('shows what the user wrote and what the endpoint answers', async () => {
      const chat = await chatOn(endpoint('echo').src);
      const outcome = await chat.send('hello');
      await chat.settled;
      expect(outcome).to.deep.include({ reason: 'stop', complete: true });
      expect(shown(chat)).to.deep.equal(['hello', 'You said: hello']);
      expect(messageElements(chat)[1]!.shadowRoot!.querySelector('strong')!.textContent).to.equal('hello');
      expect(chat.messages.map(({ role, status }) => [role, status])).to.deep.equal([
        ['user', undefined],
        ['assistant', 'complete'],
      ]);
    });

    it('sends what is typed with Enter, and starts a new line with Shift and Enter', async () => {
      const chat = await chatOn(endpoint('echo').src);
      chat.focus();
      await sendKeys({ type: 'one' });
      await sendKeys({ down: 'Shift' });
      await sendKeys({ press: 'Enter' });
      await sendKeys({ up: 'Shift' });
      await sendKeys({ type: 'two' });
      const ended = nextEvent(chat, 'stream_end');
      await sendKeys({ press: 'Enter' });
      await ended;
      expect(chat.messages[0]!.parts).to.deep.equal([{ type: 'text', text: 'one\ntwo' }]);
      expect(textarea(chat).value).to.equal('');
    });

    it('sends the whole conversation in the shape of OpenAI by POST', async () => {
      const { src, key } = endpoint('openai');
      const chat = await chatOn(src);
      chat.system = 'Be brief.';
      chat.model = 'm1';
      chat.body = { temperature: 0 };
      await chat.send('first');
      await chat.send('second');
      const [, second] = await requestsOf(key);
      expect(second!.body).to.deep.include({ model: 'm1', temperature: 0, stream: true });
      expect(second!.body.messages).to.deep.equal([
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'Hello from OpenAI' },
        { role: 'user', content: 'second' },
      ]);
    });

    it('tells the page of every step, in order', async () => {
      const chat = await chatOn(endpoint('echo').src);
      const events = recordEvents(
        chat,
        'message_send',
        'stream_start',
        'text',
        'stream_end',
        'state_change',
        'stream_error',
      );
      await chat.send('hello');
      const names = events.map(({ type, detail }) => (type === 'state_change' ? detail.state : type));
      expect(names.filter((name) => name !== 'text')).to.deep.equal([
        'message_send',
        'submitting',
        'streaming',
        'stream_start',
        'idle',
        'stream_end',
      ]);
      expect(
        events
          .filter(({ type }) => type === 'text')
          .map(({ detail }) => detail.content)
          .join(''),
      ).to.equal('You said: **hello**');
      const start = events.find(({ type }) => type === 'stream_start')!.detail;
      expect(start).to.include({ streamId: 's1', dialect: 'native', transport: 'sse' });
      const end = events.find(({ type }) => type === 'stream_end')!.detail;
      expect(end.usage).to.include({ inputTokens: 3, outputTokens: 4 });
      expect(end.metrics.bytes).to.be.greaterThan(0);
    });

    it('lets the page keep a message back, and leaves the draft where it is', async () => {
      const { src, key } = endpoint('echo');
      const chat = await chatOn(src);
      chat.addEventListener('message_send', (event) => event.preventDefault());
      chat.focus();
      await sendKeys({ type: 'not yet' });
      await sendKeys({ press: 'Enter' });
      expect(textarea(chat).value).to.equal('not yet');
      expect(chat.messages).to.deep.equal([]);
      expect(await requestsOf(key)).to.deep.equal([]);
    });

    it('reads OpenAI chunks and plain text without being told', async () => {
      for (const [name, text, dialect] of [
        ['openai', 'Hello from OpenAI', 'openai-chat'],
        ['text', 'Just text.', 'plain'],
      ] as const) {
        const chat = await chatOn(endpoint(name).src);
        const started = nextEvent(chat, 'stream_start');
        await chat.send('hi');
        await chat.settled;
        expect(shown(chat)[1]).to.equal(text);
        expect((await started).detail.dialect).to.equal(dialect);
      }
    });

    it('shows messages that the page sets, and fires nothing for it', async () => {
      const chat = await chatOn(undefined);
      const events = recordEvents(chat, 'message_send', 'state_change', 'text', 'stream_start');
      chat.messages = [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b *c*' },
      ];
      await chat.settled;
      expect(shown(chat)).to.deep.equal(['a', 'b c']);
      chat.append({ role: 'user', content: 'd' });
      await chat.settled;
      expect(shown(chat)).to.deep.equal(['a', 'b c', 'd']);
      await chat.clear();
      await chat.settled;
      expect(shown(chat)).to.deep.equal([]);
      expect(events).to.deep.equal([]);
    });

    it('mounts only the messages in view, and stays with the newest', async () => {
      const chat = await chatOn(endpoint('echo').src);
      chat.messages = Array.from({ length: 2_000 }, (_, index) => ({
        role: index % 2 ? ('assistant' as const) : ('user' as const),
        content: `message ${index}`,
      }));
      await chat.settled;
      expect(messageElements(chat).length).to.be.lessThan(100);
      await chat.send('the newest');
      await chat.settled;
      await until(() => shown(chat).at(-1) === 'You said: the newest');
    });

    it('asks again for an answer, and edits a question', async () => {
      const { src, key } = endpoint('echo');
      const chat = await chatOn(src);
      await chat.send('one');
      await chat.regenerate();
      await chat.edit(chat.messages[0]!.id, 'two');
      await chat.settled;
      expect(shown(chat)).to.deep.equal(['two', 'You said: two']);
      const sent = (await requestsOf(key)).map(({ body }) => body.messages.map(({ content }) => content));
      expect(sent).to.deep.equal([['one'], ['one'], ['two']]);
    });
  });

  describe('stops', () => {
    it('closes the connection, keeps what had arrived, and is ready for the next message', async () => {
      const { src, key } = endpoint('hang');
      const chat = await chatOn(src);
      const run = chat.send('hello');
      await until(() => shown(chat)[1] === 'waiting');
      expect(chat.state).to.equal('streaming');
      expect(chat.matches(':state(streaming)')).to.equal(true);
      const stop = chat.shadowRoot!.querySelector<HTMLButtonElement>('[part="stop"]')!;
      stop.focus();
      stop.click();
      expect(await run).to.include({ reason: 'aborted', complete: false });
      await until(async () => (await requestsOf(key))[0]?.left);
      await chat.settled;
      expect(shown(chat)).to.deep.equal(['hello', 'waiting']);
      expect(errorRow(chat)).to.equal(null);
      expect(chat.state).to.equal('idle');
      expect(chat.shadowRoot!.activeElement).to.equal(textarea(chat));
    });

    it('stops its run when it is removed, and not when it is moved', async () => {
      const { src, key } = endpoint('hang');
      const chat = await chatOn(src);
      void chat.send('hello');
      await until(() => chat.state === 'streaming');
      const elsewhere = document.createElement('div');
      document.body.append(elsewhere);
      elsewhere.append(chat);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      expect(chat.state).to.equal('streaming');
      elsewhere.remove();
      await until(async () => (await requestsOf(key))[0]?.left);
      expect(chat.state).to.equal('idle');
    });
  });

  describe('calls tools', () => {
    it('hands a call to the page as an event, sends the answer on, and shows what comes of it', async () => {
      const { src, key } = endpoint('tool');
      const chat = await chatOn(src);
      chat.tools = [{ name: 'fill_form', description: 'Fills the form.', inputSchema: { type: 'object' } }];
      const calls: unknown[] = [];
      // On the document: the event crosses shadow roots and bubbles all the way.
      const listen = (event: Event): void => {
        const call = event as ToolCallEvent;
        calls.push([call.detail.name, call.detail.args, Object.isFrozen(call.detail.args)]);
        call.respondWith(Promise.resolve({ filled: true }));
      };
      document.addEventListener('tool_call', listen);
      const result = nextEvent(chat, 'tool_result');
      const outcome = await chat.send('fill it in');
      document.removeEventListener('tool_call', listen);
      await chat.settled;
      expect(calls).to.deep.equal([['fill_form', { name: 'Ada', guests: 2 }, true]]);
      expect((await result).detail).to.deep.equal({
        id: 'c1',
        name: 'fill_form',
        result: { filled: true },
        isError: false,
      });
      expect(outcome).to.include({ reason: 'stop', complete: true });
      expect(shown(chat).at(-1)).to.equal('The tool said {"filled":true}');
      const [first, second] = await requestsOf(key);
      expect(first!.body).to.have.property('tools');
      expect(second!.body.messages.map(({ role }) => role)).to.deep.equal(['user', 'assistant', 'tool']);
    });

    it('runs a tool by its execute, unless the page keeps it', async () => {
      const chat = await chatOn(endpoint('tool').src);
      let executed = 0;
      chat.tools = [
        {
          name: 'fill_form',
          description: 'Fills the form.',
          execute: ({ name }) => `hello ${++executed} ${name}`,
        },
      ];
      await chat.send('go');
      await chat.settled;
      expect(shown(chat).at(-1)).to.equal('The tool said hello 1 Ada');
      chat.addEventListener('tool_call', (event) => event.preventDefault());
      const outcome = await chat.send('go');
      expect(outcome!.reason).to.equal('tool_calls');
      expect(executed).to.equal(1);
    });

    it('waits for a call that nobody answers, and goes on with respondToTool', async () => {
      const chat = await chatOn(endpoint('tool').src);
      await chat.send('go');
      expect(chat.state).to.equal('awaiting_tool');
      expect(chat.respondToTool('c1', 'late')).to.equal(true);
      await chat.settled;
      expect(shown(chat).at(-1)).to.equal('The tool said late');
      expect(chat.respondToTool('c1', 'again')).to.equal(false);
    });
  });

  describe('answers bad input', () => {
    const unreachable = 'The answer cannot be reached right now.';
    /** What the page is told and what the reader is, where that is not the same. */
    for (const [problem, source, code, words, said] of [
      ['there is no src', undefined, 'network', /src/],
      ['the endpoint cannot be reached', 'http://127.0.0.1:1/', 'network', /127\.0\.0\.1/, unreachable],
      ['the endpoint answers 500 with a page', 'html-500', 'http', /Something broke/],
      [
        'the endpoint answers 200 with an error in JSON',
        'json-error-200',
        'provider',
        /Your key is not valid/,
      ],
      ['a line is not JSON', 'broken-line', 'protocol', /./],
      ['an event is over the size limit', 'giant-event', 'limit', /./],
      ['the connection breaks', 'reset', 'network', /localhost/, 'The connection broke.'],
    ] as const) {
      it(`says so when ${problem}, and keeps the user's text`, async () => {
        const src = source && (source.includes(':') ? source : endpoint(source).src);
        const chat = await chatOn(src);
        const failed = nextEvent(chat, 'stream_error');
        await chat.send('my question');
        await chat.settled;
        const { detail } = await failed;
        expect(detail.code).to.equal(code);
        expect(detail.message).to.match(words);
        await until(() => errorRow(chat));
        const row = errorRow(chat)!.querySelector('p')!;
        expect(row.textContent).to.equal(said ?? detail.message);
        expect(shown(chat)[0]).to.equal('my question');
      });
    }

    it('keeps what had arrived before the failure', async () => {
      for (const [name, text] of [
        ['broken-line', 'before and after'],
        ['giant-event', 'kept'],
        ['reset', 'half a'],
      ] as const) {
        const chat = await chatOn(endpoint(name).src);
        await chat.send('hi');
        await chat.settled;
        expect(shown(chat)[1], name).to.equal(text);
      }
    });

    it('offers to try again, and does', async () => {
      const { key } = endpoint('echo');
      const chat = await chatOn(undefined);
      await chat.send('my question');
      await chat.settled;
      const retry = await until(() => errorRow(chat)?.querySelector('button'));
      chat.src = `/endpoint/echo?key=${key}`;
      retry.click();
      await until(() => chat.state === 'idle');
      await chat.settled;
      expect(shown(chat)).to.deep.equal(['my question', 'You said: my question']);
      expect(errorRow(chat)).to.equal(null);
    });

    it('shows no row when the page takes the error on itself', async () => {
      const chat = await chatOn(endpoint('html-500').src);
      chat.addEventListener('stream_error', (event) => event.preventDefault());
      await chat.send('hi');
      await chat.settled;
      expect(errorRow(chat)).to.equal(null);
      expect(chat.state).to.equal('error');
    });

    it('says that an answer stopped short', async () => {
      const chat = await chatOn(endpoint('interrupted').src);
      const outcome = await chat.send('hi');
      await chat.settled;
      expect(outcome!.complete).to.equal(false);
      expect(shown(chat)[1]).to.equal('Half an');
      expect(errorRow(chat)).not.to.equal(null);
    });

    it('falls back from attribute values it does not know', async () => {
      const chat = await chatOn(endpoint('echo').src);
      chat.setAttribute('dialect', 'opnai');
      chat.setAttribute('headers', '{broken');
      chat.setAttribute('idle-timeout', 'soon');
      await chat.send('hello');
      await chat.settled;
      expect(shown(chat)[1]).to.equal('You said: hello');
    });
  });

  it('stays with the end while answers of every kind begin, grow and end', async () => {
    for (const name of ['echo', 'tool', 'thoughtful', 'interrupted']) {
      const chat = await chatOn(endpoint(name, { count: '200' }).src);
      chat.tools = [{ name: 'fill_form', description: '', execute: () => 'ok' }];
      chat.messages = Array.from({ length: 40 }, (_, index) => ({
        role: 'user' as const,
        content: `message ${index}`,
      }));
      await chat.settled;
      const list = chat.shadowRoot!.querySelector('ai-virtual-list')!;
      const pins = recordEvents(list, 'pin_change');
      for (let sent = 0; sent < 4; sent += 1) await chat.send(`question ${sent}`);
      await chat.settled;
      await until(() => list.atEnd);
      expect(pins, name).to.deep.equal([]);
    }
  });

  it('holds a fast endpoint back rather than dropping anything', async () => {
    const chat = await chatOn(endpoint('many', { count: '20000' }).src);
    await chat.send('go');
    await chat.settled;
    const [part] = chat.messages[1]!.parts;
    const numbers = part?.type === 'text' ? part.text.trim().split(' ') : [];
    expect(numbers).to.have.length(20_000);
    expect(shown(chat).at(-1)!.split(' ')).to.deep.equal(numbers);
  });

  it('announces the answer once, in plain words, outside the transcript', async () => {
    const chat = await chatOn(endpoint('echo').src);
    const said = announcements(chat);
    await chat.send('hello');
    await chat.settled;
    await until(() => said.length === 2);
    expect(said).to.deep.equal(['Responding', 'You said: hello']);
    expect(chat.shadowRoot!.querySelector('[role="log"]')!.getAttribute('aria-live')).to.equal('off');
  });

  it('announces that an answer was stopped, whether anything of it had come or not', async () => {
    const chat = await chatOn(endpoint('hang').src);
    const announcer = chat.shadowRoot!.querySelector('[role="status"]')!;
    for (const state of ['streaming', 'submitting']) {
      void chat.send('hello');
      await until(() => chat.state === state);
      await until(() => announcer.textContent === 'Responding');
      await chat.stop();
      expect(announcer.textContent, state).to.equal('Stopped');
    }
  });

  it('announces once that an answer stopped short', async () => {
    const chat = await chatOn(endpoint('interrupted').src);
    const said = announcements(chat);
    await chat.send('hi');
    await until(() => said.length === 2);
    expect(said).to.deep.equal(['Responding', 'The answer stopped before its end.']);
  });

  it('announces a failure in the words of the row, and that nobody responds any more', async () => {
    const chat = await chatOn('http://127.0.0.1:1/');
    chat.maxRetries = 0;
    chat.strings = { errorText: ({ code }, isCut) => `${code}, ${isCut}` };
    await chat.send('hi');
    await until(() => errorRow(chat));
    expect(errorRow(chat)!.querySelector('p')!.textContent).to.equal('network, false');
    expect(chat.shadowRoot!.querySelector('[role="alert"]')!.textContent).to.equal('network, false');
    expect(chat.shadowRoot!.querySelector('[role="status"]')!.textContent).to.equal('');
    await chat.clear();
    expect(chat.shadowRoot!.querySelector('[role="status"]')!.textContent).to.equal('');
  });

  it('passes axe empty, streaming, done and failed', async () => {
    const ignoredRules = ['page-has-heading-one'];
    const empty = await chatOn(endpoint('echo').src);
    await expect(empty).to.be.accessible({ ignoredRules });
    await empty.send('hello');
    await empty.settled;
    await expect(empty).to.be.accessible({ ignoredRules });
    const streaming = await chatOn(endpoint('hang').src);
    void streaming.send('hello');
    await until(() => streaming.state === 'streaming');
    await expect(streaming).to.be.accessible({ ignoredRules });
    await streaming.stop();
    const failed = await chatOn(endpoint('html-500').src);
    await failed.send('hello');
    await failed.settled;
    await expect(failed).to.be.accessible({ ignoredRules });
  });
});
