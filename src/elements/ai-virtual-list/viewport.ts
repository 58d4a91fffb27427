import type { ItemPosition, ListChange } from '../../core/index.js';
import { Coverage } from './coverage.js';
import { Following } from './following.js';
import type { RowKeeper } from './row-keeper.js';
import type { Gesture } from './reader-gestures.js';
import type { Row, RowRenderer, RowSource } from './row-renderer.js';
import { type RowListener, RowWindow, type Spacers } from './row-window.js';
import { type ScrollReport, ScrollReporter } from './scroll-facts.js';
import { alignedTop, ScrollPosition, type ScrollTarget } from './scroll-position.js';

/**
 * A list of no more rows than this has all of them mounted after a while: find, print and selections need nothing
 * else.
 */
const MAX_WHOLE_LIST = 60;

/** Rows that are mounted to be printed. */
const MAX_PRINTED_ROWS = 1000;

/** A wheel may end a scroll with each notch: the frame of its end and one without a scroll say that it has ended. */
const REST_FRAMES = 2;

/** The boxes in the shadow root. */
export interface ViewportBoxes extends Spacers {
  readonly strut: HTMLElement;
}

export interface ViewportOptions {
  /** The size of an item not yet seen, in CSS px; undefined leaves it to what has been seen. */
  readonly estimate: (index: number) => number | undefined;
  readonly rowListener: RowListener;
  readonly keeper: RowKeeper;
  readonly report: ScrollReport;
}

/** What the reader sees, and what becomes of it: with each thing that happens, and when it is taken somewhere. */
export class Viewport {
  readonly #rows: RowRenderer;
  readonly #window: RowWindow;
  readonly #position: ScrollPosition;
  readonly #reporter: ScrollReporter;
  readonly #following = new Following();
  readonly #coverage: Coverage;
  /** The width is another, and so may be the sizes of items not yet seen. */
  #estimatesOutdated = false;
  /** Frames until the list, which has come to rest, is put in order; 0: it is. */
  #settlesIn = 0;
  /** No box, so no sizes: not connected, or `display: none`. */
  #suspended = true;
  #whole = false;
  /** For it the browser scrolls to where that was when it was pressed; rows mounted on the way may have moved it. */
  #edgeKey: { readonly event: Event; readonly edge: 'start' | 'end' } | undefined;
  #printing = false;

