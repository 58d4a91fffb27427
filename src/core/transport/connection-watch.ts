import { StreamError } from '../model/index.js';

/** Timers beyond 2³¹ − 1 ms fire at once. */
const MAX_TIMEOUT = 2_147_483_647;

/** The ways in which a connection is stopped from this side, in one place. */
export interface ConnectionWatch {
  /** For `fetch`: fires when the connection is to be closed, for whatever reason. */
  readonly signal: AbortSignal;
  /** Why the connection was stopped; undefined while it was not, and where its reader just left. */
  readonly failure: StreamError | undefined;
  /** Waits for the network, no longer than the idle timeout. @throws {StreamError} */
  wait<Result>(work: Promise<Result>, explain: (cause: unknown) => StreamError): Promise<Result>;
  /** @throws {StreamError} `aborted` or `timeout`, if the connection was stopped */
  check(): void;
  /** Runs when the connection is stopped, so that a pending read ends even where `fetch` ignores its signal. */
  onStop(stop: () => void): void;
  close(): void;
}

function stopped(): StreamError {
  return new StreamError('aborted', 'The run was stopped.');
}

/** Watches one connection: `outer` stops it, and so do `idleTimeout` milliseconds of waiting in vain; 0: none do. */
export function watchConnection(outer: AbortSignal, idleTimeout: number): ConnectionWatch {
  const connection = new AbortController();
  const stops: (() => void)[] = [];
  let timedOut = false;

  function stop(): void {
    connection.abort();
    for (const each of stops.splice(0)) each();
  }

  function failure(): StreamError | undefined {
    // Browsers report an abort as AbortError, as TypeError, or as a clean end: the signal alone is to be believed.
    if (outer.aborted) return outer.reason instanceof StreamError ? outer.reason : stopped();
    if (!timedOut) return undefined;
    return new StreamError(
      'timeout',
      `The endpoint sent nothing for ${idleTimeout / 1000} seconds. Try again, or raise "idle-timeout" if it needs longer.`,
      { recoverable: true },
    );
  }

  function check(): void {
    const error = failure();
    if (error) throw error;
  }

  outer.addEventListener('abort', stop);
  return {
    signal: connection.signal,
    get failure() {
      return failure();
    },
    check,
    async wait(work, explain) {
      // The timer runs only while the network is waited for: a slow reader is no dropped connection.
      let timer: ReturnType<typeof setTimeout> | undefined;
      if (idleTimeout > 0) {
        timer = setTimeout(
          () => {
            timedOut = true;
            stop();
          },
          Math.min(idleTimeout, MAX_TIMEOUT),
        );
      }
      try {
        const result = await work;
        check();
        return result;
      } catch (cause) {
        check();
        throw explain(cause);
      } finally {
        clearTimeout(timer);
      }
    },
    onStop: (each) => stops.push(each),
    close() {
      outer.removeEventListener('abort', stop);
      stop();
    },
  };
}
