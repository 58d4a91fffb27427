// Tool calls in a chat: what the page hears, what the reader is asked, and what goes back.
import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import type { AiStreamChatElement, Tool, ToolCallEvent } from '../../../src/index.js';
import { announcements, endpoint, nextEvent, recordEvents, requestsOf, until } from '../support.js';

const DONE = { type: 'done', reason: 'stop', complete: true };
const CALLS_DONE = { ...DONE, reason: 'tool_calls' };
const call = (id: string, name: string, args: unknown): object => ({ type: 'tool_call', id, name, args });
const text = (content: string): object => ({ type: 'text', content });

interface Script {
  readonly chat: AiStreamChatElement;
  readonly key: string;
}

/** A chat whose endpoint plays these events, one list for each request. */
async function chatOn(
  script: readonly (readonly (object | string)[])[],
  tools: readonly Tool[] = [],
): Promise<Script> {
  const { src, key } = endpoint('scripted');
  const chat = await fixture<AiStreamChatElement>(html`
    <ai-stream-chat style="block-size: 480px" src=${src}></ai-stream-chat>
  `);
  chat.body = { script };
  chat.tools = tools;
  return { chat, key };
}

/** Answers of the page in the last request: what the model reads. */
async function resultsOf(key: string): Promise<unknown[]> {
  const { body } = (await requestsOf(key)).at(-1)!;
  return body.messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
}

function rows(chat: AiStreamChatElement): HTMLDetailsElement[] {
  const messages = [...chat.shadowRoot!.querySelectorAll('ai-stream-message')];
  return messages.flatMap((message) => [
    ...message.shadowRoot!.querySelectorAll<HTMLDetailsElement>('details[part="tool"]'),
  ]);
}

function summary(row: Element | undefined): string {
  return row?.querySelector('summary')?.textContent?.trim() ?? '';
}

function button(root: ParentNode, words: string): HTMLButtonElement | undefined {
  return [...root.querySelectorAll('button')].find(({ textContent }) => textContent!.trim() === words);
}

/** The answer with these words on the row of the call that waits. */
function answerButton(chat: AiStreamChatElement, words: string): Promise<HTMLButtonElement> {
  return until(() => rows(chat).flatMap((row) => button(row, words) ?? [])[0]);
}

function tool(name: string, more: Partial<Tool> = {}): Tool {
  return { name, description: name, inputSchema: { type: 'object' }, ...more };
}