  constructor(
    host: HTMLElement,
    rows: RowRenderer,
    { estimate, rowListener, keeper, report }: ViewportOptions,
  ) {
    this.#rows = rows;
    this.#reporter = new ScrollReporter(report);
    this.#window = new RowWindow(host, rows, estimate, rowListener, keeper);
    this.#position = new ScrollPosition(host, this.#window);
    this.#coverage = new Coverage({
      rows,
      window: this.#window,
      position: this.#position,
      following: this.#following,
      reporter: this.#reporter,
    });
  }

  /** Whether there is anything to see. */
  get showsRows(): boolean {
    return !this.#suspended && !this.#printing && this.#rows.count > 0;
  }

  get atEnd(): boolean {
    this.#window.look();
    return this.#rows.range.last === this.#rows.count && this.#position.atEnd;
  }

  /** Starts, or goes on where the list was before it was moved or left its document. */
  attach({ strut, ...spacers }: ViewportBoxes): void {
    this.#window.spacers = spacers;
    this.#position.strut = strut;
    this.#suspended = true;
    this.readBox();
  }

  /** The host has left its document. */
  detach(): void {
    this.#suspended = true;
  }

  /**
   * Takes the size of the host. Says whether it has one; when it has one again, the list is put back to where it was.
   */
  readBox(): boolean {
    const wasSuspended = this.#suspended;
    const { hidden, widthChanged } = this.#window.readBox();
    this.#suspended = hidden;
    this.#estimatesOutdated ||= widthChanged;
    if (wasSuspended && !hidden) this.#resume();
    return !hidden;
  }

  /** Whether the list sticks to its end. Turning it on goes there. */
  setFollowsEnd(followsEnd: boolean): void {
    if (followsEnd === this.#following.followsEnd) return;
    const { pinned } = this.#following;
    this.#following.followsEnd = followsEnd;
    // The page asked for it, so there is nothing to tell it.
    this.#reporter.assume({ pinned: followsEnd });
    this.#look();
    if (this.#suspended) {
      // It goes on where it was: without a box nothing says so but this.
      if (pinned && this.#rows.count > 0) {
        this.#following.lock({ index: this.#rows.count - 1, align: 'end' });
      }
      return;
    }
    if (followsEnd) this.#showEnd();
    else this.#coverage.grab();
  }

  /** Whether all rows are mounted, whatever their number. */
  setWhole(whole: boolean): void {
    if (whole === this.#whole) return;
    this.#whole = whole;
    this.#window.reach = whole ? Infinity : 0;
    this.#look();
    if (!this.showsRows) return;
    this.#coverage.keep();
    this.#coverage.extend();
  }

  /** Mounts rows for the printer: from those in view on backwards, as many as may be. */
  startPrint(): void {
    if (!this.showsRows) return;
    const last = Math.min(this.#rows.count, Math.max(this.#rows.range.last, MAX_PRINTED_ROWS));
    this.#window.look();
    this.#coverage.keep();
    this.#coverage.mount({ first: Math.max(0, last - MAX_PRINTED_ROWS), last });
    this.#printing = true;
  }

  endPrint(): void {
    if (!this.#printing) return;
    this.#printing = false;
    this.#window.look();
    this.#coverage.keep();
    this.#cover();
  }

  /** Where the reader is: the first item in view, and its upper edge in CSS px below that of the view. */
  get place(): ItemPosition | undefined {
    this.#window.look();
    // Without a box it is where the list will go on.
    const anchor = this.#suspended ? this.#position.anchor : this.#position.first;
    return anchor && this.#rows.count > 0 ? { index: anchor.row.index, top: anchor.rowTop } : undefined;
  }

  /** The height of an item, seen or estimated. */
  sizeOf(index: number): number {
    return this.#window.layout.sizeOf(index);
  }

  /** Renders again what came in place of a placeholder. */
  refreshItems(): void {
    this.#window.look();
    if (!this.#suspended) this.#coverage.keep();
    this.#rows.refresh();
  }

  /** Takes over other items, or another way to render them. */
  update(source: RowSource): void {
    this.#look();
    if (!this.#suspended) this.#coverage.hold();
    const change = this.#rows.compare(source);
    if (!change) {
      // The observer reports rows that got another size before they are painted.
      this.#rows.update(source, undefined);
      return;
    }
    const survives = this.#position.adoptSurvivor(change, !this.#suspended);
    if (!this.#suspended && !this.#following.pinned) this.#position.brace();
    this.#rows.update(source, change);
    this.#window.layout.apply(change);
    const { count } = this.#rows;
    this.#following.change(change, count);
    if (count > MAX_WHOLE_LIST && !this.#whole) this.#window.reach = 0;
    if (change.start === 0 && change.sources.length > 0) this.#reporter.assume({ nearStart: false });
    if (change.start + change.sources.length === count) this.#reporter.assume({ nearEnd: false });
    if (!this.#suspended) this.#arrange(change, survives);
  }

  /** Brings an item to its place at once, or smoothly. Without a box it is remembered. */
  scrollTo(target: ScrollTarget, smooth: boolean): void {
    if (this.#rows.count === 0) return;
    const index = Math.min(this.#rows.count - 1, Math.max(0, Math.trunc(target.index) || 0));
    const within = { ...target, index };
    this.#edgeKey = undefined;
    this.#following.lock(within);
    this.#look();
    this.#position.closeRoom();
    if (this.#suspended) return;
    if (smooth) this.#glide(within);
    else this.#jump(within);
  }

  get following(): boolean {
    return this.#following.pinned;
  }

  /** Whether the end of the last item is in view, or above it. */
  get endShown(): boolean {
    this.#window.look();
    return this.#window.distances().end < 1;
  }

  scrollToEnd(): void {
    if (!this.#following.followsEnd) {
      return this.scrollTo({ index: this.#rows.count - 1, align: 'end' }, false);
    }
    this.#edgeKey = undefined;
    this.#look();
    this.#following.pin();
    if (!this.#suspended) this.#showEnd();
  }

  /** The reader reaches for the list. */
  gesture(gesture: Gesture, event: Event): void {
    this.#window.look();
    const edge = gesture === 'start' || gesture === 'end' ? gesture : undefined;
    this.#edgeKey = edge && !this.#isAt(edge) ? { event, edge } : undefined;
    if (this.#suspended || this.#following.free) return;
    const { pinned } = this.#following;
    this.#following.gesture(gesture, this.#position.scrollTop > 0);
    if (pinned) this.#coverage.grab();
    this.#coverage.publish();
  }

  /** The list has scrolled, or been scrolled. */
  scrolled(): void {
    this.#window.look();
    this.#settlesIn = 0;
    this.#coverage.readScroll();
    // The list has followed its end, and all is where it should be.
    if (this.#following.pinned && !this.#coverage.isDue) return;
    this.#coverage.keep();
    this.#cover();
  }

  /** It has come to rest: `refresh` is to be called in the next frame. */
  scrollEnded(): void {
    this.#window.look();
    this.#coverage.readScroll();
    const { gliding } = this.#following;
    const glide = gliding && this.#position.glideOn(gliding);
    if (glide === 'under way') return;
    if (glide === 'lost') this.#following.loseTarget();
    else this.#following.land();
    this.#coverage.hold();
    this.#settlesIn = REST_FRAMES;
    const key = this.#edgeKey;
    this.#edgeKey = undefined;
    // Listeners beyond the list may have taken the key after it was told of.
    if (!key || key.event.defaultPrevented || this.#isAt(key.edge)) return;
    if (key.edge === 'end') this.scrollToEnd();
    else this.scrollTo({ index: 0, align: 'start' }, false);
  }

  /** A finger is down again: what was to be put in order waits. Says whether anything was. */
  postpone(): boolean {
    const isWaiting = this.#settlesIn > 0;
    this.#settlesIn = 0;
    return isWaiting;
  }

  /** Records the size a row was observed to have. Says whether that is news. */
  observed(row: Row, size: number): boolean {
    return this.#window.observed(row, size);
  }

  /** Sizes changed: puts things right before they are painted. Says whether there is more to do in the next frame. */
  absorb(): boolean {
    this.#window.look();
    this.#window.setAfter();
    this.#coverage.keep();
    if (this.#window.hasGap()) {
      this.#cover();
      return false;
    }
    this.#coverage.grab();
    this.#coverage.publish();
    // Rows mounted in here are observed only from the next frame on: without a gap it can wait.
    return (
      this.#estimatesOutdated ||
      this.wantsMore ||
      this.#window.wantedRange(this.#coverage.direction) !== undefined
    );
  }

  /** Keeps the place of what is seen, and takes what is there now as right. */
  steady(): void {
    this.#window.look();
    this.#coverage.keep();
    this.#coverage.grab();
  }

  /** Does what could wait. `quiet`: no size has changed since. Says whether there is more to do in the next frame. */
  refresh(quiet: boolean): boolean {
    // A list that was hidden in this frame has not been told yet, and has no sizes to put anything in order by.
    if (!this.readBox()) return false;
    const settles = this.#settlesIn === 1;
    this.#settlesIn = Math.max(0, this.#settlesIn - 1);
    if (this.#settlesIn > 0) return true;
    // What is estimated anew moves the scrollbar: it waits until the width has come to rest.
    if (this.#estimatesOutdated) {
      if (!settles && !quiet) return true;
      this.#reestimate();
    }
    if (settles) this.#settle();
    else {
      // Rows may have grown in this very frame: without it those at the end would be taken for far away.
      this.#coverage.keep();
      if (quiet && this.wantsMore) this.#window.reach += this.#window.height;
      this.#coverage.extend();
    }
    return this.#estimatesOutdated || this.wantsMore;
  }

  /** Whether rows are yet to be mounted that could wait: those of a short list, a view at a time. */
  get wantsMore(): boolean {
    const { first, last } = this.#rows.range;
    const { count } = this.#rows;
    return count <= MAX_WHOLE_LIST && last > first && last - first < count && !this.#whole;
  }

  /** The page may have hidden the list in this very task: nothing in it has a size then. */
  #look(): void {
    if (this.#suspended) this.#window.look();
    else this.readBox();
  }

  #cover(): void {
    if (!this.#coverage.cover()) this.#start();
  }

  #isAt(edge: 'start' | 'end'): boolean {
    if (edge === 'end') return this.atEnd;
    return this.#rows.range.first === 0 && this.#position.scrollTop <= 0;
  }

  #reestimate(): void {
    this.#window.layout.reestimate(this.#rows.range);
    this.#window.setAfter();
    this.#estimatesOutdated = false;
  }

  /** Puts in order, now that nothing moves, what would have been felt in a scroll. */
  #settle(): void {
    this.#coverage.hold();
    this.#window.layout.refresh();
    this.#window.setAfter();
    this.#position.normalize();
    this.#coverage.hold();
    if (!this.#following.pinned) this.#position.grabFirst();
    this.#coverage.extend();
  }

  // Going somewhere

  /** Shows the list from where it belongs: after the first items, or when nothing that was in view is left. */
  #start(index = 0): void {
    if (this.#rows.count === 0) {
      this.#position.release();
      this.#position.leaveEnd();
      this.#window.mount({ first: 0, last: 0 });
      this.#window.setAfter();
      this.#window.setBefore(0);
      return this.#coverage.publish();
    }
    const { locked } = this.#following;
    if (locked) return this.#jump(locked);
    if (this.#following.pinned) return this.#showEnd();
    this.#coverage.direction = 'down';
    this.#coverage.mountAround({ index, top: 0 });
    this.#position.place({ index, top: 0 }, 'scroll');
    this.#coverage.extend();
  }

  /** Puts the list back to where it was before it lost its box, and with it its scroll position. */
  #resume(): void {
    const { anchor } = this.#position;
    this.#following.land();
    if (!this.#following.free || !anchor?.row.element.isConnected) return this.#start();
    const position = { index: anchor.row.index, top: anchor.rowTop };
    this.#coverage.mountAround(position);
    this.#position.place(position, 'scroll');
    this.#position.adopt(anchor);
    this.#coverage.hold();
    this.#coverage.extend();
  }

  #jump(target: ScrollTarget): void {
    const { index } = target;
    const { layout, height } = this.#window;
    const position = { index, top: alignedTop(target, layout.sizeOf(index), height) };
    if (target.room) this.#position.openRoom();
    this.#coverage.mountAround(position);
    this.#position.place(position, 'scroll');
    if (target.room) this.#position.fitRoom();
    this.#coverage.hold();
    this.#coverage.extend();
  }

  /** Far away, a smooth scroll begins one view from its target: nobody reads what flies by. */
  #glide(target: ScrollTarget): void {
    const { index } = target;
    const { first, last } = this.#rows.range;
    this.#following.glide(target);
    if (index < first || index >= last) {
      const { height } = this.#window;
      this.#coverage.direction = index < first ? 'up' : 'down';
      const position = { index, top: index < first ? -height : height };
      this.#coverage.mountAround(position);
      this.#position.place(position, 'scroll');
    }
    this.#coverage.extend();
    if (this.#position.glideTo(target) === 'arrived') this.#following.land();
  }

  #showEnd(): void {
    const index = this.#rows.count - 1;
    if (index < 0) return;
    this.#coverage.direction = 'up';
    const { layout, height } = this.#window;
    this.#coverage.mountAround({ index, top: height - layout.sizeOf(index) });
    this.#position.followEnd();
    this.#coverage.extend();
  }

  /** Mounts the rows of a new order around the anchor. */
  #arrange(change: ListChange, survives: boolean): void {
    const { anchor } = this.#position;
    if (!anchor || !survives || this.#following.pinned) {
      return this.#start(Math.max(0, Math.min(change.start, this.#rows.count - 1)));
    }
    const position = { index: anchor.row.index, top: anchor.rowTop };
    this.#window.mount(this.#window.rangeAround(position, this.#coverage.direction));
    this.#coverage.hold();
    this.#window.setAfter();
    this.#coverage.extend();
  }
}
