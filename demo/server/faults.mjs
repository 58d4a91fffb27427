import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { HttpError } from './http-error.mjs';

// Troubles for the page that shows what the chat does about them: below /api/faulty/{name}/ is everything that is
// below /api/, over a network of that name, which fails when it is told to.

/** Networks that are known at once, one for each visit of the page. */
const MAX_NETWORKS = 100;

/**
 * How often a silent stream says that it lives here, in milliseconds: the page waits for a short time only, so that a
 * connection which fell silent shows soon.
 */
export const TROUBLED_HEARTBEAT_INTERVAL = 1000;

const PREFIX = /^\/api\/faulty\/([\w-]{1,40})(?=\/)/;

/**
 * How long a connection is still there after the events that it may carry, in milliseconds. Browsers throw away what
 * they have not handed to the page when its connection breaks, and then nothing at all would get through.
 */
const LAST_MOMENT = 50;

/** What a network may be told, with the fields of the message that tells it. */
const ORDERS = 'breakEvery (events), refuse (requests), break (true), silence (true)';

/** @param {unknown} value @param {string} name @returns {number} */
function countOf(value, name) {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new HttpError(400, `${name} must be a whole number, 0 or more.`);
}

/** @param {AbortSignal} signal */
async function ended(signal) {
  if (!signal.aborted) await once(signal, 'abort');
}

/** A way to the server that fails on purpose. */
export class Network {
  /** Of the streams that are open. @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  /** Those that nothing comes through any more. @type {WeakSet<import('node:net').Socket>} */
  #silent = new WeakSet();
  #breakEvery = 0;
  #refusals = 0;

  /**
   * Does what it is told: `{breakEvery}` breaks each connection after so many events, 0 none; `{refuse}` answers as
   * many requests with 503; `{break: true}` resets the connections that are open, and `{silence: true}` lets nothing
   * more through them.
   *
   * @param {Record<string, unknown>} orders
   * @throws {HttpError} 400
   */
  obey(orders) {
    for (const [name, value] of Object.entries(orders)) {
      if (name === 'breakEvery') this.#breakEvery = countOf(value, name);
      else if (name === 'refuse') this.#refusals = countOf(value, name);
      else if (name === 'break') for (const socket of this.#sockets) socket.resetAndDestroy();
      else if (name === 'silence') this.#silence();
      else throw new HttpError(400, `There is no such fault. The faults are: ${ORDERS}.`);
    }
  }

  /**
   * Lets a request in.
   *
   * @throws {HttpError} 503 where it is one of those to refuse
   */
  admit() {
    if (this.#refusals === 0) return;
    this.#refusals -= 1;
    throw new HttpError(503, 'The network page asked for this refusal.', { 'retry-after': '1' });
  }

  /**
   * Carries events, and breaks the connection where it is time for it.
   *
   * @template Event
   * @param {AsyncIterable<Event>} events
   * @param {import('node:net').Socket} socket
   * @param {AbortSignal} signal fires when the connection is gone
   * @returns {AsyncGenerator<Event, void>}
   */
  async *disturb(events, socket, signal) {
    this.#sockets.add(socket);
    let count = 0;
    try {
      for await (const event of events) {
        if (this.#silent.has(socket)) await ended(signal);
        yield event;
        count += 1;
        if (count !== this.#breakEvery) continue;
        await setTimeout(LAST_MOMENT);
        // Not even the end of the answer gets through.
        socket.destroySoon();
        await ended(signal);
      }
    } finally {
      this.#sockets.delete(socket);
    }
  }

  #silence() {
    for (const socket of this.#sockets) {
      this.#silent.add(socket);
      // Holds signs of life back, too. The end of an answer would let everything through, so that has to wait as well.
      socket.cork();
    }
  }
}

/** The networks of all pages. */
export class Faults {
  /** Oldest first. @type {Map<string, Network>} */
  #networks = new Map();

  /**
   * The network that a request goes over, if it is a troubled one. The address is then the one behind it.
   *
   * @param {URL} url changed in place
   * @returns {Network | undefined}
   */
  enter(url) {
    const [prefix, name] = PREFIX.exec(url.pathname) ?? [];
    if (prefix === undefined || name === undefined) return undefined;
    url.pathname = `/api${url.pathname.slice(prefix.length)}`;
    const network = this.#networks.get(name) ?? new Network();
    // Set anew, so that those in use are the youngest.
    this.#networks.delete(name);
    this.#networks.set(name, network);
    const [oldest] = this.#networks.keys();
    if (oldest !== undefined && this.#networks.size > MAX_NETWORKS) this.#networks.delete(oldest);
    return network;
  }
}
