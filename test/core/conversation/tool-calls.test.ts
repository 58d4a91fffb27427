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

  it('is not told to have run when it is approved after it was saved and restored', async () => {
    for (const [approved, state, words] of [
      [true, 'failed', /went no further/],
      [false, 'refused', /user refused/],
    ] as const) {
      const host = { confirms: () => true, callTool: () => assert.fail('nobody is left to run it') };
      const first = sessionOver([[call('a'), CALLS_DONE]], host);
      const waits = reaches(first.conversation, 'waiting');
      const run = first.session.run();
      await waits;
      const saved = JSON.parse(JSON.stringify(first.conversation.messages)) as Message[];
      await first.session.stop();
      await run;
      const { conversation, session, requests } = sessionOver([], host);
      conversation.replace(saved.map((message) => ({ ...message, status: 'complete' })));
      assert.equal(session.approve('a', approved), true);
      await session.running;
      assert.equal(tools(conversation)[0]!.state, state);
      assert.match(String(tools(conversation)[0]!.result), words);
      assert.equal(requests.length, 1);
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
  it('is dispatched once where its answer is told again with other ids, wherever it was cut', async () => {
    const told = (one: string, other: string): StreamEvent[] => [
      start(one),
      delta(one, '{"n":'),
      delta(one, '1}'),
      call(one),
      start(other),
      call(other, { n: 2 }),
    ];
    for (let cut = 0; cut <= 6; cut += 1) {
      for (let middle = 0; middle <= 6; middle += 1) {
        const called: unknown[] = [];
        const events = [
          ...told('a1', 'a2').slice(0, cut),
          { type: 'restart' },
          ...told('b1', 'b2').slice(0, middle),
          { type: 'restart' },
          ...told('c1', 'c2'),
          CALLS_DONE,
        ] as StreamEvent[];
        const { conversation, session } = sessionOver([events], {
          callTool: ({ args }) => {
            called.push(args);
            return Promise.resolve('ok');
          },
        });
        await session.run();
        assert.deepEqual(called, [{ n: 1 }, { n: 2 }], `cut at ${cut} and ${middle}`);
        assert.deepEqual(
          tools(conversation).map(({ state }) => state),
          ['done', 'done'],
        );
      }
    }
  });

  it('whose arguments are no object is refused under the id it is known by, also when told again', async () => {
    const called: unknown[] = [];
    const { conversation, session } = sessionOver(
      [
        [
          start('a1'),
          delta('a1', '{"n":'),
          start('a2'),
          delta('a2', '{"n":'),
          { type: 'restart' },
          start('b1'),
          call('b1', '{"n":1'),
          start('b2'),
          call('b2', { n: 2 }),
          CALLS_DONE,
        ],
      ],
      {
        callTool: ({ args }) => {
          called.push(args);
          return Promise.resolve('ok');
        },
      },
    );
    await session.run();
    assert.deepEqual(called, [{ n: 2 }]);
    assert.deepEqual(
      tools(conversation).map(({ state }) => state),
      ['failed', 'done'],
    );
    assert.match(String(tools(conversation)[0]!.result), /incomplete/);
  });

  it('that is at work when the run is stopped is closed, and what came of it is told if it says so at once', async () => {
    for (const [ends, expected] of [
      [false, /may have had its effect/],
      [true, /^sent$/],
    ] as const) {
      const { conversation, session, requests } = sessionOver([[call('a'), CALLS_DONE]], {
        callTool: (_call, { signal }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => ends && resolve('sent'));
          }),
      });
      const works = reaches(conversation, 'running');
      void session.run();
      await works;
      await session.stop();
      assert.match(String(tools(conversation)[0]!.result), expected);
      assert.equal(conversation.phase, 'idle');
      assert.equal(requests.length, 1);
    }
  });

  it('has the result that its tool gave, whatever becomes of that later', async () => {
    const live = { n: 1 };
    const { requests, session } = sessionOver([[call('a'), CALLS_DONE]], {
      callTool: () => Promise.resolve(live),
      onEvent: ({ type }) => {
        if (type === 'tool_result') live.n = 2;
      },
    });
    await session.run();
    assert.deepEqual(
      requests[1]!.flatMap(({ parts }) => parts.map((part) => 'result' in part && part.result)),
      [false, { n: 1 }],
    );
  });

  it('fails whose result JSON would lose, at any depth', async () => {
    for (const result of [{ deep: [new Response()] }, { map: new Map() }, 1n, () => 1]) {
      const { conversation, session } = sessionOver([[call('a'), CALLS_DONE]], {
        callTool: () => Promise.resolve(result),
      });
      await session.run();
      assert.deepEqual(tools(conversation)[0]!.state, 'failed');
    }
  });

  it('does not time out while the user is asked about another one', async () => {
    const open: (() => void)[] = [];
    const { conversation, session } = sessionOver([[call('a'), call('b'), CALLS_DONE]], {
      toolLimits: () => ({ ...DEFAULT_TOOL_LIMITS, toolTimeout: 30 }),
      callTool: async ({ id }, { approve }) => {
        if (id === 'a') return approve();
        await new Promise<void>((resolve) => open.push(resolve));
        return 'late';
      },
    });
    const waits = reaches(conversation, 'waiting');
    const run = session.run();
    await waits;
    // Longer than any of them may take.
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.equal(conversation.findTool('b')!.tool.state, 'running');
    open[0]!();
    session.approve('a', true);
    await run;
    assert.deepEqual(
      tools(conversation).map(({ result }) => result),
      [true, 'late'],
    );
  });

  it('of the page’s is not for the endpoint to ask about: its result is what its tool gave', async () => {
    let finish: (value: string) => void = () => undefined;
    const { conversation, session } = sessionOver(
      [[call('a'), { type: 'tool_approval', id: 'a', message: 'Go on?' }, CALLS_DONE]],
      { callTool: () => new Promise((resolve) => (finish = resolve)) },
    );
    const run = session.run();
    await reaches(conversation, 'running');
    assert.equal(session.approve('a', true), false);
    finish('real');
    await run;
    assert.equal(tools(conversation)[0]!.result, 'real');
  });

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
