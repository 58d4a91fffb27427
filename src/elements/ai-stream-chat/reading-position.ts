import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Message } from '../../core/index.js';
import type {
  AiVirtualListElement,
  ScrollToIndexOptions,
} from '../ai-virtual-list/ai-virtual-list.define.js';
import type { HistoryLoader } from './history-loader.js';
import { type ReadingPlace, ScrollMemory } from './scroll-memory.js';

/** Pages of history that are loaded to find the message where the reader was. */
const MAX_PAGES_BACK = 20;

/** What it needs of the chat. */
export interface ReadingPositionOptions {
  /** Undefined before the first render. */
  readonly list: () => AiVirtualListElement | undefined;
  /** What the list has, or is about to get. */
  readonly items: () => readonly Message[];
  /** Undefined where the page has given it none. */
  readonly conversationId: () => string | undefined;
  /** Whether a question stays at the top while its answer grows, rather than the end being followed. */
  readonly keepsQuestion: () => boolean;
  readonly history: Pick<HistoryLoader, 'hasMore' | 'loading' | 'load'>;
}

/** Where the reader is in the conversation: what they have not seen yet, and where they are taken. */
export class ReadingPosition implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #options: ReadingPositionOptions;
  readonly #memory: ScrollMemory;
  #connection: AbortController | undefined;
  #pagesBack = 0;
  #seesEnd = true;
  /** The newest message when the reader left the end. */
  #seen: string | undefined;

  constructor(host: ReactiveControllerHost, options: ReadingPositionOptions) {
    this.#host = host;
    this.#options = options;
    this.#memory = new ScrollMemory(options.conversationId);
    host.addController(this);
  }

  hostConnected(): void {
    this.#connection ??= new AbortController();
    const { signal } = this.#connection;
    window.addEventListener('pagehide', () => this.#memory.save(this.#place), { signal });
  }

  hostDisconnected(): void {
    this.#connection?.abort();
    this.#connection = undefined;
  }

  /** Whether nothing newer is out of the reader's sight. */
  get seesEnd(): boolean {
    return this.#seesEnd;
  }

  /** Messages that have come since the reader left the end. */
  get newCount(): number {
    const items = this.#options.items();
    const seen = items.findLastIndex(({ id }) => id === this.#seen);
    return this.#seesEnd || seen < 0 ? 0 : items.length - 1 - seen;
  }

  /** The list follows its end, or does so no more; or its end has come into view, or gone. */
  note(): void {
    const list = this.#options.list();
    if (!list) return;
    // Who has gone anywhere is not to be taken away from there by what is yet to come.
    if (!list.following) this.#memory.forget();
    // A question at the top, with its whole answer beneath it, has its end in sight without following it.
    const seesEnd = list.following || (this.#options.keepsQuestion() && list.endShown);
    if (seesEnd === this.#seesEnd) return;
    this.#seesEnd = seesEnd;
    if (!seesEnd) this.#seen = this.#options.items().at(-1)?.id;
    this.#host.requestUpdate();
  }

  /** It is another conversation. */
  reset(): void {
    this.#memory.reset();
    this.#pagesBack = 0;
  }

  goTo(messageId: string): void {
    this.#memory.forget();
    this.#scrollTo(messageId);
  }

  goToEnd(): void {
    this.#memory.forget();
    this.#options.list()?.scrollToEnd();
  }

  /** The reader has asked something: it goes to the top, or the end is followed. */
  goToQuestion(messageId: string | undefined): void {
    this.goToEnd();
    if (messageId !== undefined && this.#options.keepsQuestion()) this.#scrollTo(messageId, { room: true });
  }

  /** Takes the reader to where they were before the page was loaded again, as soon as that message is there. */
  goBack(): void {
    const { pending } = this.#memory;
    const items = this.#options.items();
    if (!pending || items.length === 0) return;
    if (items.some(({ id }) => id === pending.messageId)) {
      this.#memory.forget();
      this.#scrollTo(pending.messageId, { offset: pending.top });
      return;
    }
    const { history } = this.#options;
    if (!history.hasMore || history.loading) return;
    this.#pagesBack += 1;
    if (this.#pagesBack > MAX_PAGES_BACK) this.#memory.forget();
    else void history.load();
  }

  get #place(): ReadingPlace | undefined {
    const list = this.#options.list();
    const place = list?.following ? undefined : list?.place;
    const messageId = place && this.#options.items()[place.index]?.id;
    return place && messageId !== undefined ? { messageId, top: place.top } : undefined;
  }

  #scrollTo(messageId: string, options?: ScrollToIndexOptions): void {
    // What was set a moment ago counts.
    void this.#host.updateComplete.then(() => {
      const index = this.#options.items().findIndex(({ id }) => id === messageId);
      if (index >= 0) this.#options.list()?.scrollToIndex(index, options);
    });
  }
}
