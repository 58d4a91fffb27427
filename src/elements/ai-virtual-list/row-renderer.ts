import { render, type RootPart } from 'lit';
import {
  diffItems,
  indexAfter,
  type IndexRange,
  type ListChange,
  type PagedItems,
  replaceBetween,
} from '../../core/index.js';

/** A mounted item and its wrapper element. */
export interface Row {
  readonly element: HTMLElement;
  index: number;
  item: unknown;
  part: RootPart | undefined;
  /** Whether it has shown its size: what is in it may render later than the row itself. */
  measured: boolean;
  /** Mounted outside the mounted range, for what it holds: the focus, or part of the selection. */
  away: boolean;
}

/** What the rows are made of. Without `keyOf` the place of an item is its key. */
export type RowSource = { readonly renderItem: (item: unknown, index: number) => unknown } & (
  | { readonly items: readonly unknown[]; readonly keyOf: (item: unknown, index: number) => unknown }
  | { readonly items: PagedItems; readonly keyOf?: undefined }
);

const EMPTY: RowSource = { items: [], keyOf: (_item, index) => index, renderItem: () => undefined };

/**
 * The wrappers of the mounted items, children of the host in the order of the items. A wrapper belongs to one key
 * for as long as it is mounted and is never given to another: rows own selection, focus, media and open details.
 */
export class RowRenderer {
  readonly #host: HTMLElement;
  #source = EMPTY;
  #count = 0;
  #rows = new Map<number, Row>();
  #byElement = new Map<Element, Row>();
  #range: IndexRange = { first: 0, last: 0 };

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  get count(): number {
    return this.#count;
  }

  /** The mounted range; rows of removed items are no longer in it. */
  get range(): IndexRange {
    return this.#range;
  }

  get first(): Row | undefined {
    return this.#rows.get(this.#range.first);
  }

  get last(): Row | undefined {
    return this.#rows.get(this.#range.last - 1);
  }

  /** The rows of the mounted range, in order. */
  get inRange(): Row[] {
    const rows: Row[] = [];
    for (let index = this.#range.first; index < this.#range.last; index += 1) {
      const row = this.#rows.get(index);
      if (row) rows.push(row);
    }
    return rows;
  }

  /** What rows are for assistive technology. */
  get role(): 'article' | 'listitem' {
    const hostRole = this.#host.getAttribute('role');
    return hostRole === 'feed' || hostRole === 'log' ? 'article' : 'listitem';
  }

  /** Every mounted row, those outside the range too, in no order. */
  get mounted(): Iterable<Row> {
    return this.#rows.values();
  }

