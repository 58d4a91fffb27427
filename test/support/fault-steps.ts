// The language of the fault cases: what a server does with one connection, a step at a time.
import { callId, writeEvent, type Newline, type Wire } from './fault-wire.js';

/** One connection of a case: an answer out of the ordinary, or steps. */
export interface Connection {
  /** The port does not listen. */
  readonly refuse?: boolean;
  readonly status?: number;
  readonly location?: string;
  /** So many connections like this one. */
  readonly times?: number;
  /** Default: those of an event stream. An empty object: none. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly steps?: readonly Step[];
  /** No connection: what an earlier one does while the one before this is served. */
  readonly late?: string;
}

/** A step in words, or bytes to send, or anything else to do. */
export type Step = string | Uint8Array | ((stage: Stage) => Promise<void> | void);

/** What a page does while the server waits. */
export type PageAction = string;

/** What steps act on. */
export interface Stage {
  readonly wire: Wire;
  /** Sends the head, unless it has been sent. */
  open(): void;
  write(part: Uint8Array | string): Promise<void>;
  /** Tokens and calls before it have reached the client's page, as far as can be known. */
  settled(): Promise<void>;
  /** These have just been sent. */
  note(sent: { readonly token?: number; readonly call?: string }): void;
  readonly hasLeft: boolean;
  readonly left: Promise<void>;
  /** After this the connection is over; the rest of the steps is not played. */
  finish(how: 'end' | 'cut' | 'close' | 'reset' | 'bad-chunk' | 'abandon'): Promise<void> | void;
  /** The page's part. */
  act(action: PageAction): Promise<void>;
}

type Play = (stage: Stage) => Promise<void> | void;

/** `1,2,4,3,5-20` → the numbers, in order. */
export function readTokens(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

const NEWLINES: Readonly<Record<string, Newline>> = { lf: '\n', crlf: '\r\n', cr: '\r' };
const MAX_PIECE = 65_536;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6 };
const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

function send(spec: string, options: string): Play {
  const newline = NEWLINES[/\b(?:lf|crlf|cr)\b/.exec(options)?.[0] ?? 'lf'];
  const template = /\bid=(\S+)/.exec(options)?.[1];
  const pace = /\bone a \w+/.exec(options)?.[0];
  return async (stage) => {
    for (const k of readTokens(spec)) {
      if (stage.hasLeft) return;
      await stage.write(writeEvent(stage.wire.token(k, template?.replace(/n$/, String(k))), newline));
      stage.note({ token: k });
      if (pace) await stage.act(pace);
    }
  };
}

/** Where an event is cut, in bytes from its beginning. */
function cutOf(where: string, event: Buffer): number {
  const [, left] = /^minus-(\d+)$/.exec(where) ?? [];
  if (left !== undefined) return event.length - Number(left);
  switch (where) {
    case 'minus-last-newline':
      return event.length - 1;
    case 'after-CR':
      return event.lastIndexOf('\r') + 1;
    case 'after-first-CR':
      return event.indexOf('\r') + 1;
    case 'inside-character':
      // After the second of four bytes (F0 to F4 begin a character beyond U+FFFF).
      return event.findIndex((byte) => byte >= 0xf0) + 2;
    case 'half':
      return Math.floor(event.length / 2);
    default:
      throw new Error(`"sendBytes … ${where}" names no place in an event.`);
  }
}

function sendBytes(k: number, where: string): Play {
  const newline = where.includes('CR') ? '\r\n' : '\n';
  return async (stage) => {
    const event = Buffer.from(writeEvent(stage.wire.token(k), newline));
    await stage.write(event.subarray(0, cutOf(where, event)));
  };
}

async function repeat(stage: Stage, text: string, count: number): Promise<void> {
  const perPiece = Math.max(1, Math.floor(MAX_PIECE / text.length));
  for (let sent = 0; sent < count && !stage.hasLeft; sent += perPiece) {
    await stage.write(text.repeat(Math.min(perPiece, count - sent)));
  }
}

/** Text by the kilobyte, as fast as the client takes it: what bounds a stream is its size, not its age. */
async function pour(stage: Stage, bytes: number): Promise<void> {
  const sentence = 'All work and no play makes a stream go on. '.repeat(23).padEnd(998, '.');
  for (let k = 1; k * 1000 <= bytes && !stage.hasLeft; k += 1) {
    const content = `${sentence}\n\n`;
    const data = stage.wire.name === 'plain-ids' ? { text: content } : { type: 'text', content };
    await stage.write(writeEvent({ id: String(k), data }));
  }
}

async function callTool(stage: Stage, n: number): Promise<void> {
  for (const event of stage.wire.toolCall(n)) await stage.write(writeEvent(event));
  stage.note({ call: callId(n) });
}

async function finishSettled(stage: Stage, how: Parameters<Stage['finish']>[0]): Promise<void> {
  await stage.settled();
  await stage.finish(how);
}