describe('a tool that is to be confirmed', () => {
  it('runs with what was shown, the same frozen object, when the user approves', async () => {
    const ran: unknown[] = [];
    const { chat, key } = await chatOn(
      [
        [
          call('c1', 'drop', { table: 'users', deep: { list: [1] } }),
          // Comes too late for what is shown already.
          { type: 'tool_call_delta', id: 'c1', delta: '{"table":"other"}' },
          call('c1', 'drop', { table: 'other' }),
          CALLS_DONE,
        ],
      ],
      [tool('drop', { confirm: true, execute: (args) => void ran.push(args) })],
    );
    const events = recordEvents(chat, 'tool_call');
    const run = chat.send('go');
    const approve = await answerButton(chat, 'Approve');
    const [row] = rows(chat);
    expect(row!.open).to.equal(true);
    expect(summary(row)).to.equal('drop · waits for your approval');
    expect(row!.textContent).to.contain('"table": "users"');
    expect([ran.length, events.length]).to.deep.equal([0, 0]);
    const shown = chat.messages.at(-1)!.parts[0] as { args: Record<string, unknown> };
    approve.click();
    await run;
    await chat.settled;
    expect(ran[0]).to.equal(shown.args);
    expect(ran).to.deep.equal([{ table: 'users', deep: { list: [1] } }]);
    expect(Object.isFrozen((ran[0] as { deep: { list: unknown } }).deep.list)).to.equal(true);
    expect(events.length).to.equal(1);
    expect(summary(rows(chat)[0])).to.equal('drop · done');
    expect(rows(chat)[0]!.open).to.equal(false);
    expect((await requestsOf(key)).length).to.equal(2);
  });

  it('is not heard of by anybody when the user refuses, and the model is told', async () => {
    let ran = 0;
    const { chat, key } = await chatOn(
      [[call('c1', 'drop', {}), CALLS_DONE]],
      [tool('drop', { confirm: true, execute: () => (ran += 1) })],
    );
    const events = recordEvents(chat, 'tool_call');
    const run = chat.send('go');
    (await answerButton(chat, 'Refuse')).click();
    await run;
    await chat.settled;
    expect([ran, events.length]).to.deep.equal([0, 0]);
    expect(summary(rows(chat)[0])).to.equal('drop · refused');
    expect((await resultsOf(key)).join()).to.contain('user refused');
  });

  it('shows what could not be seen, and the host of an address', async () => {
    const { chat } = await chatOn(
      [[call('c1', 'open\u202Epot', { url: '//evil.test/', 'a\u200B': 'x\u202Ey\u0000' }), CALLS_DONE]],
      [tool('open\u202Epot', { confirm: true })],
    );
    void chat.send('go');
    await answerButton(chat, 'Approve');
    const [row] = rows(chat);
    expect(summary(row)).to.contain('open<U+202E>pot');
    expect(row!.textContent).to.contain('//evil.test/');
    expect(row!.textContent).to.contain('"a<U+200B>": "x<U+202E>y\\u0000"');
    await chat.stop();
  });

  it('waits without taking the focus, is announced once, and leaves the focus on its row', async () => {
    const { chat } = await chatOn(
      [[call('c1', 'drop', {}), text('Meanwhile.'), CALLS_DONE]],
      [tool('drop', { confirm: true, execute: () => 1 })],
    );
    const said = announcements(chat);
    chat.focus();
    const focused = chat.shadowRoot!.activeElement;
    const run = chat.send('go');
    const approve = await answerButton(chat, 'Approve');
    await until(() => chat.messages.at(-1)!.status === 'complete');
    await chat.updateComplete;
    expect(chat.shadowRoot!.activeElement).to.equal(focused);
    expect(said.filter((words) => words.includes('waits for your approval')).length).to.equal(1);
    await expect(chat).to.be.accessible();
    expect(approve.closest('[role="group"]')!.getAttribute('aria-label')).to.contain('drop');
    approve.focus();
    approve.click();
    await run;
    await chat.settled;
    const row = rows(chat)[0]!;
    expect((row.getRootNode() as ShadowRoot).activeElement).to.equal(row.querySelector('summary'));
  });

  it('is not heard of while its arguments arrive, and all that wait are announced', async () => {
    const start = (id: string, name: string): object => ({ type: 'tool_call_start', id, name, by: 'client' });
    const { chat } = await chatOn(
      [
        [
          start('c1', 'drop'),
          { type: 'tool_call_delta', id: 'c1', delta: '{"id":1}' },
          call('c1', 'drop', { id: 1 }),
          call('c2', 'wipe', {}),
          CALLS_DONE,
        ],
      ],
      [tool('drop', { confirm: true, execute: () => 1 }), tool('wipe', { confirm: true, execute: () => 1 })],
    );
    const said = announcements(chat);
    const heard = recordEvents(chat, 'tool_call', 'tool_call_delta');
    void chat.send('go');
    await until(() => rows(chat).filter((row) => button(row, 'Approve')).length === 2);
    expect(heard.length).to.equal(0);
    const last = said.findLast((words) => words.includes('waits for your approval'));
    expect(last).to.include('drop').and.to.include('wipe');
    await chat.stop();
  });

  it('is refused when the run is stopped first', async () => {
    let ran = 0;
    const { chat } = await chatOn(
      [[call('c1', 'drop', {}), CALLS_DONE]],
      [tool('drop', { confirm: true, execute: () => (ran += 1) })],
    );
    const run = chat.send('go');
    await answerButton(chat, 'Approve');
    await chat.stop();
    expect(await run).to.include({ reason: 'aborted' });
    await until(() => summary(rows(chat)[0]) === 'drop · refused');
    expect(button(rows(chat)[0]!, 'Approve')).to.equal(undefined);
    expect(ran).to.equal(0);
  });
});

