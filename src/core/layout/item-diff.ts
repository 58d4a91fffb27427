import type { ListChange } from './layout.js';

/** How many items stand at both ends of two lists alike. */
function sameEnds(before: readonly unknown[], after: readonly unknown[]): { start: number; end: number } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && Object.is(before[start], after[start])) start += 1;
  let end = 0;
  while (end < shorter - start && Object.is(before[before.length - 1 - end], after[after.length - 1 - end])) {
    end += 1;
  }
  return { start, end };
}

/**
 * What turns one list of items into another, or undefined where all of them stay in their places: they may still be
 * others, with the same keys. An item that stands at the same distance from either end as before stays, so only what
 * is between is asked for its keys. O(n), and no more than comparisons for what stays at either end. A key that
 * stands twice is matched once; the other counts as new.
 */
export function diffItems<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item, index: number) => unknown,
): ListChange | undefined {
  const same = sameEnds(before, after);
  const keysOf = (items: readonly Item[]): unknown[] => {
    const keys: unknown[] = [];
    for (let index = same.start; index < items.length - same.end; index += 1) {
      keys.push(keyOf(items[index]!, index));
    }
    return keys;
  };
  const beforeKeys = keysOf(before);
  const afterKeys = keysOf(after);
  const sameKeys = sameEnds(beforeKeys, afterKeys);
  const start = same.start + sameKeys.start;
  const end = same.end + sameKeys.end;
  const sources = new Int32Array(after.length - end - start).fill(-1);
  const targets = new Int32Array(before.length - end - start).fill(-1);
  if (sources.length === 0 && targets.length === 0) return undefined;
  if (sources.length > 0 && targets.length > 0) {
    const indexByKey = new Map<unknown, number>();
    for (let offset = targets.length - 1; offset >= 0; offset -= 1) {
      indexByKey.set(beforeKeys[sameKeys.start + offset], start + offset);
    }
    for (let offset = 0; offset < sources.length; offset += 1) {
      const key = afterKeys[sameKeys.start + offset];
      const source = indexByKey.get(key);
      if (source === undefined) continue;
      indexByKey.delete(key);
      sources[offset] = source;
      targets[source - start] = start + offset;
    }
  }
  return { start, deleteCount: targets.length, sources, targets };
}

/** The change that puts new items in the place of all from `start` on, or undefined where there are none of either. */
export function replaceFrom(start: number, beforeCount: number, afterCount: number): ListChange | undefined {
  if (beforeCount === start && afterCount === start) return undefined;
  return {
    start,
    deleteCount: beforeCount - start,
    sources: new Int32Array(afterCount - start).fill(-1),
    targets: new Int32Array(beforeCount - start).fill(-1),
  };
}

/** Where the item of an old index is after the change, or -1 if it is gone. */
export function indexAfter(change: ListChange, index: number): number {
  if (index < change.start) return index;
  const end = change.start + change.deleteCount;
  if (index >= end) return index + change.sources.length - change.deleteCount;
  return change.targets[index - change.start] ?? -1;
}
