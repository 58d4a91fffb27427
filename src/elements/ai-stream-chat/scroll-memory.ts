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
  readonly #conversationId: () => string | undefined;
  /** Not gone to yet: its message may be yet to come. */
  #pending: ReadingPlace | undefined;
  #wasRead = false;

  /** `conversationId`: undefined where no other page load will know it, and nothing is remembered. */
  constructor(conversationId: () => string | undefined) {
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

  get #key(): string | undefined {
    const id = this.#conversationId();
    return id === undefined ? undefined : `ai-stream-chat:scroll:${id}`;
  }

  /** Undefined: at the end, which needs no memory. */
  save(place: ReadingPlace | undefined): void {
    // Whoever leaves before the messages have come was where they were last time.
    const kept = this.pending ?? place;
    const key = this.#key;
    if (key === undefined) return;
    try {
      if (kept) sessionStorage.setItem(key, JSON.stringify(kept));
      else sessionStorage.removeItem(key);
    } catch {
      // Full, or not for this page.
    }
  }

  #read(): ReadingPlace | undefined {
    const key = this.#key;
    if (key === undefined) return undefined;
    try {
      const place = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Partial<ReadingPlace> | null;
      const { messageId, top } = place ?? {};
      return typeof messageId === 'string' && typeof top === 'number' ? { messageId, top } : undefined;
    } catch {
      return undefined;
    }
  }
}