describe('a tool that runs', () => {
  it('may ask the user itself, and say no for them', async () => {
    const answers: unknown[] = [];
    const { chat, key } = await chatOn(
      [[call('c1', 'book', { night: 1 }), CALLS_DONE]],
      [
        tool('book', {
          async execute(_args, { approve, callId }) {
            answers.push(callId, await approve('Book this night?'));
            return { booked: false };
          },
        }),
      ],
    );
    const run = chat.send('go');
    const refuse = await answerButton(chat, 'Refuse');
    expect(rows(chat)[0]!.querySelector('p')!.textContent).to.equal('Book this night?');
    refuse.click();
    await run;
    await chat.settled;
    expect(answers).to.deep.equal(['c1', false]);
    expect(summary(rows(chat)[0])).to.equal('book · refused');
    expect(await resultsOf(key)).to.deep.equal(['{"booked":false}']);
  });

  it('may offer to take back what it did, once', async () => {
    let undone = 0;
    const { chat } = await chatOn(
      [[call('c1', 'fill', {}), CALLS_DONE]],
      [tool('fill', { execute: (_args, { offerUndo }) => offerUndo(() => void (undone += 1)) })],
    );
    await chat.send('go');
    await chat.settled;
    const root = rows(chat)[0]!.getRootNode() as ShadowRoot;
    const undo = await until(() => button(root, 'Undo'));
    undo.focus();
    undo.click();
    await until(() => !button(root, 'Undo'));
    expect(root.activeElement).to.equal(rows(chat)[0]!.querySelector('summary'));
    undo.click();
    expect(undone).to.equal(1);
  });

  it('tells the model that it has thrown, rejected, or taken too long', async () => {
    const signals: AbortSignal[] = [];
    const { chat, key } = await chatOn(
      [[call('a', 'throws', {}), call('b', 'rejects', {}), call('c', 'hangs', {}), CALLS_DONE]],
      [
        tool('throws', {
          execute() {
            throw new Error('thrown');
          },
        }),
        tool('rejects', { execute: () => Promise.reject(new Error('rejected')) }),
        tool('hangs', { execute: (_args, { signal }) => new Promise(() => signals.push(signal)) }),
      ],
    );
    chat.limits = { toolTimeout: 20 };
    await chat.send('go');
    await chat.settled;
    expect(await resultsOf(key)).to.deep.equal([
      'thrown',
      'rejected',
      'The tool gave no answer within 20 ms.',
    ]);
    expect(rows(chat).map(summary)).to.deep.equal(['throws · failed', 'rejects · failed', 'hangs · failed']);
    expect(signals[0]!.aborted).to.equal(true);
  });

  it('does not time out while the user is asked', async () => {
    const { chat, key } = await chatOn(
      [[call('a', 'asks', {}), call('b', 'hangs', {}), CALLS_DONE]],
      [
        tool('asks', { execute: (_args, { approve }) => approve() }),
        tool('hangs', { execute: () => new Promise(() => {}) }),
      ],
    );
    chat.limits = { toolTimeout: 20 };
    const run = chat.send('go');
    const approve = await answerButton(chat, 'Approve');
    // More than either may take: nothing passes for the other one, either, which may wait for the same answer.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(summary(rows(chat)[1])).to.equal('hangs · running');
    approve.click();
    await until(() => summary(rows(chat)[1]) === 'hangs · failed');
    await run;
    await chat.settled;
    expect((await resultsOf(key))[0]).to.equal('true');
  });

  it('is answered with an error where its result is nothing that JSON can hold', async () => {
    const { chat, key } = await chatOn(
      [[call('a', 'code', {}), call('b', 'node', {}), call('c', 'big', {}), CALLS_DONE]],
      [
        tool('code', { execute: () => () => 1 }),
        tool('node', { execute: () => document.createElement('p') }),
        tool('big', { execute: () => 10n }),
      ],
    );
    await chat.send('go');
    await chat.settled;
    const results = await resultsOf(key);
    expect(results.length).to.equal(3);
    for (const result of results) expect(result).to.contain('JSON cannot hold');
  });
});

