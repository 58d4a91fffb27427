import { indexAfter, type IndexRange, type ItemPosition, type ListChange } from '../../core/index.js';
import { watchGestures, type Gesture } from './reader-gestures.js';
import type { Row, RowRenderer, RowSource } from './row-renderer.js';
import { RowWindow, type Spacers } from './row-window.js';
import { topOf } from './scroll-anchor.js';
import { alignedTop, ScrollPosition, type ScrollTarget } from './scroll-position.js';

/**
 * Who decides where the list stands: the end of the content, the reader, or an item that was jumped to and stays
 * in its place until the reader scrolls. `gliding` is a smooth scroll on its way to such an item.
 */
type Following =
  | { readonly state: 'pinned' | 'free' }
  | { readonly state: 'locked' | 'gliding'; readonly target: ScrollTarget };

/** What the driver tells its element. */
export interface ScrollReport {
  rangeChanged(range: IndexRange): void;
  startReached(): void;
  endReached(): void;
  pinChanged(pinned: boolean): void;
}

/** Mounting rows shows their sizes, which may ask for more rows; real lists need two or three rounds. */
const MAX_ROUNDS = 8;

/** How far the spacer may be from its proper size while a gesture goes on: a limit for very long ones. */
const MAX_DRIFT = 1_000_000;

/** Milliseconds without a scroll event that count as the end of a scroll where there is no `scrollend` event. */
const SCROLL_END_DELAY = 150;

const FREE: Following = { state: 'free' };
const PINNED: Following = { state: 'pinned' };

/**
 * Decides what is mounted and who the scroll position belongs to, as the reader scrolls, sizes change and items
 * come and go. The rule that all of it follows: hold the anchor before anything is changed, and look for a new one
 * only after everything is in place.
 */
export class ScrollDriver {
  readonly #host: HTMLElement;
  readonly #rows: RowRenderer;
  readonly #window: RowWindow;
  readonly #position: ScrollPosition;
  readonly #report: ScrollReport;

  #following: Following = FREE;
  #followsEnd = false;
  #direction: 'up' | 'down' = 'down';

  #connection: AbortController | undefined;
  #observer: ResizeObserver | undefined;
  #inObserver = false;
  #unobserved: readonly Row[] = [];
  #frame = 0;
  #resizedInFrame = false;
  #estimatesOutdated = false;
  #scrollEndTimer: ReturnType<typeof setTimeout> | undefined;
  /** No box, so no sizes: not connected, or `display: none`. */
  #suspended = true;

  #published = { first: 0, last: 0, pinned: false, nearStart: false, nearEnd: false };

