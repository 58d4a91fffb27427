import type {
  IndexRange,
  ItemPosition,
  LayoutView,
  ListChange,
  ListLayout,
  MountedRows,
  PhysicalPosition,
} from './layout.js';
import { createSizeIndex } from './size-index.js';

/**
 * The most a list's items may take up together before spacers are scaled. Chromium moves scrollTop in steps of
 * 2 px above 2^23 px, and quarter pixels are lost in every engine from 8M px on; Firefox drops a height above
 * 17.8M px altogether.
 */
export const MAX_CONTENT_SIZE = 4_000_000;

/** Rows are not mounted for overscan beyond this many; those in view always are. */
export const MAX_OVERSCAN_ROWS = 300;

/** What an item is taken for before any has been measured. */
export const INITIAL_ESTIMATE = 64;

/** New items that are asked for their estimates; of more of them, this many stand for the rest. */
const MAX_ESTIMATES = 100;

/** How far the average may move, as a share of itself, before items of unknown size count it. */
const ESTIMATE_TOLERANCE = 0.1;

/** The golden ratio: its multiples, less their whole parts, are spread evenly without a period. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/** Browsers lay out in multiples of 1/64 px at the finest; with them, sums of doubles are exact. */
function quantize(size: number): number {
  return Math.round(size * 64) / 64;
}

/**
 * Makes the layout of an empty list. `estimate` gives the size of an item not yet measured; where it gives none
 * that makes sense, the average of those known is taken. It is asked for what comes near the view, and of many new
 * items for some only: a list costs the same whatever its length.
 */
