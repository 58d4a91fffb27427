import { joined } from '../model/joined.js';
import {
  connectInPlace,
  connectWorker,
  type EngineConnection,
  type EngineWork,
  type WorkerFailure,
} from './engine-connection.js';
import type { BlockPatch, EngineRequest, EngineUpdate, MarkdownEngine, ReadingOptions } from './protocol.js';
import type { RenderLimits } from './render-limits.js';

/** What has changed in the blocks of one session. */
export interface MarkdownUpdate {
  /** The session starts over: the blocks so far are void, and `patches` are for none. */
  readonly reset: boolean;
  readonly patches: readonly BlockPatch[];
  /** How much of the session's text has been parsed, in UTF-16 units. */
  readonly received: number;
  /** Whether this is the last update. */
  readonly ended: boolean;
  /** Whether the text is shown as it is written, blanks and line ends included. */
  readonly plain: boolean;
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
export interface MarkdownSessionOptions extends ReadingOptions {
  /** How much it may become. Default: `DEFAULT_RENDER_LIMITS`, of which these override some. */
  readonly limits?: Partial<RenderLimits>;
  /** Milliseconds a worker has for one piece of work on it, before it is ended. Default 1000. */
  readonly renderTimeout?: number;
}

/** A block of code on its way through the engine. */
export interface TokenSession {
  /** More whole lines. Their tokens come in a task of its own, some time after the next text or `flush`. */
  append(lines: string): void;
  /** No more tokens are wanted. */
  dispose(): void;
}

/** How the client gets at an engine. */
export interface MarkdownClientOptions {
  /**
   * Starts a worker that runs `serveMarkdown(self)`. Called again when a worker has failed at its work. Without it,
   * or where it throws, the engine runs in place.
   */
  readonly startWorker?: (() => Worker) | undefined;
  /** The engine to run in place. Called only when there is no worker. */
  readonly loadEngine: () => MarkdownEngine;
  /** Milliseconds a worker has to say that it is ready, before the engine runs in place instead. Default 1000. */
  readonly readyTimeout?: number | undefined;
  /** Milliseconds a worker has for one piece of work, unless a session says otherwise. Default 1000. */
  readonly renderTimeout?: number | undefined;
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
  /** Asks for tokens. They are asked for with the next text otherwise, so that a worker is woken once for both. */
  flush(): void;
  /** Stops the engine. Open sessions hear no more. */
  dispose(): void;
}

const DEFAULT_READY_TIMEOUT = 1000;
/** Milliseconds a worker has for one piece of work, unless said otherwise. */
export const DEFAULT_RENDER_TIMEOUT = 1000;
/** How many workers may fail at their work before the engine runs in place. */
const MAX_CRASHES = 3;

interface OpenSession {
  readonly onPatches: (update: MarkdownUpdate) => void;
  /** All text so far, for another engine in case this one dies; as long as the message itself. */
  text: string;
  readonly options: MarkdownSessionOptions;
  isEnded: boolean;
  startsOver: boolean;
  /** What has been shown last was the text as it is written. */
  isShownPlain: boolean;
  /** A worker failed while it read this text: it is shown as it is written. */
  isPlain: boolean;
}

/**
 * Opens sessions on one shared engine, started at the first.
 *
 * Where a worker cannot start (the constructor throws, it reports an error, it does not get ready in time) the
 * engine runs in place. Where one fails at its work (it hangs, or reports an error), another takes over, up to a
 * limit; the text it was working on is shown as it is written. Each open session then starts over with the text it
 * was given: nothing is lost.
 */
export function createMarkdownClient(options: MarkdownClientOptions): MarkdownClient {
  const sessions = new Map<number, OpenSession>();
  let connection: EngineConnection | undefined;
  let crashesLeft = MAX_CRASHES;
  let nextStream = 0;
  const tokenSessions = new Map<number, (tokens: readonly number[] | undefined) => void>();

  function deliver({ stream, patches, received, ended, plain }: EngineUpdate): void {
    const session = sessions.get(stream);
    if (!session) return;
    const reset = session.startsOver || (plain && !session.isShownPlain);
    session.startsOver = false;
    session.isShownPlain = plain;
    if (ended) sessions.delete(stream);
    session.onPatches({ reset, patches, received, ended, plain });
  }

  function take({ update, tokens }: EngineWork): void {
    for (const answer of tokens) tokenSessions.get(answer.code)?.(answer.tokens);
    if (update) deliver(update);
  }

  /** Gives an engine all there is of a text. */
  function post(stream: number, { options: reading, isPlain: plain, text, isEnded }: OpenSession): void {
    const { limits = {}, math, html } = reading;
    const requests: EngineRequest[] = [{ type: 'open', stream, reading: { math, html }, limits, plain }];
    if (text !== '') requests.push({ type: 'append', stream, delta: text });
    if (isEnded) requests.push({ type: 'end', stream });
    if (requests.length > 1) connection?.post(...requests);
    else for (const request of requests) connection?.postLater(request);
  }

  function connect(): EngineConnection {
    const { startWorker, readyTimeout, renderTimeout = DEFAULT_RENDER_TIMEOUT, loadEngine } = options;
    if (startWorker && crashesLeft > 0) {
      try {
        return connectWorker({
          startWorker,
          readyTimeout: readyTimeout ?? DEFAULT_READY_TIMEOUT,
          renderTimeout: (stream) => sessions.get(stream)?.options.renderTimeout ?? renderTimeout,
          onWork: take,
          onFailure: startOver,
        });
      } catch {
        // A cross-origin script, or Trusted Types that refuse its address.
        crashesLeft = 0;
      }
    }
    return connectInPlace(loadEngine(), take);
  }

  function startOver({ wasReady, workingOn }: WorkerFailure): void {
    crashesLeft = wasReady ? crashesLeft - 1 : 0;
    connection = connect();
    for (const [stream, session] of sessions) {
      session.startsOver = true;
      session.isPlain ||= stream === workingOn;
      post(stream, session);
    }
    // Code that ends a worker stays without colors.
    if (workingOn !== undefined) tokenSessions.delete(workingOn);
    // Whoever has lost a block opens another in its place, which is none of these.
    const lost = [...tokenSessions.values()];
    for (const onTokens of lost) onTokens(undefined);
  }

  return {
    open(onPatches, sessionOptions = {}) {
      connection ??= connect();
      const stream = nextStream++;
      const session: OpenSession = {
        onPatches,
        text: '',
        options: sessionOptions,
        isEnded: false,
        startsOver: false,
        isShownPlain: false,
        isPlain: false,
      };
      sessions.set(stream, session);
      post(stream, session);
      return {
        append(delta) {
          if (session.isEnded || !sessions.has(stream)) return;
          session.text = joined(session.text, delta);
          connection?.post({ type: 'append', stream, delta });
        },
        end() {
          if (session.isEnded || !sessions.has(stream)) return;
          session.isEnded = true;
          connection?.post({ type: 'end', stream });
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
          connection.postLater({ type: 'tokenize', code, language, text });
        },
        dispose() {
          if (tokenSessions.delete(code)) connection?.post({ type: 'forget_code', code });
        },
      };
    },

    flush() {
      connection?.flush();
    },

    dispose() {
      sessions.clear();
      tokenSessions.clear();
      connection?.close();
      connection = undefined;
    },
  };
}
