import type { BlockPatch, EngineAnswer, EngineRequest, MarkdownEngine } from './protocol.js';

/** What has changed in the blocks of one session. */
export interface MarkdownUpdate {
  /** The session starts over: the blocks so far are void, and `patches` are for none. */
  readonly reset: boolean;
  readonly patches: readonly BlockPatch[];
  /** How much of the session's text has been parsed, in UTF-16 units. */
  readonly received: number;
  /** Whether this is the last update. */
  readonly ended: boolean;
}

/** The text of one message part on its way through the engine. */
export interface MarkdownSession {
  append(delta: string): void;
  /** No more text is to come. The last update follows. */
  end(): void;
  /** No more updates are wanted. */
  dispose(): void;
}

/** How the text of a session is read. */
export interface MarkdownSessionOptions {
  /** Math between its usual delimiters is kept from markdown. Default false. */
  readonly math?: boolean;
}

/** A block of code on its way through the engine. */
export interface TokenSession {
  /** More whole lines. Their tokens come in a task of its own. */
  append(lines: string): void;
  /** No more tokens are wanted. */
  dispose(): void;
}

/** How the client gets at an engine. */
export interface MarkdownClientOptions {
  /**
   * Starts a worker that runs `serveMarkdown(self)`. Called at most once. Without it, or where it throws, the
   * engine runs in place.
   */
  readonly startWorker?: (() => Worker) | undefined;
  /** The engine to run in place. Called only when there is no worker. */
  readonly loadEngine: () => MarkdownEngine;
  /** Milliseconds a worker has to say that it is ready, before the engine runs in place instead. Default 1000. */
  readonly readyTimeout?: number | undefined;
}

/** One engine, in a worker or in place, for any number of sessions. */
export interface MarkdownClient {
  /** `onPatches` is called in a task of its own, never from within `append` or `end`. */
  open(onPatches: (update: MarkdownUpdate) => void, options?: MarkdownSessionOptions): MarkdownSession;
  /**
   * `onTokens` is called once for each `append`, in order, with tokens as a flat list (`NUMBERS_PER_TOKEN`); with
   * undefined when the engine has lost the block, which then has to be appended again from its start.
   */
  tokenize(language: string, onTokens: (tokens: readonly number[] | undefined) => void): TokenSession;
  /** Stops the engine. Open sessions hear no more. */
  dispose(): void;
}

const DEFAULT_READY_TIMEOUT = 1000;

/** A connection to an engine. */
interface EngineConnection {
  post(request: EngineRequest): void;
  close(): void;
}

interface OpenSession {
  readonly onPatches: (update: MarkdownUpdate) => void;
  /** All text so far, for another engine in case this one dies; as long as the message itself. */
  readonly deltas: string[];
  readonly math: boolean;
  isEnded: boolean;
  startsOver: boolean;
}

/**
 * Opens sessions on one shared engine, started at the first. Where a worker cannot start (the constructor throws,
 * it reports an error, it does not get ready in time) or dies later, the engine runs in place from then on, and
 * each open session starts over with the text it was given: nothing is lost.
 */
export function createMarkdownClient(options: MarkdownClientOptions): MarkdownClient {
  const sessions = new Map<number, OpenSession>();
  let connection: EngineConnection | undefined;
  let workerFailed = false;
  let nextStream = 0;
  const tokenSessions = new Map<number, (tokens: readonly number[] | undefined) => void>();

  function deliver(answer: EngineAnswer): void {
    if (answer.type === 'tokens') tokenSessions.get(answer.code)?.(answer.tokens);
    if (answer.type !== 'patches') return;
    const session = sessions.get(answer.stream);
    if (!session) return;
    const { patches, received, ended } = answer;
    const reset = session.startsOver;
    session.startsOver = false;
    if (ended) sessions.delete(answer.stream);
    session.onPatches({ reset, patches, received, ended });
  }

  function connectWorker(startWorker: () => Worker): EngineConnection {
    const worker = startWorker();
    const close = () => {
      clearTimeout(timer);
      worker.onmessage = null;
      worker.onerror = null;
      worker.onmessageerror = null;
      worker.terminate();
    };
    const fail = () => {
      close();
      workerFailed = true;
      startOver();
    };
    const timer = setTimeout(fail, options.readyTimeout ?? DEFAULT_READY_TIMEOUT);
    worker.onerror = (event) => {
      // The session goes on without the worker, so the page has nothing to report.
      event.preventDefault();
      fail();
    };
    worker.onmessageerror = fail;
    worker.onmessage = ({ data: answer }: MessageEvent<EngineAnswer>) => {
      if (answer.type === 'ready') clearTimeout(timer);
      deliver(answer);
    };
    return { post: (request) => worker.postMessage(request), close };
  }

  function connectInPlace(): EngineConnection {
    const { port1: near, port2: far } = new MessageChannel();
    near.onmessage = ({ data: answer }: MessageEvent<EngineAnswer>) => deliver(answer);
    options.loadEngine().serveMarkdown(far);
    const post = (request: EngineRequest) => near.postMessage(request);
    const close = () => {
      near.onmessage = null;
      post({ type: 'close' });
      near.close();
    };
    return { post, close };
  }

  function connect(): EngineConnection {
    if (options.startWorker && !workerFailed) {
      try {
        return connectWorker(options.startWorker);
      } catch {
        // A cross-origin script, or Trusted Types that refuse its address.
        workerFailed = true;
      }
    }
    return connectInPlace();
  }

  function startOver(): void {
    connection = connect();
    for (const [stream, session] of sessions) {
      const { math } = session;
      session.startsOver = true;
      connection.post({ type: 'append', stream, delta: session.deltas.join(''), math });
      if (session.isEnded) connection.post({ type: 'end', stream, math });
    }
    // Whoever has lost a block opens another in its place, which is none of these.
    const lost = [...tokenSessions.values()];
    for (const onTokens of lost) onTokens(undefined);
  }

  return {
    open(onPatches, { math = false } = {}) {
      connection ??= connect();
      const stream = nextStream++;
      const session: OpenSession = { onPatches, deltas: [], math, isEnded: false, startsOver: false };
      sessions.set(stream, session);
      return {
        append(delta) {
          if (session.isEnded || !sessions.has(stream)) return;
          session.deltas.push(delta);
          connection?.post({ type: 'append', stream, delta, math });
        },
        end() {
          if (session.isEnded || !sessions.has(stream)) return;
          session.isEnded = true;
          connection?.post({ type: 'end', stream, math });
        },
        dispose() {
          if (sessions.delete(stream)) connection?.post({ type: 'dispose', stream });
        },
      };
    },

    tokenize(language, onTokens) {
      const code = nextStream++;
      tokenSessions.set(code, onTokens);
      return {
        append(text) {
          connection ??= connect();
          connection.post({ type: 'tokenize', code, language, text });
        },
        dispose() {
          if (tokenSessions.delete(code)) connection?.post({ type: 'forget_code', code });
        },
      };
    },

    dispose() {
      sessions.clear();
      tokenSessions.clear();
      connection?.close();
      connection = undefined;
    },
  };
}
