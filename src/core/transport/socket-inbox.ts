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
  // Taken from the front by index, and emptied when all were taken: shifting costs as much as there is.
  let queue: SocketEvent[] = [];
  let next = 0;
  let queuedChars = 0;
  let isUntouched = true;
  let hasStart = false;
  let isDone = false;
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
      if (isDone || (isReused && !hasStart)) return;
      isDone = event.type === 'done';
      queue.push(event);
      queuedChars += event.text.length;
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
      const event = queue[next];
      if (!event) return undefined;
      next += 1;
      queuedChars -= event.text.length;
      if (next === queue.length) {
        queue = [];
        next = 0;
      }
      return event;
    },
    news: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    wake: () => wake(),
  };
}
