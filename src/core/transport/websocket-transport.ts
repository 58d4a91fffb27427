import { DEFAULT_MAX_FRAME_CHARS } from '../framing/framing.js';
import { StreamError, type Frame, type RunRequest } from '../model/index.js';
import { createAcknowledger } from './acknowledger.js';
import { channelMessage, pingMessage, runMessage } from './client-message.js';
import { watchConnection } from './connection-watch.js';
import {
  openEventSocket,
  socketUrl,
  type EventSocket,
  type PlatformSocketConstructor,
} from './event-socket.js';
import { createHeartbeat } from './heartbeat.js';
import { broken } from './network-error.js';
import { createSocketInbox, type SocketInbox } from './socket-inbox.js';
import { createSocketPool } from './socket-pool.js';
import type { Transport, TransportObserver } from './transport.js';

export interface WebSocketTransportOptions {
  /** Default: the platform's. Node 20 has none: that of the package `ws` will do. */
  readonly WebSocket?: PlatformSocketConstructor | undefined;
  /** The longest message, in characters. Default: 1,048,576. */
  readonly maxFrameChars?: number | undefined;
}

function platformSocket(): PlatformSocketConstructor {
  const { WebSocket } = globalThis as { readonly WebSocket?: PlatformSocketConstructor };
  if (WebSocket) return WebSocket;
  throw new StreamError(
    'protocol',
    'There is no WebSocket on this platform. Pass one as createWebSocketTransport({ WebSocket }), such as that of the package "ws", or use another transport.',
  );
}

/**
 * Makes the transport that goes over WebSockets: the native dialect, one JSON object a message. What a client says is
 * in `client-message.ts`; `docs/backends.md` has the whole protocol.
 *
 * A socket is kept for 30 s after an answer that began with `start` and ended with `done`, and serves the next request
 * for its URL. `headers`, `method` and `credentials` of a request are not sent: browsers offer no way to, and send the
 * cookies of the socket's host along by themselves.
 */
export function createWebSocketTransport({
  WebSocket: Socket,
  maxFrameChars = DEFAULT_MAX_FRAME_CHARS,
}: WebSocketTransportOptions = {}): Transport {
  const pool = createSocketPool();

  async function* open(
    request: RunRequest,
    signal: AbortSignal,
    observer?: TransportObserver,
  ): AsyncGenerator<Frame, void, undefined> {
    const connection = watchConnection(signal, request.idleTimeout);
    let socket: EventSocket | undefined;
    let inbox: SocketInbox | undefined;
    let isAnnounced = false;
    let isComplete = false;
    let failure: unknown;

    const send = (message: string): void => socket?.send(message);
    const heartbeat = createHeartbeat(request.idleTimeout, () => send(pingMessage()));
    const acknowledger = createAcknowledger(() => socket?.ackWindow, send);

    /** Whether another connection may go on with the run, so that the server is not to stop it. */
    function isGivenUp(): boolean {
      const error = failure ?? connection.failure;
      return error instanceof StreamError && (error.recoverable || error === signal.reason);
    }

    function leave(): void {
      const left = socket;
      // First of all, so that nothing that is said too late gets into the next run on this socket.
      socket = undefined;
      heartbeat.stop();
      if (isComplete && inbox?.hasStart && left?.isOpen) pool.keep(left);
      else if (isComplete || isGivenUp()) left?.close();
      else left?.cancel();
      inbox?.wake();
    }

    async function news(from: SocketInbox): Promise<void> {
      connection.check();
      await connection.wait(from.news(), (cause) => broken(request.url, cause));
    }

    function announce(url: string): void {
      if (isAnnounced) return;
      isAnnounced = true;
      observer?.onResponse?.({ url, status: 101, contentType: '', headers: { get: () => null } });
      observer?.onChannel?.((message) => send(channelMessage(message)));
    }

    /** Sends the request over a socket, and waits until anything has come, or nothing more is to. */
    async function ask(over: EventSocket, isReused: boolean): Promise<SocketInbox> {
      const from = createSocketInbox(over, {
        isReused,
        onBytes(byteLength) {
          heartbeat.restart();
          observer?.onBytes?.(byteLength);
        },
      });
      socket = over;
      inbox = from;
      while (!over.isOpen && !from.hasEnded) await news(from);
      if (over.isOpen) {
        send(runMessage(request));
        heartbeat.restart();
        announce(over.url);
      }
      while (from.isUntouched && !from.hasEnded) await news(from);
      return from;
    }

    async function connect(): Promise<SocketInbox> {
      const url = socketUrl(request.url);
      // The rest of an answer does not begin with `start`: it could not be told from what another run left behind.
      const kept = request.resume ? undefined : pool.take(url);
      const from = kept && (await ask(kept, true));
      if (from && !(from.isUntouched && from.hasEnded)) return from;
      // There was none, or it had died without a word.
      return ask(
        openEventSocket(Socket ?? platformSocket(), url, request.maxFrameChars ?? maxFrameChars),
        false,
      );
    }

    connection.onStop(leave);
    try {
      connection.check();
      const from = await connect();
      for (;;) {
        acknowledger.acknowledge();
        const event = from.take();
        if (event) {
          connection.check();
          isComplete = event.type === 'done';
          yield { framing: 'ndjson', event: '', data: event.text, id: '', closed: true };
          if (isComplete) return;
          acknowledger.take(event.seq);
        } else if (from.hasEnded) {
          if (from.failure) throw from.failure;
          return;
        } else await news(from);
      }
    } catch (cause) {
      failure = cause;
      throw cause;
    } finally {
      // Also when the consumer leaves early: the run stops with it.
      connection.close();
    }
  }
  return { name: 'websocket', open };
}
