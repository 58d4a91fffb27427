/** What becomes of a lock. */
export interface TabLockOptions {
  /** This page has it now. */
  readonly onHeld: () => void;
  /** Another page has taken it. */
  readonly onLost: () => void;
}

/** A lock that one page of an origin holds at a time, until it goes or another one takes it. */
export class TabLock {
  readonly #name: string;
  readonly #options: TabLockOptions;
  /** Ends the waiting, or the holding. */
  #turn: AbortController | undefined;

  constructor(name: string, options: TabLockOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** Waits until no page holds it. */
  wait(): void {
    this.#request(false);
  }

  /** Takes it from the page that holds it. */
  take(): void {
    this.#request(true);
  }

  release(): void {
    this.#turn?.abort();
    this.#turn = undefined;
  }

  #request(steal: boolean): void {
    this.release();
    const turn = new AbortController();
    this.#turn = turn;
    const { signal } = turn;
    let isHeld = false;
    const held = (): Promise<void> | undefined => {
      if (signal.aborted) return undefined;
      isHeld = true;
      this.#options.onHeld();
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    };
    // A lock that is taken cannot be waited for, and so needs no end of the waiting (Web Locks, "request()").
    navigator.locks.request(this.#name, steal ? { steal } : { signal }, held).catch(() => {
      if (isHeld && !signal.aborted) this.#options.onLost();
    });
  }
}
