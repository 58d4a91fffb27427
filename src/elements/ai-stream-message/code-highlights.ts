import { TOKEN_KINDS } from '../../core/index.js';
import { HighlightedCode, type Highlights } from './highlighted-code.js';

/** How far outside of what is on screen code has its colors, so that they are there when it scrolls in. */
const MARGIN = '50%';

/** One block of code, as the page's highlights know it. */
interface WatchedCode {
  readonly language: string;
  /** Whether text is still being added to its message. */
  readonly isLive: () => boolean;
  isComplete: boolean;
  /** Undefined while it is out of view. */
  shown: HighlightedCode | undefined;
}

/**
 * The colors of all code on the page. A browser paints every range again when anything in the document changes, and
 * looks at each of them, so there are ranges only for what is on screen.
 */
export class CodeHighlights {
  readonly #highlights: Highlights;
  readonly #watched = new Map<Element, WatchedCode>();
  readonly #onScreen = new Set<Element>();
  readonly #observer: IntersectionObserver;

  private constructor(highlights: Highlights) {
    this.#highlights = highlights;
    // Typed without `scrollMargin`; where it is not known it does not count.
    const options = { rootMargin: MARGIN, scrollMargin: MARGIN } as IntersectionObserverInit;
    this.#observer = new IntersectionObserver((entries) => {
      for (const entry of entries) this.#look(entry);
    }, options);
  }

  static #page: CodeHighlights | undefined;

  /** The page's one, or undefined where the browser has no highlights: code is plain there. */
  static get page(): CodeHighlights | undefined {
    if (!this.#page && typeof Highlight === 'function' && CSS.highlights) {
      this.#page = new CodeHighlights(TOKEN_KINDS.map((kind) => namedHighlight(`ai-code-${kind}`)));
    }
    return this.#page;
  }

  /** Gives this `<pre>` colors whenever it is on screen. */
  watch(pre: Element, language: string, isComplete: boolean, isLive: () => boolean): void {
    this.unwatch(pre);
    this.#watched.set(pre, { language, isComplete, isLive, shown: undefined });
    this.#observer.observe(pre);
  }

  /** Takes its colors away, and lets go of it. */
  unwatch(pre: Element): void {
    if (!this.#watched.has(pre)) return;
    this.#observer.unobserve(pre);
    this.#hide(pre);
    this.#watched.delete(pre);
  }

  /** Its text has grown, or is complete. */
  grew(pre: Element, isComplete: boolean): void {
    const watched = this.#watched.get(pre);
    if (!watched) return;
    watched.isComplete = isComplete;
    watched.shown?.grow(isComplete);
  }

  /** Something in `root` has changed, so what is on screen may be another part of a long block. */
  moved(root: Element): void {
    for (const pre of this.#onScreen) {
      const watched = this.#watched.get(pre);
      if (!watched?.shown?.isLong || !root.contains(pre)) continue;
      if (watched.isLive()) {
        // Observed anew, it is looked at after the next layout, without forcing one.
        this.#observer.unobserve(pre);
        this.#observer.observe(pre);
      } else watched.shown.showLines(0, Infinity);
    }
  }

  #look({ target, isIntersecting, intersectionRect, boundingClientRect }: IntersectionObserverEntry): void {
    const watched = this.#watched.get(target);
    if (!watched) return;
    if (!isIntersecting) {
      this.#hide(target);
      return;
    }
    if (!watched.shown) {
      watched.shown = new HighlightedCode(target, watched.language, this.#highlights);
      watched.shown.grow(watched.isComplete);
      this.#onScreen.add(target);
    }
    if (!watched.isLive() || !watched.shown.isLong) {
      watched.shown.showLines(0, Infinity);
      return;
    }
    const { lineHeight } = watched.shown;
    const { top, bottom } = boundingClientRect;
    // What is added at an end that is on screen is on screen.
    const isEndVisible = intersectionRect.bottom >= bottom;
    watched.shown.showLines(
      (intersectionRect.top - top) / lineHeight,
      isEndVisible ? Infinity : (intersectionRect.bottom - top) / lineHeight,
    );
  }

  #hide(pre: Element): void {
    const watched = this.#watched.get(pre);
    watched?.shown?.dispose();
    if (watched) watched.shown = undefined;
    this.#onScreen.delete(pre);
  }
}

/** Another copy of this package on the page shares it. */
function namedHighlight(name: string): Highlight {
  let highlight = CSS.highlights.get(name);
  if (!highlight) CSS.highlights.set(name, (highlight = new Highlight()));
  return highlight;
}
