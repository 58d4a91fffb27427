/**
 * Sizes by index, known or not, with sums over any prefix: two Fenwick (binary indexed) trees, one of the sizes that
 * are known and one of how many those are. What is not known counts `fallback`, so that another fallback costs
 * nothing. Changing one size, a prefix sum and the search for an offset are O(log n); building is O(n).
 *
 * Sums are exact as long as all sizes are multiples of 1/64 px, the unit in which browsers lay out.
 */
export interface SizeIndex {
  readonly count: number;
  readonly total: number;
  /** The average of the sizes that are known; NaN while none is. */
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
  /** Appends sizes that are not known; O(1), amortised. */
  grow(amount: number): void;
  /** Replaces all sizes; NaN stands for one that is not known. */
  rebuild(sizes: Float64Array): void;
  /** The sizes from `first` up to `last`, which is not among them, as they stand until the next change: NaN as above. */
  range(first: number, last: number): Float64Array;
}

/** Makes an empty `SizeIndex`. */
export function createSizeIndex(fallback = 0): SizeIndex {
  let count = 0;
  let capacity = 0;
  let sizes = new Float64Array(0);
  let sums = new Float64Array(0);
  let knowns = new Int32Array(0);
  let unknownSize = fallback;

  function rebuild(next: Float64Array): void {
    count = next.length;
    capacity = 16;
    // One more than needed, so that the append which follows most rebuilds does not cause another.
    while (capacity < count + 1) capacity *= 2;
    sizes = new Float64Array(capacity).fill(Number.NaN);
    sizes.set(next);
    sums = new Float64Array(capacity + 1);
    knowns = new Int32Array(capacity + 1);
    // The empty tail is summed too: an append then only adds along its path.
    for (let node = 1; node <= capacity; node += 1) {
      const size = sizes[node - 1]!;
      if (!Number.isNaN(size)) {
        sums[node]! += size;
        knowns[node]! += 1;
      }
      const parent = node + (node & -node);
      if (parent > capacity) continue;
      sums[parent]! += sums[node]!;
      knowns[parent]! += knowns[node]!;
    }
  }

  function set(index: number, size: number): void {
    const before = sizes[index]!;
    if (before === size) return;
    const isNew = Number.isNaN(before);
    const difference = isNew ? size : size - before;
    sizes[index] = size;
    for (let node = index + 1; node <= capacity; node += node & -node) {
      sums[node]! += difference;
      if (isNew) knowns[node]! += 1;
    }
  }

  function prefix(index: number): number {
    let sum = 0;
    let known = 0;
    for (let node = index; node > 0; node -= node & -node) {
      sum += sums[node]!;
      known += knowns[node]!;
    }
    return sum + (index - known) * unknownSize;
  }

  function find(offset: number): number {
    let index = 0;
    let rest = offset;
    for (let step = capacity; step > 0; step >>= 1) {
      const node = index + step;
      if (node > count) continue;
      const size = sums[node]! + (step - knowns[node]!) * unknownSize;
      if (size > rest) continue;
      index = node;
      rest -= size;
    }
    return Math.max(0, Math.min(index, count - 1));
  }

  return {
    get count() {
      return count;
    },
    get total() {
      return prefix(count);
    },
    get average() {
      // The last node of a capacity that is a power of two has all of them.
      return sums[capacity]! / knowns[capacity]!;
    },
    get fallback() {
      return unknownSize;
    },
    set fallback(size) {
      unknownSize = size;
    },
    isKnown: (index) => !Number.isNaN(sizes[index] ?? Number.NaN),
    get(index) {
      if (index < 0 || index >= count) return 0;
      const size = sizes[index]!;
      return Number.isNaN(size) ? unknownSize : size;
    },
    set,
    prefix,
    find,
    grow(amount) {
      if (count + amount <= capacity) {
        count += amount;
        return;
      }
      const next = new Float64Array(count + amount).fill(Number.NaN);
      next.set(sizes.subarray(0, count));
      rebuild(next);
    },
    rebuild,
    range: (first, last) => sizes.subarray(first, last),
  };
}
