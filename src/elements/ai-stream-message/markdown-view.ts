import { type MarkdownSession, type MarkdownUpdate, plainPieces, withoutOddText } from '../../core/index.js';
import { oncePerFrame } from '../shared/frame.js';
import { completeLimits, type Limits } from '../shared/limits.js';
import { warnOnce } from '../shared/warn-once.js';
import { BlockPatcher } from './block-patcher.js';
import type { ContentPolicy } from './content-policy.js';
import { refreshImages } from './image-frame.js';
import { CodeBlocks, type CodeBlocksOptions } from './code-blocks.js';
import { findRenderer } from './code-renderer.js';
import { markdownClient } from './markdown-service.js';

/**
 * Milliseconds of a frame that patches may take. What a burst brings, or a time without frames, is spread over
 * several.
 */
const MAX_FRAME_TIME = 8;

/**
 * Milliseconds between two changes of what is shown, while text goes on coming. Nobody reads faster, and each change
 * has its price in style, layout and paint: with 60 frames a second it is paid in every second one.
 */
const MIN_INTERVAL = 25;

/** How text is read, as it stands when a text begins. */
export interface MarkdownSource {
  readonly limits: () => Partial<Limits>;
  /** Where the worker's file is; undefined: nowhere, it starts from a `blob:`. */
  readonly workerUrl: () => string | undefined;
}

export interface MarkdownViewOptions extends CodeBlocksOptions, MarkdownSource {
  /** Name for `::part()`. */
  readonly part?: string;
  readonly policy: () => ContentPolicy;
  /** The whole source, for when rendering has to start over or to do without markdown. */
  readonly source: () => string;
}

/** Letters that are written from right to left (Unicode, Bidi_Class R and AL, by their blocks). */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** UTF-16 units of each delta in which the letter that gives a text its direction is looked for. */
const MAX_DIRECTION_TEXT = 1000;

/**
 * The direction of the first letter that is not in a tag, or empty. With `dir="auto"` browsers look through all text
 * at every change of it.
 */
function directionOf(text: string): 'ltr' | 'rtl' | '' {
  const start = text.slice(0, MAX_DIRECTION_TEXT).replaceAll(/<[^<>]*>/g, '');
  const letter = /\p{L}/u.exec(start)?.[0];
  if (!letter) return '';
  return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr';
}

/**
 * Shows one text part: text in, DOM out. It hands the text to the markdown worker as it comes and puts what comes
 * back into the DOM once per frame, so appending costs next to nothing.
 */
export class MarkdownView {
  /** Holds the rendered blocks, and nothing else. */
  readonly element: HTMLDivElement;
  readonly #source: () => string;
  readonly #options: MarkdownViewOptions;
  #limits: Limits;
  /** The text is longer than it may be: what comes further is not shown. */
  #isCut = false;
  /** Whether math was kept from markdown when the text was begun. */
  #math = false;
  readonly #patcher: BlockPatcher;
  readonly #code: CodeBlocks;
  #session: MarkdownSession | undefined;
  #unsent = '';
  /** UTF-16 units: taken in here, received back as patches, and in the DOM. */
  #length = 0;
  #received = 0;
  #shown = 0;
  /** No more is to come: said here, said to the worker, received back, and in the DOM. */
  #ended = false;
  #endSent = false;
  #endReceived = false;
  #endShown = false;
  /** Disposed of before everything was shown. */
  #cutOff = false;
  /** Rendering failed: the source is shown as it is. */
  #plain = false;
  #waiting: (() => void)[] = [];
  /** When what is shown was changed last, as `performance.now()` gives it. */
  #changed = 0;
  readonly #show = oncePerFrame(() => this.#showPending());

  constructor(options: MarkdownViewOptions) {
    const { part, policy, source } = options;
    this.#source = source;
    this.#options = options;
    this.#limits = completeLimits(options.limits());
    this.element = document.createElement('div');
    this.element.className = 'markdown pending';
    if (part) this.element.setAttribute('part', part);
    this.#patcher = new BlockPatcher(this.element, policy);
    this.#code = new CodeBlocks(this.element, options);
  }

