import {
  html,
  nothing,
  type ReactiveController,
  type ReactiveControllerHost,
  type TemplateResult,
} from 'lit';
import {
  type Conversation,
  type EndpointSettings,
  type HistoryQuery,
  loadHistory,
  type MessageInput,
  type Strings,
} from '../../core/index.js';

/** Where earlier messages come from, as the element is set when they are asked for. */
export interface HistorySettings extends Pick<HistoryQuery, 'conversationId'> {
  /** Undefined: from nowhere. */
  readonly template: string | undefined;
  readonly endpoint: EndpointSettings;
}

/** What the loader needs of the chat. */
export interface HistoryLoaderOptions {
  readonly conversation: Conversation;
  /** Whether the reader is where earlier messages are about to be seen. */
  readonly needed: () => boolean;
  readonly settings: () => HistorySettings;
  /** Messages were put before the others. */
  readonly onLoad: (count: number) => void;
}

/** Loads earlier messages when the reader comes to the first one, and the newest where there are none. */
export class HistoryLoader implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #options: HistoryLoaderOptions;
  #loading: AbortController | undefined;
  #failed = false;
  /** There is nothing before the first message. */
  #complete = false;
  /** The oldest message that the endpoint knows: it came from there, or the page set it. */
  #oldest: string | undefined;
  /** Something has come from the endpoint. */
  #hasPage = false;

  constructor(host: ReactiveControllerHost & HTMLElement, options: HistoryLoaderOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  get loading(): boolean {
    return this.#loading !== undefined;
  }

  /** Whether there may be earlier messages that can be asked for. */
  get hasMore(): boolean {
    return !this.#complete && !this.#failed && this.#options.settings().template !== undefined;
  }

  hostConnected(): void {
    // What was under way when the chat was taken away is asked for again.
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.#loading?.abort();
    });
  }

  /** Starts over: it is another conversation, or another address. */
  reset(): void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.#complete = false;
    this.#failed = false;
    this.#hasPage = false;
  }

  /**
   * The page has put these messages in place of all there were. Where it took away what was loaded, that does not
   * come back.
   */
  replaced(messages: readonly MessageInput[]): void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.#oldest = messages[0]?.id;
    this.#complete = messages.length === 0 && this.#hasPage;
  }

  /** Asks for the first time, where messages are about to be seen. The list tells when it is to ask again. */
  loadIfNeeded(): void {
    const { needed } = this.#options;
    const isNew = !this.#hasPage && !this.#loading;
    if (isNew && this.hasMore && this.#host.isConnected && needed()) void this.load();
  }

  /** Loads the messages before those that are there. Does nothing while it is loading, or where there are none. */
  async load(): Promise<void> {
    const { conversation, settings, onLoad } = this.#options;
    const { template, endpoint, conversationId } = settings();
    if (!template || this.#loading || this.#complete) return;
    const loading = new AbortController();
    const { signal } = loading;
    this.#loading = loading;
    this.#failed = false;
    let count = 0;
    const before = this.#oldest;
    try {
      // Asked for in the middle of an update, it is no part of it.
      await this.#host.updateComplete;
      this.#host.requestUpdate();
      const page = await loadHistory(endpoint, { template, conversationId, before }, signal);
      if (signal.aborted) return;
      count = conversation.prepend(page.messages).length;
      const oldest = page.messages[0]?.id;
      // Whoever gives the same again, or nothing to go on from, would be asked for ever.
      this.#complete = !page.hasMore || oldest === undefined || oldest === before;
      this.#oldest = oldest;
      this.#hasPage = true;
    } catch {
      // The reader is told, and asks again.
      if (!signal.aborted) this.#failed = true;
    } finally {
      if (this.#loading === loading) this.#loading = undefined;
      this.#host.requestUpdate();
    }
    if (count > 0) onLoad(count);
  }

  /** What went wrong, and the way on. */
  template(strings: Strings): TemplateResult | typeof nothing {
    if (!this.#failed) return nothing;
    return html`<div part="error" class="notice earlier" role="alert">
      <p>${strings.earlierFailed}</p>
      <button type="button" @click=${() => void this.load()}>${strings.retry}</button>
    </div>`;
  }
}
