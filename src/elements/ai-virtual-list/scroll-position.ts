import { indexAfter, type ItemPosition, type ListChange } from '../../core/index.js';
import type { Row } from './row-renderer.js';
import type { RowWindow } from './row-window.js';
import { bottomOf, findAnchor, SLIVER, topOf, type Anchor, type View } from './scroll-anchor.js';

/** Where in the view an item that was jumped to is put. */
export type ScrollAlign = 'start' | 'center' | 'end';

/** An item that was jumped to, and the place it keeps until the reader scrolls. */
export interface ScrollTarget {
  readonly index: number;
  readonly align: ScrollAlign;
  /** Px that it stands below that place. */
  readonly offset?: number;
  /** Whether it gets there even where too little comes after it: the list is made longer by what is missing. */
  readonly room?: boolean;
}

/** How a smooth scroll stands. */
export type Glide = 'under way' | 'arrived' | 'lost';

/** A scroll position that differs by less than this is the same one, in other units. */
const SAME_POSITION = 0.5;

/** What is jumped to stands where it should within this many px, where only the scroll position can move it. */
const SNAP = 0.75;

/** How far down an anchor may be that is kept, as a share of the height of the view. */
const SAME_ANCHOR = 1 / 4;

/** How far the spacer may be from its proper size while nothing scrolls, as a share of it; at most a view. */
const MAX_DRIFT = 1 / 10;

/** A list this close to its end is at its end: scroll positions snap to device pixels, content heights do not. */
const END_TOLERANCE = 1;

/**
 * The scroll position and the anchor: the element whose place in the view is where the reader is. Scrolling moves
 * the anchor by the scrolled distance. Anything else that moves it is content above it that changed size, and the
 * spacer before the rows takes up the difference. `scrollTop` is written only where the spacer cannot, to follow
 * the end, and to jump: a write may stop a touch or wheel scroll in its tracks.
 */
export class ScrollPosition {
  readonly #host: HTMLElement;
  readonly #window: RowWindow;
  #anchor: Anchor | undefined;
  /** The moment at which the anchor was put where it should be. */
  #heldAt = -1;
  /** `scrollTop` as of our last write or the last scroll event: what differs from it, the reader did. */
  #lastTop = 0;
  /** That of the last scroll: px of the viewport to one of the list. */
  #zoom = 1;
  #strut: HTMLElement | undefined;
  #strutTop = 0;
  /** `scrollTop` as of the last time the end was followed, and where the content ended: px below the view. */
  #endTop = 0;
  #endGap: number | undefined;
  /** Px that were left of a smooth scroll when it last began. */
  #glideDistance = Infinity;
  /** The `scrollTop` that room was made for; 0: none was. */
  #roomTop = 0;

  constructor(host: HTMLElement, window: RowWindow) {
    this.#host = host;
    this.#window = window;
  }

  /**
   * An invisible box, one view high, that keeps the list as long as it was when its end was last followed. Without
   * it the browser would scroll up a list whose content gets shorter, and once the content has grown again nobody
   * could tell that from a reader who has left the end.
   */
  set strut(strut: HTMLElement) {
    this.#strut = strut;
  }

  get anchor(): Anchor | undefined {
    return this.#anchor;
  }

  get scrollTop(): number {
    return this.#host.scrollTop;
  }

