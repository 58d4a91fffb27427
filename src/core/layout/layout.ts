/** Which items are mounted: `first` up to, not including, `last`. */
export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

/** What the reader's view asks for, in CSS px. */
export interface LayoutView {
  /** Height of the visible part. */
  readonly height: number;
  /** How far rows are mounted beyond its upper edge. */
  readonly overscanBefore: number;
  /** How far rows are mounted beyond its lower edge. */
  readonly overscanAfter: number;
  /** How many rows are mounted for overscan at most. Default: `MAX_OVERSCAN_ROWS`. */
  readonly maxRows?: number | undefined;
}

/** Where the mounted rows are: the edges of the first and the last one, in px below the upper edge of the view. */
export interface MountedRows extends IndexRange {
  readonly top: number;
  readonly bottom: number;
}

/** A scroll position and the heights that make up the scrolled content, in px as the browser has them. */
export interface PhysicalPosition extends IndexRange {
  readonly scrollTop: number;
  readonly spacerBefore: number;
  readonly rows: number;
  readonly spacerAfter: number;
  readonly viewHeight: number;
}

/** An item, and where its upper edge belongs: px below the upper edge of the view. */
export interface ItemPosition {
  readonly index: number;
  readonly top: number;
}

/**
 * How one order of items became another: `deleteCount` items from `start` on gave way to `sources.length` others.
 * What stands before and behind them is the same.
 */
export interface ListChange {
  readonly start: number;
  readonly deleteCount: number;
  /** For each item put in, its old index, or -1 for a new one. */
  readonly sources: Int32Array;
  /** For each item taken out, its new index, or -1 for one that is gone. */
  readonly targets: Int32Array;
}

/** The sizes of a list's items, known or guessed, and the questions a scroller has about them. All in CSS px. */
export interface ListLayout {
  readonly count: number;
  /** The height of all items; of the content itself only while `scale` is 1. */
  readonly total: number;
  /** What a pixel of items is worth in a spacer: 1, or less where the items are higher than a browser can scroll. */
  readonly scale: number;
  sizeOf(index: number): number;
  /** The height of all items before `index`. */
  offsetOf(index: number): number;
  /** Records a size that was seen. Says whether it differs from the one known so far. */
  measure(index: number, size: number): boolean;
  /** Follows a change of the items. Those that stay keep their sizes; new ones are estimated. */
  apply(change: ListChange): void;
  /** Takes items of unknown size for the average of the others, if that has moved away. Says whether it has. */
  refresh(): boolean;
  /** Takes other estimates, where there are any, for all items but those in `keep`: their width is another. */
  reestimate(keep: IndexRange): void;
  spacerBefore(first: number): number;
  spacerAfter(last: number): number;
  /** The items to mount so that the view is covered with `item`, which is one of them, in its place. */
  windowAround(item: ItemPosition, view: LayoutView): IndexRange;
  /** The mounted items, extended or trimmed to what the view asks for; the same range where that is near enough. */
  windowFrom(rows: MountedRows, view: LayoutView): IndexRange;
  /** The item a scroll position inside a spacer stands for. */
  itemAt(position: PhysicalPosition): ItemPosition;
}
