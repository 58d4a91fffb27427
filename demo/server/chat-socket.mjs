import { STATUS_CODES } from 'node:http';
import { checkStillKept, seqOf, unknownRun } from './chat.mjs';
import { checkChatRequest, MAX_BODY_BYTES, parseJsonObject } from './chat-request.mjs';
import { HttpError } from './http-error.mjs';
import { DEFAULT_HEARTBEAT_INTERVAL } from './sse-writer.mjs';

/** @typedef {import('./chat.mjs').ChatOptions} ChatOptions */
/** @typedef {import('./run.mjs').Run} Run */
/** @typedef {import('node:net').Socket} Socket */
/** @typedef {import('ws').WebSocket} WebSocket */

/** How many events are sent beyond the one that the client has acknowledged last. */
const ACK_WINDOW = 64;

/** Unsent bytes beyond which pings stay unanswered: who does not read must not fill the memory by asking. */
const MAX_UNSENT_BYTES = 65_536;

/** The longest reason a close frame has room for, in bytes (RFC 6455, section 5.5). */
const MAX_REASON_BYTES = 123;

/** Close codes (RFC 6455, section 7.4.1, and IANA's registry) that say what an HTTP status would. */
const CLOSE_CODES = new Map([
  [413, 1009],
  [500, 1011],
  [503, 1013],
]);
const POLICY_VIOLATION = 1008;
const NORMAL_CLOSURE = 1000;

/** One client's socket: runs, one at a time, in the native dialect. `docs/backends.md` has the messages. */
class ChatSocket {
  #socket;
  #connection;
  #runs;
  #network;
  #reportFailure;
  #heartbeatInterval;
  /** @type {Run | undefined} the run that goes over the socket, or went over it last */
  #run;
  /** Fires when the run goes over this socket no longer. */
  #leave = new AbortController();
  #acknowledged = 0;
  /** @type {() => void} */
  #wake = () => {};

  /**
   * @param {WebSocket} socket
   * @param {Socket} connection what it goes over
   * @param {ChatOptions & {reportFailure: (error: unknown) => void}} options
   */
  constructor(socket, connection, { runs, pace, network, reportFailure }) {
    this.#socket = socket;
    this.#connection = connection;
    this.#runs = runs;
    this.#network = network;
    this.#reportFailure = reportFailure;
    this.#heartbeatInterval = pace.heartbeatInterval ?? DEFAULT_HEARTBEAT_INTERVAL;
  }

  /** Does what the client asks for, from now on. */
  attend() {
    const socket = this.#socket;
    this.#keepAlive();
    socket.on('message', (data) => this.#receive(String(data)));
    socket.once('close', () => this.#leave.abort());
    // What breaks a connection closes it as well; only that is of interest.
    socket.on('error', () => {});
    void this.#write(JSON.stringify({ type: 'ack_window', size: ACK_WINDOW }));
  }

  /** Lets go of a client that gives no sign of life: a connection that died without a word would keep its run for ever. */
  #keepAlive() {
    const socket = this.#socket;
    let isAlive = true;
    const timer = setInterval(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.send('{"type":"ping"}');
    }, this.#heartbeatInterval);
    socket.on('message', () => {
      isAlive = true;
    });
    socket.once('close', () => clearInterval(timer));
  }

  /** @param {string} text */
  #receive(text) {
    try {
      this.#obey(parseJsonObject(text));
    } catch (error) {
      this.#refuse(error);
    }
  }

