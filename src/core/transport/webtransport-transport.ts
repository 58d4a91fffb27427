import { StreamError, type Frame, type RunRequest } from '../model/index.js';
import { cancelMessage, channelMessage, runMessage } from './client-message.js';
import { watchConnection, type ConnectionWatch } from './connection-watch.js';
import { unreachable } from './network-error.js';
import { readFrames } from './read-frames.js';
import type { Transport, TransportObserver } from './transport.js';
import { createSessionPool, type RunStream } from './webtransport-session.js';

/** Milliseconds for which an address is left to the fallback once no session could be established. */
const FALLBACK_TIME = 300_000;

/** Nothing says how the answer is framed. Without a hint the first line of JSON would be held until the second one. */
const ASSUMED_TYPE = 'application/x-ndjson';

export interface WebTransportTransportOptions {
  /** Carries the request where WebTransport cannot: the platform lacks it, or no session can be established. */
  readonly fallback: Transport;
  /**
   * SHA-256 hashes of the certificates to accept in place of those that the platform trusts, for a server that has made
   * its own: ECDSA P-256, valid for less than two weeks (W3C WebTransport, "custom certificate requirements").
   */
  readonly serverCertificateHashes?: readonly WebTransportHash[] | undefined;
  /** The largest frame, in characters. Default: 1,048,576. */
  readonly maxFrameChars?: number | undefined;
  /** Default: the platform's. */
  readonly WebTransport?: typeof globalThis.WebTransport | undefined;
}

function addressOf(url: string): string {
  return url.replace(/[?#].*/s, '');
}

function discard({ readable, writable, release }: RunStream): void {
  readable.cancel().catch(() => {});
  writable.abort().catch(() => {});
  release();
}

/**
 * Makes the transport that goes over WebTransport (W3C WebTransport; draft-ietf-webtrans-http3): one bidirectional stream
 * a run, on a session that the runs of a URL share.
 *
 * The client writes lines of JSON: the request's body as `{"type": "run"}` or `{"type": "resume"}`, then what goes
 * through `onChannel`, and `{"type": "cancel"}` when its reader has had enough. The answer is lines of JSON or an event stream.
 * Browsers send neither headers nor credentials with a session: what identifies the user belongs in the URL or the body.
 */
export function createWebTransportTransport({
  fallback,
  serverCertificateHashes,
  maxFrameChars,
  WebTransport: Session,
}: WebTransportTransportOptions): Transport {
  const pool = createSessionPool((url) => {
    const Constructor = Session ?? globalThis.WebTransport;
    return serverCertificateHashes
      ? new Constructor(url, { serverCertificateHashes: [...serverCertificateHashes] })
      : new Constructor(url);
  });
  // One entry for each address the page has set: when WebTransport is worth another try.
  const retryTimes = new Map<string, number>();

  function isWorthTrying(address: string): boolean {
    const isSupported = Boolean(Session ?? globalThis.WebTransport);
    return isSupported && Date.now() >= (retryTimes.get(address) ?? 0);
  }

  /** Undefined: it goes over the fallback. Nothing has been sent by then. */
  async function openStream(
    { url }: RunRequest,
    signal: AbortSignal,
    connection: ConnectionWatch,
  ): Promise<RunStream | undefined> {
    const address = addressOf(url);
    if (!isWorthTrying(address)) return undefined;
    const opening = pool.openStream(url);
    const stopped = new Promise<never>((_, reject) => {
      connection.onStop(() => reject(new Error('stopped')));
    });
    try {
      return await connection.wait(Promise.race([opening, stopped]), (cause) => unreachable(url, cause));
    } catch (cause) {
      opening.then(discard, () => {});
      if (signal.aborted) throw cause;
      retryTimes.set(address, Date.now() + FALLBACK_TIME);
      return undefined;
    }
  }

  async function* converse(
    { readable, writable, release }: RunStream,
    request: RunRequest,
    signal: AbortSignal,
    connection: ConnectionWatch,
    observer?: TransportObserver,
  ): AsyncGenerator<Frame, void, undefined> {
    const writer = writable.getWriter();
    const encoder = new TextEncoder();
    let isWhole = false;
    let failure: unknown;

    function send(message: string): void {
      // Why nothing can be sent any more is for the reading side to say, if the answer is not whole by then.
      writer.write(encoder.encode(`${message}\n`)).catch(() => {});
    }

    /** Whether another connection may go on with the run, so that the server is not to stop it. */
    function isGivenUp(): boolean {
      const error = failure ?? connection.failure;
      return error instanceof StreamError && (error.recoverable || error === signal.reason);
    }

    function leave(): void {
      let ending: Promise<void>;
      if (isGivenUp()) ending = writer.abort();
      else {
        if (!isWhole) send(cancelMessage());
        ending = writer.close();
      }
      ending.catch(() => {});
      release();
    }

    connection.onStop(leave);
    send(runMessage(request));
    const { url } = request;
    // The head is the session's: a stream has none of its own.
    observer?.onResponse?.({ url, status: 200, contentType: '', headers: { get: () => null } });
    observer?.onChannel?.((message) => send(channelMessage(message)));
    const framing = {
      contentType: ASSUMED_TYPE,
      maxFrameChars: request.maxFrameChars ?? maxFrameChars,
    };
    try {
      yield* readFrames({ url, body: readable }, framing, connection, observer);
      isWhole = true;
    } catch (cause) {
      failure = cause;
      throw cause;
    }
  }

  async function* readOverFallback(
    request: RunRequest,
    signal: AbortSignal,
    observer?: TransportObserver,
  ): AsyncGenerator<Frame, void, undefined> {
    try {
      yield* fallback.open(request, signal, observer);
    } catch (cause) {
      // The network has gone or changed, and with it the reason to avoid WebTransport.
      if (cause instanceof StreamError && cause.code === 'network') retryTimes.delete(addressOf(request.url));
      throw cause;
    }
  }

  async function* open(
    request: RunRequest,
    signal: AbortSignal,
    observer?: TransportObserver,
  ): AsyncGenerator<Frame, void, undefined> {
    const connection = watchConnection(signal, request.idleTimeout);
    try {
      connection.check();
      const stream = await openStream(request, signal, connection);
      if (stream) {
        yield* converse(stream, request, signal, connection, observer);
        return;
      }
    } finally {
      // Also when the consumer leaves early: the run stops with it.
      connection.close();
    }
    yield* readOverFallback(request, signal, observer);
  }
  return { name: 'webtransport', open };
}
