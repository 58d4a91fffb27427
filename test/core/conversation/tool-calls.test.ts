import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation } from '../../../src/core/conversation/conversation.js';
import { Session, type SessionHost } from '../../../src/core/conversation/session.js';
import type { Message, StreamEvent, ToolPart } from '../../../src/core/model/index.js';
import { DEFAULT_TOOL_LIMITS } from '../../../src/core/tools/index.js';

const DONE: StreamEvent = { type: 'done', reason: 'stop', complete: true };
const CALLS_DONE: StreamEvent = { type: 'done', reason: 'tool_calls', complete: true };
const call = (id: string, args: unknown = { n: 1 }): StreamEvent => ({
  type: 'tool_call',
  id,
  name: 'add',
  args,
});
const start = (id: string): StreamEvent => ({ type: 'tool_call_start', id, name: 'add', by: 'client' });
const delta = (id: string, text: string): StreamEvent => ({ type: 'tool_call_delta', id, delta: text });

/** A session whose endpoint answers request after request with the next script. */
function sessionOver(scripts: readonly (readonly StreamEvent[])[], host: Partial<SessionHost> = {}) {
  const conversation = new Conversation();
  const requests: (readonly Message[])[] = [];
  const session = new Session(conversation, {
    async *connect(messages) {
      requests.push(messages);
      yield* scripts[requests.length - 1] ?? [DONE];
    },
    ...host,
  });
  conversation.append({ role: 'user', content: 'hello' });
  return { conversation, session, requests };
}

function tools({ messages }: Conversation): ToolPart[] {
  return messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool'));
}

/** Fulfils when a call is in this state. */
function reaches(conversation: Conversation, state: ToolPart['state']): Promise<void> {
  return new Promise((resolve) => {
    const end = conversation.subscribe(() => {
      if (!tools(conversation).some((tool) => tool.state === state)) return;
      end();
      queueMicrotask(resolve);
    });
  });
}

describe('a call that is to be confirmed', () => {
  it('goes to the page when it is approved, and not when it is refused', async () => {
    for (const [approved, state, ran] of [
      [true, 'done', 1],
      [false, 'refused', 0],
    ] as const) {
      let count = 0;
      const { conversation, session, requests } = sessionOver([[call('a'), CALLS_DONE]], {
        confirms: () => true,
        callTool: () => Promise.resolve((count += 1)),
      });
      const waits = reaches(conversation, 'waiting');
      const run = session.run();
      await waits;
      assert.equal(session.approve('a', approved), true);
      assert.equal(session.approve('a', approved), false);
      await run;
      assert.deepEqual([tools(conversation)[0]!.state, count, requests.length], [state, ran, 2]);
    }
  });

  it('is answered by the page in the user’s place', async () => {
    const { conversation, session, requests } = sessionOver([[call('a'), CALLS_DONE]], {
      confirms: () => true,
      callTool: () => assert.fail('nobody said yes'),
    });
    const waits = reaches(conversation, 'waiting');
    const run = session.run();
    await waits;
    assert.equal(session.answerTool('a', 'mine'), true);
    await run;
    const [tool] = tools(conversation);
    assert.deepEqual([tool!.state, tool!.result, tool!.approval], ['done', 'mine', undefined]);
    assert.equal(requests.length, 2);
  });
});

describe('a call that waits for the user', () => {
  it('waits no more when the endpoint answers it itself', async () => {
    let waits: Promise<void> | undefined;
    const { conversation, session } = sessionOver([], {
      confirms: () => true,
      callTool: () => assert.fail('nobody said yes'),
      async *connect() {
        yield call('a');
        await waits;
        yield { type: 'tool_result', id: 'a', result: 'theirs' };
        yield DONE;
      },
    });
    waits = reaches(conversation, 'waiting');
    await session.run();
    assert.deepEqual(
      tools(conversation).map(({ state, result, by }) => [state, result, by]),
      [['done', 'theirs', 'server']],
    );
  });
});

