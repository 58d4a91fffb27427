import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { type Message, messageText, type Strings } from '../../core/index.js';

/** The name under which what was found is highlighted, in the stylesheet of the chat. */
const HIGHLIGHT = 'ai-found';

/** Frames that a message may take to show its text. */
const MAX_FRAMES = 60;

export interface MessageSearchOptions {
  readonly root: () => ParentNode;
  readonly messages: () => readonly Message[];
  /** Whether all messages are mounted: the browser's own search finds everything then. */
  readonly showsAll: () => boolean;
  /** Brings a message into view. */
  readonly show: (messageId: string) => void;
  /** The element that shows a message, once it is mounted. */
  readonly find: (messageId: string) => Element | undefined;
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
    return this.#input?.value.toLowerCase() ?? '';
  }

  #openByKey(event: KeyboardEvent): void {
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
    if (key.toLowerCase() !== 'f' || ctrlKey === metaKey || shiftKey || altKey || event.defaultPrevented)
      return;
    if (this.#options.showsAll() || this.#input?.matches(':focus')) return;
    event.preventDefault();
    this.#isOpen = true;
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => this.#input?.select());
  }

  readonly #find = (): void => {
    const query = this.#query;
    this.#found =
      query === ''
        ? []
        : this.#options
            .messages()
            .filter((message) => messageText(message).toLowerCase().includes(query))
            .map(({ id }) => id);
    // As one reads a chat: the newest first.
    this.#go(this.#found.length - 1);
  };

  readonly #useKey = (event: KeyboardEvent): void => {
    // Keys of the search are none of the list's, nor of the page's.
    event.stopPropagation();
    const { key, shiftKey } = event;
    if (key === 'Escape') this.#close();
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
    this.#options.onClose();
  }

  async #reveal(messageId: string, query: string): Promise<void> {
    for (let frame = 0; frame < MAX_FRAMES; frame += 1) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      // The reader looks for something else, or for nothing, by now.
      if (!this.#isOpen || this.#found[this.#place] !== messageId || this.#query !== query) return;
      const element = this.#options.find(messageId);
      const range = element?.shadowRoot && rangeOf(element.shadowRoot, query);
      if (!range) continue;
      this.#mark(range);
      range.startContainer.parentElement?.scrollIntoView({ block: 'nearest' });
      return;
    }
  }

  #mark(range: Range | undefined): void {
    // Not every engine has highlights; the message is in view all the same.
    if (!('highlights' in CSS)) return;
    if (range) CSS.highlights.set(HIGHLIGHT, new Highlight(range));
    else CSS.highlights.delete(HIGHLIGHT);
  }
}

/** The first place of a text within one node. */
function rangeOf(root: ShadowRoot, query: string): Range | undefined {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const start = node.data.toLowerCase().indexOf(query);
    if (start < 0) continue;
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, Math.min(node.length, start + query.length));
    return range;
  }
  return undefined;
}
