import { StreamError } from '../model/index.js';
import type { EventSocket, SocketEvent } from './event-socket.js';

/** Characters that wait for the consumer. A socket cannot be told to wait; only the server's own window holds it back. */
export const MAX_QUEUED_CHARS = 16_777_216;

function tooMuchQueued(): StreamError {
  return new StreamError(
    'limit',
    `The endpoint sends faster than its answer can be shown: more than ${MAX_QUEUED_CHARS} characters are waiting. Let it send {"type":"ack_window","size":64} first, and then wait for the acknowledgements.`,
  );
}

/** What an event takes beside its text, in characters, so that many small ones count as well. */
const EVENT_OVERHEAD = 64;

function sizeOf({ text }: SocketEvent): number {
  return text.length + EVENT_OVERHEAD;
}

/** What has come over a socket for one run and was not taken yet. */
export interface SocketInbox {
  /** Nothing at all has come. */
  readonly isUntouched: boolean;
  /** Nothing more is to come; what is here can still be taken. */
  readonly hasEnded: boolean;
  /** Why nothing more is to come; undefined: the server closed as it should. */
  readonly failure: StreamError | undefined;
  /** The run has begun with `start`, so that the next one on this socket can be told from it. */
  readonly hasStart: boolean;
  take(): SocketEvent | undefined;
  /** Fulfils when anything happens next, or with `wake()`. */
  news(): Promise<void>;
  wake(): void;
}

export interface SocketInboxOptions {
  /** The socket has served another run: whatever comes before `start` was meant for that one. */
  readonly isReused: boolean;
  readonly onBytes: (byteLength: number) => void;
}

/** Takes over what comes over a socket. */
export function createSocketInbox(
  socket: EventSocket,
  { isReused, onBytes }: SocketInboxOptions,
): SocketInbox {
  // Two stacks make a queue that gives up what was taken, and moves each event once, however many wait.
  let incoming: SocketEvent[] = [];
  let outgoing: SocketEvent[] = [];
  let queuedChars = 0;
  let isUntouched = true;
  let hasStart = false;
  let hasEnded = false;
  let failure: StreamError | undefined;
  let wake = (): void => {};

  function end(reason: StreamError | undefined): void {
    hasEnded = true;
    failure = reason;
    wake();
  }

  socket.listen({
    onOpen: () => wake(),
    onBytes(byteLength) {
      isUntouched = false;
      onBytes(byteLength);
      wake();
    },
    onEvent(event) {
      if (event.type === 'start') hasStart = true;
      if (isReused && !hasStart) return;
      incoming.push(event);
      queuedChars += sizeOf(event);
      if (queuedChars <= MAX_QUEUED_CHARS) return;
      socket.cancel();
      end(tooMuchQueued());
    },
    onEnd: end,
  });

  return {
    get isUntouched() {
      return isUntouched;
    },
    get hasEnded() {
      return hasEnded;
    },
    get failure() {
      return failure;
    },
    get hasStart() {
      return hasStart;
    },
    take() {
      if (outgoing.length === 0) {
        outgoing = incoming.toReversed();
        incoming = [];
      }
      const event = outgoing.pop();
      if (event) queuedChars -= sizeOf(event);
      return event;
    },
    news: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    wake: () => wake(),
  };
}
