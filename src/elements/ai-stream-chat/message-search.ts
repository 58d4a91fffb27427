import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { type Message, messageText, type Strings } from '../../core/index.js';
import type { AiStreamMessageElement } from '../ai-stream-message/ai-stream-message.define.js';
import { plainWords } from './plain-words.js';
import { showRange } from './show-range.js';

/** The name under which what was found is highlighted, in the stylesheet of the chat. */
const HIGHLIGHT = 'ai-found';

/** Whether the key that goes with F is pressed, alone: on Apple's systems the other one moves the cursor. */
function isFindKey({ ctrlKey, metaKey }: KeyboardEvent): boolean {
  return /mac|iphone|ipad/i.test(navigator.platform) ? metaKey && !ctrlKey : ctrlKey && !metaKey;
}

/** What the search needs of the chat. */
export interface MessageSearchOptions {
  readonly root: () => ParentNode;
  readonly messages: () => readonly Message[];
  /** Whether all messages are mounted: the browser's own search finds everything then. */
  readonly showsAll: () => boolean;
  /** Brings a message into view. */
  readonly show: (messageId: string) => void;
  /** The element that shows a message, once it is mounted. */
  readonly find: (messageId: string) => AiStreamMessageElement | undefined;
  /** The scroller of the messages. */
  readonly list: () => Element;
  /** The reader has closed the search. */
  readonly onClose: () => void;
}

/**
 * Finds text in messages that are not mounted, where the browser cannot. Opened by the browser's own keys while the
 * focus is in the chat; pressed again, they open the browser's own search.
 */
export class MessageSearch implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #options: MessageSearchOptions;
  #isOpen = false;
  #found: readonly string[] = [];
  #place = -1;
  #marked: Range | undefined;
  /** What readers see of messages that were looked through, which never change. */
  readonly #words = new WeakMap<Message, string>();
  /** What had the focus before the search. */
  #from: HTMLElement | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, options: MessageSearchOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
    host.addEventListener('keydown', (event) => this.#openByKey(event));
  }

  hostDisconnected(): void {
    this.#mark(undefined);
  }

  template(strings: Strings): TemplateResult {
    return html`<div class="search" part="search" role="search" ?hidden=${!this.#isOpen}>
      <input
        type="search"
        aria-label=${strings.search}
        placeholder=${strings.search}
        @input=${this.#find}
        @keydown=${this.#useKey}
      />
      <span aria-live="polite"
        >${this.#query === '' ? '' : strings.found(this.#place + 1, this.#found.length)}</span
      >
    </div>`;
  }

  get #input(): HTMLInputElement | null {
    return this.#options.root().querySelector('.search input');
  }

  get #query(): string {
    return folded(this.#input?.value ?? '');
  }

  #openByKey(event: KeyboardEvent): void {
    const { key, shiftKey, altKey, defaultPrevented } = event;
    const isFind = key.toLowerCase() === 'f' && isFindKey(event);
    if (!isFind || shiftKey || altKey || defaultPrevented) return;
    if (this.#options.showsAll() || this.#input?.matches(':focus')) return;
    event.preventDefault();
    const { activeElement } = this.#host.shadowRoot ?? {};
    if (!this.#isOpen) this.#from = activeElement instanceof HTMLElement ? activeElement : undefined;
    this.#isOpen = true;
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => this.#input?.select());
  }

  readonly #find = (): void => {
    const query = this.#query;
    // Marks alone are looked for as they are.
    const words = plainWords(query);
    this.#found =
      query === ''
        ? []
        : this.#options
            .messages()
            .filter((message) =>
              words === ''
                ? folded(messageText(message)).includes(query)
                : this.#wordsOf(message).includes(words),
            )
            .map(({ id }) => id);
    // As one reads a chat: the newest first.
    this.#go(this.#found.length - 1);
  };

  #wordsOf(message: Message): string {
    const known = this.#words.get(message);
    const words = known ?? folded(plainWords(messageText(message)));
    if (known === undefined) this.#words.set(message, words);
    return words;
  }

  readonly #useKey = (event: KeyboardEvent): void => {
    // Keys of the search are none of the list's, nor of the page's.
    event.stopPropagation();
    const { key, shiftKey, isComposing } = event;
    // Its keys are those of the input method.
    if (isComposing) return;
    if (key === 'Escape') {
      // A dialog around the chat stays open.
      event.preventDefault();
      this.#close();
    }
    const { length } = this.#found;
    if (key === 'Enter' && length > 0) this.#go((this.#place + (shiftKey ? 1 : length - 1)) % length);
  };

  #go(place: number): void {
    this.#place = place;
    this.#mark(undefined);
    this.#host.requestUpdate();
    const id = this.#found[place];
    if (id === undefined) return;
    this.#options.show(id);
    void this.#reveal(id, this.#query);
  }

  #close(): void {
    this.#isOpen = false;
    this.#mark(undefined);
    this.#host.requestUpdate();
    if (this.#from?.isConnected && this.#from.checkVisibility()) this.#from.focus({ preventScroll: true });
    else this.#options.onClose();
  }

  async #reveal(messageId: string, query: string): Promise<void> {
    // The message is brought into view after what was set a moment ago.
    await this.#host.updateComplete;
    const element = this.#options.find(messageId);
    await element?.settled;
    // The reader may look for something else, or for nothing, by now.
    const isWanted = (): boolean =>
      this.#isOpen && this.#found[this.#place] === messageId && this.#query === query;
    if (!isWanted()) return;
    const range = element?.shadowRoot && rangeOf(element.shadowRoot, query);
    if (!range) return;
    this.#mark(range);
    await showRange(range, this.#options.list(), isWanted);
  }

  #mark(range: Range | undefined): void {
    // Not every engine has highlights; the message is in view all the same.
    if (!('highlights' in CSS)) return;
    // Other chats of the page have theirs in it.
    const highlight = CSS.highlights.get(HIGHLIGHT) ?? new Highlight();
    if (this.#marked) highlight.delete(this.#marked);
    this.#marked = range;
    if (range) highlight.add(range);
    if (highlight.size > 0) CSS.highlights.set(HIGHLIGHT, highlight);
    else CSS.highlights.delete(HIGHLIGHT);
  }
}

/** In lower case, as long as it was: a few letters would become two. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (character) => {
    const small = character.toLowerCase();
    return small.length === character.length ? small : character;
  }).join('');
}

/** The first place of a text, which may go through several nodes. */
function rangeOf(root: ShadowRoot, query: string): Range | undefined {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes: { readonly node: Text; readonly start: number }[] = [];
  let text = '';
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    nodes.push({ node, start: text.length });
    text += node.data;
  }
  const start = folded(text).indexOf(query);
  if (start < 0) return undefined;
  const end = start + query.length;
  const first = nodes.findLast((entry) => entry.start <= start)!;
  const last = nodes.findLast((entry) => entry.start < end)!;
  const range = document.createRange();
  range.setStart(first.node, start - first.start);
  range.setEnd(last.node, end - last.start);
  return range;
}