describe('a call', () => {
  it('is dispatched once where its answer is told again, whole or in pieces', async () => {
    const told = [start('a'), delta('a', '{"n":'), delta('a', '1}'), call('a'), call('b')];
    for (let cut = 0; cut <= told.length; cut += 1) {
      const called: string[] = [];
      const { conversation, session } = sessionOver(
        [[{ type: 'text', content: 'So' }, ...told.slice(0, cut), { type: 'restart' }, ...told, CALLS_DONE]],
        {
          callTool: ({ id }) => {
            called.push(id);
            return Promise.resolve(id);
          },
        },
      );
      await session.run();
      assert.deepEqual(called, ['a', 'b'], `cut at ${cut}`);
      assert.ok(tools(conversation).every(({ state }) => state === 'done'));
    }
  });

  it('is not dispatched again in a conversation that was saved and restored', async () => {
    const called: string[] = [];
    const host = {
      callTool: ({ id }: { id: string }) => {
        called.push(id);
        return undefined;
      },
    };
    const first = sessionOver([[call('a'), { type: 'done', reason: 'error', complete: false }]], host);
    await first.session.run();
    const second = sessionOver([], {
      ...host,
      async *reconnect() {
        yield call('a');
        yield call('b');
        yield CALLS_DONE;
      },
    });
    second.conversation.replace(JSON.parse(JSON.stringify(first.conversation.messages)) as Message[]);
    await second.session.resume(second.conversation.lastMessage!.id);
    assert.deepEqual(called, ['a', 'b']);
  });

  it('that is not whole when its answer ends is closed, and the model is told', async () => {
    const { conversation, session, requests } = sessionOver([[start('a'), delta('a', '{"n":'), CALLS_DONE]], {
      callTool: () => assert.fail('it is not whole'),
    });
    await session.run();
    assert.match(String(tools(conversation)[0]!.result), /incomplete/);
    assert.equal(requests.length, 2);
  });

  it('of a name that was not offered is refused at once where the endpoint waits for results', async () => {
    const delivered: unknown[] = [];
    const { session, requests } = sessionOver([[call('a'), { type: 'text', content: 'on' }, DONE]], {
      toolNames: () => ['other'],
      takesResults: () => true,
      deliver: ({ result }) => {
        delivered.push(result);
        return true;
      },
    });
    await session.run();
    assert.deepEqual(delivered, ['There is no tool "add". There are: other.']);
    assert.equal(requests.length, 1);
  });

  it('is refused as soon as its arguments are too long, and the rest of them is not kept', async () => {
    const { conversation, session } = sessionOver(
      [[start('a'), ...Array.from({ length: 50 }, () => delta('a', 'x'.repeat(10))), call('a'), CALLS_DONE]],
      {
        toolLimits: () => ({ ...DEFAULT_TOOL_LIMITS, maxArgumentChars: 100 }),
        callTool: () => assert.fail('it is too long'),
      },
    );
    await session.run();
    const [tool] = tools(conversation);
    assert.equal(tool!.argsText.length, 100);
    assert.match(String(tool!.result), /longer than 100 characters/);
  });
});

describe('a question of the endpoint', () => {
  it('is answered in the endpoint’s words or with yes and no, and the run goes on', async () => {
    for (const [answer, result, state] of [
      [true, { approved: true }, 'done'],
      [false, { approved: false }, 'refused'],
      ['deny', 'deny', 'refused'],
      ['later', 'later', 'done'],
    ] as const) {
      const { conversation, session, requests } = sessionOver([
        [{ type: 'tool_approval', id: 'q', name: 'ask', message: 'Which?' }, CALLS_DONE],
      ]);
      await session.run();
      assert.equal(conversation.phase, 'awaiting_tool');
      assert.equal(tools(conversation)[0]!.state, 'waiting');
      assert.equal(session.approve('q', answer), true);
      await session.running;
      const [tool] = tools(conversation);
      assert.deepEqual([tool!.result, tool!.state, tool!.by], [result, state, 'server']);
      assert.equal(requests.length, 2);
    }
  });

  it('is no question any more when the user says something else', async () => {
    const { conversation, session } = sessionOver([
      [{ type: 'tool_approval', id: 'q', name: 'ask' }, CALLS_DONE],
    ]);
    await session.run();
    session.closeOpenCalls();
    assert.equal(tools(conversation)[0]!.state, 'failed');
    assert.equal(session.approve('q', true), false);
  });
});
