import type { ListChange } from './layout.js';

/**
 * What turns one order of keys into another, or undefined where they are the same. O(n), and no more than
 * comparisons for what stays at either end. A key that stands twice is matched once; the other counts as new.
 */
export function diffKeys(before: readonly unknown[], after: readonly unknown[]): ListChange | undefined {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && Object.is(before[start], after[start])) start += 1;
  if (start === before.length && start === after.length) return undefined;

  let beforeEnd = before.length;
  let afterEnd = after.length;
  while (beforeEnd > start && afterEnd > start && Object.is(before[beforeEnd - 1], after[afterEnd - 1])) {
    beforeEnd -= 1;
    afterEnd -= 1;
  }

  const sources = new Int32Array(afterEnd - start).fill(-1);
  const targets = new Int32Array(beforeEnd - start).fill(-1);
  if (sources.length > 0 && targets.length > 0) {
    const indexByKey = new Map<unknown, number>();
    for (let index = beforeEnd - 1; index >= start; index -= 1) indexByKey.set(before[index], index);
    for (let index = start; index < afterEnd; index += 1) {
      const source = indexByKey.get(after[index]);
      if (source === undefined) continue;
      indexByKey.delete(after[index]);
      sources[index - start] = source;
      targets[source - start] = index;
    }
  }
  return { start, deleteCount: targets.length, sources, targets };
}

/** Where the item of an old index is after the change, or -1 if it is gone. */
export function indexAfter(change: ListChange, index: number): number {
  if (index < change.start) return index;
  const end = change.start + change.deleteCount;
  if (index >= end) return index + change.sources.length - change.deleteCount;
  return change.targets[index - change.start] ?? -1;
}
