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
  /** The text takes too long to parse and is given up: it is to be shown as it is. Nothing follows. */
  readonly failed?: boolean;
}

/** The text of one message part on its way through the engine. */
export interface MarkdownSession {
  append(delta: string): void;
  /** No more text is to come. The last update follows. */
  end(): void;
  /** No more updates are wanted. */
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
  open(onPatches: (update: MarkdownUpdate) => void): MarkdownSession;
  /** Stops the engine. Open sessions hear no more. */
  dispose(): void;
}

const DEFAULT_READY_TIMEOUT = 1000;
/** Milliseconds for which a worker may be silent while it has something to parse. */
const PARSE_TIMEOUT = 3000;

/** A connection to an engine. */
interface EngineConnection {
  post(request: EngineRequest): void;
  close(): void;
}

interface OpenSession {
  readonly onPatches: (update: MarkdownUpdate) => void;
  /** All text so far, for another engine in case this one dies; as long as the message itself. */
  readonly deltas: string[];
  isEnded: boolean;
  startsOver: boolean;
  /** UTF-16 units that were posted. */
  posted: number;
}

/**
 * Opens sessions on one shared engine, started at the first. Where a worker cannot start (the constructor throws,
 * it reports an error, it does not get ready in time) or dies later, the engine runs in place from then on, and
 * each open session starts over with the text it was given: nothing is lost.
 *
 * A worker that hangs is ended. The text it hangs at is given up, and the others start over in a new worker.
 */
export function createMarkdownClient(options: MarkdownClientOptions): MarkdownClient {
  const sessions = new Map<number, OpenSession>();
  let connection: EngineConnection | undefined;
  let workerFailed = false;
  let nextStream = 0;
  /** Streams whose text is being parsed, in the order in which it was posted. */
  const unanswered = new Set<number>();
  let watch: ReturnType<typeof setTimeout> | undefined;

  /** Gives up the text that a silent worker is at. */
  function watchWorker(): void {
    clearTimeout(watch);
    watch = undefined;
    if (unanswered.size === 0 || workerFailed || !options.startWorker) return;
    const since = Date.now();
    watch = setTimeout(() => {
      // A page that slept has not waited.
      if (Date.now() - since > 2 * PARSE_TIMEOUT) watchWorker();
      else giveUpOldest();
    }, PARSE_TIMEOUT);
  }

  function giveUpOldest(): void {
    const [stream] = unanswered;
    const session = stream === undefined ? undefined : sessions.get(stream);
    if (stream !== undefined) sessions.delete(stream);
    connection?.close();
    unanswered.clear();
    startOver();
    session?.onPatches({ reset: true, patches: [], received: session.posted, ended: true, failed: true });
  }

  function post(stream: number, session: OpenSession, request: EngineRequest): void {
    if (request.type === 'append') session.posted += request.delta.length;
    unanswered.add(stream);
    if (watch === undefined) watchWorker();
    connection?.post(request);
  }

  function deliver(answer: EngineAnswer): void {
    if (answer.type !== 'patches') return;
    unanswered.delete(answer.stream);
    const session = sessions.get(answer.stream);
    if (session && !answer.ended && (session.isEnded || session.posted > answer.received)) {
      unanswered.add(answer.stream);
    }
    watchWorker();
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
      if (answer.type === 'ready') {
        clearTimeout(timer);
        watchWorker();
      }
      deliver(answer);
    };
    return { post: (request) => worker.postMessage(request), close };
  }

  function connectInPlace(): EngineConnection {
    const { port1: near, port2: far } = new MessageChannel();
    near.onmessage = ({ data: answer }: MessageEvent<EngineAnswer>) => deliver(answer);
    options.loadEngine().serveMarkdown(far);
    const send = (request: EngineRequest) => near.postMessage(request);
    const close = () => {
      near.onmessage = null;
      send({ type: 'close' });
      near.close();
    };
    return { post: send, close };
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
      session.startsOver = true;
      session.posted = 0;
      post(stream, session, { type: 'append', stream, delta: session.deltas.join('') });
      if (session.isEnded) post(stream, session, { type: 'end', stream });
    }
  }

  return {
    open(onPatches) {
      connection ??= connect();
      const stream = nextStream++;
      const session: OpenSession = { onPatches, deltas: [], isEnded: false, startsOver: false, posted: 0 };
      sessions.set(stream, session);
      return {
        append(delta) {
          if (session.isEnded || !sessions.has(stream)) return;
          session.deltas.push(delta);
          post(stream, session, { type: 'append', stream, delta });
        },
        end() {
          if (session.isEnded || !sessions.has(stream)) return;
          session.isEnded = true;
          post(stream, session, { type: 'end', stream });
        },
        dispose() {
          unanswered.delete(stream);
          if (sessions.delete(stream)) connection?.post({ type: 'dispose', stream });
        },
      };
    },

    dispose() {
      sessions.clear();
      unanswered.clear();
      clearTimeout(watch);
      connection?.close();
      connection = undefined;
    },
  };
}
