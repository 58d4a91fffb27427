import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation } from '../../../src/core/conversation/conversation.js';
import type { LeftRun } from '../../../src/core/conversation/left-run.js';
import { Session, type SessionHost, type ToolRequest } from '../../../src/core/conversation/session.js';
import type { Message, StreamEvent, ToolPart } from '../../../src/core/model/index.js';

const DONE: StreamEvent = { type: 'done', reason: 'stop', complete: true };
const CALLS_DONE: StreamEvent = { type: 'done', reason: 'tool_calls', complete: true };
const call = (id: string, name: string): StreamEvent[] => [
  { type: 'tool_call_start', id, name, by: 'client' },
  { type: 'tool_call_delta', id, delta: '{"n":' },
  { type: 'tool_call_delta', id, delta: '1}' },
  { type: 'tool_call', id, name, args: { n: 1 } },
];
/** Text, a call that is confirmed first, and one that runs at once. */
const TOLD: readonly StreamEvent[] = [
  { type: 'text', content: 'One ' },
  ...call('a', 'ask'),
  ...call('b', 'run'),
  { type: 'text', content: 'two' },
  CALLS_DONE,
];

interface Page {
  readonly conversation: Conversation;
  readonly session: Session;
  readonly requests: (readonly Message[])[];
}

/** A page whose endpoint tells `events` when it is asked, or for the rest of an answer, and is done the next time. */
function openPage(
  events: AsyncIterable<StreamEvent>,
  dispatched: ToolRequest[],
  host: Partial<SessionHost>,
): Page {
  const conversation = new Conversation();
  const requests: (readonly Message[])[] = [];
  const session = new Session(conversation, {
    async *connect(messages) {
      requests.push(messages);
      if (requests.length === 1) yield* events;
      else yield DONE;
    },
    confirms: (name) => name === 'ask',
    callTool: (request) => {
      dispatched.push(request);
      return Promise.resolve(`result of ${request.id}`);
    },
    ...host,
  });
  return { conversation, session, requests };
}

async function* tell(events: readonly StreamEvent[], last?: Promise<void>): AsyncGenerator<StreamEvent> {
  for (const event of events) yield event;
  await last;
}

const tools = ({ messages }: Conversation) =>
  messages.flatMap(({ parts }) => parts.filter((part): part is ToolPart => part.type === 'tool'));

/** Lets everything happen that can happen now. */
async function rest(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** The messages and the run as JSON brings them to another page. */
function leave({ conversation, session }: Page): { messages: Message[]; left: LeftRun } {
  return JSON.parse(JSON.stringify({ messages: conversation.messages, left: session.left }));
}

const never = new Promise<void>(() => {});

describe('a run that another page has left', () => {
  it('dispatches each call once wherever it is left, and answers those that ran', async () => {
    for (let cut = 0; cut <= TOLD.length; cut += 1) {
      const dispatched: ToolRequest[] = [];
      const results = new Map<string, Promise<unknown>>();
      const first = openPage(tell(TOLD.slice(0, cut), cut < TOLD.length ? never : undefined), dispatched, {
        // The page goes before it has any result.
        callTool: (request) => {
          dispatched.push(request);
          results.set(request.id, never);
          return never;
        },
      });
      first.conversation.append({ role: 'user', content: 'hello' });
      void first.session.run();
      await rest();
      const { messages, left } = leave(first);
      const ran = new Set(dispatched.map(({ id }) => id));

      const second = openPage(tell([]), dispatched, { reconnect: () => tell(TOLD.slice(cut)) });
      second.conversation.replace(messages);
      const outcome = second.session.takeOver(left);
      await rest();
      assert.equal(second.session.approve('a', true), true, `cut at ${cut}`);
      await outcome;
      assert.deepEqual(dispatched.map(({ id }) => id).toSorted(), ['a', 'b'], `cut at ${cut}`);
      for (const { id, state, result } of tools(second.conversation)) {
        if (ran.has(id)) assert.match(String(result), /page was left while this call ran/);
        else assert.deepEqual([state, result], ['done', `result of ${id}`], `cut at ${cut}`);
      }
      assert.equal(second.requests.length, 1, `cut at ${cut}`);
      assert.ok(Object.isFrozen(dispatched.at(-1)!.args));
    }
  });

  it('fails the calls whose tools were asking the user, and does not ask again', async () => {
    const dispatched: ToolRequest[] = [];
    const first = openPage(tell([...call('b', 'run'), CALLS_DONE]), dispatched, {
      callTool: (request, { approve }) => {
        dispatched.push(request);
        return approve('Send it?');
      },
    });
    first.conversation.append({ role: 'user', content: 'hello' });
    void first.session.run();
    await rest();
    const { messages, left } = leave(first);
    assert.deepEqual(
      messages[1]!.parts.map((part) => part.type === 'tool' && part.state),
      ['waiting'],
    );
    const second = openPage(tell([]), dispatched, {});
    second.conversation.replace(messages);
    await second.session.takeOver(left);
    const [tool] = tools(second.conversation);
    assert.deepEqual([tool!.state, tool!.approval, dispatched.length], ['failed', undefined, 1]);
  });

  it('counts its requests on', async () => {
    const dispatched: ToolRequest[] = [];
    const messages: Message[] = [
      { id: '1', role: 'user', parts: [{ type: 'text', text: 'hello' }] },
      { id: '2', role: 'assistant', status: 'streaming', parts: [] },
    ];
    const host: Partial<SessionHost> = { reconnect: () => tell([...call('b', 'run'), CALLS_DONE]) };
    const { conversation, session, requests } = openPage(tell([]), dispatched, host);
    conversation.replace(messages);
    await session.takeOver({ messageId: '2', turns: 16, delivered: [] });
    assert.deepEqual([requests.length, session.awaitsGoOn, dispatched.length], [0, true, 1]);
  });

  it('is interrupted where the rest of its answer cannot be asked for', async () => {
    const { conversation, session } = openPage(tell([]), [], {});
    conversation.replace([
      { id: '1', role: 'user', content: 'hello' },
      { id: '2', role: 'assistant', status: 'streaming', content: 'Half' },
    ]);
    await session.takeOver({ messageId: '2', turns: 1, delivered: [] });
    assert.deepEqual([conversation.lastMessage!.status, conversation.phase], ['interrupted', 'idle']);
  });

  it('is given up with its calls, those of nobody included', async () => {
    const dispatched: ToolRequest[] = [];
    const first = openPage(tell([...call('a', 'ask'), ...call('b', 'run')], never), dispatched, {
      callTool: () => never,
    });
    first.conversation.append({ role: 'user', content: 'hello' });
    void first.session.run();
    await rest();
    const { messages, left } = leave(first);
    const { conversation, session } = openPage(tell([]), dispatched, {});
    conversation.replace(messages);
    session.giveUp(left);
    await rest();
    assert.deepEqual(
      tools(conversation).map(({ state }) => state),
      ['failed', 'failed'],
    );
    assert.equal(conversation.lastMessage!.status, 'interrupted');
    assert.equal(session.running, undefined);
    assert.deepEqual(dispatched, []);
  });
});
