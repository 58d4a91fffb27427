/** Milliseconds for which a session without streams is kept, for the run that may follow. */
const SESSION_KEPT_TIME = 30_000;
/** Milliseconds in which a session has to be established. A firewall that swallows UDP says nothing at all. */
const CONNECT_TIMEOUT = 3_000;

/** Both directions of one run. */
export interface RunStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** The run has ended. Called once. */
  release(): void;
}

/** The sessions of a page, one for each URL. */
export interface SessionPool {
  /**
   * Opens a stream on the session of `url`. A session is made where there is none, or where the one there has died.
   * Rejects where none can be established.
   */
  openStream(url: string): Promise<RunStream>;
}

/** Closes itself when it is not established in time, and when no stream has used it for a while. */
class SharedSession {
  readonly #session: WebTransport;
  #streams = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #isEstablished = false;

  constructor(session: WebTransport) {
    this.#session = session;
    const connecting = setTimeout(() => session.close(), CONNECT_TIMEOUT);
    const settle = (): void => clearTimeout(connecting);
    session.ready.then(settle, settle);
  }

  /** It was alive once: a stream that cannot be opened on it may still be opened on a new one. */
  get isEstablished(): boolean {
    return this.#isEstablished;
  }

  async openStream(): Promise<RunStream> {
    clearTimeout(this.#idle);
    this.#streams += 1;
    try {
      await this.#session.ready;
      this.#isEstablished = true;
      const { readable, writable } = await this.#session.createBidirectionalStream();
      return { readable, writable, release: () => this.#release() };
    } catch (cause) {
      this.#release();
      throw cause;
    }
  }

  #release(): void {
    this.#streams -= 1;
    if (this.#streams === 0) this.#idle = setTimeout(() => this.#session.close(), SESSION_KEPT_TIME);
  }
}

/** Makes the pool of the sessions that `connect` makes. */
export function createSessionPool(connect: (url: string) => WebTransport): SessionPool {
  const sessions = new Map<string, SharedSession>();

  function share(url: string): SharedSession {
    const session = connect(url);
    const shared = new SharedSession(session);
    sessions.set(url, shared);
    const forget = (): void => {
      if (sessions.get(url) === shared) sessions.delete(url);
    };
    session.closed.then(forget, forget);
    return shared;
  }

  return {
    async openStream(url) {
      const known = sessions.get(url);
      if (known?.isEstablished) {
        try {
          return await known.openStream();
        } catch {
          // It died unnoticed. Nothing was sent on it, so another one can take its place.
          if (sessions.get(url) === known) sessions.delete(url);
        }
      }
      return (sessions.get(url) ?? share(url)).openStream();
    },
  };
}