  /** The rows mounted outside the range, in no order. */
  get away(): Row[] {
    return [...this.#rows.values()].filter((row) => row.away);
  }

  itemAt(index: number): unknown {
    return this.#source.items.at(index);
  }

  /** What a row of this item shows, where it is not mounted. */
  contentOf(index: number): unknown {
    return this.#source.renderItem(this.itemAt(index), index);
  }

  at(index: number): Row | undefined {
    return this.#rows.get(index);
  }

  of(element: Element): Row | undefined {
    return this.#byElement.get(element);
  }

  /** What happens to the order of the items with a new source. Changes nothing yet. */
  compare(source: RowSource): ListChange | undefined {
    const before = this.#source;
    if (before.keyOf && source.keyOf)
      return diffItems(before.items, source.items, source.keyOf, before.keyOf);
    const count = source.items.length;
    const start = before.keyOf || source.keyOf ? 0 : Math.min(this.#count, count);
    return replaceBetween(start, this.#count, count);
  }

  /**
   * Takes over a new source. Mounted rows of removed items go, and those whose item or index is another are
   * rendered again. What is left may have gaps until the next `mount`.
   */
  update(source: RowSource, change: ListChange | undefined): void {
    const renderAll = source.renderItem !== this.#source.renderItem;
    // A copy: what the page does to its own array until it sets another one is a change as well.
    this.#source = source.keyOf ? { ...source, items: [...source.items] } : source;
    this.#count = source.items.length;
    const moved = change ? this.#move(change) : undefined;
    // A function that takes the item alone shows the same at any place.
    const movesShow = source.renderItem.length !== 1;
    for (const row of this.#rows.values()) {
      const item = this.itemAt(row.index);
      if (renderAll || row.item !== item || (movesShow && moved?.has(row))) this.#render(row, item);
      if (change) this.#label(row);
    }
  }

  /** Renders the rows again whose item is another than when they were rendered. */
  refresh(): void {
    this.update(this.#source, undefined);
  }

  #move(change: ListChange): Set<Row> {
    const rows = new Map<number, Row>();
    const moved = new Set<Row>();
    for (const row of this.#rows.values()) {
      const index = indexAfter(change, row.index);
      if (index < 0) {
        this.#drop(row);
        continue;
      }
      if (index !== row.index) moved.add(row);
      row.index = index;
      rows.set(index, row);
    }
    this.#rows = rows;
    const indexes = [...rows.values()].filter((row) => !row.away).map((row) => row.index);
    this.#range =
      indexes.length > 0
        ? { first: Math.min(...indexes), last: Math.max(...indexes) + 1 }
        : { first: 0, last: 0 };
    return moved;
  }

  /** The mounted rows that are not in this range. */
  outside({ first, last }: IndexRange): Row[] {
    return [...this.#rows.values()].filter(({ index }) => index < first || index >= last);
  }

  /**
   * Mounts exactly this range, and leaves the rows in `kept` where they are. Returns the rows that are new, in no
   * order.
   */
  mount(range: IndexRange, kept: ReadonlySet<Row>): Row[] {
    for (const row of this.outside(range)) {
      row.away = kept.has(row);
      if (row.away) continue;
      this.#rows.delete(row.index);
      this.#drop(row);
    }
    const { first, last } = range;
    this.#range = range;
    const added: Row[] = [];
    for (let index = first; index < last; index += 1) {
      const row = this.#rows.get(index);
      if (row) row.away = false;
      else added.push(this.#create(index));
    }
    const indexes =
      this.#rows.size === last - first
        ? Array.from({ length: last - first }, (_, offset) => first + offset)
        : [...this.#rows.keys()].toSorted((one, other) => one - other);
    let next: Node | null = null;
    for (const index of indexes.toReversed()) {
      const { element, away } = this.#rows.get(index)!;
      element.toggleAttribute('data-away', away);
      // Only what is out of place is touched: moving an element restarts its frames and media.
      if (element.parentNode !== this.#host || element.nextSibling !== next) {
        this.#host.insertBefore(element, next);
      }
      next = element;
    }
    return added;
  }

  /** Tells directives in the rows that their document is gone, or back. */
  setConnected(connected: boolean): void {
    for (const row of this.#rows.values()) row.part?.setConnected(connected);
  }

  #create(index: number): Row {
    const row: Row = {
      element: this.#host.ownerDocument.createElement('div'),
      index,
      item: undefined,
      part: undefined,
      measured: false,
      away: false,
    };
    row.element.setAttribute('role', this.role);
    this.#rows.set(index, row);
    this.#byElement.set(row.element, row);
    this.#label(row);
    this.#render(row, this.itemAt(index));
    return row;
  }

  #render(row: Row, item: unknown): void {
    row.item = item;
    row.part = render(this.#source.renderItem(item, row.index), row.element);
  }

  #label(row: Row): void {
    row.element.setAttribute('aria-setsize', String(this.#count));
    row.element.setAttribute('aria-posinset', String(row.index + 1));
  }

  #drop(row: Row): void {
    this.#byElement.delete(row.element);
    // The focus must not fall to the page.
    if (row.element.matches(':focus-within')) this.#host.focus({ preventScroll: true });
    row.part?.setConnected(false);
    row.element.remove();
  }
}