describe('calls beyond what is allowed', () => {
  it('of names that were not offered are refused, and the model is told what there is', async () => {
    const { chat, key } = await chatOn(
      [[call('a', '__proto__', {}), call('b', 'constructor', {}), call('c', 'get_weаther', {}), CALLS_DONE]],
      [tool('get_weather', { execute: () => 'sun' })],
    );
    const events = recordEvents(chat, 'tool_call', 'tool_call_delta');
    await chat.send('go');
    await chat.settled;
    expect(events.length).to.equal(0);
    const results = await resultsOf(key);
    expect(results.length).to.equal(3);
    for (const result of results)
      expect(result).to.match(/^There is no tool ".*"\. There are: get_weather\.$/);
  });

  it('are answered at once: a listener that answers too late is told what to do', async () => {
    const { chat } = await chatOn([[call('a', 'anything', { n: 1 }), CALLS_DONE]]);
    const told = new Promise<unknown>((resolve) => {
      chat.addEventListener('tool_call', (event) => {
        event.preventDefault();
        queueMicrotask(() => {
          try {
            (event as ToolCallEvent).respondWith('late');
          } catch (error) {
            resolve(error);
          }
        });
      });
    });
    void chat.send('go');
    expect(String(await told)).to.include('respondToTool("a", result)');
    expect(chat.respondToTool('a', 'later')).to.equal(true);
    await until(() => summary(rows(chat)[0]) === 'anything · done');
  });

  it('of any name are the page’s to answer where it has named none', async () => {
    const { chat, key } = await chatOn([[call('a', 'anything', { n: 1 }), CALLS_DONE]]);
    chat.addEventListener('tool_call', (event) => (event as ToolCallEvent).respondWith('mine'));
    await chat.send('go');
    await chat.settled;
    expect(await resultsOf(key)).to.deep.equal(['mine']);
  });

  it('that the endpoint answers itself are left to it', async () => {
    const { chat, key } = await chatOn(
      [[call('a', 'theirs', {}), { type: 'tool_result', id: 'a', result: 'known' }, text('So it is.'), DONE]],
      [tool('ours')],
    );
    const results = recordEvents(chat, 'tool_result');
    await chat.send('go');
    await chat.settled;
    expect(results.map(({ detail }) => detail.result)).to.deep.equal(['known']);
    expect((await requestsOf(key)).length).to.equal(1);
  });

  it('are not run: too many in an answer, arguments too deep, with too many fields, or too long', async () => {
    let ran = 0;
    const nested = JSON.parse(`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`) as unknown;
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, 1]));
    const { chat, key } = await chatOn(
      [
        [
          call('deep', 'fill', nested),
          call('wide', 'fill', many),
          call('long', 'fill', { a: 'x'.repeat(5000) }),
          ...Array.from({ length: 32 }, (_, index) => call(`c${index}`, 'fill', { index })),
          CALLS_DONE,
        ],
      ],
      [tool('fill', { execute: () => (ran += 1) })],
    );
    chat.limits = { maxArgumentChars: 4000 };
    await chat.send('go');
    await chat.settled;
    const results = await resultsOf(key);
    expect(ran).to.equal(29);
    expect(String(results[0])).to.contain('64 deep');
    expect(String(results[1])).to.contain('more than 1000 fields');
    expect(String(results[2])).to.contain('4000 characters');
    expect(results.slice(-3).map((result) => String(result).includes('may call 32 tools'))).to.deep.equal([
      true,
      true,
      true,
    ]);
  });

  it('go on when the reader says so, after as many requests as are allowed', async () => {
    const turn = (id: number) => [call(`c${id}`, 'again', {}), CALLS_DONE];
    const { chat, key } = await chatOn([turn(1), turn(2), turn(3)], [tool('again', { execute: () => 1 })]);
    chat.limits = { maxTurns: 2 };
    const outcome = await chat.send('go');
    expect(outcome).to.include({ reason: 'tool_calls', complete: true });
    expect(chat.state).to.equal('idle');
    expect((await requestsOf(key)).length).to.equal(2);
    const goOn = await until(() => button(chat.shadowRoot!, 'Go on'));
    goOn.click();
    await until(async () => (await requestsOf(key)).length === 4);
    await chat.settled;
    expect(chat.messages.at(-1)!.parts).to.deep.equal([{ type: 'text', text: 'Over.' }]);
    expect(button(chat.shadowRoot!, 'Go on')).to.equal(undefined);
  });
});

