import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation } from '../../../src/core/conversation/conversation.js';
import { Session, type SessionHost } from '../../../src/core/conversation/session.js';
import type { Message, StreamEvent } from '../../../src/core/model/index.js';

type Script = readonly StreamEvent[];

const DONE: StreamEvent = { type: 'done', reason: 'stop', complete: true };
const CALLS_DONE: StreamEvent = { type: 'done', reason: 'tool_calls', complete: true };
const call = (id: string, args: unknown = { n: 1 }): StreamEvent => ({
  type: 'tool_call',
  id,
  name: 'add',
  args,
});
const text = (content: string): StreamEvent => ({ type: 'text', content });

/** A session whose endpoint answers request after request with the next script. */
function sessionOver(scripts: readonly Script[], host: Partial<SessionHost> = {}) {
  const conversation = new Conversation();
  const requests: (readonly Message[])[] = [];
  const session = new Session(conversation, {
    async *connect(messages, signal) {
      requests.push(messages);
      for (const event of scripts[requests.length - 1] ?? [text('no script'), DONE]) {
        if (signal.aborted) break;
        yield event;
      }
      if (signal.aborted) yield { type: 'done', reason: 'aborted', complete: false };
    },
    ...host,
  });
  conversation.append({ role: 'user', content: 'hello' });
  return { conversation, session, requests };
}