export function createListLayout(
  estimate: (index: number) => number | undefined = () => undefined,
): ListLayout {
  const sizes = createSizeIndex(INITIAL_ESTIMATE);

  /** What an item is thought to measure, in whole px. */
  function estimateOf(index: number): number | undefined {
    const size = estimate(index);
    const isSound = size !== undefined && Number.isFinite(size) && size > 0;
    return isSound ? Math.max(1, Math.round(size)) : undefined;
  }

  /** The size of an item that may be mounted: its own, as far as anybody knows it. */
  function sizeAt(index: number): number {
    if (!sizes.isKnown(index)) learn(index, estimateOf(index));
    return sizes.get(index);
  }

  function learn(index: number, size: number | undefined): void {
    if (size !== undefined && !sizes.isKnown(index)) sizes.set(index, size);
  }

  function useAverage(): void {
    if (sizes.average > 0) sizes.fallback = Math.max(1, Math.round(sizes.average));
  }

  /** The estimates of the items in a range, or of some of them, by index. */
  function estimatesIn({ first, last }: IndexRange): ReadonlyMap<number, number> {
    const estimates = new Map<number, number>();
    const ask = (index: number): void => {
      const size = estimateOf(index);
      if (size !== undefined) estimates.set(index, size);
    };
    const amount = last - first;
    if (amount <= MAX_ESTIMATES) {
      for (let index = first; index < last; index += 1) ask(index);
      return estimates;
    }
    // Two neighbours in each part of the range: the speakers of a conversation take turns.
    const parts = MAX_ESTIMATES / 2;
    for (let part = 0; part < parts; part += 1) {
      const place = part + ((part * GOLDEN_RATIO) % 1);
      const index = first + Math.min(amount - 2, Math.floor((place * amount) / parts));
      ask(index);
      ask(index + 1);
    }
    return estimates;
  }

  function learnAll(estimates: ReadonlyMap<number, number>): void {
    for (const [index, size] of estimates) learn(index, size);
  }

  function apply({ start, deleteCount, sources }: ListChange): void {
    const oldCount = sizes.count;
    const inserted = sources.length;
    const last = start + inserted;
    if (start === oldCount) sizes.grow('end', inserted);
    else if (start === 0 && deleteCount === 0) sizes.grow('start', inserted);
    else {
      const before = sizes.range(0, oldCount);
      const next = new Float64Array(oldCount - deleteCount + inserted);
      next.set(before.subarray(0, start));
      for (let offset = 0; offset < inserted; offset += 1) {
        next[start + offset] = before[sources[offset]!] ?? Number.NaN;
      }
      next.set(before.subarray(start + deleteCount), last);
      sizes.rebuild(next);
    }
    learnAll(estimatesIn({ first: start, last }));
    if (inserted > MAX_ESTIMATES) useAverage();
  }

  const scale = (): number => Math.min(1, MAX_CONTENT_SIZE / sizes.total);

  function windowAround({ index, top }: ItemPosition, view: LayoutView): IndexRange {
    return extend({ first: index, last: index + 1, top, bottom: top + sizeAt(index) }, view, 1);
  }

  function extend(rows: MountedRows, view: LayoutView, share: number): IndexRange {
    const { height, overscanBefore, overscanAfter, maxRows = MAX_OVERSCAN_ROWS } = view;
    let { first, last, top, bottom } = rows;
    const room = (): boolean => last - first < maxRows;
    // What is in view comes first, so that overscan on one side cannot use up the room of the other.
    while (first > 0 && top > 0) top -= sizeAt((first -= 1));
    while (last < sizes.count && bottom < height) bottom += sizeAt(last++);
    if (top > -overscanBefore * share) {
      while (first > 0 && top > -overscanBefore && room()) top -= sizeAt((first -= 1));
    }
    if (bottom < height + overscanAfter * share) {
      while (last < sizes.count && bottom < height + overscanAfter && room()) bottom += sizeAt(last++);
    }
    return { first, last };
  }

  function windowFrom(rows: MountedRows, view: LayoutView): IndexRange {
    const { height, overscanBefore, overscanAfter } = view;
    let { first, last, top, bottom } = rows;
    // Trimmed late and extended early: a reader who goes back and forth mounts nothing.
    while (first < last - 1 && top + sizes.get(first) < -1.5 * overscanBefore) top += sizes.get(first++);
    while (last > first + 1 && bottom - sizes.get(last - 1) > height + 1.5 * overscanAfter) {
      bottom -= sizes.get((last -= 1));
    }
    return extend({ first, last, top, bottom }, view, 0.5);
  }

  function itemAt(position: PhysicalPosition): ItemPosition {
    const { scrollTop, spacerBefore, rows, spacerAfter, viewHeight, first, last } = position;
    const rowsEnd = spacerBefore + rows;
    let offset: number;
    if (scrollTop < spacerBefore) {
      offset = sizes.prefix(first) * Math.max(0, scrollTop / spacerBefore);
    } else {
      // The last position of the view is a view above the end, in the spacer as among the items.
      const travel = Math.max(1, spacerAfter - viewHeight);
      const start = sizes.prefix(last);
      const share = Math.min(1, Math.max(0, (scrollTop - rowsEnd) / travel));
      offset = start + Math.max(0, sizes.total - viewHeight - start) * share;
    }
    const index = sizes.find(offset);
    const top = sizes.prefix(index) - offset;
    if (sizes.isKnown(index)) return { index, top };
    // As far into it as into what it was taken for.
    const taken = sizes.fallback;
    return { index, top: top * (sizeAt(index) / taken) };
  }

  return {
    get count() {
      return sizes.count;
    },
    get total() {
      return sizes.total;
    },
    get scale() {
      return scale();
    },
    sizeOf: sizeAt,
    offsetOf: sizes.prefix,
    measure(index, size) {
      const before = sizes.get(index);
      const now = quantize(size);
      sizes.set(index, now);
      return now !== before;
    },
    apply,
    refresh() {
      const before = sizes.fallback;
      if (!(Math.abs(sizes.average - before) > before * ESTIMATE_TOLERANCE)) return false;
      useAverage();
      return true;
    },
    reestimate({ first, last }) {
      const estimates = estimatesIn({ first: 0, last: sizes.count });
      // Where nobody estimates anything, what was measured at another width is the best guess there is.
      if (estimates.size === 0) return;
      const kept = sizes.range(first, last).slice();
      sizes.forget();
      for (const [offset, size] of kept.entries()) {
        if (!Number.isNaN(size)) sizes.set(first + offset, size);
      }
      learnAll(estimates);
      useAverage();
    },
    spacerBefore: (first) => Math.round(sizes.prefix(first) * scale()),
    spacerAfter: (last) => Math.round((sizes.total - sizes.prefix(last)) * scale()),
    windowAround,
    windowFrom,
    itemAt,
  };
}
