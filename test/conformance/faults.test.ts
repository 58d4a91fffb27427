// The cases of faults against a server that misbehaves in just that way: nothing lost, nothing doubled, one end.
// Those that need a page are in test/e2e/faults.test.mjs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StreamEventsOptions } from '../../src/core/index.js';
import { OWN_CASES, PAGE_CASES, sharedCases, WHOLE, type FaultCase } from '../support/fault-cases.js';
import { runFaults, type FaultRun, type FaultRunOptions } from '../support/fault-run.js';
import type { Connection } from '../support/fault-server.js';

/** A way to write a case down, and to ask for it. */
interface Variant {
  readonly name: string;
  readonly options: FaultRunOptions;
}

const native: StreamEventsOptions = { dialect: 'native' };

/** Every way of writing an answer that a client can resume. */
const VARIANTS: readonly Variant[] = [
  { name: 'native', options: { wire: 'native', streamId: 's1' } },
  { name: 'native without start', options: { wire: 'native' } },
  { name: 'native, forced, ids only', options: { wire: 'native-ids', stream: native } },
  { name: 'native without start, ids only', options: { wire: 'native-ids' } },
  { name: 'native, seq only', options: { wire: 'native-seq', streamId: 's1' } },
  { name: 'plain with ids', options: { wire: 'plain-ids' } },
];

/** Of those whose answers say when they are whole: a clean end is none then. Numbers are of the native dialect only. */
const withDone = ({ options }: Variant): boolean =>
  options.wire === 'native' || options.wire === 'native-seq' || options.stream?.dialect === 'native';
const withIds = ({ options }: Variant): boolean => options.wire !== 'native-seq';
const withSeq = ({ options }: Variant): boolean => options.wire === 'native' || options.wire === 'native-seq';

/** Where a case says nothing of a kind of answer, which kinds it is about. Default: all. */
const ABOUT: Readonly<Record<string, (variant: Variant) => boolean>> = {
  // Its tool calls have no number.
  'drop-after-tool-call-before-result': withIds,
  'id-reset-to-empty': withIds,
  'id-non-ascii': withIds,
  'out-of-order-seq': withSeq,
  // Without numbers, an event of the same id is another one.
  'doubled-events': withSeq,
  'drop-after-doubled-event': withSeq,
  // Node's fetch takes a cut for an end.
  'gzip-truncated': withDone,
  'end-without-done': withDone,
};

/** What a case needs besides its script. */
const OPTIONS: Readonly<Record<string, FaultRunOptions>> = {
  'drop-inside-character': { word: (k) => `t${k}🙂 ` },
  'drop-after-tool-call-before-result': { beyond: { steps: ['end'] } },
  'stall-no-bytes': { stream: { idleTimeout: 800 } },
  'stall-before-headers': { stream: { idleTimeout: 800 } },
  'stall-after-headers': { stream: { idleTimeout: 800 } },
  'old-connection-still-alive': { stream: { idleTimeout: 800 } },
  'comments-keep-it-alive': { stream: { idleTimeout: 400 } },
  'drop-after-every-event': { stream: { maxRetries: 1 } },
};

function wordsOf({ tokens }: FaultCase, { word = (k) => `t${k} ` }: FaultRunOptions, from = 1): string {
  return Array.from({ length: tokens - from + 1 }, (_, index) => word(from + index)).join('');
}

function assertOneEnd(run: FaultRun): void {
  for (const answer of run.answers) {
    const ends = answer.flatMap(({ type }, index) => (type === 'done' ? [index] : []));
    assert.deepEqual(ends, [answer.length - 1], 'one done, the last event');
  }
  assert.equal(run.messages[0]?.role, 'user', 'the question stays');
}

