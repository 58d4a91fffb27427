import { watchSelection } from './copy-selection.js';
import { type Gesture, watchGestures } from './reader-gestures.js';
import type { RowKeeper } from './row-keeper.js';
import type { Row, RowRenderer } from './row-renderer.js';
import { SizeObserver } from './size-observer.js';
import type { Guides, TabGuide } from './tab-guide.js';
import type { Viewport, ViewportBoxes } from './viewport.js';

/** Milliseconds without a scroll event that count as the end of a scroll where there is no `scrollend` event. */
const SCROLL_END_DELAY = 150;

/** Microtasks a row may take to render: an element in it takes one, and one more for each level inside. */
const RENDER_TICKS = 4;

/** What the driver tells, and asks. */
export interface ScrollDriverOptions {
  readonly rows: RowRenderer;
  readonly viewport: Viewport;
  readonly keeper: RowKeeper;
  readonly guide: TabGuide;
  /** What an item says, mounted or not. */
  readonly textOf: (index: number) => string;
}

/**
 * Listens to the browser for the viewport: it tells of gestures, scrolls and sizes at the moment at which what they
 * change can still be put right before it is painted.
 */
export class ScrollDriver {
  readonly #host: HTMLElement;
  readonly #rows: RowRenderer;
  readonly #viewport: Viewport;
  readonly #keeper: RowKeeper;
  readonly #guide: TabGuide;
  readonly #textOf: (index: number) => string;
  #connection: AbortController | undefined;
  #sizes: SizeObserver | undefined;
  #resizedInFrame = false;
  #isTouched = false;
  /** The list came to rest under the finger. */
  #restsTouched = false;
  #scrollEndTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, { rows, viewport, keeper, guide, textOf }: ScrollDriverOptions) {
    this.#host = host;
    this.#rows = rows;
    this.#viewport = viewport;
    this.#keeper = keeper;
    this.#guide = guide;
    this.#textOf = textOf;
  }

  /** Starts, or goes on where the list was before it left its document. */
  connect(boxes: ViewportBoxes, guides: Guides): void {
    if (!this.#connection) this.#listen(guides);
    this.#viewport.attach(boxes);
  }

  disconnect(): void {
    this.#connection?.abort();
    this.#connection = undefined;
    this.#sizes?.disconnect();
    this.#sizes = undefined;
    clearTimeout(this.#scrollEndTimer);
    this.#isTouched = false;
    this.#viewport.detach();
    this.#rows.setConnected(false);
  }

  /** A row was mounted. */
  observe({ element }: Row): void {
    this.#sizes?.observe(element);
  }

  /** A row is about to go. */
  unobserve({ element }: Row): void {
    this.#sizes?.unobserve(element);
  }

  #listen(guides: Guides): void {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    this.#sizes = new SizeObserver(
      (entries) => this.#onResize(entries),
      () => this.#onFrame(),
    );
    this.#sizes.observeScroller(this.#host);
    for (const row of this.#rows.mounted) this.#sizes.observe(row.element);
    this.#rows.setConnected(true);
    const options = { passive: true, signal };
    this.#host.addEventListener('touchstart', (event) => this.#onTouch(event), options);
    this.#host.addEventListener('scroll', () => this.#onScroll(), options);
    this.#host.addEventListener('scrollend', () => this.#onScrollEnd(), options);
    watchGestures(this.#host, (gesture, event) => this.#onGesture(gesture, event), signal);
    this.#guide.listen(guides, signal);
    const copied = { rows: this.#rows, keeper: this.#keeper, textOf: this.#textOf };
    watchSelection(this.#host, copied, signal);
    this.#host.addEventListener('keydown', (event) => this.#returnToFocus(event), { signal });
    window.addEventListener('beforeprint', () => this.#viewport.startPrint(), { signal });
    window.addEventListener('afterprint', () => this.#viewport.endPrint(), { signal });
  }

  /** From a row that was left behind with the focus, the Tab key goes on to the row that comes next. */
  #returnToFocus({ key }: KeyboardEvent): void {
    if (key !== 'Tab') return;
    const row = this.#keeper.focused;
    if (row?.away) this.#viewport.scrollTo({ index: row.index, align: 'center' }, false);
  }

  #onGesture(gesture: Gesture, event: Event): void {
    // The end of the scroll before is not the end of what this one begins.
    clearTimeout(this.#scrollEndTimer);
    this.#viewport.gesture(gesture, event);
  }

  #onTouch(event: TouchEvent): void {
    this.#isTouched = true;
    if (this.#viewport.postpone()) this.#restsTouched = true;
    // At the node itself: it tells nobody else once its row is taken away.
    const node = event.composedPath()[0];
    node?.addEventListener('touchend', this.#onTouchEnd, { once: true });
    node?.addEventListener('touchcancel', this.#onTouchEnd, { once: true });
  }

  readonly #onTouchEnd = (event: Event): void => {
    this.#isTouched = (event as TouchEvent).touches.length > 0;
    // Momentum may take it further.
    if (!this.#isTouched && this.#restsTouched) this.#awaitScrollEnd();
  };

  #onScroll(): void {
    if (!this.#viewport.showsRows) return;
    this.#viewport.scrolled();
    if (!('onscrollend' in this.#host)) this.#awaitScrollEnd();
  }

  #awaitScrollEnd(): void {
    clearTimeout(this.#scrollEndTimer);
    this.#scrollEndTimer = setTimeout(() => this.#onScrollEnd(), SCROLL_END_DELAY);
  }

  #onScrollEnd(): void {
    // A scroll position that is written now would end the reader's drag.
    this.#restsTouched = this.#isTouched;
    if (this.#isTouched) return;
    if (!this.#viewport.showsRows) return;
    this.#viewport.scrollEnded();
    this.#sizes?.requestFrame();
  }

  #onResize(entries: readonly ResizeObserverEntry[]): void {
    if (!this.#viewport.readBox()) return;
    this.#onSizes(entries);
    if (this.#sizes?.waiting) void this.#holdUntilPaint();
    if (this.#viewport.wantsMore) this.#sizes?.requestFrame();
  }

  /** Rows mounted by a callback of the observer are not observed before the paint, but may still render before it. */
  async #holdUntilPaint(): Promise<void> {
    for (let tick = 0; tick < RENDER_TICKS; tick += 1) await undefined;
    if (this.#viewport.showsRows) this.#viewport.steady();
  }

  #onSizes(entries: readonly ResizeObserverEntry[]): void {
    let changed = false;
    for (const { target, borderBoxSize } of entries) {
      const row = this.#rows.of(target);
      // The row of an item that was removed.
      if (!row && target !== this.#host) this.#sizes?.unobserve(target);
      const size = borderBoxSize[0]?.blockSize ?? 0;
      if (target === this.#host || (row && this.#viewport.observed(row, size))) changed = true;
    }
    if (!changed || !this.#viewport.showsRows) return;
    this.#resizedInFrame = true;
    if (this.#viewport.absorb()) this.#sizes?.requestFrame();
  }

  #onFrame(): void {
    if (!this.#viewport.showsRows) return;
    const quiet = !this.#resizedInFrame;
    this.#resizedInFrame = false;
    if (this.#viewport.refresh(quiet)) this.#sizes?.requestFrame();
  }
}
