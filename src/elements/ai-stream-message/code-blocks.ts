import type { Strings } from '../../core/index.js';
import { copyCode, frameCode, labelCode } from './code-frame.js';
import { CodeHighlights } from './code-highlights.js';
import { callRenderer, findRenderer, type Renderers } from './code-renderer.js';
import { renderedPlace } from './frame-root.js';
import { frameMath } from './math-frame.js';

/** What blocks of code ask of the message, at the time they need it. */
export interface CodeBlocksOptions {
  readonly strings: () => Strings;
  readonly renderers: () => Renderers;
}

/** Blocks of code, and math in a line of text. */
const CODE = 'pre, [part="math"] > code';

interface CodeBlock {
  language: string;
  isComplete: boolean;
  /** What the page's renderer has got; undefined before its first call. */
  rendered: string | undefined;
}

/**
 * Blocks of one text that get a header or the page's renderer. Browsers look through all shadow roots at each change of
 * style.
 */
const MAX_FRAMES = 500;

/** The language of math, and of math in a line of text that wants lines of its own. */
const MATH = 'math';
const MATH_DISPLAY = 'math-display';

const OBSERVED: MutationObserverInit = {
  subtree: true,
  childList: true,
  characterData: true,
  attributeFilter: ['class'],
};

/**
 * The blocks of code in the rendered content: gives each its header, its colors and the page's renderer. It goes by
 * what has changed in the DOM, whoever changed it, and changes nothing there itself.
 */
export class CodeBlocks {
  readonly #root: HTMLElement;
  readonly #options: CodeBlocksOptions;
  readonly #blocks = new Map<HTMLElement, CodeBlock>();
  readonly #observer: MutationObserver;
  /** Those whose end may be still to come: the last one, and those before it until they have been looked at again. */
  readonly #open = new Set<HTMLElement>();
  #hasEnded = false;
  /** More of what has come is put into the page in the next frame. */
  #isBehind = false;
  readonly #isLive = (): boolean => !this.#hasEnded;