function assertWhole(run: FaultRun, text: string): void {
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
const CLAUSES: readonly (readonly [RegExp, (run: FaultRun, ...parts: string[]) => void])[] = [
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

function assertClause(clause: string, run: FaultRun): void {
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
function assertInterrupted(run: FaultRun, text: string): void {
  assert.equal(run.text, text);
  assertOneEnd(run);
  assert.equal(run.message?.status, 'interrupted');
  assert.equal(run.outcome.complete, false);
}

function assertFailed(run: FaultRun, status?: number): void {
  assertOneEnd(run);
  assert.equal(run.text, '');
  assert.equal(run.errors.length, 1);
  assert.ok(run.errors[0]!.message.length > 10, 'it says what is wrong');
  if (status !== undefined) assert.equal(run.errors[0]!.status, status);
  assert.equal(run.message?.status, 'failed');
}

async function assertHeapHolds(megabytes: number, work: () => Promise<void>): Promise<void> {
  const before = process.memoryUsage();
  let most = 0;
  const timer = setInterval(() => {
    const { heapUsed, external } = process.memoryUsage();
    most = Math.max(most, heapUsed + external - before.heapUsed - before.external);
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  assert.ok(most < megabytes * 2 ** 20, `${(most / 2 ** 20).toFixed(1)} MB more`);
}

const MAX_TIMER = 2 ** 31 - 1;

/** Cases with an outcome of their own. */
const OUTCOMES: Readonly<Record<string, (faults: FaultCase, variant: Variant) => Promise<void>>> = {
  async 'out-of-order-seq'(faults, { options }) {
    const run = await runFaults(faults.connections, options);
    assertOneEnd(run);
    if (run.text !== wordsOf(faults, options)) {
      assert.equal(run.errors[0]?.code, 'protocol');
      assert.equal(run.outcome.complete, false);
    }
    const again = await runFaults([...faults.connections, { steps: ['send 3-20', 'end'] }], options);
    assertWhole(again, wordsOf(faults, options));
  },

  async 'status-204'(faults, { options }) {
    const run = await runFaults(faults.connections, options);
    assertOneEnd(run);
    assert.equal(run.requests.length, 1);
    assert.deepEqual(run.reconnects, []);
    assert.deepEqual(run.errors, []);
    assert.equal(run.text, '');
  },

  async 'status-302-post-becomes-get'(faults, { options }) {
    const beyond: Connection = { status: 405, headers: { allow: 'POST' } };
    const run = await runFaults(faults.connections, { ...options, beyond });
    assertFailed(run, 405);
    assert.match(run.errors[0]!.message, /405.*method/);
    assert.deepEqual(
      run.requests.map(({ method }) => method),
      ['POST', 'GET'],
    );
  },

  async 'redirect-loop'(faults, { options }) {
    const run = await runFaults(faults.connections, {
      ...options,
      stream: { ...options.stream, maxRetries: 1 },
    });
    assertFailed(run);
    // Fetch, "HTTP-redirect fetch": a network error after 20 redirects.
    assert.ok(run.requests.length <= 2 * 21, `${run.requests.length} requests`);
    for (const { delay } of run.reconnects) assert.ok(delay >= 250, `waits ${delay} ms`);
  },

  async 'status-401'(faults, { options }) {
    const run = await runFaults(faults.connections, options);
    assertFailed(run, 401);
    assert.equal(run.requests.length, 1);

    let keys = 0;
    const headers = (): Record<string, string> => {
      keys += 1;
      return { authorization: `Bearer key-${keys}` };
    };
    const refreshing: FaultRunOptions = { ...options, stream: { ...options.stream, headers } };
    const refreshed = await runFaults([...faults.connections, { steps: ['send 1-20', 'end'] }], refreshing);
    assertWhole(refreshed, wordsOf(faults, options));
    assert.deepEqual(
      refreshed.requests.map((request) => request.headers.get('authorization')),
      ['Bearer key-1', 'Bearer key-2'],
    );
    const refused = await runFaults([...faults.connections, ...faults.connections], refreshing);
    assertFailed(refused, 401);
    assert.equal(refused.requests.length, 2);
  },

  async 'status-404-on-resume'(faults, { options }) {
    const run = await runFaults(faults.connections, options);
    assertInterrupted(run, wordsOf({ ...faults, tokens: 7 }, options));
    assert.equal(run.requests.length, 2);
  },

  async 'status-413'(faults, { options }) {
    const run = await runFaults(faults.connections, options);
    assertFailed(run, 413);
    assert.equal(run.requests.length, 1);
  },

  async 'status-429-huge'(faults, { options }) {
    const delays: number[] = [];
    const platform = globalThis.setTimeout;
    const run = await runFaults(faults.connections, {
      ...options,
      stopAfter: ({ type }) => {
        if (type !== 'reconnect') return false;
        const { setTimeout } = globalThis;
        globalThis.setTimeout = Object.assign(
          (callback: () => void, delay = 0) => {
            delays.push(delay);
            return platform(callback, delay);
          },
          { __promisify__: setTimeout.__promisify__ },
        ) as typeof setTimeout;
        return true;
      },
    });
    assert.equal(run.reconnects[0]?.delay, 60_000);
    assert.equal(run.reconnects[0]?.error.status, 429);
    for (const delay of delays) assert.ok(delay <= MAX_TIMER, `a timer of ${delay} ms fires at once`);
    assert.equal(run.requests.length, 1);
    assert.equal(run.outcome.reason, 'aborted');
  },

  async 'status-200-html'(faults, { options }) {
    const run = await runFaults(faults.connections, options);
    assertFailed(run);
    assert.doesNotMatch(run.errors[0]!.message, /[<>]/);
    assert.equal(run.requests.length, 1);
  },

  // Bytes are believed, content types are not.
  async 'no-content-type'(faults, { options }) {
    assertWhole(await runFaults(faults.connections, options), wordsOf(faults, options));
  },

  async 'end-without-done'(faults, { options }) {
    const run = await runFaults(faults.connections, options);
    assertInterrupted(run, wordsOf(faults, options));
    assert.ok(run.requests.length <= 2);
  },

  async 'line-without-newline'(faults, { options }) {
    await assertHeapHolds(64, async () => {
      const run = await runFaults(faults.connections, options);
      assertFailed(run);
      assert.equal(run.errors[0]!.code, 'limit');
      assert.equal(run.requests.length, 1);
      assert.ok(run.requests[0]!.leftAt !== undefined, 'the client leaves');
    });
  },

  async 'wrong-thread-event'(faults, { options }) {
    const alone = await runFaults(faults.connections, {
      ...options,
      stream: { ...options.stream, maxRetries: 0 },
    });
    assert.equal(alone.text, '');
    assertOneEnd(alone);
    const amid = await runFaults(
      [{ steps: ['send 1-7', 'event for another message id', 'send 8-20', 'end'] }],
      options,
    );
    assertWhole(amid, wordsOf(faults, options));
  },
};

/** Only an answer that names its message can have events of another. */
const named = ({ options }: Variant): boolean => options.streamId !== undefined;

function variantsOf({ id }: FaultCase): readonly Variant[] {
  if (id === 'wrong-thread-event') return VARIANTS.filter(named);
  return VARIANTS.filter(ABOUT[id] ?? (() => true));
}

function isWhole({ expect }: FaultCase): boolean {
  return expect.startsWith(WHOLE);
}

function define(faults: FaultCase): void {
  for (const variant of variantsOf(faults)) {
    const options = { ...variant.options, ...OPTIONS[faults.id] };
    options.stream = { ...variant.options.stream, ...OPTIONS[faults.id]?.stream };
    it(`${faults.id} (${variant.name})`, async () => {
      const outcome = OUTCOMES[faults.id];
      if (outcome) return outcome(faults, { ...variant, options });
      const run = await runFaults(faults.connections, options);
      assertWhole(run, wordsOf(faults, options));
      for (const clause of faults.expect.split('; ').slice(WHOLE.split('; ').length))
        assertClause(clause, run);
      return undefined;
    });
  }
}

const known = sharedCases.filter(({ id }) => !PAGE_CASES.has(id));

describe('the cases of faults beside the project', { timeout: 120_000 }, () => {
  it('are all covered', (context) => {
    if (sharedCases.length === 0) return context.skip('there are no cases beside the project');
    const isCovered = (faults: FaultCase): boolean =>
      PAGE_CASES.has(faults.id) || faults.id in OUTCOMES || isWhole(faults);
    assert.deepEqual(
      sharedCases.filter((faults) => !isCovered(faults)).map(({ id }) => id),
      [],
    );
    return undefined;
  });

  for (const faults of known) define(faults);
});

describe('more faults of the same kinds', { timeout: 120_000 }, () => {
  for (const faults of OWN_CASES) define(faults);
});
