import type { EngineAnswer, EngineRequest } from './protocol.js';

/** Milliseconds in which the answers of a worker that seems to hang can still come in, when the page was busy. */
const GRACE = 100;

type Done = Extract<EngineAnswer, { type: 'done' }>;

interface Asked {
  readonly id: number;
  /** The batch it was asked for in. */
  readonly batch: number;
}

/** Knows what a worker is working on, and for how long. */
export interface WorkWatch {
  /** The worker is ready: what it was asked for takes its time from now on. */
  begin(): void;
  /** A batch of requests has been posted. */
  asked(requests: readonly EngineRequest[]): void;
  answered(answer: Done): void;
  /** The stream that is being worked on, or else the code. */
  readonly workingOn: number | undefined;
  stop(): void;
}

/**
 * Watches over the time a worker takes for a piece of work, `limitOf` its stream or code in milliseconds. A worker that hangs cannot say what it
 * hangs at, so its order of work is followed from its answers. A page that was busy or asleep finds the answers only
 * after the timer, so a first alarm is followed by a second look.
 */
export function createWorkWatch(limitOf: (id: number) => number, onHang: () => void): WorkWatch {
  /** In the order in which the worker takes them up. Tokens come with whatever stream is worked on. */
  let streams: Asked[] = [];
  let codes: Asked[] = [];
  let batches = 0;
  let since = 0;
  let isBegun = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isIdle = () => streams.length === 0 && codes.length === 0;

  const workingOn = () => streams[0] ?? codes[0];

  /** Milliseconds until the piece of work at hand has had its time. */
  function timeLeft(): number {
    const asked = workingOn();
    return asked ? since + limitOf(asked.id) - performance.now() : Infinity;
  }

  function watch(): void {
    if (isBegun && !isIdle()) timer ??= setTimeout(check, timeLeft(), false);
  }

  /** One timer for all pieces of work: setting one for each would cost more than the piece. */
  function check(isSecondLook: boolean): void {
    timer = undefined;
    if (isIdle()) return;
    const left = timeLeft();
    if (left > 0) timer = setTimeout(check, left, false);
    else if (isSecondLook) onHang();
    else timer = setTimeout(check, GRACE, true);
  }

  return {
    begin() {
      isBegun = true;
      since = performance.now();
      watch();
    },

    asked(requests) {
      if (isIdle()) since = performance.now();
      batches += 1;
      for (const request of requests) {
        switch (request.type) {
          case 'append':
          case 'end':
            streams.push({ id: request.stream, batch: batches });
            break;
          case 'dispose':
            streams = streams.filter(({ id }) => id !== request.stream);
            break;
          case 'tokenize':
            codes.push({ id: request.code, batch: batches });
            break;
          case 'forget_code':
            codes = codes.filter(({ id }) => id !== request.code);
            break;
          default:
        }
      }
      watch();
    },

    answered({ update, tokens, taken }) {
      since = performance.now();
      if (update) {
        const { stream, hasMore } = update;
        const others = streams.filter(({ id, batch }) => batch <= taken && id !== stream);
        const again = hasMore ? [{ id: stream, batch: taken }] : [];
        streams = [...others, ...again, ...streams.filter(({ batch }) => batch > taken)];
      }
      for (const { code } of tokens) {
        const index = codes.findIndex(({ id }) => id === code);
        if (index !== -1) codes.splice(index, 1);
      }
    },

    get workingOn() {
      return workingOn()?.id;
    },

    stop() {
      clearTimeout(timer);
    },
  };
}
