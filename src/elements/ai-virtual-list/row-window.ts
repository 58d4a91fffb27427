import {
  createListLayout,
  type IndexRange,
  type ItemPosition,
  type LayoutView,
  type ListLayout,
} from '../../core/index.js';
import type { Row, RowRenderer } from './row-renderer.js';
import type { RowKeeper } from './row-keeper.js';
import { bottomOf, topOf, type View } from './scroll-anchor.js';

/** The boxes in the shadow root that stand for the rows not mounted. */
export interface Spacers {
  readonly before: HTMLElement;
  readonly after: HTMLElement;
}

/** Px below the upper edge of the view. */
export interface Edges {
  readonly top: number;
  readonly bottom: number;
}

/** Learns of rows that come and go. */
export interface RowListener {
  /** A row was mounted and measured. */
  added(row: Row): void;
  /** A row is about to go. */
  dropped(row: Row): void;
}

/** Rows are mounted this many view heights ahead of the reader, and a quarter of it behind. */
const OVERSCAN = 1;

/** The mounted rows between their two spacers, and the sizes of all items. Knows nothing of scroll positions. */
export class RowWindow {
  readonly rows: RowRenderer;
  readonly layout: ListLayout;
  readonly #host: HTMLElement;
  readonly #listener: RowListener;
  readonly #keeper: RowKeeper;
  /** Overscan on either side, in CSS px beyond the usual: what is left of a short list, and all of one that is whole. */
  reach = 0;
  #spacers: Spacers | undefined;
  #beforeSize = 0;
  #afterSize = 0;
  #height = 0;
  #width = 0;
  #moment = 0;
  #view: View | undefined;
  #edges: Edges | undefined;

  constructor(
    host: HTMLElement,
    rows: RowRenderer,
    estimate: (index: number) => number | undefined,
    listener: RowListener,
    keeper: RowKeeper,
  ) {
    this.#host = host;
    this.rows = rows;
    this.layout = createListLayout(estimate);
    this.#listener = listener;
    this.#keeper = keeper;
  }

  set spacers(spacers: Spacers) {
    this.#spacers = spacers;
  }

  /** Height of the visible part, in CSS px, as of the last `readBox`. */
  get height(): number {
    return this.#height;
  }

  /** Height of the spacer before the rows. */
  get beforeSize(): number {
    return this.#beforeSize;
  }

  /** What was seen of the page may be so no more. Each look may cost a layout, so between two calls it is one. */
  look(): void {
    this.#moment += 1;
    this.#view = undefined;
    this.#edges = undefined;
  }

  /** Another number after each look. */
  get moment(): number {
    return this.#moment;
  }

