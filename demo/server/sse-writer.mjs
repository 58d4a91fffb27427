/** How often a silent stream says that it lives, in milliseconds. Proxies drop connections after 30 s to 60 s. */
export const DEFAULT_HEARTBEAT_INTERVAL = 15_000;

/** How long a reader is to wait before it connects again, in milliseconds. */
const DEFAULT_RECONNECT_DELAY = 500;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // `no-transform` keeps proxies from compressing, and so from buffering, the stream; nginx has its own header.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/**
 * The pace of a stream, in milliseconds.
 *
 * @typedef {object} StreamPace
 * @property {number | undefined} [heartbeatInterval] between signs of life while nothing is said; default: 15,000
 * @property {number | undefined} [reconnectDelay] before a reader whose connection broke comes back; default: 500
 */

/** Writes one server-sent event stream, no faster than its reader reads. */
export class SseWriter {
  /** @type {import('node:http').ServerResponse} */
  #response;
  /** @type {ReturnType<typeof setInterval>} */
  #heartbeat;

  /**
   * Sends the head and the first bytes at once, so that the client knows it is being answered.
   *
   * @param {import('node:http').ServerResponse} response
   * @param {StreamPace} [pace]
   */
  constructor(
    response,
    { heartbeatInterval = DEFAULT_HEARTBEAT_INTERVAL, reconnectDelay = DEFAULT_RECONNECT_DELAY } = {},
  ) {
    this.#response = response;
    response.writeHead(200, HEADERS);
    // Tokens are smaller than a packet; without this the network stack would collect them.
    response.socket?.setNoDelay(true);
    response.write(`retry: ${reconnectDelay}\n\n`);
    this.#heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(': heartbeat\n\n');
    }, heartbeatInterval);
    response.once('close', () => clearInterval(this.#heartbeat));
  }

  /**
   * Sends one event. Its `seq` is also its SSE id, which is what a reader names when it comes back.
   *
   * @param {import('./run.mjs').NumberedEvent} event
   * @returns {Promise<void>} fulfils when the reader has room for another one, or is gone
   */
  async send({ seq, json }) {
    if (this.#response.destroyed) return;
    this.#heartbeat.refresh();
    if (!this.#response.write(`id: ${seq}\ndata: ${json}\n\n`)) await this.#drained();
  }

  /** Ends the stream. */
  end() {
    clearInterval(this.#heartbeat);
    this.#response.end();
  }

  /** @returns {Promise<void>} */
  #drained() {
    return new Promise((resolve) => {
      const settle = () => {
        this.#response.off('drain', settle).off('close', settle);
        resolve();
      };
      this.#response.once('drain', settle).once('close', settle);
    });
  }
}
