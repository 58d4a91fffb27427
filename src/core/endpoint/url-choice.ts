import type { UrlHealth } from '../transport/url-health.js';

/** Which of its URLs a run uses. */
export interface UrlChoice {
  /** Empty where there is none. */
  readonly url: string;
  /** It has answered. */
  succeed(): void;
  /**
   * It has refused, and asks to be left alone for `retryAfter` milliseconds. Goes to the next one; false where all have
   * refused since the last round began, and the next round begins.
   */
  refuse(retryAfter: number | undefined): boolean;
  /** Begins a round: every URL may be tried. */
  begin(): void;
}

export function createUrlChoice(health: UrlHealth, urls: readonly string[]): UrlChoice {
  const refused = new Set<string>();
  let url = health.order(urls)[0] ?? '';
  return {
    get url() {
      return url;
    },
    succeed: () => health.succeed(url),
    refuse(retryAfter) {
      health.fail(url, retryAfter);
      refused.add(url);
      const order = health.order(urls);
      const other = order.find((candidate) => !refused.has(candidate));
      if (other === undefined) refused.clear();
      url = other ?? order[0] ?? url;
      return other !== undefined;
    },
    begin: () => refused.clear(),
  };
}