describe('Session', () => {
  it('fills an answer with the events of the run', async () => {
    const { conversation, session } = sessionOver([[text('Hi'), text(' there'), DONE]]);
    const outcome = await session.run();
    assert.deepEqual(outcome, { reason: 'stop', complete: true, usage: undefined });
    assert.deepEqual(conversation.lastMessage?.parts, [{ type: 'text', text: 'Hi there' }]);
    assert.equal(conversation.phase, 'idle');
  });

  it('goes through submitting and streaming to idle', async () => {
    const { conversation, session } = sessionOver([[text('Hi'), DONE]]);
    const phases: string[] = [];
    conversation.subscribe((change) => change.type === 'phase' && phases.push(change.phase));
    await session.run();
    assert.deepEqual(phases, ['submitting', 'streaming', 'idle']);
  });

  it('sends the results of all calls of a turn with the next request, by itself', async () => {
    const { session, requests } = sessionOver(
      [
        [call('a'), call('b'), CALLS_DONE],
        [text('both'), DONE],
      ],
      {
        callTool: ({ id }) => Promise.resolve(`result ${id}`),
      },
    );
    await session.run();
    assert.equal(requests.length, 2);
    const parts = requests[1]?.at(-1)?.parts;
    assert.deepEqual(
      parts?.map((part) => part.type === 'tool' && [part.state, part.result]),
      [
        ['done', 'result a'],
        ['done', 'result b'],
      ],
    );
  });

  it('does not ask again for calls that the endpoint answered itself', async () => {
    const { conversation, session, requests } = sessionOver([
      [call('a'), { type: 'tool_result', id: 'a', result: 'done there' }, text('so it is'), DONE],
    ]);
    await session.run();
    assert.equal(requests.length, 1);
    assert.equal(conversation.phase, 'idle');
  });

  it('gives a result to the call it belongs to, also in an earlier message', () => {
    const conversation = new Conversation();
    const earlier = conversation.append({ role: 'assistant', parts: [] });
    const later = conversation.append({ role: 'assistant', parts: [] });
    conversation.apply(earlier.id, call('a'));
    conversation.apply(later.id, { type: 'tool_result', id: 'a', result: 'late' });
    assert.equal(conversation.findTool('a')?.tool.result, 'late');
  });

  it('is never idle between a call and the request that carries its result', async () => {
    const { conversation, session } = sessionOver(
      [
        [call('a'), CALLS_DONE],
        [text('ok'), DONE],
      ],
      {
        callTool: () => Promise.resolve(1),
      },
    );
    const phases: string[] = [];
    conversation.subscribe((change) => change.type === 'phase' && phases.push(change.phase));
    await session.run();
    assert.deepEqual(phases, ['submitting', 'streaming', 'awaiting_tool', 'submitting', 'streaming', 'idle']);
  });

  it('tells the model of a tool that fails', async () => {
    const { session, requests } = sessionOver([[call('a'), call('b'), CALLS_DONE], [DONE]], {
      callTool({ id }) {
        if (id === 'a') throw new Error('thrown');
        return Promise.reject(new Error('rejected'));
      },
    });
    await session.run();
    const results = requests[1]
      ?.at(-1)
      ?.parts.map((part) => part.type === 'tool' && [part.state, part.result]);
    assert.deepEqual(results, [
      ['failed', 'thrown'],
      ['failed', 'rejected'],
    ]);
  });

  it('calls a tool once, however often its call arrives', async () => {
    let calls = 0;
    const { session } = sessionOver([[call('a'), call('a'), CALLS_DONE], [DONE]], {
      callTool() {
        calls += 1;
        return Promise.resolve(1);
      },
    });
    await session.run();
    assert.equal(calls, 1);
  });

  it('never calls a tool whose arguments are no object', async () => {
    let calls = 0;
    const { session, requests } = sessionOver([[call('a', '{"cut'), CALLS_DONE], [DONE]], {
      callTool() {
        calls += 1;
        return Promise.resolve(1);
      },
    });
    await session.run();
    assert.equal(calls, 0);
    const part = requests[1]?.at(-1)?.parts[0];
    assert.equal(part?.type === 'tool' && part.state, 'failed');
  });

  it('waits for a call that nobody took, and goes on when it is answered', async () => {
    const { conversation, session, requests } = sessionOver([
      [call('a'), CALLS_DONE],
      [text('thanks'), DONE],
    ]);
    const outcome = await session.run();
    assert.equal(outcome.reason, 'tool_calls');
    assert.equal(conversation.phase, 'awaiting_tool');
    assert.equal(session.answerTool('a', 42), true);
    await session.running;
    assert.equal(requests.length, 2);
    assert.equal(session.answerTool('a', 43), false, 'a call has one answer');
  });

  it('closes a call that nobody answered before the next request', async () => {
    const { conversation, session, requests } = sessionOver([[call('a'), CALLS_DONE], [DONE]]);
    await session.run();
    conversation.append({ role: 'user', content: 'never mind' });
    await session.run();
    const part = requests[1]?.find((message) => message.role === 'assistant')?.parts[0];
    assert.equal(part?.type === 'tool' && part.state, 'failed');
  });

  it('keeps what had arrived when it is stopped', async () => {
    const { conversation, session } = sessionOver([[text('kept'), text(' lost'), DONE]], {
      onEvent(event) {
        if (event.type === 'text') void session.stop();
      },
    });
    const outcome = await session.run();
    assert.equal(outcome.reason, 'aborted');
    assert.deepEqual(conversation.lastMessage?.parts, [{ type: 'text', text: 'kept' }]);
    assert.equal(conversation.lastMessage?.status, 'aborted');
    assert.equal(conversation.phase, 'idle');
  });

  it('stops while a tool of the page is still at work', async () => {
    const conversation = new Conversation();
    const session = new Session(conversation, {
      async *connect() {
        yield call('a');
        yield CALLS_DONE;
      },
      callTool: () => new Promise(() => {}),
    });
    conversation.subscribe((change) => {
      if (change.type === 'phase' && change.phase === 'awaiting_tool')
        queueMicrotask(() => void session.stop());
    });
    const outcome = await session.run();
    assert.equal(conversation.phase, 'idle');
    assert.deepEqual(outcome, { reason: 'aborted', complete: false, usage: undefined });
  });

  it('has one run at a time: a new one stops the one before', async () => {
    const { conversation, session } = sessionOver(
      [
        [call('a'), CALLS_DONE],
        [text('second'), DONE],
      ],
      {
        callTool: () => new Promise(() => {}),
      },
    );
    const first = session.run();
    const second = session.run();
    await first;
    await second;
    assert.equal(conversation.messages.filter((message) => message.role === 'assistant').length, 2);
    assert.equal(session.running, undefined);
  });

  it('stops a loop of calls that leads nowhere until it is told to go on', async () => {
    const { conversation, session, requests } = sessionOver(
      Array.from({ length: 20 }, (_, index) => [call(`c${index}`), CALLS_DONE]),
      { callTool: () => Promise.resolve(1) },
    );
    const outcome = await session.run();
    assert.deepEqual(outcome, { reason: 'tool_calls', complete: true, usage: undefined });
    assert.equal(requests.length, 16);
    assert.equal(session.awaitsGoOn, true);
    assert.equal(conversation.phase, 'idle');
    await session.run();
    assert.equal(requests.length, 21);
    assert.equal(session.awaitsGoOn, false);
  });

  it('does not send an answer on that stopped short, whatever it called', async () => {
    const { conversation, session, requests } = sessionOver(
      [[call('a'), { type: 'done', reason: 'unknown', complete: false }]],
      { callTool: () => Promise.resolve(1) },
    );
    await session.run();
    assert.equal(requests.length, 1);
    assert.equal(conversation.lastMessage?.status, 'interrupted');
    assert.equal(conversation.phase, 'idle');
  });

  it('goes on with an answer by asking the model to continue', async () => {
    const { conversation, session, requests } = sessionOver([
      [text('Hi'), { type: 'done', reason: 'unknown', complete: false }],
      [text(' there'), DONE],
    ]);
    await session.run();
    const { id, status } = conversation.lastMessage!;
    assert.equal(status, 'interrupted');
    await session.resume(id);
    assert.deepEqual(
      requests[1]?.map(({ role }) => role),
      ['user', 'assistant', 'user'],
    );
    assert.equal(conversation.messages.length, 2);
    assert.equal(conversation.lastMessage?.status, 'complete');
    assert.deepEqual(conversation.lastMessage?.parts, [{ type: 'text', text: 'Hi there' }]);
  });

  it('goes on with an answer where it broke, if it can, and calls no tool twice', async () => {
    const called: string[] = [];
    const { conversation, session, requests } = sessionOver(
      [
        [call('a'), { type: 'done', reason: 'error', complete: false }],
        [text('sum'), DONE],
      ],
      {
        callTool: ({ id }) => {
          called.push(id);
          return Promise.resolve(3);
        },
        async *reconnect() {
          yield call('a');
          yield call('b');
          yield CALLS_DONE;
        },
      },
    );
    await session.run();
    await session.resume(conversation.lastMessage!.id);
    assert.deepEqual(called, ['a', 'b']);
    assert.equal(requests.length, 2);
    assert.equal(conversation.messages.length, 3);
  });

  it('sends no request for results that the endpoint has taken while it answered', async () => {
    const delivered: unknown[] = [];
    let taken: () => void = () => {};
    const wait = new Promise<void>((resolve) => {
      taken = resolve;
    });
    const { conversation, session, requests } = sessionOver([], {
      async *connect(messages) {
        requests.push(messages);
        yield call('a');
        await wait;
        yield text('so it is');
        yield DONE;
      },
      callTool: () => Promise.resolve(3),
      deliver({ id, result }) {
        delivered.push([id, result]);
        taken();
        return true;
      },
    });
    const outcome = await session.run();
    assert.deepEqual(delivered, [['a', 3]]);
    assert.equal(outcome.reason, 'stop');
    assert.equal(requests.length, 1);
    assert.equal(conversation.phase, 'idle');
  });

  it('reports the end of a run that began by itself', async () => {
    let ends = 0;
    const { session } = sessionOver(
      [
        [call('a'), CALLS_DONE],
        [text('3'), DONE],
      ],
      {
        onRunEnd: () => void (ends += 1),
      },
    );
    await session.run();
    assert.equal(ends, 1);
    session.answerTool('a', 3);
    await session.running;
    await new Promise(setImmediate);
    assert.equal(ends, 2);
  });

  it('gives an answer back to an endpoint that only made a break', async () => {
    const { conversation, session, requests } = sessionOver([
      [text('Let me look. '), { type: 'done', reason: 'unknown', complete: true, paused: true }],
      [text('Found it.'), DONE],
    ]);
    const phases: string[] = [];
    conversation.subscribe((change) => change.type === 'phase' && phases.push(change.phase));
    const outcome = await session.run();
    assert.equal(outcome.reason, 'stop');
    assert.deepEqual(requests[1]?.at(-1)?.parts, [{ type: 'text', text: 'Let me look. ' }]);
    assert.ok(!phases.slice(0, -1).includes('idle'));
  });
});
