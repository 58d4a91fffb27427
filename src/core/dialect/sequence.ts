/** Items held back behind a gap before the missing ones are given up. */
const MAX_HELD = 64;
/** Items behind a gap that may just be out of order. With more, the missing ones are lost. */
const MAX_OUT_OF_ORDER = 16;

/** What comes next in a sequence: an item, or the numbers of those that are missing before the following one. */
export type SequenceStep<Item> =
  { readonly item: Item } | { readonly gap: { readonly first: number; readonly last: number } };

/** The items of one stream in the order of their numbers. */
export interface Sequence<Item> {
  /** Number of the last item that was given; undefined before the first. */
  readonly last: number | undefined;
  /** Items are held back behind a gap. */
  readonly hasGap: boolean;
  /** More items are held back than can be out of order. */
  readonly lacksItems: boolean;
  /**
   * Takes an item in and gives what is due. A number that was here before is a replay and drops its item; an item
   * without a number keeps its place behind the one before it. It starts at any number. Numbers that nobody promised to
   * grow by one (`promised`), and that were never seen to, may count something else: no gaps then.
   */
  take(seq: number | undefined, item: Item, promised: boolean): SequenceStep<Item>[];
  /** The next number has come without an item. */
  pass(seq: number): void;
  /** Numbers so far counted something else: it begins at any number again. */
  restart(): void;
  /** Gives what was held back, and the gaps in it. */
  giveUp(): SequenceStep<Item>[];
}

/** Makes the sequence of one stream. At most 64 items are held back; the missing ones are given up then. */
export function createSequence<Item>(): Sequence<Item> {
  let last: number | undefined;
  let growsByOne = false;
  /** By number: an item, and those without a number behind it. */
  const held = new Map<number, Item[]>();
  let heldCount = 0;
  /** The number that came last. */
  let newest: number | undefined;

  function release(seq: number): SequenceStep<Item>[] {
    const items = held.get(seq) ?? [];
    held.delete(seq);
    heldCount -= items.length;
    last = seq;
    return items.map((item) => ({ item }));
  }

  function giveUp(): SequenceStep<Item>[] {
    const steps: SequenceStep<Item>[] = [];
    for (const seq of [...held.keys()].toSorted((a, b) => a - b)) {
      if (last !== undefined && seq > last + 1) steps.push({ gap: { first: last + 1, last: seq - 1 } });
      steps.push(...release(seq));
    }
    return steps;
  }

  function hold(items: Item[], item: Item): SequenceStep<Item>[] {
    items.push(item);
    heldCount += 1;
    return heldCount >= MAX_HELD ? giveUp() : [];
  }

  return {
    get last() {
      return last;
    },
    get hasGap() {
      return heldCount > 0;
    },
    get lacksItems() {
      return heldCount > MAX_OUT_OF_ORDER;
    },
    take(seq, item, promised) {
      if (seq === undefined) {
        const before = newest === undefined ? undefined : held.get(newest);
        return before ? hold(before, item) : [{ item }];
      }
      newest = seq;
      if (last !== undefined && (seq <= last || held.has(seq))) return [];
      if (last !== undefined && seq > last + 1 && (growsByOne || promised)) {
        const items: Item[] = [];
        held.set(seq, items);
        return hold(items, item);
      }
      growsByOne ||= seq === (last ?? NaN) + 1;
      last = seq;
      const steps: SequenceStep<Item>[] = [{ item }];
      while (held.has(last + 1)) steps.push(...release(last + 1));
      return steps;
    },
    pass(seq) {
      if (held.size === 0 && (last === undefined || seq === last + 1)) last = seq;
    },
    restart() {
      if (held.size === 0) last = undefined;
    },
    giveUp,
  };
}