  /**
   * What is not named here needs no answer: results of tools belong to a model that waits for them, and this server's
   * models get them with the next request.
   *
   * @param {Record<string, unknown>} message
   */
  #obey(message) {
    const { type } = message;
    if (type === 'run') this.#carry(this.#runs.start(checkChatRequest(message)), 0);
    else if (type === 'resume') this.#resume(message);
    else if (type === 'cancel') this.#run?.cancel();
    else if (type === 'ping') this.#giveSignOfLife();
    else if (type === 'ack') {
      this.#acknowledged = Math.max(this.#acknowledged, seqOf(message['seq']));
      this.#wake();
    }
  }

  #giveSignOfLife() {
    if (this.#socket.bufferedAmount <= MAX_UNSENT_BYTES) void this.#write('{"type":"pong"}');
  }

  /** @param {Record<string, unknown>} message */
  #resume({ streamId, lastEventId }) {
    const seq = seqOf(lastEventId);
    const run = this.#runs.find(String(streamId));
    if (!run) throw unknownRun();
    checkStillKept(run, seq);
    if (run.endsWith(seq)) this.#socket.close(NORMAL_CLOSURE);
    else this.#carry(run, seq);
  }

  /** @param {unknown} error */
  #refuse(error) {
    if (!(error instanceof HttpError)) this.#reportFailure(error);
    const { status, message } =
      error instanceof HttpError ? error : new HttpError(500, 'The server failed. Its log says why.');
    const reason = Buffer.from(message)
      .subarray(0, MAX_REASON_BYTES)
      .toString()
      .replace(/\uFFFD+$/, '');
    this.#socket.close(CLOSE_CODES.get(status) ?? POLICY_VIOLATION, reason);
  }

  /**
   * Gives a run to the client, from the event after `seq`, in place of the one before it.
   *
   * @param {Run} run
   * @param {number} seq
   */
  #carry(run, seq) {
    this.#leave.abort();
    this.#leave = new AbortController();
    this.#run = run;
    this.#acknowledged = seq;
    this.#sendAll(run, seq, this.#leave.signal).catch((error) => this.#refuse(error));
  }

  /** @param {Run} run @param {number} seq @param {AbortSignal} signal */
  async #sendAll(run, seq, signal) {
    const events = run.eventsAfter(seq, signal);
    let last = seq;
    for await (const event of this.#network?.disturb(events, this.#connection, signal) ?? events) {
      await this.#hasRoom(event.seq, signal);
      if (signal.aborted) return;
      await this.#write(event.json);
      last = event.seq;
    }
    if (!signal.aborted) checkStillKept(run, last);
  }

  /** @param {number} seq @param {AbortSignal} signal */
  async #hasRoom(seq, signal) {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    while (seq - this.#acknowledged > ACK_WINDOW && !signal.aborted) {
      await new Promise((/** @type {(value: void) => void} */ resolve) => {
        this.#wake = resolve;
      });
    }
    signal.removeEventListener('abort', wake);
  }

  /** @param {string} message @returns {Promise<void>} fulfils when it has left, or the client is gone */
  #write(message) {
    return new Promise((resolve) => {
      this.#socket.send(message, () => resolve());
    });
  }
}

/**
 * Answers a request that is not to become a socket.
 *
 * @param {Socket} connection
 * @param {HttpError} error
 */
function refuseUpgrade(connection, { status, message, headers }) {
  const body = JSON.stringify({ error: { message } });
  const head = {
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}

/** The chat over sockets, for which the package `ws` has to be installed. */
export class ChatSockets {
  /** @type {Promise<import('ws').WebSocketServer> | undefined} */
  #server;

  /**
   * Answers a request for a socket.
   *
   * @param {import('node:http').IncomingMessage} request
   * @param {Socket} connection
   * @param {Buffer} head
   * @param {() => ChatOptions & {reportFailure: (error: unknown) => void}} admit decides whether it gets one
   */
  async answer(request, connection, head, admit) {
    connection.on('error', () => {});
    try {
      const options = admit();
      const server = await (this.#server ??= this.#open());
      server.handleUpgrade(request, connection, head, (socket) => {
        new ChatSocket(socket, connection, options).attend();
      });
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      refuseUpgrade(connection, error);
    }
  }

  /** Ends all sockets, without a word. */
  async close() {
    const server = await this.#server?.catch(() => undefined);
    for (const client of server?.clients ?? []) client.terminate();
  }

  async #open() {
    try {
      const { WebSocketServer } = await import('ws');
      return new WebSocketServer({ noServer: true, maxPayload: MAX_BODY_BYTES });
    } catch {
      throw new HttpError(501, 'There are no sockets here. Run "npm install", and start the server again.');
    }
  }
}
