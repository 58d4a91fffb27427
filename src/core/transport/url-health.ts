/** Milliseconds for which a URL that failed is left alone, unless it asks for another time. */
const COOL_DOWN = 30_000;

/** Remembers which of several URLs have failed a moment ago. */
export interface UrlHealth {
  /** Leaves this URL alone for `duration` milliseconds. Default: 30,000. */
  fail(url: string, duration?: number): void;
  succeed(url: string): void;
  /** The URLs in the order in which to try them: as given, with those that are to be left alone at the end. */
  order(urls: readonly string[]): readonly string[];
}

/** @param now milliseconds */
export function createUrlHealth(now: () => number = () => Date.now()): UrlHealth {
  /** When each may be tried again. */
  const rests = new Map<string, number>();

  function restOf(url: string): number {
    const until = rests.get(url) ?? 0;
    return until > now() ? until : 0;
  }

  return {
    fail: (url, duration = COOL_DOWN) => void rests.set(url, now() + duration),
    succeed: (url) => void rests.delete(url),
    order: (urls) => urls.toSorted((one, other) => restOf(one) - restOf(other)),
  };
}
