import type { Row, RowRenderer } from './row-renderer.js';

/** Views that are looked through for something to focus, before the Tab key leads out of the list. */
const MAX_VIEWS = 50;

/** Frames that rows may take to show what is in them. */
const RENDER_FRAMES = 3;

/** The two invisible Tab stops in the shadow root, before the rows and behind them. */
export interface Guides {
  readonly before: HTMLElement;
  readonly after: HTMLElement;
}

/** What the guide needs of the list. */
export interface TabGuideOptions {
  readonly host: HTMLElement;
  readonly rows: RowRenderer;
  /** Brings an item to the edge of the view that the key leads away from. */
  readonly show: (index: number, step: 1 | -1) => void;
}

/**
 * Leads the Tab key through rows that are not mounted yet. Behind the last mounted row comes a guide, and whoever
 * gets there is taken to the next row that has something to focus. It is there only while the focus is in a row, and
 * there are rows to be led to: nobody who passes the list by gets to it.
 */
export class TabGuide {
  readonly #host: HTMLElement;
  readonly #rows: RowRenderer;
  readonly #show: (index: number, step: 1 | -1) => void;
  #guides: Guides | undefined;
  #hasFocus = false;

  constructor({ host, rows, show }: TabGuideOptions) {
    this.#host = host;
    this.#rows = rows;
    this.#show = show;
  }

  listen(guides: Guides, signal: AbortSignal): void {
    this.#guides = guides;
    const { before, after } = guides;
    before.addEventListener('focus', (event) => void this.#lead(event, -1), { signal });
    after.addEventListener('focus', (event) => void this.#lead(event, 1), { signal });
    this.#host.addEventListener('focusin', ({ target }) => this.#focusMoved(target), { signal });
    this.#host.addEventListener(
      'focusout',
      ({ relatedTarget }) => {
        // A guide is told of as the host: `focusin` tells which of them it is.
        if (relatedTarget !== this.#host) this.#focusMoved(relatedTarget);
      },
      { signal },
    );
    this.update();
  }

  /** Other rows are mounted. */
  update(): void {
    if (!this.#guides) return;
    const { before, after } = this.#guides;
    const { first, last } = this.#rows.range;
    // A guide that goes while it has the focus would drop it onto the page.
    before.hidden = (first === 0 || !this.#hasFocus) && !before.matches(':focus');
    after.hidden = (last === this.#rows.count || !this.#hasFocus) && !after.matches(':focus');
    for (const guide of [before, after]) guide.setAttribute('role', this.#rows.role);
  }

  #focusMoved(to: EventTarget | null): void {
    const onGuide = [this.#guides?.before, this.#guides?.after].some((guide) => guide?.matches(':focus'));
    this.#hasFocus = onGuide || this.#rowOf(to) !== undefined;
    this.update();
  }

  async #lead({ target, relatedTarget }: FocusEvent, step: 1 | -1): Promise<void> {
    const guide = target as HTMLElement;
    const { range } = this.#rows;
    let next = (this.#rowOf(relatedTarget)?.index ?? (step === 1 ? range.first - 1 : range.last)) + step;
    for (let view = 0; view < MAX_VIEWS; view += 1) {
      const found = this.#find(next - step, step);
      if (found) return found.focus();
      const { first, last } = this.#rows.range;
      next = step === 1 ? last : first - 1;
      if (next < 0 || next >= this.#rows.count) return;
      this.#show(next, step);
      for (let frame = 0; frame < RENDER_FRAMES; frame += 1) await nextFrame();
      // The reader has gone somewhere else meanwhile.
      if (!guide.matches(':focus')) return;
    }
  }

  #rowOf(target: EventTarget | null): Row | undefined {
    if (!(target instanceof Element)) return undefined;
    for (const row of this.#rows.mounted) if (row.element.contains(target)) return row;
    return undefined;
  }

  /** The first thing to focus in the mounted rows behind the item `from`. */
  #find(from: number, step: 1 | -1): HTMLElement | undefined {
    const rows = [...this.#rows.mounted]
      .filter(({ index }) => (index - from) * step > 0)
      .toSorted((one, other) => (one.index - other.index) * step);
    for (const { element } of rows) {
      const stops = [...elementsIn(element)].filter(isTabStop);
      const stop = step === 1 ? stops[0] : stops.at(-1);
      if (stop) return stop;
    }
    return undefined;
  }
}

function* elementsIn(root: ParentNode): Generator<Element> {
  for (const element of root.querySelectorAll('*')) {
    yield element;
    if (element.shadowRoot) yield* elementsIn(element.shadowRoot);
  }
}

function isTabStop(element: Element): element is HTMLElement {
  return (
    element instanceof HTMLElement &&
    element.tabIndex >= 0 &&
    !element.matches(':disabled') &&
    element.checkVisibility()
  );
}

function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