  append(delta: string): void {
    if (delta === '') return;
    // What was parsed as a whole, or let go of half-way, is parsed as a whole again.
    if (this.#ended || this.#cutOff) this.replace(this.#source());
    else this.#take(delta);
  }

  /** Shows this text instead of all there was. */
  replace(text: string): void {
    this.#restart();
    this.#take(text);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#markPending();
    queueMicrotask(() => this.#send());
  }

  /** Fulfils when all that was appended so far is in the DOM. */
  get settled(): Promise<void> {
    if (this.#isSettled) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets go of the worker's state. What is shown stays; what the worker still had comes with `resume()`. */
  dispose(): void {
    this.#cutOff = !this.#plain && this.#length > 0 && !this.#endShown;
    this.#session?.dispose();
    this.#session = undefined;
    this.#patcher.stop();
    this.#code.release();
    this.#unsent = '';
    this.#release();
  }

  /** Goes on after `dispose()`. */
  resume(): void {
    this.#code.resume();
    if (this.#cutOff) this.reread();
  }

  /** Shows code and images anew, for texts or renderers that have changed. */
  refresh(): void {
    if (this.#hasMath !== this.#math) {
      this.reread();
      return;
    }
    this.#code.refresh();
    refreshImages(this.element);
  }

  /** Shows everything anew, for other rules. */
  reread(): void {
    if (this.#length === 0) return;
    const ended = this.#ended;
    this.replace(this.#source());
    if (ended) this.end();
  }

  get #hasMath(): boolean {
    return findRenderer(this.#options.renderers(), 'math') !== undefined;
  }

  get #isSettled(): boolean {
    if (this.#plain || this.#cutOff || this.#length === 0) return true;
    return this.#shown === this.#length && (!this.#ended || this.#endShown);
  }

  #take(added: string): void {
    if (added === '' || this.#isCut) return;
    const room = this.#limits.maxAnswerChars - this.#length;
    this.#isCut = added.length > room;
    const delta = this.#isCut ? `${added.slice(0, room)}…` : added;
    this.#length += delta.length;
    this.element.dir ||= directionOf(delta);
    if (this.#plain) this.#addPlain(delta);
    else {
      if (this.#unsent === '') this.#sendSoon();
      this.#unsent += delta;
    }
  }

  /** What comes between two changes goes to the worker together, in time for the next: each message wakes it. */
  #sendSoon(): void {
    if (this.#isResting || this.#hasNews) this.#show();
    else queueMicrotask(() => this.#send());
  }

  #send(): void {
    const delta = this.#unsent;
    this.#unsent = '';
    if (delta !== '') {
      this.#session ??= this.#open();
      this.#session.append(delta);
    }
    if (this.#ended && !this.#endSent && this.#session) {
      this.#endSent = true;
      this.#session.end();
    }
  }

  #open(): MarkdownSession {
    this.#math = this.#hasMath;
    const { html } = this.#options.policy();
    const limits = this.#limits;
    return markdownClient(this.#options.workerUrl()).open((update) => this.#receive(update), {
      math: this.#math,
      html,
      limits,
      renderTimeout: limits.renderTimeout,
    });
  }

  #receive(update: MarkdownUpdate): void {
    if (update.reset) this.#patcher.clear();
    this.#patcher.add(update.patches);
    this.element.classList.toggle('plain', update.plain);
    this.#received = update.received;
    this.#endReceived = update.ended;
    this.#show();
  }

  #showPending(): void {
    const hasNews = this.#hasNews;
    const isDue = hasNews && (!this.#isResting || this.#endReceived);
    const { isBehind } = this.#patcher;
    // In frames with a change it would be a second message for the next one.
    if (!isDue || isBehind) this.#send();
    if (!isDue && !isBehind) {
      if (hasNews) this.#show();
      return;
    }
    const now = performance.now();
    this.#changed = now;
    try {
      const isDone = this.#patcher.apply(now + MAX_FRAME_TIME);
      this.#code.update(isDone, this.#endReceived);
      if (this.#patcher.wantsFrame || this.#unsent !== '') this.#show();
      if (!isDone) return;
    } catch (error) {
      this.#showPlain(error);
    }
    this.#shown = this.#received;
    if (this.#endReceived) {
      this.#endShown = true;
      this.#session = undefined;
      this.#patcher.end();
    }
    this.#markPending();
    if (this.#isSettled) this.#release();
  }

  /** There is something to show. */
  get #hasNews(): boolean {
    return this.#patcher.wantsFrame || this.#received !== this.#shown || this.#endReceived;
  }

  /** What is shown was changed a moment ago. A hidden page has no frames to save. */
  get #isResting(): boolean {
    return document.visibilityState === 'visible' && performance.now() - this.#changed < MIN_INTERVAL;
  }

  /** Something is still to come, or on its way through the worker: it has its first line already. */
  #markPending(): void {
    this.element.classList.toggle('pending', !this.#ended || !this.#isSettled);
  }

  /** The text is worth more than its looks. */
  #showPlain(error: unknown): void {
    warnOnce(
      'plain-text',
      `a message is shown as plain text: ${error instanceof Error ? error.message : String(error)}`,
    );
    this.#plain = true;
    this.dispose();
    this.#patcher.clear();
    this.element.classList.add('plain');
    this.#addPlain(this.#source().slice(0, this.#length));
  }

  /** Adds text as it is written to the block that is open, and to others behind it. */
  #addPlain(text: string): void {
    const open = this.element.lastElementChild;
    const shown = open?.textContent ?? '';
    const [first = '', ...others] = plainPieces(shown + withoutOddText(text));
    open?.append(first.slice(shown.length));
    for (const piece of open ? others : [first, ...others]) {
      const block = document.createElement('p');
      block.append(piece);
      this.element.append(block);
    }
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #restart(): void {
    this.element.dir = '';
    this.#session?.dispose();
    this.#session = undefined;
    this.#patcher.clear();
    // Another text may be none of the trouble.
    this.#plain = false;
    this.element.classList.remove('plain');
    this.#cutOff = false;
    this.#isCut = false;
    this.#limits = completeLimits(this.#options.limits());
    this.#unsent = '';
    this.#length = 0;
    this.#received = 0;
    this.#shown = 0;
    this.#ended = false;
    this.#endSent = false;
    this.#endReceived = false;
    this.#endShown = false;
    this.#markPending();
  }
}