function stall(spec: string): Play {
  return async (stage) => {
    const milliseconds = /^(\d+) ms$/.exec(spec)?.[1];
    if (milliseconds === undefined) await stage.left;
    else
      await Promise.race([stage.left, new Promise((resolve) => setTimeout(resolve, Number(milliseconds)))]);
  };
}

function unescape(text: string): string {
  return JSON.parse(`"${text.replaceAll('"', String.raw`\"`)}"`) as string;
}

type Rule = readonly [pattern: RegExp, read: (...parts: string[]) => Play];

/** Every step there is. The first that fits holds. */
const RULES: readonly Rule[] = [
  [/^send ([\d,-]+)(.*)$/, (spec = '', options = '') => send(spec, options)],
  [/^sendBytes (\d+) (\S+)$/, (k, where = '') => sendBytes(Number(k), where)],
  [/^toolCall (\d+)$/, (n) => (stage) => callTool(stage, Number(n))],
  [
    /^end$/,
    () => async (stage) => {
      await stage.write(writeEvent(stage.wire.done()));
      await stage.finish('end');
    },
  ],
  [/^end-no-done$/, () => (stage) => finishSettled(stage, 'end')],
  // The body ends as the protocol has it, in the middle of what its encoding says.
  [/^cut$/, () => (stage) => finishSettled(stage, 'cut')],
  [/^close$/, () => (stage) => finishSettled(stage, 'close')],
  [/^(?:reset|reset before headers|drop)$/, () => (stage) => finishSettled(stage, 'reset')],
  [/^bad-chunk$/, () => (stage) => finishSettled(stage, 'bad-chunk')],
  [/^request received$/, () => () => {}],
  [/^headers$/, () => (stage) => stage.open()],
  [/^stall-headers (.+)$/, (spec = '') => stall(spec)],
  [
    /^stall (.+)$/,
    (spec = '') =>
      (stage) => {
        stage.open();
        return stall(spec)(stage);
      },
  ],
  [
    /^silent$/,
    () => async (stage) => {
      stage.open();
      await stage.finish('abandon');
    },
  ],
  [/^id-empty$/, () => (stage) => stage.write(writeEvent({ id: '' }))],
  [/^id-null$/, () => (stage) => stage.write(writeEvent({ id: 'nul\0' }))],
  [
    /^retry: (.*)$/,
    (value = '') =>
      (stage) =>
        stage.write(`retry: ${value}\n\n`),
  ],
  [
    /^comment(?: (.*))?$/,
    (text = '') =>
      (stage) =>
        stage.write(`: ${text}\n\n`),
  ],
  [
    /^event: (\S+)$/,
    (event = '') =>
      (stage) =>
        stage.write(writeEvent({ event, data: { type: event, value: 1 } })),
  ],
  [/^event for another message id$/, () => (stage) => stage.write(writeEvent(stage.wire.foreign()))],
  [/^(\d+) MB without newline$/, (megabytes) => (stage) => repeat(stage, 'x', Number(megabytes) * 1e6)],
  [
    /^(.+) repeated (\S+)$/,
    (text = '', count) =>
      (stage) =>
        repeat(stage, unescape(text), Number(count)),
  ],
  [
    /^(\d+) ([kM]?)B\/s for (\d+) (s|min|h)$/,
    (rate, unit = '', time, timeUnit = '') =>
      (stage) =>
        pour(stage, Number(rate) * UNITS[unit]! * Number(time) * SECONDS[timeUnit]!),
  ],
  [
    /^(?:go offline|go online|clock jumps .+|hide|show|freeze|resume|reload|remove|re-attach|stop\(\)|src = .+|move to .+|tab [AB] .+|render .+|send pathological .+)$/,
    () => () => {},
  ],
];

/** Steps that the page takes; the server waits for it. */
const PAGE_ACTION = RULES.at(-1)![0];

const BREAKING_STEP = /^(?:reset|drop|close|bad-chunk|stall|silent)\b/;

/** Whether the connection breaks before its answer has ended, as far as its steps tell. */
export function isBroken(steps: readonly Step[]): boolean {
  return steps.some(
    (step) => typeof step === 'function' || (typeof step === 'string' && BREAKING_STEP.test(step)),
  );
}

/** What a step does. @throws {Error} where the language has no such step */
export function readStep(step: Step): Play {
  if (typeof step === 'function') return step;
  if (typeof step !== 'string') return (stage) => stage.write(step);
  if (PAGE_ACTION.test(step)) {
    // "tab A send 1-7": the page that asked is tab A.
    const sent = /^tab A (send .+)$/.exec(step)?.[1];
    if (sent !== undefined) return readStep(sent);
    return async (stage) => {
      await stage.settled();
      await stage.act(step);
    };
  }
  for (const [pattern, read] of RULES) {
    const match = pattern.exec(step);
    if (match) return read(...match.slice(1));
  }
  throw new Error(`The server knows no step "${step}".`);
}

/** The first step of a connection that the language does not have. */
export function unknownStep({ steps = [] }: Connection): Step | undefined {
  return steps.find((step) => {
    try {
      readStep(step);
      return false;
    } catch {
      return true;
    }
  });
}
