// What is to come of a case of faults.
import assert from 'node:assert/strict';
import type { FaultCase } from './fault-cases.js';
import type { FaultRun, FaultRunOptions } from './fault-run.js';

/** The text of a case's answer. */
export function wordsOf(
  { tokens }: FaultCase,
  { word = (k) => `t${k} ` }: FaultRunOptions,
  from = 1,
): string {
  return Array.from({ length: tokens - from + 1 }, (_, index) => word(from + index)).join('');
}

/** Every answer has one end, which is its last event; the question stays. */
export function assertOneEnd(run: FaultRun): void {
  for (const answer of run.answers) {
    const ends = answer.flatMap(({ type }, index) => (type === 'done' ? [index] : []));
    assert.deepEqual(ends, [answer.length - 1], 'one done, the last event');
  }
  assert.equal(run.messages[0]?.role, 'user', 'the question stays');
}

/** The answer is whole, nothing of it twice, and no call is made twice. */
export function assertWhole(run: FaultRun, text: string): void {
  assert.equal(run.text, text);
  assertOneEnd(run);
  assert.deepEqual(run.errors, []);
  assert.equal(run.message?.status, 'complete');
  assert.equal(run.outcome.complete, true);
  const ids = run.calls.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)], 'every call once');
}

/** The request that goes on after the first answer broke. */
function secondRequest({ requests }: FaultRun): FaultRun['requests'][number] {
  assert.ok(requests[1], 'there is a second request');
  return requests[1];
}

/** One user turn, however often it is asked for: the endpoint knows it by its key. */
function assertOneTurn(run: FaultRun): void {
  const [key, ...others] = new Set(run.requests.map(({ idempotencyKey }) => idempotencyKey));
  assert.ok(key, 'the request has a key');
  assert.deepEqual(others, [], 'all attempts have the same');
}

function assertAnsweredOnce(run: FaultRun): void {
  assert.deepEqual(
    run.calls.map(({ id, args }) => [id, args]),
    [['call-1', { n: 1 }]],
  );
  const results = run.requests.filter(({ body }) => JSON.stringify(body).includes('"role":"tool"'));
  assert.equal(results.length, 1, 'one request carries the result');
  assert.equal(JSON.stringify(results[0]!.body).split('"role":"tool"').length - 1, 1);
}

/** What a case says besides `WHOLE`. */
export const CLAUSES: readonly (readonly [RegExp, (run: FaultRun, ...parts: string[]) => void])[] = [
  [/^2nd request Last-Event-ID: (\S+)$/, (run, id) => assert.equal(secondRequest(run).lastEventId, id)],
  [/^2nd request has no Last-Event-ID$/, (run) => assert.equal(secondRequest(run).lastEventId, undefined)],
  [/^header is UTF-8 bytes/, (run) => assert.equal(secondRequest(run).lastEventId, '…5')],
  [/^fetch\(\) does not throw$/, () => {}],
  [/^replayed call is not dispatched again$/, (run) => assert.equal(run.calls.length, 1)],
  [/^its result is sent once$/, assertAnsweredOnce],
  [/^one user turn on the server/, assertOneTurn],
  [
    /^waits about (\d+) s$/,
    (run, seconds) => {
      const [reconnect] = run.reconnects;
      // The date has whole seconds.
      assert.ok(Math.abs(reconnect!.delay - Number(seconds) * 1000) <= 1000, `${reconnect!.delay} ms`);
    },
  ],
  [
    /^waits at most the cap \((\d+) s\)$/,
    (run, seconds) => assert.equal(run.reconnects[0]!.delay, Number(seconds) * 1000),
  ],
  [/^reconnect after the idle limit/, (run) => assert.equal(run.reconnects[0]!.error.code, 'timeout')],
  [/^connect limit$/, (run) => assert.equal(run.reconnects[0]!.error.code, 'timeout')],
  [
    /^the late bytes of the superseded connection are ignored$/,
    (run) => {
      assert.equal(run.requests.length, 2);
      assert.ok(run.requests[0]!.leftAt !== undefined, 'the old connection is closed');
    },
  ],
];

/** @throws {AssertionError} where the clause does not hold, or nobody knows it */
export function assertClause(clause: string, run: FaultRun): void {
  for (const [pattern, check] of CLAUSES) {
    const match = pattern.exec(clause);
    if (match) {
      check(run, ...match.slice(1));
      return;
    }
  }
  assert.fail(`Nobody knows how to check "${clause}".`);
}

/** The answer up to where it broke stands, and says that it is not whole. */
export function assertInterrupted(run: FaultRun, text: string): void {
  assert.equal(run.text, text);
  assertOneEnd(run);
  assert.equal(run.message?.status, 'interrupted');
  assert.equal(run.outcome.complete, false);
}

/** There is no answer, one error, and a message that says so. */
export function assertFailed(run: FaultRun, status?: number): void {
  assertOneEnd(run);
  assert.equal(run.text, '');
  assert.equal(run.errors.length, 1);
  assert.ok(run.errors[0]!.message.length > 10, 'it says what is wrong');
  if (status !== undefined) assert.equal(run.errors[0]!.status, status);
  assert.equal(run.message?.status, 'failed');
}