  constructor(root: HTMLElement, options: CodeBlocksOptions) {
    this.#root = root;
    this.#options = options;
    this.#observer = new MutationObserver((records) => this.#note(records));
    this.#observer.observe(root, OBSERVED);
    root.addEventListener('contentvisibilityautostatechange', (event) => this.#skip(event), true);
  }

  /** The content has been changed; `isDone`: by all that has come; `hasEnded`: for the last time. */
  update(isDone: boolean, hasEnded: boolean): void {
    this.#isBehind = !isDone;
    this.#hasEnded = isDone && hasEnded;
    this.#note(this.#observer.takeRecords());
    for (const pre of this.#open) this.#refresh(pre);
    CodeHighlights.page?.moved(this.#root);
  }

  /** Lets go of what the page holds for them. */
  release(): void {
    for (const pre of this.#blocks.keys()) CodeHighlights.page?.unwatch(pre);
  }

  /** Goes on after `release()`. */
  resume(): void {
    for (const [pre, block] of this.#blocks) this.#watch(pre, block);
  }

  /** Does everything again, for texts or renderers that have changed. */
  refresh(): void {
    for (const [pre, block] of this.#blocks) {
      block.rendered = undefined;
      renderedPlace(pre.parentElement)?.replaceChildren();
      block.isComplete = false;
      this.#refresh(pre);
    }
  }

  #note(records: readonly MutationRecord[]): void {
    const changed = new Set<HTMLElement>();
    for (const { target, addedNodes, removedNodes } of records) {
      const around = (target instanceof Element ? target : target.parentElement)?.closest<HTMLElement>(CODE);
      if (around) changed.add(around);
      for (const node of addedNodes) for (const pre of blocksIn(node)) changed.add(pre);
      for (const node of removedNodes) for (const pre of blocksIn(node)) changed.add(pre);
    }
    for (const pre of changed) this.#refresh(pre);
  }

  #refresh(pre: HTMLElement): void {
    if (!this.#root.contains(pre)) {
      this.#remove(pre);
      return;
    }
    const language = languageOf(pre);
    const isComplete = this.#hasEnded || isFollowed(pre, this.#root);
    let block = this.#blocks.get(pre);
    if (!block) {
      block = { language, isComplete, rendered: undefined };
      this.#blocks.set(pre, block);
      this.#frame(pre, language);
      this.#watch(pre, block);
    } else if (block.language !== language) {
      block.language = language;
      this.#watch(pre, block);
    }
    const wasComplete = block.isComplete && block.rendered !== undefined;
    block.isComplete = isComplete;
    if (isComplete) this.#open.delete(pre);
    else this.#open.add(pre);
    const root = pre.parentElement?.shadowRoot;
    if (root) labelCode(root, language, this.#options.strings());
    CodeHighlights.page?.grew(pre, isComplete);
    this.#render(pre, block, wasComplete);
  }

  /** Lets the page's renderer show the code, where there is one and it does not have this already. */
  #render(pre: HTMLElement, block: CodeBlock, wasComplete: boolean): void {
    const renderer = findRenderer(this.#options.renderers(), block.language);
    const place = renderedPlace(pre.parentElement);
    if (!renderer || !place) return;
    const source = sourceOf(pre);
    const { isComplete: complete, rendered } = block;
    if (source === rendered && complete === wasComplete) return;
    // The rest of it may have come already.
    if (!complete && this.#isBehind) return;
    block.rendered = source;
    callRenderer(renderer, source, place, { complete, display: isDisplayed(pre) });
  }

  #remove(pre: HTMLElement): void {
    if (!this.#blocks.delete(pre)) return;
    this.#open.delete(pre);
    CodeHighlights.page?.unwatch(pre);
  }

  #watch(pre: HTMLElement, { language, isComplete }: CodeBlock): void {
    // What is not in the page is watched when it comes back.
    if (language === '' || language === MATH || !this.#root.isConnected) CodeHighlights.page?.unwatch(pre);
    else CodeHighlights.page?.watch(pre, language, isComplete, this.#isLive);
  }

  #frame(pre: HTMLElement, language: string): void {
    if (this.#blocks.size >= MAX_FRAMES) return;
    const wrapper = pre.parentElement;
    const part = wrapper?.getAttribute('part');
    if (!wrapper || (part !== 'code' && part !== 'math')) return;
    if (language === MATH && findRenderer(this.#options.renderers(), MATH)) frameMath(wrapper);
    else frameCode(wrapper, this.#copy);
    // It may have grouped something else a moment ago.
    renderedPlace(wrapper)?.replaceChildren();
  }

  readonly #copy = ({ currentTarget }: Event): void => {
    const button = currentTarget as HTMLElement;
    const pre = (button.getRootNode() as ShadowRoot).host.querySelector('pre');
    if (pre) void copyCode(button, sourceOf(pre), this.#options.strings());
  };

  /** What layout skips is not on screen, and to look for it there would cost at every frame. */
  #skip(event: Event): void {
    const { target, skipped } = event as ContentVisibilityAutoStateChangeEvent;
    if (!(target instanceof Element)) return;
    for (const [pre, block] of this.#blocks) {
      if (!target.contains(pre)) continue;
      if (skipped) CodeHighlights.page?.unwatch(pre);
      else this.#watch(pre, block);
    }
  }
}

function blocksIn(node: Node): Iterable<HTMLElement> {
  if (!(node instanceof HTMLElement)) return [];
  return node.matches(CODE) ? [node] : node.querySelectorAll<HTMLElement>(CODE);
}

/** The language behind the fence, as the model wrote it; empty where there is none. */
function languageOf(pre: HTMLElement): string {
  const [, language = ''] = /^language-(\S+)$/.exec(classOf(pre)) ?? [];
  return language === MATH_DISPLAY ? MATH : language;
}

function classOf(pre: HTMLElement): string {
  return (pre.localName === 'pre' ? pre.firstElementChild : pre)?.className ?? '';
}

function isDisplayed(pre: HTMLElement): boolean {
  return pre.localName === 'pre' || classOf(pre) === `language-${MATH_DISPLAY}`;
}

/** The code as it was written. The renderer of markdown ends it with a line end of its own. */
function sourceOf(pre: HTMLElement): string {
  return (pre.textContent ?? '').replace(/\n$/, '');
}

/**
 * Whether anything stands behind it in the document. Then it is complete: markdown is read from left to right, and
 * what follows a block of code has closed it.
 */
function isFollowed(pre: Node, root: Node): boolean {
  for (let node: Node | null = pre; node && node !== root; node = node.parentNode) {
    for (let next = node.nextSibling; next; next = next.nextSibling) {
      if (next instanceof Element || next.nodeValue?.trim()) return true;
    }
  }
  return false;
}