describe('tool_call_delta', () => {
  it('tells of arguments as they become certain, once per frame and call, before tool_call', async () => {
    const pieces = [...'{"name":"Ada Lovelace","day":"2026-10-01","guests":12}'];
    const { chat } = await chatOn(
      [
        [
          { type: 'tool_call_start', id: 'c1', name: 'fill', by: 'client' },
          ...pieces.map((delta) => ({ type: 'tool_call_delta', id: 'c1', delta })),
          call('c1', 'fill', { name: 'Ada Lovelace', day: '2026-10-01', guests: 12 }),
          CALLS_DONE,
        ],
      ],
      [
        tool('fill', {
          inputSchema: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              day: { type: 'string', format: 'date' },
              guests: { type: 'integer' },
            },
          },
          execute: () => 'ok',
        }),
      ],
    );
    const frames: unknown[] = [];
    const details: { id: string; name: string; args: Record<string, unknown>; path: unknown[] }[] = [];
    document.addEventListener('tool_call_delta', (event) => {
      frames.push(document.timeline.currentTime);
      details.push((event as CustomEvent).detail);
    });
    const events = recordEvents(chat, 'tool_call_delta', 'tool_call');
    await chat.send('go');
    expect(events.length).to.be.above(1);
    expect(events.findIndex(({ type }) => type === 'tool_call')).to.equal(events.length - 1);
    expect(new Set(frames).size).to.equal(frames.length);
    for (const { id, name, args, path } of details) {
      expect([id, name]).to.deep.equal(['c1', 'fill']);
      expect(Object.isFrozen(args)).to.equal(true);
      expect(Array.isArray(path)).to.equal(true);
      expect('Ada Lovelace'.startsWith((args['name'] as string | undefined) ?? '')).to.equal(true);
      expect([undefined, '2026-10-01']).to.include(args['day'] as string);
      expect([undefined, 12]).to.include(args['guests'] as number);
    }
  });
});

describe('an approval that the endpoint asks for', () => {
  it('is given on the row of the call, and goes back in the endpoint’s own shape', async () => {
    const { src, key } = endpoint('approval');
    const chat = await fixture<AiStreamChatElement>(
      html`<ai-stream-chat src=${src} dialect="ai-sdk-ui"></ai-stream-chat>`,
    );
    void chat.send('delete it');
    const refuse = await answerButton(chat, 'Refuse');
    expect(summary(rows(chat)[0])).to.equal('drop · waits for your approval');
    expect(rows(chat)[0]!.textContent).to.contain('"table": "users"');
    refuse.click();
    await until(async () => (await requestsOf(key)).length === 2);
    await chat.settled;
    const sent = JSON.stringify((await requestsOf(key))[1]!.body);
    expect(sent).to.include('"approval-responded"').and.to.include('"approved":false');
    expect(summary(rows(chat)[0])).to.equal('drop · refused');
  });

  it('is answered with yes or no where the endpoint’s list of answers is empty', async () => {
    const { chat } = await chatOn([
      [{ type: 'tool_approval', id: 'q', name: 'ask', message: 'Well?', options: [] }, CALLS_DONE],
    ]);
    void chat.send('go');
    (await answerButton(chat, 'Approve')).click();
    await until(() => summary(rows(chat)[0]) === 'ask · done');
  });

  it('has the endpoint’s own answers, where it names them, and a row where it is about no call', async () => {
    const outcome = {
      type: 'interrupt',
      interrupts: [{ id: 'i1', reason: 'Which one?', responseSchema: { enum: ['red', 'reject'] } }],
    };
    const { chat, key } = await chatOn([
      [
        { type: 'RUN_STARTED', threadId: 't', runId: 'r' },
        { type: 'RUN_FINISHED', threadId: 't', runId: 'r', outcome },
      ],
      [
        { type: 'RUN_STARTED', threadId: 't', runId: 'r2' },
        { type: 'RUN_FINISHED', threadId: 't', runId: 'r2' },
      ],
    ]);
    chat.dialect = 'ag-ui';
    void chat.send('go');
    const red = await answerButton(chat, 'red');
    expect(button(rows(chat)[0]!, 'Refuse')).to.not.equal(undefined);
    expect(rows(chat)[0]!.textContent).to.contain('Which one?');
    red.click();
    await until(async () => (await requestsOf(key)).length === 2);
    const { body } = (await requestsOf(key))[1]!;
    expect((body as unknown as { resume: unknown }).resume).to.deep.equal([
      { interruptId: 'i1', status: 'resolved', payload: 'red' },
    ]);
    await chat.settled;
  });

  it('goes back to OpenAI as its response', async () => {
    const item = {
      type: 'mcp_approval_request',
      id: 'mcpr_1',
      name: 'f',
      server_label: 's',
      arguments: '{"a":1}',
    };
    const response = { id: 'resp_1', object: 'response', status: 'completed', output: [item] };
    const { chat, key } = await chatOn([
      [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
        { type: 'response.output_item.added', output_index: 0, item },
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response },
      ],
      [{ type: 'response.completed', response: { ...response, id: 'resp_2', output: [] } }],
    ]);
    chat.dialect = 'openai-responses';
    void chat.send('go');
    (await answerButton(chat, 'Approve')).click();
    await until(async () => (await requestsOf(key)).length === 2);
    const { body } = (await requestsOf(key))[1]!;
    expect((body as unknown as { input: object[] }).input.at(-1)).to.deep.equal({
      type: 'mcp_approval_response',
      approval_request_id: 'mcpr_1',
      approve: true,
    });
    await chat.settled;
  });
});

