import { randomUUID } from 'node:crypto';

/** @typedef {import('./models/model.mjs').ChatRequest} ChatRequest */
/** @typedef {import('./models/model.mjs').Model} Model */
/** @typedef {import('./models/model.mjs').StreamEvent} StreamEvent */

/** How long nobody has to listen before a model is stopped, in milliseconds. A reader who leaves must not keep it busy. */
const GRACE_TIME = 30_000;
/** Events and bytes of JSON that are kept of one run. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 2_097_152;

/**
 * What a run is allowed.
 *
 * @typedef {object} RunLimits
 * @property {number} [graceTime] milliseconds without a reader before the model is stopped; default: 30,000
 * @property {number} [maxEvents] events that are kept; default: 10,000
 * @property {number} [maxBytes] bytes of JSON that are kept; default: 2 MiB
 */

/**
 * An event as its readers get it.
 *
 * @typedef {object} NumberedEvent
 * @property {number} seq counts from 1
 * @property {string} json the event with its `seq`
 */

/** @type {StreamEvent} */
const FAILED = { type: 'done', reason: 'error', complete: false };

/**
 * Everything a model says in one run, from `start` to `done`.
 *
 * @param {Model} model
 * @param {ChatRequest} request
 * @param {{streamId: string, signal: AbortSignal, reportFailure: (error: unknown) => void}} options
 * @returns {AsyncGenerator<StreamEvent, void>}
 */
async function* askModel(model, request, { streamId, signal, reportFailure }) {
  yield { type: 'start', streamId, messageId: randomUUID(), model: model.name };
  try {
    for await (const event of model.answer(request, signal)) {
      yield event;
      if (event.type === 'done') return;
    }
    yield { type: 'done', reason: 'unknown', complete: false };
  } catch (error) {
    if (signal.aborted) return;
    reportFailure(error);
    // What a program threw may name files or addresses; it belongs in the log and not on somebody's screen.
    const message = 'The model failed. The log of the server says why.';
    yield { type: 'error', code: 'provider', message, recoverable: true };
    yield FAILED;
  }
}

/**
 * One answer of the model, which outlives the connections it is read over: what it says is kept, and given to every
 * reader from where that one stands.
 *
 * The model goes as fast as the fastest reader, so that a dead connection holds up nobody. While there is no reader
 * it goes on until no more can be kept, and is stopped when none has come for the grace time.
 */
export class Run {
  /** What readers call it. */
  streamId = randomUUID();
  #graceTime;
  #maxEvents;
  #maxBytes;
  #onEnd;
  #stop = new AbortController();
  /** @type {(NumberedEvent & {bytes: number})[]} the newest events, without gaps */
  #kept = [];
  #keptBytes = 0;
  #lastSeq = 0;
  #hasEnded = false;
  /** @type {Set<{seq: number}>} each with the last event it was given */
  #readers = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #grace;
  /** Fulfils when anything changes; whoever waits then looks for itself. @type {Promise<void>} */
  #news = Promise.resolve();
  #tell = () => {};

  /**
   * Asks the model.
   *
   * @param {Model} model
   * @param {ChatRequest} request
   * @param {object} options
   * @param {RunLimits} options.limits
   * @param {(error: unknown) => void} options.reportFailure
   * @param {() => void} options.onEnd called when the last event is there
   */
  constructor(model, request, { limits, reportFailure, onEnd }) {
    this.#graceTime = limits.graceTime ?? GRACE_TIME;
    this.#maxEvents = limits.maxEvents ?? MAX_EVENTS;
    this.#maxBytes = limits.maxBytes ?? MAX_BYTES;
    this.#onEnd = onEnd;
    this.#change();
    this.#awaitReader();
    const { streamId } = this;
    void this.#listen(askModel(model, request, { streamId, signal: this.#stop.signal, reportFailure }));
  }

  /** The last event is there. */
  get hasEnded() {
    return this.#hasEnded;
  }

  /**
   * Whether all that follows after an event can still be given.
   *
   * @param {number} seq 0: before the first
   */
  keepsAfter(seq) {
    return seq + 1 >= (this.#kept[0]?.seq ?? 1);
  }

  /**
   * Whether nothing follows after an event, now or later.
   *
   * @param {number} seq
   */
  endsWith(seq) {
    return this.#hasEnded && seq >= this.#lastSeq;
  }

  /**
   * What follows after an event: what is kept, then what comes. Ends with the run, with `signal`, and where this
   * reader was so slow that its next event is no longer kept.
   *
   * @param {number} seq 0: from the start
   * @param {AbortSignal} signal the reader leaves
   * @returns {AsyncGenerator<NumberedEvent, void>}
   */
  async *eventsAfter(seq, signal) {
    const reader = { seq };
    const wake = () => this.#change();
    signal.addEventListener('abort', wake);
    clearTimeout(this.#grace);
    this.#readers.add(reader);
    try {
      while (!signal.aborted && this.keepsAfter(reader.seq) && !this.endsWith(reader.seq)) {
        const event = this.#kept[reader.seq + 1 - (this.#kept[0]?.seq ?? 0)];
        if (event) {
          yield event;
          reader.seq = event.seq;
          this.#change();
        } else await this.#news;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#readers.delete(reader);
      this.#awaitReader();
      this.#change();
    }
  }

  /** Stops the model. Readers are told that the run was stopped. */
  cancel() {
    this.#end({ type: 'done', reason: 'aborted', complete: false });
  }

  /** @param {AsyncIterable<StreamEvent>} events */
  async #listen(events) {
    for await (const event of events) {
      this.#keep(event);
      while (!this.#hasEnded && !this.#isWanted()) await this.#news;
      if (this.#hasEnded) return;
    }
  }

  #isWanted() {
    // Nobody has seen what is kept then, and the one who comes back may ask for all of it.
    if (this.#readers.size === 0) return !this.#isFull();
    return [...this.#readers].some(({ seq }) => seq >= this.#lastSeq);
  }

  #isFull() {
    return this.#kept.length >= this.#maxEvents || this.#keptBytes >= this.#maxBytes;
  }

  /** @param {StreamEvent} event */
  #keep(event) {
    if (this.#hasEnded) return;
    while (this.#isFull()) this.#keptBytes -= this.#kept.shift()?.bytes ?? 0;
    const seq = this.#lastSeq + 1;
    const json = JSON.stringify({ ...event, seq });
    const bytes = Buffer.byteLength(json);
    this.#kept.push({ seq, json, bytes });
    this.#keptBytes += bytes;
    this.#lastSeq = seq;
    if (event.type === 'done') {
      this.#hasEnded = true;
      clearTimeout(this.#grace);
      this.#onEnd();
    }
    this.#change();
  }

  /** @param {...StreamEvent} events the last words of a run that ends before its model does */
  #end(...events) {
    for (const event of events) this.#keep(event);
    this.#stop.abort();
  }

  #awaitReader() {
    if (this.#hasEnded || this.#readers.size > 0) return;
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => {
      const message = 'Nobody was reading this answer, so the model was stopped. Ask again.';
      this.#end({ type: 'error', code: 'timeout', message, recoverable: true }, FAILED);
    }, this.#graceTime);
    // A process that is to end does not wait for readers.
    this.#grace.unref();
  }

  #change() {
    const tell = this.#tell;
    this.#news = new Promise((resolve) => {
      this.#tell = resolve;
    });
    tell();
  }
}
