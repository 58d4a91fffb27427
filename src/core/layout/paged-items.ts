import type { IndexRange } from './layout.js';

/** Items are asked for in pages of this many. */
export const PAGE_SIZE = 50;

/** Pages that are kept; those in use always are. */
export const MAX_PAGES = 8;

/** An item that is not here yet. */
export const PENDING: unique symbol = Symbol('pending');

/** An item that could not be loaded. */
export const FAILED: unique symbol = Symbol('failed');

/** Where the items of a list come from that keeps only some of them. */
export interface ItemSource<Item = unknown> {
  /** How many there are. */
  readonly count: number;
  /** Gives the items from `start` up to, not including, `end`. `signal` is aborted when nobody needs them any more. */
  load(start: number, end: number, signal: AbortSignal): Promise<readonly Item[]> | readonly Item[];
}

/** What became of a page. */
export interface PageListener {
  /** Items came, went or failed: `at` gives something else for some of them. */
  changed(): void;
  failed(range: IndexRange, error: unknown): void;
}

/** The items of a source, as far as they are here. */
export interface PagedItems {
  readonly length: number;
  /** The item, `PENDING` or `FAILED`. */
  at(index: number): unknown;
  /** Says which items are in use. Loads them and a page on either side, and aborts what was asked for beyond. */
  use(range: IndexRange): void;
  /** Asks again for what failed. */
  retry(): void;
  /** Goes on with another object that gives the same items, of another count. What was loaded stays. */
  resize(source: ItemSource): void;
  /** Aborts everything. What was loaded stays. */
  stop(): void;
}

type Page =
  | { readonly state: 'loading'; readonly loading: AbortController }
  | { readonly state: 'loaded'; readonly items: readonly unknown[] }
  | { readonly state: 'failed' };

/** Keeps the items in use and the pages used last; loads the others when they come into use. */
export function createPagedItems(source: ItemSource, listener: PageListener): PagedItems {
  /** In the order in which they were used. */
  const pages = new Map<number, Page>();
  let current = source;
  let { count } = source;
  let used: IndexRange = { first: 0, last: 0 };

  function load(number: number): void {
    const loading = new AbortController();
    const { signal } = loading;
    const first = number * PAGE_SIZE;
    const last = Math.min(count, first + PAGE_SIZE);
    const finish = (page: Page): void => {
      if (signal.aborted) return;
      pages.set(number, page);
      listener.changed();
    };
    pages.set(number, { state: 'loading', loading });
    // In a promise, so that a source that throws is one that fails.
    Promise.resolve()
      .then(() => current.load(first, last, signal))
      .then((items) => {
        if (items.length < last - first) {
          throw new RangeError(`load(${first}, ${last}) gave ${items.length} items. Give all of them.`);
        }
        finish({ state: 'loaded', items });
      })
      .catch((error: unknown) => {
        if (signal.aborted) return;
        finish({ state: 'failed' });
        listener.failed({ first, last }, error);
      });
  }

  function drop(number: number): void {
    const page = pages.get(number);
    if (page?.state === 'loading') page.loading.abort();
    pages.delete(number);
  }

  return {
    get length() {
      return count;
    },
    at(index) {
      const page = pages.get(Math.floor(index / PAGE_SIZE));
      if (page?.state === 'loaded') return page.items[index % PAGE_SIZE] ?? PENDING;
      return page?.state === 'failed' ? FAILED : PENDING;
    },
    use(range) {
      used = range;
      const first = Math.max(0, Math.floor(range.first / PAGE_SIZE) - 1);
      const last = Math.min(Math.ceil(count / PAGE_SIZE), Math.ceil(range.last / PAGE_SIZE) + 1);
      for (const [number, page] of pages) {
        if (page.state === 'loading' && (number < first || number >= last)) drop(number);
      }
      for (let number = first; number < last; number += 1) {
        const page = pages.get(number);
        if (!page) {
          load(number);
          continue;
        }
        pages.delete(number);
        pages.set(number, page);
      }
      const [...numbers] = pages.keys();
      for (const number of numbers.slice(
        0,
        Math.max(0, numbers.length - Math.max(MAX_PAGES, last - first)),
      )) {
        drop(number);
      }
    },
    retry() {
      for (const [number, page] of pages) if (page.state === 'failed') pages.delete(number);
      this.use(used);
      listener.changed();
    },
    resize(next) {
      // The last page may have been cut short by the end, or go beyond the new one.
      const edge = Math.floor(Math.min(count, next.count) / PAGE_SIZE);
      for (const number of pages.keys()) if (number >= edge) drop(number);
      current = next;
      ({ count } = next);
    },
    stop() {
      for (const [number, page] of pages) if (page.state === 'loading') drop(number);
    },
  };
}