describe('a question of an MCP server', () => {
  it('is answered while its answer waits, by a request of its own', async () => {
    const { src, key } = endpoint('elicitation');
    const chat = await fixture<AiStreamChatElement>(
      html`<ai-stream-chat src=${src} dialect="mcp"></ai-stream-chat>`,
    );
    const run = chat.send('go');
    const refuse = await answerButton(chat, 'Refuse');
    expect(rows(chat)[0]!.textContent).to.contain('Proceed?');
    refuse.click();
    expect(await run).to.deep.include({ reason: 'stop', complete: true });
    await chat.settled;
    expect(JSON.stringify(chat.messages.at(-1)!.parts)).to.contain('decline to 7');
    expect(summary(rows(chat)[0])).to.equal('elicitation · refused');
    expect(chat.state).to.equal('idle');
    expect((await requestsOf(key)).length).to.equal(2);
  });
});

describe('a call that broke off', () => {
  it('is never dispatched after stop()', async () => {
    const { chat } = await chatOn(
      [
        [
          { type: 'tool_call_start', id: 'c1', name: 'fill', by: 'client' },
          { type: 'tool_call_delta', id: 'c1', delta: '{"a":' },
          'hang',
        ],
      ],
      [tool('fill')],
    );
    const events = recordEvents(chat, 'tool_call');
    const run = chat.send('go');
    await until(() => rows(chat).length === 1);
    await chat.stop();
    await run;
    await chat.settled;
    expect(events.length).to.equal(0);
    await until(() => summary(rows(chat)[0]) === 'fill · incomplete');
  });

  it('is dispatched once, over any number of connections', async () => {
    const { src, key } = endpoint('resumable-call');
    const chat = await fixture<AiStreamChatElement>(html`<ai-stream-chat src=${src}></ai-stream-chat>`);
    const ran: unknown[] = [];
    chat.tools = [tool('fill', { execute: (args) => ran.push(args) })];
    const events = recordEvents(chat, 'tool_call');
    const begun = nextEvent(chat, 'tool_call_delta');
    const run = chat.send('go');
    await begun;
    await fetch(src.replace('/resumable-call', '/break'));
    await run;
    await chat.settled;
    expect(ran).to.deep.equal([{ a: 'one', b: 2 }]);
    expect(events.length).to.equal(1);
    // The call, the rest of it, and its result.
    expect((await requestsOf(key)).length).to.equal(3);
  });
});
