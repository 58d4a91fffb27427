import type { Frame, ResponseInfo, RunRequest } from '../model/index.js';

/** What goes to the endpoint while its answer is still arriving. */
export interface ClientMessage {
  readonly type: 'tool_result';
  readonly id: string;
  readonly result: unknown;
  readonly isError: boolean;
}

export interface TransportObserver {
  /** The answer's head has arrived. */
  onResponse?(response: ResponseInfo): void;
  /** A chunk of the body has arrived. */
  onBytes?(byteLength: number): void;
  /** The stream asks to wait this many milliseconds before reconnecting. Called again when it changes its mind. */
  onRetry?(milliseconds: number): void;
  /** An event without data had an id: it, and not that of the last frame, is what a request for the rest names. */
  onEventId?(id: string): void;
  /** From now until the answer ends, messages reach the endpoint over the open connection. */
  onChannel?(send: (message: ClientMessage) => void): void;
}

/** Carries one request to an endpoint and its answer back, cut into frames. */
export interface Transport {
  readonly name: 'sse' | 'websocket' | 'webtransport';
  /**
   * Sends the request when iteration starts. Reading waits for the consumer, so the network's own flow control
   * works. Leaving the loop early closes the connection.
   *
   * `signal` stops the run at the endpoint as well, where the transport can say so. A signal whose reason is a
   * `StreamError` only gives the connection up: that error is thrown, and the endpoint is told nothing.
   *
   * @throws {StreamError} `network`, `http`, `timeout`, `protocol`, `limit`; `aborted` when `signal` fired
   */
  open(request: RunRequest, signal: AbortSignal, observer?: TransportObserver): AsyncIterable<Frame>;
}
