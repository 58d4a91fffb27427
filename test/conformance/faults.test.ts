// The cases of faults against a server that misbehaves in just that way: nothing lost, nothing doubled, one end.
// Those that need a page are in test/e2e/page-faults.test.mjs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StreamEventsOptions } from '../../src/core/index.js';
import {
  furtherCases,
  OWN_CASES,
  PAGE_CASES,
  sharedCases,
  WHOLE,
  type FaultCase,
} from '../support/fault-cases.js';
import {
  assertClause,
  assertFailed,
  assertInterrupted,
  assertOneEnd,
  assertWhole,
  CLAUSES,
  wordsOf,
} from '../support/fault-outcomes.js';
import { runFaults, type FaultRunOptions } from '../support/fault-run.js';
import type { Connection } from '../support/fault-server.js';
import { unknownStep } from '../support/fault-steps.js';

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
  'end-inside-event': withDone,
};

/** What a case needs besides its script. */
const OPTIONS: Readonly<Record<string, FaultRunOptions>> = {
  'drop-inside-character': { word: (k) => `t${k}🙂 ` },
  'drop-after-tool-call-before-result': { beyond: { steps: ['end'] } },
  'stall-no-bytes': { stream: { idleTimeout: 800 } },
  'stall-before-headers': { stream: { idleTimeout: 800 } },
  'stall-after-headers': { stream: { idleTimeout: 800 } },
  'old-connection-still-alive': { stream: { idleTimeout: 800 } },
  'comments-keep-it-alive': { stream: { idleTimeout: 800 } },
  'drop-after-every-event': { stream: { maxRetries: 1 } },
};

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

/** What is said besides `WHOLE`. */
function clausesOf({ expect }: FaultCase): string[] {
  return expect.split('; ').slice(WHOLE.split('; ').length);
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

/** Classes of cases that happen in a page. */
const PAGE_CLASSES: ReadonlySet<string> = new Set(['network', 'page', 'dom', 'worker']);

function isCovered(faults: FaultCase): boolean {
  return faults.id in OUTCOMES || (isWhole(faults) && !PAGE_CLASSES.has(faults.class));
}

/** What of a case the words of this suite do not cover. */
function unknownWords(faults: FaultCase): string | undefined {
  if (!isCovered(faults)) return `nobody knows what "${faults.expect}" comes to here`;
  const step = faults.connections.map(unknownStep).find((each) => each !== undefined);
  if (step !== undefined) return `the server knows no step "${String(step)}"`;
  const clause = clausesOf(faults).find((each) => !CLAUSES.some(([pattern]) => pattern.test(each)));
  return clause === undefined ? undefined : `nobody knows how to check "${clause}"`;
}

describe('the cases of faults beside the project', { timeout: 120_000 }, () => {
  it('are all covered', (context) => {
    if (sharedCases.length === 0) return context.skip('there are no cases beside the project');
    assert.deepEqual(
      sharedCases.filter((faults) => !isCovered(faults) && !PAGE_CASES.has(faults.id)).map(({ id }) => id),
      [],
    );
    return undefined;
  });

  for (const faults of sharedCases) if (!PAGE_CASES.has(faults.id)) define(faults);
  for (const faults of furtherCases) {
    const skip = unknownWords(faults);
    if (skip === undefined) define(faults);
    else it(faults.id, { skip }, () => {});
  }
});

describe('more faults of the same kinds', { timeout: 120_000 }, () => {
  for (const faults of OWN_CASES) define(faults);
});
