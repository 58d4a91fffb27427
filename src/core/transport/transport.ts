import type { Frame, ResponseInfo, RunRequest } from '../model/index.js';

export interface TransportObserver {
  /** The answer's head has arrived. */
  onResponse?(response: ResponseInfo): void;
  /** A chunk of the body has arrived. */
  onBytes?(byteLength: number): void;
  /** The stream asks to wait this many milliseconds before reconnecting. Called again when it changes its mind. */
  onRetry?(milliseconds: number): void;
}

/** Carries one request to an endpoint and its answer back, cut into frames. */
export interface Transport {
  readonly name: 'sse' | 'websocket' | 'webtransport';
  /**
   * Sends the request when iteration starts. Reading waits for the consumer, so the network's own flow control
   * works. Leaving the loop early closes the connection.
   *
   * @throws {StreamError} `network`, `http`, `timeout`, `protocol`, `limit`; `aborted` when `signal` fired
   */
  open(request: RunRequest, signal: AbortSignal, observer?: TransportObserver): AsyncIterable<Frame>;
}
