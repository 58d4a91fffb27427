import {
  createListLayout,
  type IndexRange,
  type ItemPosition,
  type LayoutView,
  type ListLayout,
} from '../../core/index.js';
import type { Row, RowRenderer } from './row-renderer.js';
import { bottomOf, topOf, type View } from './scroll-anchor.js';

/** The boxes in the shadow root that stand for the rows not mounted. */
export interface Spacers {
  readonly before: HTMLElement;
  readonly after: HTMLElement;
}

/** Rows are mounted this many view heights ahead of the reader, and a quarter of it behind. */
const OVERSCAN = 1;

/** CSS px by which the sizes of the mounted rows may differ from what they are known to be, all together. */
const MAX_DISAGREEMENT = 1;

/** The mounted rows between their two spacers, and the sizes of all items. Knows nothing of scroll positions. */
export class RowWindow {
  readonly rows: RowRenderer;
  readonly layout: ListLayout;
  readonly #host: HTMLElement;
  readonly #onAdded: (rows: readonly Row[]) => void;
  readonly #onDropped: (rows: readonly Row[]) => void;
  #spacers: Spacers | undefined;
  #beforeSize = 0;
  #afterSize = 0;
  #height = 0;
  #width = 0;

  constructor(
    host: HTMLElement,
    rows: RowRenderer,
    estimate: (index: number) => number | undefined,
    onAdded: (rows: readonly Row[]) => void,
    onDropped: (rows: readonly Row[]) => void,
  ) {
    this.#host = host;
    this.rows = rows;
    this.layout = createListLayout(estimate);
    this.#onAdded = onAdded;
    this.#onDropped = onDropped;
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

  get afterSize(): number {
    return this.#afterSize;
  }

  /** Where the visible part is now. */
  get view(): View {
    const box = this.#host.getBoundingClientRect();
    const zoom = this.#host.offsetHeight > 0 ? box.height / this.#host.offsetHeight : 1;
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
    return { hidden: false, widthChanged };
  }

  /** The edges of the mounted rows, or undefined while there are none. */
  edges(): { top: number; bottom: number } | undefined {
    const { first, last } = this.rows;
    if (!first || !last) return undefined;
    const { view } = this;
    return { top: topOf(first.element, view), bottom: bottomOf(last.element, view) };
  }

  /** The range to mount instead, or undefined while the present one will do. */
  wantedRange(direction: 'up' | 'down'): IndexRange | undefined {
    const edges = this.edges();
    if (!edges) return undefined;
    const { range } = this.rows;
    const { first, last } = range;
    // Rows may have grown in this very frame, before the observer tells of it: a window trimmed by outdated sizes
    // would lose the row the reader is at.
    const believed = this.layout.offsetOf(last) - this.layout.offsetOf(first);
    if (Math.abs(edges.bottom - edges.top - believed) > MAX_DISAGREEMENT) {
      const { view } = this;
      for (const row of this.rows) this.#measure(row, view);
      this.setAfter();
    }
    const next = this.layout.windowFrom({ ...range, ...edges }, this.#overscan(direction));
    return next.first === range.first && next.last === range.last ? undefined : next;
  }

  /** The range to mount so that an item is where it should be. */
  rangeAround(position: ItemPosition, direction: 'up' | 'down'): IndexRange {
    return this.layout.windowAround(position, this.#overscan(direction));
  }

  /** Mounts a range, and measures what is new in it. The spacer before the rows is the caller's to set. */
  mount(range: IndexRange): void {
    const { view } = this;
    // A row may have changed since it was last observed: its size as it leaves is the one to remember. All are
    // read before the first one goes, or each would cost a layout.
    const leaving = this.rows.outside(range);
    for (const row of leaving) this.#measure(row, view);
    this.#onDropped(leaving);
    const added = this.rows.mount(range);
    this.setAfter();
    for (const row of added) this.#measure(row, view);
    this.setAfter();
    this.#onAdded(added);
  }

  setBefore(size: number): void {
    if (size === this.#beforeSize || !this.#spacers) return;
    this.#beforeSize = size;
    this.#spacers.before.style.height = `${size}px`;
  }

  /** Gives the spacer behind the rows the size of what is not mounted there. */
  setAfter(): void {
    const size = this.layout.spacerAfter(this.rows.range.last);
    if (size === this.#afterSize || !this.#spacers) return;
    this.#afterSize = size;
    this.#spacers.after.style.height = `${size}px`;
  }

  #measure(row: Row, view: View): void {
    const height = row.element.getBoundingClientRect().height / view.zoom;
    // Elements that render in a microtask have no height yet. The estimate is better until they are observed.
    if (height > 0) this.layout.measure(row.index, height);
  }

  #overscan(direction: 'up' | 'down'): LayoutView {
    const ahead = this.#height * OVERSCAN;
    const behind = ahead / 4;
    const up = direction === 'up';
    return { height: this.#height, overscanBefore: up ? ahead : behind, overscanAfter: up ? behind : ahead };
  }
}
