/** First delay where nobody asks for another, in milliseconds; each one after it doubles. */
const BASE_DELAY = 500;
const MAX_DELAY = 8000;
/** Longest delay that the `retry` field of a stream can ask for, in milliseconds. */
const MAX_STREAM_RETRY = 30_000;

/** What a delay depends on. Times are milliseconds. */
export interface RetryFacts {
  /** 1 for the first attempt after a failure. */
  readonly attempt: number;
  /** As the refusal asks for, by `Retry-After`; it wins. */
  readonly retryAfter?: number | undefined;
  /** As the stream asks for, by its `retry` field (WHATWG HTML, "Parsing an event stream"). */
  readonly streamRetry?: number | undefined;
  /** From 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * Milliseconds until the next attempt: what the endpoint asks for, within bounds, else 0.5 s doubling to 8 s, shortened
 * by up to a half at random, so that many clients do not come back as one.
 */
export function retryDelay({ attempt, retryAfter, streamRetry, random = Math.random }: RetryFacts): number {
  if (retryAfter !== undefined) return retryAfter;
  if (streamRetry !== undefined) return Math.min(streamRetry, MAX_STREAM_RETRY);
  const delay = Math.min(BASE_DELAY * 2 ** (attempt - 1), MAX_DELAY);
  return Math.round(delay * (1 - random() / 2));
}