  get #distanceToEnd(): number {
    return this.#host.scrollHeight - this.#host.clientHeight - this.#host.scrollTop;
  }

  get atEnd(): boolean {
    return this.atLimit && !this.#hasRoom;
  }

  /** Whether the list cannot be scrolled any further down. */
  get atLimit(): boolean {
    return this.#distanceToEnd <= END_TOLERANCE;
  }

  /** Whether there is room left behind the content. */
  get #hasRoom(): boolean {
    if (this.#roomTop === 0) return false;
    const { bottom } = this.#window.edges() ?? { bottom: 0 };
    return this.#host.scrollTop + bottom < this.#roomTop + this.#window.height - END_TOLERANCE;
  }

  /** Lets the list be scrolled as far as anything may ask for, until `fitRoom`. */
  openRoom(): void {
    this.#setStrut(this.#host.scrollHeight + this.#window.height);
  }

  /** Leaves as much room as the present scroll position needs. */
  fitRoom(): void {
    this.#roomTop = this.#host.scrollTop;
    this.#setStrut(this.#roomTop);
  }

  /** Takes back the room. */
  closeRoom(): void {
    this.#roomTop = 0;
    this.#setStrut(0);
  }

  /** How far the reader has scrolled since this was last asked, in CSS px; negative is up. */
  takeScrolled(): number {
    const { scrollTop } = this.#host;
    const lastTop = this.#lastTop;
    const scrolled = scrollTop - lastTop;
    if (Math.abs(scrolled) <= SAME_POSITION) return 0;
    this.#lastTop = scrollTop;
    const lastZoom = this.#zoom;
    this.#zoom = this.#window.view.zoom;
    // Firefox keeps device pixels when the CSS zoom changes: the same place has another number.
    const isSamePlace = Math.abs(scrollTop * this.#zoom - lastTop * lastZoom) <= SAME_POSITION * this.#zoom;
    return isSamePlace && this.#zoom !== lastZoom ? 0 : scrolled;
  }

  /** Whether the list stands above the end that it was last put to. Nothing but the reader, or the page, does that. */
  get leftEnd(): boolean {
    // A list without a box has no scroll position to tell anything from. One that cannot go down has left nothing:
    // WebKit keeps whole device pixels when the CSS zoom changes, and the end has another number in px of the list.
    const { clientHeight, scrollTop } = this.#host;
    return (
      clientHeight > 0 && scrollTop < this.#endTop - SAME_POSITION && this.#distanceToEnd > SAME_POSITION
    );
  }

  writeEnd(): void {
    this.#write(this.#host.scrollHeight);
  }

  /** Goes to the end, and keeps that position within reach until the next call, whatever the content does. */
  followEnd(): void {
    this.#roomTop = 0;
    const { scrollTop } = this.#host;
    const isHeld = scrollTop === this.#endTop && this.#strutTop === this.#endTop;
    const gap = this.#gap();
    // Nothing has changed: the end of the content stands where it stood, which is where the view ends.
    if (isHeld && gap !== undefined && Math.abs(gap - (this.#endGap ?? Infinity)) < 1 / 64) return;
    // Only where the box is what makes the list as long as it is can the content be shorter.
    const { scrollHeight, clientHeight } = this.#host;
    // Both are rounded, under a CSS zoom the box is as well: without the px of tolerance the end creeps on by it.
    if (scrollHeight <= Math.ceil(this.#strutTop + clientHeight) + END_TOLERANCE) this.#setStrut(0);
    this.writeEnd();
    this.#endTop = this.#lastTop;
    this.#endGap = this.#gap();
    this.#setStrut(this.#endTop);
  }

  /** Px from the lower edge of the view down to the end of the content; undefined while there is none. */
  #gap(): number | undefined {
    const bottom = this.#window.contentBottom;
    return bottom === undefined ? undefined : bottom - this.#window.height;
  }

  /** Lets the list be as long as its content again. */
  leaveEnd(): void {
    this.#setStrut(this.#roomTop);
  }

  /**
   * Takes what the reader sees now as right. What moved before that must have been held, or it is accepted. An anchor
   * that is where it should be stays one as long as it is near the upper edge of the view: looking for another in
   * every frame of a scroll would cost more than all the rest.
   */
  grab(): void {
    const scrolled = this.#host.scrollTop - (this.#anchor?.scrollTop ?? 0);
    if (!this.#anchor || !this.#isGood(this.#anchor, scrolled)) return this.grabFirst();
    const { elementTop, rowTop, scrollTop } = this.#anchor;
    this.#anchor = {
      ...this.#anchor,
      elementTop: elementTop - scrolled,
      rowTop: rowTop - scrolled,
      scrollTop: scrollTop + scrolled,
    };
  }

  /** The same with the first element in view, and no other, as the anchor. */
  grabFirst(): void {
    this.#anchor = this.first;
  }

  /** The first element in view, and where it is. */
  get first(): Anchor | undefined {
    return findAnchor(this.#window.rows.inRange, this.#window.view, this.#host.scrollTop);
  }

  #isGood({ element, elementTop, height }: Anchor, scrolled: number): boolean {
    if (!element.isConnected) return false;
    if (this.#heldAt !== this.#window.moment && this.#shift(undefined) !== 0) return false;
    const top = elementTop - scrolled;
    return top < this.#window.height * SAME_ANCHOR && top + height > SLIVER;
  }

  release(): void {
    this.#anchor = undefined;
  }

  /** Goes on with an anchor that stood in the same place before the scroll position was lost. */
  adopt(anchor: Anchor): void {
    this.#anchor = { ...anchor, scrollTop: this.#host.scrollTop };
  }

  /**
   * Makes sure that the anchor is in a row that a change leaves: its own, or the nearest one. Says whether there is
   * any. Without a box it is taken to be where the anchor was.
   */
  adoptSurvivor(change: ListChange, hasBox: boolean): boolean {
    const anchor = this.#anchor;
    if (!anchor) return false;
    const staying = this.#window.rows.inRange.filter((row) => indexAfter(change, row.index) >= 0);
    const row = staying.find(({ index }) => index >= anchor.row.index) ?? staying.at(-1);
    if (!row) return false;
    if (row === anchor.row) return true;
    const top = hasBox ? topOf(row.element, this.#window.view) : anchor.rowTop;
    const height = this.#window.layout.sizeOf(row.index);
    this.adopt({ element: row.element, elementTop: top, height, row, rowTop: top, scrollTop: 0 });
    return true;
  }

  /** Puts the anchor, or the target of a jump, back to its place. */
  hold(target: ScrollTarget | undefined): void {
    const { first } = this.#window.rows.range;
    const { beforeSize } = this.#window;
    const shift = this.#shift(target);
    const heldAt = target ? -1 : this.#window.moment;
    if (shift === 0 && (first > 0 || beforeSize === 0)) {
      this.#heldAt = heldAt;
      return;
    }
    const { scrollTop } = this.#host;
    let before = first === 0 ? 0 : beforeSize - shift;
    if (before < 0) before = this.#window.layout.spacerBefore(first);
    const rest = shift + before - beforeSize;
    this.#window.setBefore(before);
    // A position between two device pixels cannot be written: tried for ever, it would tremble.
    if (target && Math.abs(rest) < SNAP) return;
    // Written scroll positions end at device pixels and at the limits: where the anchor has come to is to be seen.
    this.#heldAt = rest === 0 ? heldAt : -1;
    if (rest !== 0) this.#scroll(scrollTop, rest);
  }

  /**
   * Keeps the anchor's place safe while rows before it may go: they would shorten the content, and the browser
   * would move a list near its end before `hold` can put it right.
   */
  brace(): void {
    const { first } = this.#window.rows;
    if (!this.#anchor || !first) return;
    const { view } = this.#window;
    const above = topOf(this.#anchor.row.element, view) - topOf(first.element, view);
    if (above > 0) this.#window.setBefore(this.#window.beforeSize + above);
  }

  /** Moves an item to its place: by the scroll position, or by the spacer where the position is the reader's. */
  place({ index, top }: ItemPosition, by: 'scroll' | 'spacer'): void {
    const row = this.#window.rows.at(index);
    if (!row) return;
    const movable = this.#window.rows.range.first > 0;
    const shift = topOf(row.element, this.#window.view) - top;
    const before = this.#window.beforeSize - shift;
    if (by === 'spacer' && movable && before >= 0) {
      this.#window.setBefore(before);
    } else {
      this.#write(this.#host.scrollTop + shift);
      // The scroll position snaps to device pixels; the spacer takes the remainder.
      const rest = topOf(row.element, this.#window.view) - top;
      if (movable && Math.abs(rest) < 1) this.#window.setBefore(this.#window.beforeSize - rest);
    }
    this.grab();
  }

  /**
   * Gives the spacer the size it should have, and scrolls by the same distance: nothing moves on screen. A difference
   * that no reader would see on the scrollbar is left alone, as long as the spacer is not about to be used up.
   */
  normalize(): void {
    const before = this.#window.layout.spacerBefore(this.#window.rows.range.first);
    const difference = before - this.#window.beforeSize;
    if (Math.abs(difference) < Math.max(1, Math.min(before * MAX_DRIFT, this.#window.height))) return;
    const { scrollTop } = this.#host;
    this.#window.setBefore(before);
    this.#scroll(scrollTop, difference);
  }

  /** Scrolls smoothly to where the item keeps its place. */
  glideTo(target: ScrollTarget): Glide {
    this.#glideDistance = Infinity;
    return this.glideOn(target);
  }

  /**
   * Goes on with that after something has ended it: the scroll that came before it, or rows on the way that turned out
   * to have other sizes. `lost`: somebody has taken the list further away than it was.
   */
  glideOn(target: ScrollTarget): Glide {
    const row = this.#window.rows.at(target.index);
    const distance = row ? this.#targetShift(row, target, this.#window.view) : Infinity;
    if (Math.abs(distance) < 1 || (distance > 0 && this.atLimit)) return 'arrived';
    if (Math.abs(distance) > this.#glideDistance || !row) return 'lost';
    this.#glideDistance = Math.abs(distance);
    this.#host.scrollBy({ top: distance, behavior: 'smooth' });
    return 'under way';
  }

  /** Scrolls along with content that moved. `from` was read before: the browser may have changed it since. */
  #scroll(from: number, distance: number): void {
    if (this.#roomTop > 0) {
      this.#roomTop = Math.max(0, this.#roomTop + distance);
      this.#setStrut(this.#roomTop);
    }
    this.#write(from + distance);
    if (!this.#anchor) return;
    this.#anchor = { ...this.#anchor, scrollTop: this.#anchor.scrollTop + this.#host.scrollTop - from };
  }

  #setStrut(top: number): void {
    if (top === this.#strutTop || !this.#strut) return;
    this.#strutTop = top;
    // Other than `top`, it is changed without a layout: this happens in every frame in which an answer grows.
    this.#strut.style.translate = `0 ${top}px`;
  }

  #write(scrollTop: number): void {
    const before = this.#host.scrollTop;
    this.#host.scrollTop = scrollTop;
    // WebKit cuts off the fraction instead of rounding it: what is 0.9 px away would never get there.
    const missing = scrollTop - this.#host.scrollTop;
    if (missing > SAME_POSITION && missing < 1) this.#host.scrollTop = Math.ceil(scrollTop);
    this.#lastTop = this.#host.scrollTop;
    this.#window.moved(before - this.#lastTop);
  }

  /** How far down the content has moved that should not have. */
  #shift(target: ScrollTarget | undefined): number {
    const { view } = this.#window;
    const row = target && this.#window.rows.at(target.index);
    const shift = row ? this.#targetShift(row, target, view) : this.#anchorShift(view);
    return Math.abs(shift) < this.#tolerance(view) ? 0 : shift;
  }

  /** Rects are 32-bit floats in places: far from the origin they carry an error that is no movement. */
  #tolerance({ zoom }: View): number {
    return (zoom === 1 ? 1 / 64 : 1 / 8) + this.#window.beforeSize * 1e-7;
  }

  #anchorShift(view: View): number {
    if (!this.#anchor) return 0;
    const { element, elementTop, row, rowTop, scrollTop } = this.#anchor;
    const scrolled = this.#host.scrollTop - scrollTop;
    if (element.isConnected) return topOf(element, view) - (elementTop - scrolled);
    return row.element.isConnected ? topOf(row.element, view) - (rowTop - scrolled) : 0;
  }

  #targetShift(row: Row, target: ScrollTarget, view: View): number {
    const top = topOf(row.element, view);
    const wanted = alignedTop(target, bottomOf(row.element, view) - top, view.height);
    const { first, last } = this.#window.rows.range;
    const offset = this.#host.scrollTop + top;
    let reachable = wanted;
    if (last === this.#window.rows.count && !target.room) {
      reachable = Math.max(reachable, view.height - (this.#host.scrollHeight - offset));
    }
    if (first === 0) reachable = Math.min(reachable, offset - this.#window.beforeSize);
    const shift = top - reachable;
    // `scrollHeight` is rounded. Without this, an item locked near the end would creep by fractions.
    return reachable !== wanted && Math.abs(shift) < 1 ? 0 : shift;
  }
}

/** Where the upper edge of a row of this height belongs, in a view of that height. */
export function alignedTop({ align, offset = 0 }: ScrollTarget, height: number, viewHeight: number): number {
  if (align === 'end') return viewHeight - height + offset;
  return (align === 'center' ? (viewHeight - height) / 2 : 0) + offset;
}
