import { createTypicalSize } from './typical-size.js';

/**
 * Sizes by index, known or not, with sums over any prefix: two Fenwick (binary indexed) trees, one of the sizes that
 * are known and one of how many those are. What is not known counts `fallback`, so that another fallback costs
 * nothing. Changing one size, a prefix sum and the search for an offset are O(log n); building is O(n), and leaves
 * room for more sizes at both ends.
 *
 * Sums are exact as long as all sizes are multiples of 1/64 px, the unit in which browsers lay out.
 */
export interface SizeIndex {
  readonly count: number;
  readonly total: number;
  /** The average of the sizes that are known, but for those out of all proportion; NaN while none is. */
  readonly average: number;
  /** What each size counts that is not known. */
  fallback: number;
  isKnown(index: number): boolean;
  /** The size, or what it counts while it is not known; 0 outside the list. */
  get(index: number): number;
  set(index: number, size: number): void;
  /** The sum of the sizes before `index`. */
  prefix(index: number): number;
  /** The greatest index whose prefix is not above `offset`, within the list; 0 in an empty one. */
  find(offset: number): number;
  /** Adds sizes that are not known before or behind all others; O(1), amortised. */
  grow(edge: 'start' | 'end', amount: number): void;
  /** Makes all sizes unknown. */
  forget(): void;
  /** Replaces all sizes; NaN stands for one that is not known. */
  rebuild(sizes: Float64Array): void;
  /** The sizes from `first` up to `last`, which is not among them, as they stand until the next change: NaN as above. */
  range(first: number, last: number): Float64Array;
}

/** Places that are left free at either end, as a share of those in use, and at least. */
const SLACK = 1 / 16;
const MIN_SLACK = 64;

/** Makes an empty `SizeIndex`. */
export function createSizeIndex(fallback = 0): SizeIndex {
  let count = 0;
  /** The place of the first size. Places before it, and behind the last one, have nothing known in them. */
  let start = 0;
  let sizes = new Float64Array(0);
  let sums = new Float64Array(1);
  let knowns = new Int32Array(1);
  let unknownSize = fallback;
  const typical = createTypicalSize();

  /** Places for the sizes: a power of two, so that the last node of a tree has all of them. */
  const capacity = (): number => sizes.length;

  function allocate(amount: number): void {
    count = amount;
    let places = MIN_SLACK;
    while (places < count + 2 * Math.max(MIN_SLACK, Math.ceil(count * SLACK))) places *= 2;
    start = (places - count) >> 1;
    sizes = new Float64Array(places).fill(Number.NaN);
    sums = new Float64Array(places + 1);
    knowns = new Int32Array(places + 1);
  }

  function rebuild(next: Float64Array): void {
    allocate(next.length);
    sizes.set(next, start);
    typical.clear();
    const places = capacity();
    for (let node = 1; node <= places; node += 1) {
      const size = sizes[node - 1]!;
      if (!Number.isNaN(size)) {
        sums[node]! += size;
        knowns[node]! += 1;
        typical.add(size);
      }
      const parent = node + (node & -node);
      if (parent > places) continue;
      sums[parent]! += sums[node]!;
      knowns[parent]! += knowns[node]!;
    }
  }

  function set(index: number, size: number): void {
    const place = start + index;
    const before = sizes[place]!;
    if (before === size) return;
    const isNew = Number.isNaN(before);
    const difference = isNew ? size : size - before;
    sizes[place] = size;
    if (!isNew) typical.remove(before);
    typical.add(size);
    for (let node = place + 1; node <= capacity(); node += node & -node) {
      sums[node]! += difference;
      if (isNew) knowns[node]! += 1;
    }
  }

  function prefix(index: number): number {
    let sum = 0;
    let known = 0;
    for (let node = start + index; node > 0; node -= node & -node) {
      sum += sums[node]!;
      known += knowns[node]!;
    }
    return sum + (index - known) * unknownSize;
  }

  function find(offset: number): number {
    let place = 0;
    let rest = offset;
    for (let step = capacity(); step > 0; step >>= 1) {
      const node = place + step;
      if (node > start + count) continue;
      const inUse = Math.max(0, node - Math.max(place, start));
      const size = sums[node]! + (inUse - knowns[node]!) * unknownSize;
      if (size > rest) continue;
      place = node;
      rest -= size;
    }
    return Math.max(0, Math.min(place - start, count - 1));
  }

  function grow(edge: 'start' | 'end', amount: number): void {
    const room = edge === 'start' ? start : capacity() - start - count;
    if (amount <= room) {
      if (edge === 'start') start -= amount;
      count += amount;
      return;
    }
    if (count === 0) return allocate(amount);
    const next = new Float64Array(count + amount).fill(Number.NaN);
    next.set(range(0, count), edge === 'start' ? amount : 0);
    rebuild(next);
  }

  function range(first: number, last: number): Float64Array {
    return sizes.subarray(start + first, start + last);
  }

  return {
    get count() {
      return count;
    },
    get total() {
      return prefix(count);
    },
    get average() {
      return typical.average;
    },
    get fallback() {
      return unknownSize;
    },
    set fallback(size) {
      unknownSize = size;
    },
    isKnown: (index) => !Number.isNaN(sizes[start + index] ?? Number.NaN),
    get(index) {
      if (index < 0 || index >= count) return 0;
      const size = sizes[start + index]!;
      return Number.isNaN(size) ? unknownSize : size;
    },
    set,
    prefix,
    find,
    grow,
    forget() {
      sizes.fill(Number.NaN);
      sums.fill(0);
      knowns.fill(0);
      typical.clear();
    },
    rebuild,
    range,
  };
}
