/**
 * Sizes by index, with sums over any prefix: a Fenwick (binary indexed) tree. Changing one size, a prefix sum and
 * the search for an offset are O(log n); building is O(n).
 *
 * Sums are exact as long as all sizes are multiples of 1/64 px, the unit in which browsers lay out.
 */
export interface SizeIndex {
  readonly count: number;
  readonly total: number;
  get(index: number): number;
  /** The sizes from `first` up to `last`, which is not among them, as they stand until the next change. */
  range(first: number, last: number): Float64Array;
  set(index: number, size: number): void;
  /** The sum of the sizes before `index`. */
  prefix(index: number): number;
  /** The greatest index whose prefix is not above `offset`, within the list; 0 in an empty one. */
  find(offset: number): number;
  /** Appends a size; O(log n), amortised. */
  push(size: number): void;
  /** Replaces all sizes. */
  rebuild(sizes: ArrayLike<number>): void;
}

/** Makes a `SizeIndex` of the given sizes. */
export function createSizeIndex(initial: ArrayLike<number> = []): SizeIndex {
  let count = 0;
  let capacity = 0;
  let sizes = new Float64Array(0);
  let tree = new Float64Array(0);

  function rebuild(next: ArrayLike<number>): void {
    count = next.length;
    capacity = 16;
    // One more than needed, so that the append which follows most rebuilds does not cause another.
    while (capacity < count + 1) capacity *= 2;
    const values = new Float64Array(capacity);
    values.set(next);
    sizes = values;
    tree = new Float64Array(capacity + 1);
    // The empty tail is summed too: an append then only adds along its path.
    for (let node = 1; node <= capacity; node += 1) {
      tree[node]! += sizes[node - 1]!;
      const parent = node + (node & -node);
      if (parent <= capacity) tree[parent]! += tree[node]!;
    }
  }

  function set(index: number, size: number): void {
    const difference = size - sizes[index]!;
    if (difference === 0) return;
    sizes[index] = size;
    for (let node = index + 1; node <= capacity; node += node & -node) tree[node]! += difference;
  }

  function prefix(index: number): number {
    let sum = 0;
    for (let node = index; node > 0; node -= node & -node) sum += tree[node]!;
    return sum;
  }

  rebuild(initial);

  return {
    get count() {
      return count;
    },
    get total() {
      return prefix(count);
    },
    get: (index) => sizes[index] ?? 0,
    range: (first, last) => sizes.subarray(first, last),
    set,
    prefix,
    find(offset) {
      let index = 0;
      let rest = offset;
      for (let step = capacity; step > 0; step >>= 1) {
        const node = index + step;
        if (node <= count && tree[node]! <= rest) {
          index = node;
          rest -= tree[node]!;
        }
      }
      return Math.max(0, Math.min(index, count - 1));
    },
    push(size) {
      if (count === capacity) rebuild(sizes.subarray(0, count));
      count += 1;
      set(count - 1, size);
    },
    rebuild,
  };
}
