// Random sequences of faults against one server, many runs at a time: whatever goes wrong on the way, an answer that
// is told to its end in the end is whole, in order, and in the conversation once.
//
// `TEST_SEED=… TEST_SEQUENCE=…` runs one of them again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Conversation,
  Session,
  streamEvents,
  type MessagePart,
  type StreamEvent,
} from '../../src/core/index.js';
import { announceWait, hurryAnnouncedWaits } from '../support/fault-run.js';
import {
  createSequence,
  serveSequence,
  type Piece,
  type Sequence,
  type SequenceLog,
} from '../support/fault-sequence.js';
import { createRandom, readSeed } from '../support/random.js';
import { startRawServer, type RawServer } from '../support/raw-http.js';

const COUNT = 1000;
const AT_A_TIME = 16;
/** Milliseconds, where a connection stalls: on a busy machine a good one must not. */
const IDLE_TIMEOUT = 400;

const seed = readSeed();
const only = process.env.TEST_SEQUENCE;

interface SequenceRun extends SequenceLog {
  readonly sequence: Sequence;
  readonly answers: readonly (readonly StreamEvent[])[];
  readonly parts: readonly (readonly MessagePart[])[];
  readonly statuses: readonly (string | undefined)[];
  readonly calls: readonly string[];
}

/** What a message of these pieces consists of: text that no call parts is one piece. */
function expectedParts(pieces: readonly Piece[]): unknown[] {
  const parts: unknown[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') parts.push(text);
    text = '';
  };
  for (const piece of pieces) {
    if (piece.type === 'text') text += piece.text;
    else {
      flush();
      parts.push({ id: piece.id, args: { id: piece.id }, result: `answer to ${piece.id}`, state: 'done' });
    }
  }
  flush();
  return parts;
}

function actualParts(parts: readonly MessagePart[]): unknown[] {
  return parts.map((part) => {
    if (part.type === 'text') return part.text;
    if (part.type !== 'tool') return part;
    const { id, args, result, state } = part;
    return { id, args, result, state };
  });
}

async function play(
  server: RawServer,
  number: number,
  sequence: Sequence,
  log: SequenceLog,
): Promise<SequenceRun> {
  const conversation = new Conversation();
  conversation.append({ role: 'user', content: `question ${number}` });
  const answers: StreamEvent[][] = [];
  const calls: string[] = [];
  const session = new Session(conversation, {
    async *connect(messages, signal) {
      const answer: StreamEvent[] = [];
      answers.push(answer);
      for await (const event of streamEvents(`${server.origin}/${number}/chat`, {
        messages,
        signal,
        dialect: sequence.forced ? 'native' : 'auto',
        idleTimeout: sequence.faults.some(({ kind }) => kind === 'stall') ? IDLE_TIMEOUT : 30_000,
        maxRetries: 50,
        ...(sequence.hasResumeAddress && { resumeUrl: `${server.origin}/${number}/resume/{streamId}` }),
      })) {
        answer.push(event);
        yield event;
      }
    },
    onEvent(event) {
      if (event.type === 'reconnect') announceWait(event.delay);
    },
    async callTool({ id }) {
      calls.push(id);
      return `answer to ${id}`;
    },
  });
  await session.run();
  const messages = conversation.messages.filter(({ role }) => role === 'assistant');
  return {
    ...log,
    sequence,
    answers,
    parts: messages.map(({ parts }) => parts),
    statuses: messages.map(({ status }) => status),
    calls,
  };
}

function keysOf({ requests }: SequenceRun, isOf: (body: string) => boolean): Set<string | undefined> {
  return new Set(
    requests
      .filter(({ method, body }) => method === 'POST' && isOf(JSON.stringify(body)))
      .map(({ idempotencyKey }) => idempotencyKey),
  );
}

function check(run: SequenceRun): void {
  const { turns } = run.sequence;
  assert.deepEqual(
    run.parts.map(actualParts),
    turns.map(expectedParts),
    'each answer is whole, once, in order',
  );
  assert.deepEqual(
    run.statuses,
    turns.map(() => 'complete'),
  );
  for (const answer of run.answers) {
    const ends = answer.flatMap(({ type }, index) => (type === 'done' ? [index] : []));
    assert.deepEqual(ends, [answer.length - 1], 'one done, the last event');
    assert.ok(
      answer.every(({ type }) => type !== 'error'),
      'no error',
    );
  }
  const called = turns.flat().flatMap((piece) => (piece.type === 'call' ? [piece.id] : []));
  assert.deepEqual(run.calls, called, 'every tool runs once');
  const isResult = (body: string): boolean => body.includes('"role":"tool"');
  assert.equal(keysOf(run, (body) => !isResult(body)).size, 1, 'one user turn');
  assert.equal(keysOf(run, isResult).size, turns.length - 1, 'the results are sent in one turn');
  for (const { body } of run.requests) {
    const text = JSON.stringify(body) ?? '';
    if (!isResult(text)) continue;
    for (const id of called) assert.equal(text.split(`answer to ${id}"`).length, 2, 'every result once');
  }
}

function describeRun({ sequence, connections, answers }: SequenceRun): string {
  const { wire, forced, hasResumeAddress, maxWrite } = sequence;
  const events = answers
    .map((answer) => answer.map((event) => JSON.stringify(event)).join('\n    '))
    .join('\n  then\n    ');
  return `${JSON.stringify({ wire, forced, hasResumeAddress, maxWrite })}\n  ${connections.join('\n  ')}\n    ${events}`;
}

describe(`${COUNT} random sequences of faults (TEST_SEED=${seed})`, { timeout: 300_000 }, () => {
  it('lose nothing, double nothing and run no tool twice', async () => {
    const served = new Map<string, ReturnType<typeof serveSequence>>();
    const server = await startRawServer((exchange) => {
      const [, number = ''] = exchange.request.path.split('/');
      void served.get(number)?.answer(exchange);
    });
    const stopHurrying = hurryAnnouncedWaits();
    const numbers = only === undefined ? Array.from({ length: COUNT }, (_, index) => index) : [Number(only)];
    const failures: string[] = [];

    async function work(): Promise<void> {
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
        const sequence = createSequence(createRandom(seed * COUNT + number), number);
        const log = serveSequence(sequence);
        served.set(String(number), log);
        const run = await play(server, number, sequence, log);
        served.delete(String(number));
        try {
          check(run);
        } catch (error) {
          failures.push(`TEST_SEQUENCE=${number}: ${(error as Error).message}\n  ${describeRun(run)}`);
        }
      }
    }

    try {
      await Promise.all(Array.from({ length: AT_A_TIME }, work));
    } finally {
      stopHurrying();
      await server.close();
    }
    assert.equal(failures.length, 0, `${failures.length} failed\n${failures.slice(0, 3).join('\n')}`);
  });
});
