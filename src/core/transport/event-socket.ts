import { frameTooLong } from '../framing/framing.js';
import { StreamError } from '../model/index.js';
import { cancelMessage, pongMessage } from './client-message.js';
import { originOf } from './network-error.js';
import { isControlMessage, readServerMessage, type ServerMessage } from './server-message.js';
import { closeError, socketUnreachable } from './socket-error.js';

/** What is read of the events of a platform's socket. */
export interface PlatformSocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly error?: unknown;
}

/** What is used of a `WebSocket`: that of browsers and of Node 22 has it, and so has that of the package `ws`. */
export interface PlatformSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string): void;
  close(code?: number): void;
  addEventListener(
    type: 'open' | 'message' | 'error' | 'close',
    listener: (event: PlatformSocketEvent) => void,
  ): void;
}

/** Makes a `PlatformSocket` and begins to connect it. Throws where the URL is none, or the platform forbids it. */
export type PlatformSocketConstructor = new (url: string) => PlatformSocket;

/** One event of an answer, as it came. */
export interface SocketEvent extends ServerMessage {
  readonly text: string;
}

/** Who hears a socket: one run, or the pool while there is none. */
export interface EventSocketListener {
  onOpen?(): void;
  /** A message of whatever kind has arrived. Its event, if it is one, follows. */
  onBytes?(byteLength: number): void;
  onEvent?(event: SocketEvent): void;
  /** Nothing more is to come. Without a failure the server closed as it should. */
  onEnd(failure: StreamError | undefined): void;
}

/** A socket that carries events. It answers pings and knows the server's window by itself, run after run. */
export interface EventSocket {
  readonly url: string;
  readonly isOpen: boolean;
  /** How many events the server sends beyond the one acknowledged last; undefined: as many as it likes. */
  readonly ackWindow: number | undefined;
  /** From now on this one is told, and nobody else. */
  listen(listener: EventSocketListener): void;
  /** Does nothing where the socket is not open. */
  send(message: string): void;
  /** Stops the run at the server, and closes. Nobody is told. */
  cancel(): void;
  /** Closes without a word about the run. Nobody is told. */
  close(): void;
}

/** `WebSocket.OPEN`. */
const OPEN = 1;
const NORMAL_CLOSURE = 1000;

/**
 * Unsent bytes beyond which pings stay unanswered: a server that does not read must not fill the memory by asking, and
 * one that reads so much gets its sign of life from it.
 */
const MAX_UNSENT_BYTES = 65_536;

/**
 * The address of the socket that an endpoint's address stands for: `http:` becomes `ws:`, and `https:` `wss:`.
 *
 * @throws {StreamError} `protocol`
 */
export function socketUrl(address: string): string {
  const base = globalThis.location?.href;
  const url = URL.canParse(address, base) ? new URL(address, base) : undefined;
  const scheme = url?.protocol.replace('http', 'ws');
  if (!url || (scheme !== 'ws:' && scheme !== 'wss:')) {
    throw new StreamError(
      'protocol',
      `A WebSocket cannot be opened to "${address}". Its address begins with ws:, wss:, http: or https:.`,
    );
  }
  url.protocol = scheme;
  // A constructor throws on a fragment, which no server would get to see.
  url.hash = '';
  return url.href;
}

function construct(Socket: PlatformSocketConstructor, url: string): PlatformSocket {
  try {
    return new Socket(url);
  } catch (cause) {
    throw new StreamError(
      'protocol',
      `A WebSocket to ${originOf(url)} cannot be opened from this page. A page over https: needs a wss: address, and some ports are closed to pages.`,
      { cause },
    );
  }
}

/**
 * Opens a socket. `maxFrameChars`: the longest message, in characters.
 *
 * @throws {StreamError} `protocol`: the platform does not even try
 */
export function openEventSocket(
  Socket: PlatformSocketConstructor,
  url: string,
  maxFrameChars: number,
): EventSocket {
  const socket = construct(Socket, url);
  // The default of browsers, Blob, can be read only later, when the next message may have come already.
  socket.binaryType = 'arraybuffer';
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let listener: EventSocketListener | undefined;
  let ackWindow: number | undefined;
  let wasOpen = false;
  let cause: unknown;

  const isOpen = (): boolean => socket.readyState === OPEN;

  function send(message: string): void {
    if (isOpen()) socket.send(message);
  }

  function close(): void {
    listener = undefined;
    socket.close(NORMAL_CLOSURE);
  }

  function cancel(): void {
    send(cancelMessage());
    close();
  }

  function end(failure: StreamError | undefined): void {
    const told = listener;
    listener = undefined;
    told?.onEnd(failure);
  }

  function receive(data: unknown): void {
    const isText = typeof data === 'string';
    const text = isText ? data : decoder.decode(data as ArrayBuffer);
    listener?.onBytes?.(isText ? encoder.encode(data).byteLength : (data as ArrayBuffer).byteLength);
    if (text.length > maxFrameChars) {
      const told = listener;
      cancel();
      told?.onEnd(frameTooLong(maxFrameChars));
      return;
    }
    const message = readServerMessage(text);
    if (!isControlMessage(message)) listener?.onEvent?.({ ...message, text });
    else if (message.type === 'ack_window') ackWindow = message.size;
    else if (message.type === 'ping' && socket.bufferedAmount <= MAX_UNSENT_BYTES) send(pongMessage());
  }

  // One listener for all, as each has to be told apart from what comes after the socket was given up.
  function handle(event: PlatformSocketEvent): void {
    if (!listener) return;
    if (event.type === 'open') {
      wasOpen = true;
      listener.onOpen?.();
    } else if (event.type === 'message') receive(event.data);
    else if (event.type === 'error') cause = event.error;
    else end(wasOpen ? closeError(url, event.code ?? 0, event.reason ?? '') : socketUnreachable(url, cause));
  }

  for (const type of ['open', 'message', 'error', 'close'] as const) socket.addEventListener(type, handle);

  return {
    url,
    get isOpen() {
      return isOpen();
    },
    get ackWindow() {
      return ackWindow;
    },
    listen: (next) => (listener = next),
    send,
    cancel,
    close,
  };
}
