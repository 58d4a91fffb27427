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
  keyOfBefore = keyOf,
): ListChange | undefined {
  const same = sameEnds(before, after);
  const isAlone = same.start + same.end === Math.min(before.length, after.length);
  // Where items only came, or only went, there is nothing to find again.
  if (isAlone) return replaceBetween(same.start, before.length - same.end, after.length - same.end);
  const keysOf = (items: readonly Item[], keyAt: typeof keyOf): unknown[] => {
    const keys: unknown[] = [];
    for (let index = same.start; index < items.length - same.end; index += 1) {
      keys.push(keyAt(items[index]!, index));
    }
    return keys;
  };
  const beforeKeys = keysOf(before, keyOfBefore);
  const afterKeys = keysOf(after, keyOf);
  const sameKeys = sameEnds(beforeKeys, afterKeys);
  const start = same.start + sameKeys.start;
  const end = same.end + sameKeys.end;
  const change = replaceBetween(start, before.length - end, after.length - end);
  if (!change) return undefined;
  const { sources, targets } = change;
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
  return change;
}

/**
 * The change that puts new items in the place of all from `start` on, up to an end in the old order and one in the new.
 * Undefined where there are none of either.
 */
export function replaceBetween(start: number, beforeEnd: number, afterEnd: number): ListChange | undefined {
  if (beforeEnd === start && afterEnd === start) return undefined;
  return {
    start,
    deleteCount: beforeEnd - start,
    sources: new Int32Array(afterEnd - start).fill(-1),
    targets: new Int32Array(beforeEnd - start).fill(-1),
  };
}

/** Where the item of an old index is after the change, or -1 if it is gone. */
export function indexAfter(change: ListChange, index: number): number {
  if (index < change.start) return index;
  const end = change.start + change.deleteCount;
  if (index >= end) return index + change.sources.length - change.deleteCount;
  return change.targets[index - change.start] ?? -1;
}