  constructor(
    host: HTMLElement,
    rows: RowRenderer,
    estimate: (index: number) => number | undefined,
    report: ScrollReport,
  ) {
    this.#host = host;
    this.#rows = rows;
    this.#report = report;
    this.#window = new RowWindow(
      host,
      rows,
      estimate,
      (added) => this.#observe(added),
      (dropped) => {
        for (const row of dropped) this.#observer?.unobserve(row.element);
      },
    );
    this.#position = new ScrollPosition(host, this.#window);
  }

  get atEnd(): boolean {
    return this.#rows.range.last === this.#rows.count && this.#position.atEnd;
  }

  get #pinned(): boolean {
    return this.#following.state === 'pinned';
  }

  /** Starts, or goes on where the list was before it left its document. */
  connect(spacers: Spacers): void {
    this.#window.spacers = spacers;
    if (!this.#connection) this.#listen();
    this.#suspended = this.#window.readBox().hidden;
    if (!this.#suspended) this.#resume();
  }

  disconnect(): void {
    this.#connection?.abort();
    this.#connection = undefined;
    this.#observer?.disconnect();
    this.#observer = undefined;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    clearTimeout(this.#scrollEndTimer);
    this.#unobserved = [];
    this.#suspended = true;
    this.#rows.setConnected(false);
  }

  /** Whether the list sticks to its end. Turning it on goes there. */
  setFollowsEnd(followsEnd: boolean): void {
    if (followsEnd === this.#followsEnd) return;
    this.#followsEnd = followsEnd;
    this.#following = followsEnd ? PINNED : FREE;
    // The page asked for it, so there is nothing to tell it.
    this.#published.pinned = followsEnd;
    if (followsEnd && !this.#suspended) this.#showEnd();
  }

  /** Takes over other items, or another way to render them. */
  update(source: RowSource): void {
    if (!this.#suspended) this.#hold();
    const { keys, change } = this.#rows.compare(source);
    if (!change) {
      // The observer reports rows that got another size before they are painted.
      this.#rows.update(source, keys, undefined);
      return;
    }
    const survives = this.#adoptSurvivor(change);
    if (!this.#suspended && !this.#pinned) this.#position.brace();
    this.#rows.update(source, keys, change);
    this.#window.layout.apply(change);
    this.#retarget(change);
    if (change.start === 0 && change.sources.length > 0) this.#published.nearStart = false;
    if (change.start + change.sources.length === keys.length) this.#published.nearEnd = false;
    if (!this.#suspended) this.#arrange(change, survives);
  }

  /** Brings an item to its place at once, or smoothly. Without a box it is remembered. */
  scrollTo(target: ScrollTarget, smooth: boolean): void {
    if (this.#rows.count === 0) return;
    const index = Math.min(this.#rows.count - 1, Math.max(0, Math.trunc(target.index) || 0));
    const within = { ...target, index };
    this.#following = { state: 'locked', target: within };
    if (this.#suspended) return;
    if (smooth) this.#glide(within);
    else this.#jump(within);
  }

  scrollToEnd(): void {
    if (!this.#followsEnd) return this.scrollTo({ index: this.#rows.count - 1, align: 'end' }, false);
    this.#following = PINNED;
    if (!this.#suspended) this.#showEnd();
  }

  // The reader

  #listen(): void {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    this.#observer = new ResizeObserver((entries) => this.#onResize(entries));
    this.#observer.observe(this.#host);
    for (const row of this.#rows) this.#observer.observe(row.element);
    this.#rows.setConnected(true);
    const options = { passive: true, signal };
    this.#host.addEventListener('scroll', () => this.#onScroll(), options);
    this.#host.addEventListener('scrollend', () => this.#onScrollEnd(), options);
    watchGestures(this.#host, (gesture) => this.#onGesture(gesture), signal);
  }

  #onGesture(gesture: Gesture): void {
    if (this.#suspended || this.#following.state === 'free') return;
    // At the very top there is nowhere to go, so the gesture leaves nothing.
    if (this.#pinned && (gesture !== 'up' || this.#position.scrollTop <= 0)) return;
    this.#following = FREE;
    this.#publish();
  }

  #onScroll(): void {
    if (this.#suspended || this.#rows.count === 0) return;
    this.#readScroll();
    this.#hold();
    this.#cover();
    if ('onscrollend' in this.#host) return;
    clearTimeout(this.#scrollEndTimer);
    this.#scrollEndTimer = setTimeout(() => this.#onScrollEnd(), SCROLL_END_DELAY);
  }

  #onScrollEnd(): void {
    if (this.#suspended || this.#rows.count === 0) return;
    this.#readScroll();
    if (this.#following.state === 'gliding') this.#following = { ...this.#following, state: 'locked' };
    this.#settle();
  }

  /** A scroll position that is not of our writing was set by the reader, or by the page. */
  #readScroll(): void {
    const scrolled = this.#position.takeScrolled();
    if (scrolled === 0) return;
    const up = scrolled < 0;
    this.#direction = up ? 'up' : 'down';
    if (this.#following.state === 'gliding') return;
    const { atEnd } = this.#position;
    // Content that got shorter moves the list up as well, but leaves it at its end.
    if (this.#following.state === 'locked' || (this.#pinned && up && !atEnd)) this.#following = FREE;
    if (this.#followsEnd && !up && atEnd) this.#following = PINNED;
  }

  // The window

  /** Keeps the end, the anchor, or the target of a jump in its place. */
  #hold(): void {
    if (this.#pinned) return;
    this.#position.hold(this.#following.state === 'locked' ? this.#following.target : undefined);
  }

  /** Mounts what the scroll position asks for, near the mounted rows or anywhere else. */
  #cover(): void {
    const edges = this.#window.edges();
    if (!edges) return this.#start();
    const { top, bottom } = edges;
    const { height, beforeSize, afterSize } = this.#window;
    if (bottom > 0 && top < height) return this.#extend();
    if (this.#position.atEnd) {
      this.#mountAround({ index: this.#rows.count - 1, top: height });
      this.#position.writeEnd();
    } else {
      // The reader dragged the scrollbar: the position stands, and the rows come to it.
      const target = this.#window.layout.itemAt({
        ...this.#rows.range,
        scrollTop: this.#position.scrollTop,
        spacerBefore: beforeSize,
        rows: bottom - top,
        spacerAfter: afterSize,
        viewHeight: height,
      });
      this.#mountAround(target);
      this.#position.place(target, 'spacer');
    }
    this.#extend();
  }

  /** Extends and trims the mounted range around the view, then takes what is there as right. */
  #extend(): void {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const next = this.#window.wantedRange(this.#direction);
      if (!next) break;
      this.#position.grab();
      this.#mount(next);
    }
    const proper = this.#window.layout.spacerBefore(this.#rows.range.first);
    if (Math.abs(proper - this.#window.beforeSize) > MAX_DRIFT) this.#position.normalize();
    if (this.#pinned) this.#position.writeEnd();
    this.#position.grab();
    this.#publish();
  }

  /** Mounts a range that contains the anchor, which stays where it is. */
  #mount(range: IndexRange): void {
    if (this.#pinned) {
      this.#window.mount(range);
      this.#window.setBefore(this.#window.layout.spacerBefore(range.first));
      this.#position.writeEnd();
      return;
    }
    this.#position.brace();
    this.#window.mount(range);
    this.#hold();
  }

  /** Mounts the range around an item in place of what was mounted, wherever that was. */
  #mountAround(position: ItemPosition): void {
    const range = this.#window.rangeAround(position, this.#direction);
    this.#position.release();
    this.#window.mount(range);
    this.#window.setBefore(this.#window.layout.spacerBefore(range.first));
  }

  /** Brings the estimates up to date, now that nothing moves. */
  #settle(): void {
    this.#hold();
    const { layout } = this.#window;
    if (this.#estimatesOutdated) layout.reestimate(this.#rows.range);
    else layout.refresh();
    this.#estimatesOutdated = false;
    this.#window.setAfter();
    this.#position.normalize();
    this.#extend();
  }

  // Jumps

  #jump(target: ScrollTarget): void {
    const { index, align } = target;
    const { layout, height } = this.#window;
    this.#direction = index < this.#rows.range.first ? 'up' : 'down';
    this.#mountAround({ index, top: alignedTop(align, layout.sizeOf(index), height) });
    this.#position.place({ index, top: alignedTop(align, layout.sizeOf(index), height) }, 'scroll');
    this.#hold();
    this.#extend();
  }

  /** Far away, a smooth scroll begins one view from its target: nobody reads what flies by. */
  #glide(target: ScrollTarget): void {
    const { index } = target;
    const { first, last } = this.#rows.range;
    this.#following = { state: 'gliding', target };
    if (index < first || index >= last) {
      const { height } = this.#window;
      this.#direction = index < first ? 'up' : 'down';
      const position = { index, top: index < first ? -height : height };
      this.#mountAround(position);
      this.#position.place(position, 'scroll');
    }
    this.#extend();
    if (!this.#position.glideTo(target)) this.#following = { state: 'locked', target };
  }

  #showEnd(): void {
    const index = this.#rows.count - 1;
    if (index < 0) return;
    this.#direction = 'up';
    const { layout, height } = this.#window;
    this.#mountAround({ index, top: height - layout.sizeOf(index) });
    this.#position.writeEnd();
    this.#extend();
  }

  // Changes

  /** Shows the list from where it belongs: after the first items, or when nothing that was in view is left. */
  #start(index = 0): void {
    if (this.#rows.count === 0) {
      this.#position.release();
      this.#window.mount({ first: 0, last: 0 });
      this.#window.setBefore(0);
      return this.#publish();
    }
    if (this.#following.state === 'locked') return this.#jump(this.#following.target);
    if (this.#pinned) return this.#showEnd();
    this.#direction = 'down';
    this.#mountAround({ index, top: 0 });
    this.#position.place({ index, top: 0 }, 'scroll');
    this.#extend();
  }

  /** Makes sure the anchor is in a row that stays: its own, or the nearest one. Says whether there is any. */
  #adoptSurvivor(change: ListChange): boolean {
    const { anchor } = this.#position;
    if (!anchor) return false;
    const staying = [...this.#rows].filter((row) => indexAfter(change, row.index) >= 0);
    const row = staying.find(({ index }) => index >= anchor.row.index) ?? staying.at(-1);
    if (!row) return false;
    const top = this.#suspended ? anchor.rowTop : topOf(row.element, this.#window.view);
    this.#position.adoptRow(row, top);
    return true;
  }

  /** Carries the target of a jump over to the new order, and follows the end again where nothing is left. */
  #retarget(change: ListChange): void {
    if ('target' in this.#following) {
      const { target } = this.#following;
      const index = indexAfter(change, target.index);
      this.#following = index < 0 ? FREE : { ...this.#following, target: { ...target, index } };
    }
    const allNew = change.sources.length === this.#rows.count && change.sources.every((source) => source < 0);
    if (allNew && this.#followsEnd) this.#following = PINNED;
  }

  /** Mounts the rows of a new order around the anchor. */
  #arrange(change: ListChange, survives: boolean): void {
    const { anchor } = this.#position;
    if (!anchor || !survives || this.#pinned) {
      return this.#start(Math.max(0, Math.min(change.start, this.#rows.count - 1)));
    }
    const position = { index: anchor.row.index, top: anchor.rowTop };
    this.#window.mount(this.#window.rangeAround(position, this.#direction));
    this.#hold();
    this.#extend();
  }

  /** Puts the list back to where it was before it lost its box, and with it its scroll position. */
  #resume(): void {
    const { anchor } = this.#position;
    if (this.#following.state === 'gliding') this.#following = { ...this.#following, state: 'locked' };
    if (this.#following.state !== 'free' || !anchor?.row.element.isConnected) return this.#start();
    const position = { index: anchor.row.index, top: anchor.rowTop };
    this.#mountAround(position);
    this.#position.place(position, 'scroll');
    this.#position.adopt(anchor);
    this.#hold();
    this.#extend();
  }

  #onResize(entries: readonly ResizeObserverEntry[]): void {
    const wasSuspended = this.#suspended;
    const { hidden, widthChanged } = this.#window.readBox();
    this.#suspended = hidden;
    this.#estimatesOutdated ||= widthChanged;
    if (hidden) return;
    this.#inObserver = true;
    if (wasSuspended) this.#resume();
    else this.#absorb(entries);
    this.#inObserver = false;
  }

  /** Sizes changed: puts things right before they are painted. */
  #absorb(entries: readonly ResizeObserverEntry[]): void {
    let changed = false;
    for (const { target, borderBoxSize } of entries) {
      const row = this.#rows.of(target);
      const size = borderBoxSize[0]?.blockSize ?? 0;
      if (target === this.#host || (row && this.#window.layout.measure(row.index, size))) changed = true;
    }
    if (!changed || this.#rows.count === 0) return;
    this.#resizedInFrame = true;
    this.#window.setAfter();
    if (this.#pinned) this.#position.writeEnd();
    else this.#hold();
    if (this.#hasGap()) return this.#cover();
    this.#position.grab();
    this.#publish();
    // Rows mounted in here are observed only from the next frame on: without a gap it can wait.
    if (this.#estimatesOutdated || this.#window.wantedRange(this.#direction)) this.#nextFrame();
  }

  /** Whether part of the view shows a spacer. */
  #hasGap(): boolean {
    const edges = this.#window.edges();
    if (!edges) return true;
    const { first, last } = this.#rows.range;
    return (first > 0 && edges.top > 0) || (last < this.#rows.count && edges.bottom < this.#window.height);
  }

  /**
   * Rows are measured when they are mounted, so observing them can wait. Doing it inside a callback of the
   * observer would raise "ResizeObserver loop completed with undelivered notifications".
   */
  #observe(rows: readonly Row[]): void {
    if (this.#inObserver) {
      this.#unobserved = [...this.#unobserved, ...rows];
      this.#nextFrame();
      return;
    }
    for (const row of rows) this.#observer?.observe(row.element);
  }

  #nextFrame(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#onFrame());
  }

  #onFrame(): void {
    this.#frame = 0;
    this.#observe(this.#unobserved.filter((row) => this.#rows.of(row.element) === row));
    this.#unobserved = [];
    if (this.#suspended || this.#rows.count === 0) return;
    const quiet = !this.#resizedInFrame;
    this.#resizedInFrame = false;
    // Estimating all items again is O(n): it waits until the width has come to rest.
    if (this.#estimatesOutdated && quiet) return this.#settle();
    this.#hold();
    this.#extend();
    if (this.#estimatesOutdated) this.#nextFrame();
  }

  #publish(): void {
    const { first, last } = this.#rows.range;
    const { count } = this.#rows;
    const { height } = this.#window;
    const nearStart = count > 0 && first === 0 && this.#position.scrollTop < height;
    const nearEnd = count > 0 && last === count && this.#position.distanceToEnd < height;
    const before = this.#published;
    // Kept before anything is told: a listener may change the list.
    this.#published = { first, last, pinned: this.#pinned, nearStart, nearEnd };
    const now = this.#published;
    if (first !== before.first || last !== before.last) this.#report.rangeChanged({ first, last });
    if (now.pinned !== before.pinned) this.#report.pinChanged(now.pinned);
    if (nearStart && !before.nearStart) this.#report.startReached();
    if (nearEnd && !before.nearEnd) this.#report.endReached();
  }
}
