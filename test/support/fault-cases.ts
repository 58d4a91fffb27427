// The cases of faults: those beside the project, where they are, and those of the project's own.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Connection } from './fault-server.js';

/** A server's script, and what is to come of it. */
export interface FaultCase {
  readonly id: string;
  /** What kind of fault it is: `connect`, `mid`, `status`, `page` … */
  readonly class: string;
  /** How many tokens the answer has. */
  readonly tokens: number;
  readonly connections: readonly Connection[];
  /** In words; clauses parted by semicolons. */
  readonly expect: string;
}

const folder = new URL('../../../shared/conformance/', import.meta.url);

/** The outcome that most cases have: nothing is lost, nothing is doubled. */
export const WHOLE =
  'text = t1..t20 once each, in order; tool calls dispatched once each; 1 final state "done"';

function readCases(takes: (name: string) => boolean): readonly FaultCase[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^faults-\w+\.json$/.test(name) && takes(name))
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as FaultCase[]);
}

/** The cases beside the project, all of which are covered; none where there are none. */
export const sharedCases: readonly FaultCase[] = readCases((name) => name === 'faults-a.json');

/** More cases of the same kinds, where there are any: covered as far as their words are understood. */
export const furtherCases: readonly FaultCase[] = readCases((name) => name !== 'faults-a.json');

/** Cases that happen in a page and to it: test/e2e/page-faults.test.mjs has one test for each. */
export const PAGE_CASES: ReadonlySet<string> = new Set([
  'million-empty-events',
  'endless-stream',
  'offline-event',
  'sleep-wake',
  'tab-hidden-10-min',
  'freeze-resume',
  'two-tabs',
  'move-in-dom',
  'src-change-mid-stream',
  'stop-mid-stream',
  'worker-hangs',
  'worker-answers-out-of-order',
]);

function whole(id: string, kind: string, ...connections: Connection[]): FaultCase {
  return { id, class: kind, tokens: 20, connections, expect: WHOLE };
}

const REST: Connection = { steps: ['send 8-20', 'end'] };
const ALL: Connection = { steps: ['send 1-20', 'end'] };

/** More faults of the same kinds, all with the same outcome. */
export const OWN_CASES: readonly FaultCase[] = [
  whole('reset-after-headers', 'connect', { steps: ['headers', 'reset'] }, ALL),
  whole('closed-after-headers', 'connect', { steps: ['headers', 'close'] }, ALL),
  whole('refused-on-resume', 'connect', { steps: ['send 1-7', 'reset'] }, { refuse: true }, REST),
  whole('refused-three-times', 'connect', { refuse: true }, { refuse: true }, { refuse: true }, ALL),
  whole('closed-without-last-chunk', 'end', { steps: ['send 1-7', 'close'] }, REST),
  whole('drop-inside-event', 'mid', { steps: ['send 1-7', 'sendBytes 8 half', 'reset'] }, REST),
  whole('end-inside-event', 'end', { steps: ['send 1-7', 'sendBytes 8 half', 'end-no-done'] }, REST),
  whole('close-inside-event', 'mid', { steps: ['send 1-7', 'sendBytes 8 half', 'close'] }, REST),
  whole(
    'drop-inside-character',
    'mid',
    { steps: ['send 1-7', 'sendBytes 8 inside-character', 'reset'] },
    REST,
  ),
  whole(
    'drop-after-first-cr',
    'mid',
    { steps: ['send 1-7 crlf', 'sendBytes 8 after-first-CR', 'reset'] },
    REST,
  ),
  whole('drop-between-cr', 'mid', { steps: ['send 1-7 cr', 'reset'] }, { steps: ['send 8-20 cr', 'end'] }),
  whole('drop-after-first-token', 'mid', { steps: ['send 1', 'reset'] }, { steps: ['send 2-20', 'end'] }),
  whole('drop-before-done', 'mid', { steps: ['send 1-20', 'reset'] }, { steps: ['end'] }),
  whole(
    'drop-after-every-event',
    'mid',
    ...Array.from({ length: 19 }, (_, index) => ({ steps: [`send ${index + 1}`, 'reset'] })),
    { steps: ['send 20', 'end'] },
  ),
  whole('replay-of-everything', 'replay', { steps: ['send 1-7', 'reset'] }, ALL),
  whole(
    'replay-twice',
    'replay',
    { steps: ['send 1-7', 'reset'] },
    { steps: ['send 3-12', 'reset'] },
    {
      steps: ['send 9-20', 'end'],
    },
  ),
  whole(
    'drop-after-doubled-event',
    'replay',
    { steps: ['send 1-20,19', 'reset'] },
    { steps: ['send 20', 'end'] },
  ),
  whole('replay-of-a-whole-answer', 'replay', { steps: ['send 1-20', 'reset'] }, ALL),
  whole('doubled-events', 'replay', { steps: ['send 1-7,5-9,9,9,2,10-20', 'end'] }),
  {
    ...whole(
      'replay-of-a-long-answer',
      'replay',
      { steps: ['send 1-10500', 'reset'] },
      { steps: ['send 1-11000', 'end'] },
    ),
    tokens: 11_000,
  },
  whole('id-null-is-none', 'replay', { steps: ['send 1-7', 'id-null', 'reset'] }, REST),
  whole('error-on-resume-then-ok', 'status', { steps: ['send 1-7', 'reset'] }, { status: 503 }, REST),
  ...[408, 409, 425, 429, 500, 502, 503, 504].map((status) =>
    whole(`status-${status}-then-ok`, 'status', { status }, ALL),
  ),
  whole('status-429-seconds', 'status', { status: 429, headers: { 'retry-after': '2' } }, ALL),
  whole('status-429-milliseconds', 'status', { status: 429, headers: { 'retry-after-ms': '10' } }, ALL),
  whole('status-429-bogus', 'status', { status: 429, headers: { 'retry-after': 'soon' } }, ALL),
  whole('status-307', 'status', { status: 307, location: '/b' }, ALL),
  whole('status-308', 'status', { status: 308, location: '/b' }, ALL),
  whole('odd-content-type', 'status', { headers: { 'content-type': 'application/octet-stream' }, ...ALL }),
  whole('comments-keep-it-alive', 'stall', {
    steps: [
      'send 1-7',
      ...Array.from({ length: 6 }, () => ['comment', 'stall 200 ms']).flat(),
      'send 8-20',
      'end',
    ],
  }),
  whole('stall-after-headers', 'stall', { steps: ['stall forever'] }, ALL),
  whole('retry-of-nothing', 'retry', { steps: ['retry: 0', 'send 1-7', 'reset'] }, REST),
  whole('retry-of-words', 'retry', { steps: ['retry: soon', 'send 1-7', 'reset'] }, REST),
];