  /** Where the visible part is. */
  get view(): View {
    return (this.#view ??= this.#readView());
  }

  #readView(): View {
    const box = this.#host.getBoundingClientRect();
    const height = this.#host.offsetHeight;
    const zoom = height > 0 ? box.height / height : 1;
    return { top: box.top + this.#host.clientTop * zoom, height: this.#height, zoom };
  }

  /** Takes the size of the host. `hidden`: it has no box. */
  readBox(): { hidden: boolean; widthChanged: boolean } {
    const height = this.#host.clientHeight;
    const width = this.#host.clientWidth;
    // Without a box nothing has a size, and the sizes known so far still hold.
    if (height === 0 || width === 0) return { hidden: true, widthChanged: false };
    const widthChanged = this.#width !== 0 && this.#width !== width;
    this.#height = height;
    this.#width = width;
    this.look();
    return { hidden: false, widthChanged };
  }

  /** The edges of the mounted rows, or undefined while there are none. */
  edges(): Edges | undefined {
    return (this.#edges ??= this.#readEdges());
  }

  #readEdges(): Edges | undefined {
    const { first, last } = this.rows;
    if (!first || !last) return undefined;
    const { view } = this;
    return { top: topOf(first.element, view), bottom: bottomOf(last.element, view) };
  }

  /** The rows were moved down by so many CSS px. */
  moved(distance: number): void {
    const edges = this.#edges;
    if (!edges) return;
    this.#edges = { top: edges.top + distance, bottom: edges.bottom + distance };
    // Content that ends above the end of the view has been scrolled back by the browser.
    if (this.#edges.bottom + this.#afterSize < this.#height + 1) this.#edges = undefined;
  }

  /** The lower edge of all that is in the list, mounted or not: px below the upper edge of the view. */
  get contentBottom(): number | undefined {
    const edges = this.edges();
    return edges && edges.bottom + this.#afterSize;
  }

  /** Whether part of the view shows a spacer. */
  hasGap(): boolean {
    const edges = this.edges();
    if (!edges) return true;
    const { first, last } = this.rows.range;
    return (first > 0 && edges.top > 0) || (last < this.rows.count && edges.bottom < this.#height);
  }

  /** The item that a scroll position inside a spacer stands for. */
  itemAt(scrollTop: number, { top, bottom }: Edges): ItemPosition {
    return this.layout.itemAt({
      ...this.rows.range,
      scrollTop,
      spacerBefore: this.#beforeSize,
      rows: bottom - top,
      spacerAfter: this.#afterSize,
      viewHeight: this.#height,
    });
  }

  /** How much there is before and behind the view, partly by estimate. */
  distances(): { start: number; end: number } {
    const { top, bottom } = this.edges() ?? { top: 0, bottom: 0 };
    const { first, last } = this.rows.range;
    return {
      start: this.layout.offsetOf(first) - top,
      end: this.layout.total - this.layout.offsetOf(last) + bottom - this.#height,
    };
  }

  /**
   * The range to mount instead, or undefined while the present one will do. `round`: how often it was extended right
   * before. Each time the estimates have turned out to be too high, so twice as many rows are added as they say.
   */
  wantedRange(direction: 'up' | 'down', round = 0): IndexRange | undefined {
    const edges = this.edges();
    // While rows have yet to show their size, what is mounted for it is a guess, and one guess is enough.
    const { range, inRange } = this.rows;
    if (!edges || inRange.some((row) => !row.measured)) return undefined;
    const known = this.layout.offsetOf(range.last) - this.layout.offsetOf(range.first);
    if (Math.abs(edges.bottom - edges.top - known) > 1) {
      // A row has grown since it was observed: by its size of then, what is in view would count as far away.
      const { view } = this;
      for (const row of inRange) this.#measure(row, view);
    }
    const next = this.layout.windowFrom({ ...range, ...edges }, this.#overscan(direction));
    if (next.first === range.first && next.last === range.last) return undefined;
    const more = 2 ** round - 1;
    return {
      first: next.first < range.first ? Math.max(0, next.first - more) : next.first,
      last: next.last > range.last ? Math.min(this.rows.count, next.last + more) : next.last,
    };
  }

  /** The range to mount so that an item is where it should be. */
  rangeAround(position: ItemPosition, direction: 'up' | 'down'): IndexRange {
    return this.layout.windowAround(position, this.#overscan(direction));
  }

  /**
   * Mounts a range, and measures what is new in it. `brace` is called when all has been read and nothing changed.
   * The spacers are the caller's to set: the one behind the rows again, by `setAfter`, now that the new rows have shown
   * their sizes.
   */
  mount(range: IndexRange, brace?: () => void): void {
    const { view } = this;
    // A row may have changed since it was last observed: its size as it leaves is the one to remember. All are
    // read before the first one goes, or each would cost a layout.
    const outside = this.rows.outside(range);
    const kept = this.#keeper.among(outside, range);
    for (const row of outside) this.#measure(row, view);
    for (const row of outside) if (!kept.has(row)) this.#listener.dropped(row);
    brace?.();
    const added = this.rows.mount(range, kept);
    this.setAfter();
    this.look();
    for (const row of added) this.#measure(row, this.view);
    // Seen now they cost nothing; after the spacers have been set they would cost a layout.
    this.edges();
    for (const row of added) this.#listener.added(row);
  }

  /** Puts the rows outside the range where their spacer stands for them, clear of the rows in the range. */
  placeAway(): void {
    const { away } = this.rows;
    if (away.length === 0) return;
    const { layout } = this;
    const { first, last } = this.rows.range;
    const { top, bottom } = this.edges() ?? { top: 0, bottom: 0 };
    const afterStart = this.#beforeSize + bottom - top;
    const rest = Math.max(1, layout.total - layout.offsetOf(last));
    for (const { element, index } of away) {
      const size = layout.sizeOf(index);
      const place =
        index < first
          ? (this.#beforeSize * layout.offsetOf(index + 1)) / layout.offsetOf(first) - size
          : afterStart +
            Math.min(
              (this.#afterSize * (layout.offsetOf(index) - layout.offsetOf(last))) / rest,
              this.#afterSize - size,
            );
      element.style.insetBlockStart = `${place}px`;
    }
  }

  setBefore(size: number): void {
    if (size === this.#beforeSize || !this.#spacers) return;
    const growth = size - this.#beforeSize;
    this.#beforeSize = size;
    this.#spacers.before.style.height = `${size}px`;
    this.moved(growth);
  }

  /** Gives the spacer behind the rows the size of what is not mounted there. */
  setAfter(): void {
    const size = this.layout.spacerAfter(this.rows.range.last);
    if (size === this.#afterSize || !this.#spacers) return;
    this.#afterSize = size;
    this.#spacers.after.style.height = `${size}px`;
    this.moved(0);
  }

  /** Records the size a row was observed to have. Says whether that is news. */
  observed(row: Row, size: number): boolean {
    row.measured = true;
    return this.layout.measure(row.index, size);
  }

  #measure(row: Row, view: View): void {
    const height = row.element.getBoundingClientRect().height / view.zoom;
    // Elements that render in a microtask have no height yet. The estimate is better until they are observed.
    if (height > 0) this.observed(row, height);
  }

  #overscan(direction: 'up' | 'down'): LayoutView {
    const ahead = this.#height * OVERSCAN;
    const behind = ahead / 4;
    const up = direction === 'up';
    return {
      height: this.#height,
      overscanBefore: (up ? ahead : behind) + this.reach,
      overscanAfter: (up ? behind : ahead) + this.reach,
      ...(this.reach === Infinity && { maxRows: Infinity }),
    };
  }
}
