/** First delay where nobody asks for another, in milliseconds; each one after it doubles. */
const BASE_DELAY = 500;
const MAX_DELAY = 8000;
/** Longest delay that the `retry` field of a stream can ask for, in milliseconds. */
const MAX_STREAM_RETRY = 30_000;

/** What a delay depends on. Times are milliseconds. */
export interface RetryFacts {
  /** 1 for the first attempt after a failure. */
  readonly attempt: number;
  /** Connections that this run has made again so far. */
  readonly reconnects: number;
  /** As the refusal asks for, by `Retry-After`; it wins. */
  readonly retryAfter?: number | undefined;
  /** As the stream asks for, by its `retry` field (WHATWG HTML, "Parsing an event stream"). */
  readonly streamRetry?: number | undefined;
  /** From 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/** 0.5 s doubling to 8 s, shortened by up to a half at random, so that many clients do not come back as one. */
function backoff(attempt: number, random: () => number): number {
  const delay = Math.min(BASE_DELAY * 2 ** (attempt - 1), MAX_DELAY);
  return Math.round(delay * (1 - random() / 2));
}

/**
 * Milliseconds until the next attempt: what the endpoint asks for, within bounds, else a time that doubles. Who asks
 * for next to nothing is believed once; and the more often a run has been made again, even if it got on each time, the
 * longer it waits: n²/16 ms after n times, so that no endpoint can keep a page busy with connections.
 */
export function retryDelay({
  attempt,
  reconnects,
  retryAfter,
  streamRetry,
  random = Math.random,
}: RetryFacts): number {
  const asked =
    retryAfter ?? (streamRetry === undefined ? undefined : Math.min(streamRetry, MAX_STREAM_RETRY));
  const own = asked === undefined ? backoff(attempt, random) : attempt > 1 ? backoff(attempt - 1, random) : 0;
  return Math.max(asked ?? 0, own, Math.min(Math.round(reconnects ** 2 / 16), MAX_DELAY));
}
