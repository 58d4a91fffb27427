/** Where a reader was: a message, and the px between its upper edge and that of the view. */
export interface ReadingPlace {
  readonly messageId: string;
  readonly top: number;
}

/**
 * Remembers for a reload of the page where the reader was, in the storage of the tab and by the id of the
 * conversation. The messages themselves come from the page, or from `history-src`.
 */
export class ScrollMemory {
  readonly #conversationId: () => string;
  /** Not gone to yet: its message may be yet to come. */
  #pending: ReadingPlace | undefined;
  #wasRead = false;

  constructor(conversationId: () => string) {
    this.#conversationId = conversationId;
  }

  /** Where the reader was before the page was loaded again, until they are there or go anywhere else. */
  get pending(): ReadingPlace | undefined {
    if (!this.#wasRead) {
      this.#wasRead = true;
      this.#pending = this.#read();
    }
    return this.#pending;
  }

  /** They are there, or have gone on. */
  forget(): void {
    this.#wasRead = true;
    this.#pending = undefined;
  }

  /** It is another conversation. */
  reset(): void {
    this.#wasRead = false;
  }

  get #key(): string {
    return `ai-stream-chat:scroll:${this.#conversationId()}`;
  }

  /** Undefined: at the end, which needs no memory. */
  save(place: ReadingPlace | undefined): void {
    // Whoever leaves before the messages have come was where they were last time.
    const kept = this.pending ?? place;
    try {
      if (kept) sessionStorage.setItem(this.#key, JSON.stringify(kept));
      else sessionStorage.removeItem(this.#key);
    } catch {
      // Full, or not for this page.
    }
  }

  #read(): ReadingPlace | undefined {
    try {
      const place = JSON.parse(sessionStorage.getItem(this.#key) ?? 'null') as Partial<ReadingPlace> | null;
      const { messageId, top } = place ?? {};
      return typeof messageId === 'string' && typeof top === 'number' ? { messageId, top } : undefined;
    } catch {
      return undefined;
    }
  }
}
