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

/** Items that are appended one by one; for more of them all sums are built anew. */
const MAX_PUSHED = 64;

/** How far the running average may move, as a share of itself, before items are estimated again. */
const ESTIMATE_TOLERANCE = 0.1;

/** Browsers lay out in multiples of 1/64 px at the finest; with them, sums of doubles are exact. */
function quantize(size: number): number {
  return Math.round(size * 64) / 64;
}

/**
 * Makes the layout of an empty list. `estimate` gives the size of an item not yet measured; where it gives none
 * that makes sense, the average of the measured ones is taken.
 */
export function createListLayout(
  estimate: (index: number) => number | undefined = () => undefined,
): ListLayout {
  const sizes = createSizeIndex();
  let measured = new Uint8Array(0);
  let measuredCount = 0;
  let measuredSum = 0;
  let averageInUse = INITIAL_ESTIMATE;

  const average = (): number =>
    measuredCount === 0 ? averageInUse : Math.max(1, Math.round(measuredSum / measuredCount));

  function estimateOf(index: number): number {
    const size = estimate(index);
    return size !== undefined && Number.isFinite(size) && size > 0
      ? Math.max(1, Math.round(size))
      : averageInUse;
  }

  function countMeasured(index: number, sign: 1 | -1): void {
    if (measured[index] !== 1) return;
    measuredCount += sign;
    measuredSum += sign * sizes.get(index);
  }

  /** Estimates again every item whose flag is not set, in one rebuild. */
  function estimateRest(flags: Uint8Array<ArrayBuffer>): void {
    const next = sizes.range(0, sizes.count).slice();
    measuredCount = 0;
    measuredSum = 0;
    for (let index = 0; index < next.length; index += 1) {
      if (flags[index] !== 1) continue;
      measuredCount += 1;
      measuredSum += next[index]!;
    }
    averageInUse = average();
    for (let index = 0; index < next.length; index += 1) {
      if (flags[index] !== 1) next[index] = estimateOf(index);
    }
    measured = flags;
    sizes.rebuild(next);
  }

  function append(amount: number): void {
    const count = sizes.count + amount;
    if (measured.length < count) {
      const grown = new Uint8Array(Math.max(count, measured.length * 2));
      grown.set(measured);
      measured = grown;
    }
    for (let index = sizes.count; index < count; index += 1) sizes.push(estimateOf(index));
  }

  function apply({ start, deleteCount, sources }: ListChange): void {
    const oldCount = sizes.count;
    const inserted = sources.length;
    if (start === oldCount && inserted <= MAX_PUSHED) return append(inserted);
    const oldEnd = start + deleteCount;
    const newEnd = start + inserted;
    const count = oldCount - deleteCount + inserted;
    const next = new Float64Array(count);
    const flags = new Uint8Array(count);
    next.set(sizes.range(0, start));
    flags.set(measured.subarray(0, start));
    next.set(sizes.range(oldEnd, oldCount), newEnd);
    flags.set(measured.subarray(oldEnd, oldCount), newEnd);
    for (let index = start; index < oldEnd; index += 1) countMeasured(index, -1);
    for (let index = start; index < newEnd; index += 1) {
      const source = sources[index - start]!;
      next[index] = source < 0 ? estimateOf(index) : sizes.get(source);
      if (source < 0) continue;
      flags[index] = measured[source]!;
      countMeasured(source, 1);
    }
    measured = flags;
    sizes.rebuild(next);
  }

  const scale = (): number => Math.min(1, MAX_CONTENT_SIZE / sizes.total);

  function windowAround({ index, top }: ItemPosition, view: LayoutView): IndexRange {
    return extend({ first: index, last: index + 1, top, bottom: top + sizes.get(index) }, view, 1);
  }

  function extend(rows: MountedRows, view: LayoutView, share: number): IndexRange {
    const { height, overscanBefore, overscanAfter, maxRows = MAX_OVERSCAN_ROWS } = view;
    let { first, last, top, bottom } = rows;
    const room = (): boolean => last - first < maxRows;
    // What is in view comes first, so that overscan on one side cannot use up the room of the other.
    while (first > 0 && top > 0) top -= sizes.get((first -= 1));
    while (last < sizes.count && bottom < height) bottom += sizes.get(last++);
    if (top > -overscanBefore * share) {
      while (first > 0 && top > -overscanBefore && room()) top -= sizes.get((first -= 1));
    }
    if (bottom < height + overscanAfter * share) {
      while (last < sizes.count && bottom < height + overscanAfter && room()) bottom += sizes.get(last++);
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
    return { index, top: sizes.prefix(index) - offset };
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
    sizeOf: sizes.get,
    offsetOf: sizes.prefix,
    measure(index, size) {
      const before = sizes.get(index);
      const now = quantize(size);
      if (measured[index] === 1) {
        measuredSum += now - before;
      } else {
        measured[index] = 1;
        measuredCount += 1;
        measuredSum += now;
      }
      sizes.set(index, now);
      return now !== before;
    },
    apply,
    refresh() {
      if (Math.abs(average() - averageInUse) <= averageInUse * ESTIMATE_TOLERANCE) return false;
      estimateRest(measured.slice(0, sizes.count));
      return true;
    },
    reestimate({ first, last }) {
      const flags = measured.slice(0, sizes.count).fill(0, 0, first).fill(0, last);
      estimateRest(flags);
    },
    spacerBefore: (first) => Math.round(sizes.prefix(first) * scale()),
    spacerAfter: (last) => Math.round((sizes.total - sizes.prefix(last)) * scale()),
    windowAround,
    windowFrom,
    itemAt,
  };
}
