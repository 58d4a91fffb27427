import type { IndexRange, ItemPosition } from '../../core/index.js';
import type { Following } from './following.js';
import type { RowRenderer } from './row-renderer.js';
import type { Edges, RowWindow } from './row-window.js';
import type { ScrollReporter } from './scroll-facts.js';
import type { ScrollPosition } from './scroll-position.js';

/**
 * Mounting rows shows their sizes, which may ask for more rows. Real lists need two or three rounds; in these, rows a
 * hundred times smaller than they were thought to be fill the view.
 */
const MAX_ROUNDS = 8;

/** How far the spacer may be from its proper size while a gesture goes on: a limit for very long ones. */
const MAX_DRIFT = 1_000_000;

/** What it is made of: each has one owner, and this has none of them. */
export interface CoverageParts {
  readonly rows: RowRenderer;
  readonly window: RowWindow;
  readonly position: ScrollPosition;
  readonly following: Following;
  readonly reporter: ScrollReporter;
}

/**
 * Keeps the place of the reader, and mounts the rows around it. The rule that all of it follows: hold the anchor before
 * anything is changed, and look for a new one only after everything is in place.
 */
export class Coverage {
  /** Where the reader is going: more rows are mounted there. */
  direction: 'up' | 'down' = 'down';
  readonly #rows: RowRenderer;
  readonly #window: RowWindow;
  readonly #position: ScrollPosition;
  readonly #following: Following;
  readonly #reporter: ScrollReporter;
  #isDue = false;

  constructor({ rows, window, position, following, reporter }: CoverageParts) {
    this.#rows = rows;
    this.#window = window;
    this.#position = position;
    this.#following = following;
    this.#reporter = reporter;
  }

  /** Whether the reader has scrolled, and what is in view now has not been mounted since. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** A scroll position that is not of our writing was set by the reader, or by the page. */
  readScroll(): void {
    const scrolled = this.#position.takeScrolled();
    if (scrolled === 0) return;
    this.#isDue = true;
    this.direction = scrolled < 0 ? 'up' : 'down';
    const { pinned } = this.#following;
    this.#following.scrolled(scrolled < 0, this.#position);
    if (pinned) this.grab();
  }

  /** Takes what is seen now as right. While the end is followed, it is the anchor, and nothing else need be found. */
  grab(): void {
    if (this.#following.pinned) this.#position.release();
    else this.#position.grab();
  }

  /** Puts the anchor, or the target of a jump, back to its place. */
  hold(): void {
    // A reader who has just left the end must not be taken back to it: the scroll event may be yet to come.
    // Nor must one who has left what was jumped to; at the limit it may be the browser that has moved the list.
    const { pinned, locked } = this.#following;
    if (pinned || (locked && !this.#position.atLimit)) this.readScroll();
    if (this.#following.pinned) return;
    this.#position.leaveEnd();
    this.#position.hold(this.#following.locked);
  }

  /** The same, where content may have changed size: the end is somewhere else then. */
  keep(): void {
    this.hold();
    if (this.#following.pinned) this.#position.followEnd();
  }

  /**
   * Mounts what the scroll position asks for, near the mounted rows or anywhere else. Says whether there were any to go
   * by: without them the list has to start somewhere.
   */
  cover(): boolean {
    const edges = this.#window.edges();
    if (!edges) return false;
    const { height } = this.#window;
    // Where spacers are scaled, the last rows take up more than their spacer: the end of it is still the end.
    const isPastRows =
      this.#window.layout.scale < 1 && this.#rows.range.last < this.#rows.count && this.#position.atLimit;
    const isNear = edges.bottom > 0 && edges.top < height && !isPastRows;
    if (!isNear) this.#moveRows(edges);
    this.extend();
    return true;
  }

  /** Mounts other rows, those that the scroll position stands for. */
  #moveRows(edges: Edges): void {
    if (this.#position.atLimit) {
      this.mountAround({ index: this.#rows.count - 1, top: this.#window.height });
      this.#position.writeEnd();
    } else {
      // The reader dragged the scrollbar: the position stands, and the rows come to it.
      const { index, top } = this.#window.itemAt(this.#position.scrollTop, edges);
      const { layout } = this.#window;
      const estimate = layout.sizeOf(index);
      this.mountAround({ index, top });
      // As far into the row as into its estimate: by px, a row that is smaller would be above the view, and the next.
      const share = estimate > 0 ? layout.sizeOf(index) / estimate : 1;
      this.#position.place({ index, top: top * share }, 'spacer');
    }
  }

  /** Extends and trims the mounted range around the view, then takes what is there as right. */
  extend(): void {
    this.#isDue = false;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const next = this.#window.wantedRange(this.direction, round);
      if (!next) break;
      this.grab();
      this.mount(next);
    }
    const proper = this.#window.layout.spacerBefore(this.#rows.range.first);
    if (Math.abs(proper - this.#window.beforeSize) > MAX_DRIFT) {
      this.#position.normalize();
      this.hold();
    }
    if (this.#following.pinned) this.#position.followEnd();
    this.#window.placeAway();
    this.grab();
    this.publish();
  }

  /** Mounts a range that contains the anchor, which stays where it is. */
  mount(range: IndexRange): void {
    if (this.#following.pinned) {
      this.#window.mount(range);
      this.#window.setBefore(this.#window.layout.spacerBefore(range.first));
      this.#window.setAfter();
      this.#position.followEnd();
      return;
    }
    this.#window.mount(range, () => this.#position.brace());
    this.hold();
    this.#window.setAfter();
  }

  /** Mounts the range around an item in place of what was mounted, wherever that was. */
  mountAround(position: ItemPosition): void {
    const range = this.#window.rangeAround(position, this.direction);
    this.#position.release();
    // One spacer grows before the other shrinks: the browser would scroll up a list that is short for a moment.
    this.#window.setBefore(Math.max(this.#window.beforeSize, this.#window.layout.spacerBefore(range.first)));
    this.#window.mount(range);
    this.#window.setAfter();
    this.#window.setBefore(this.#window.layout.spacerBefore(range.first));
  }

  /** Tells what has become another. */
  publish(): void {
    const { height } = this.#window;
    const { start, end } = this.#window.distances();
    const some = this.#rows.count > 0;
    this.#reporter.tell({
      range: this.#rows.range,
      pinned: this.#following.pinned,
      nearStart: some && start < height,
      nearEnd: some && end < height,
      endShown: end < 1,
    });
  }
}
