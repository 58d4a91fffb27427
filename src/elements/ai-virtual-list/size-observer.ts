/** Watches the sizes of elements that come and go, and gives a turn in the next frame to what can wait. */
export class SizeObserver {
  readonly #observer: ResizeObserver;
  readonly #onFrame: () => void;
  #notifying = false;
  #waiting = new Set<Element>();
  #frame = 0;

  /** `onSizes` runs between layout and paint, `onFrame` before the layout of a frame asked for. */
  constructor(onSizes: (entries: readonly ResizeObserverEntry[]) => void, onFrame: () => void) {
    this.#onFrame = onFrame;
    this.#observer = new ResizeObserver((entries) => {
      this.#notifying = true;
      try {
        onSizes(entries);
      } finally {
        this.#notifying = false;
      }
    });
  }

  /** Whether there are elements that this frame's sizes will not be told of. */
  get waiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Observes the scroller: a scrollbar that comes or goes changes what is within its edges only. */
  observeScroller(scroller: Element): void {
    this.#observer.observe(scroller);
  }

  /**
   * Observes a row, with its padding, from now on; from the next frame on if this is called by `onSizes`, because otherwise the
   * page would get the error "ResizeObserver loop completed with undelivered notifications".
   */
  observe(element: Element): void {
    if (!this.#notifying) {
      this.#observeRow(element);
      return;
    }
    this.#waiting.add(element);
    this.requestFrame();
  }

  #observeRow(element: Element): void {
    this.#observer.observe(element, { box: 'border-box' });
  }

  unobserve(element: Element): void {
    this.#waiting.delete(element);
    this.#observer.unobserve(element);
  }

  requestFrame(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      for (const element of this.#waiting) this.#observeRow(element);
      this.#waiting.clear();
      this.#onFrame();
    });
  }

  disconnect(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#waiting.clear();
    this.#observer.disconnect();
  }
}
