/**
 * The average of sizes of which a few may be out of all proportion: one answer of 500,000 px among twenty of 50 px says
 * nothing of those not seen yet. Kept by powers of two, so that adding and taking away a size is O(1).
 */
export interface TypicalSize {
  /** NaN while there is nothing. */
  readonly average: number;
  add(size: number): void;
  remove(size: number): void;
  clear(): void;
}

/** From 1 px, or less, to 2^31. */
const CLASSES = 32;

/** Classes above that of the median that count in full. Above them, a size counts eight to sixteen times the median. */
const CLASSES_ABOVE = 3;

function classOf(size: number): number {
  return size <= 1 ? 0 : Math.min(CLASSES - 1, Math.floor(Math.log2(size)));
}

/** Makes a `TypicalSize` of nothing. */
export function createTypicalSize(): TypicalSize {
  const counts = new Int32Array(CLASSES);
  const sums = new Float64Array(CLASSES);
  let total = 0;

  function count(size: number, sign: 1 | -1): void {
    const index = classOf(size);
    counts[index]! += sign;
    sums[index]! += sign * size;
    total += sign;
  }

  return {
    get average() {
      let median = 0;
      for (let below = counts[0]!; below * 2 < total; below += counts[median]!) median += 1;
      const limit = median + CLASSES_ABOVE;
      let sum = 0;
      for (let index = 0; index < CLASSES; index += 1) {
        sum += index > limit ? counts[index]! * 2 ** (limit + 1) : sums[index]!;
      }
      return sum / total;
    },
    add: (size) => count(size, 1),
    remove: (size) => count(size, -1),
    clear() {
      counts.fill(0);
      sums.fill(0);
      total = 0;
    },
  };
}
