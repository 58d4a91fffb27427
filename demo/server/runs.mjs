import { HttpError } from './http-error.mjs';
import { Run } from './run.mjs';

/** @typedef {import('./models/model.mjs').ChatRequest} ChatRequest */
/** @typedef {import('./models/model.mjs').Model} Model */

/** Runs that are known at once, whether they go on or have ended. */
const MAX_RUNS = 100;
/** How long a run is known after its end, in milliseconds. */
const KEEP_TIME = 5 * 60_000;
/** How soon it is worth trying again where there are too many runs, in seconds. */
const BUSY_RETRY_AFTER = 5;

/**
 * What runs are allowed, one by one and together.
 *
 * @typedef {import('./run.mjs').RunLimits & {maxRuns?: number, keepTime?: number}} RunStoreLimits
 *   `maxRuns` default: 100; `keepTime`, milliseconds after a run's end, default: 300,000
 */

/**
 * @typedef {object} KnownRun
 * @property {Run} run
 * @property {string | undefined} key
 * @property {ReturnType<typeof setTimeout>} [timer] forgets it
 */

/**
 * The runs of a server, found by `streamId` and by the `Idempotency-Key` they were asked for with. Who may know a
 * `streamId` may read its run: a server with users has to look for theirs only.
 */
export class RunStore {
  #model;
  #limits;
  #reportFailure;
  /** Oldest first, by `streamId`. @type {Map<string, KnownRun>} */
  #known = new Map();
  /** @type {Map<string, Run>} */
  #byKey = new Map();

  /**
   * @param {object} options
   * @param {Model} options.model
   * @param {(error: unknown) => void} options.reportFailure told of what the model throws
   * @param {RunStoreLimits | undefined} [options.limits]
   */
  constructor({ model, reportFailure, limits = {} }) {
    this.#model = model;
    this.#reportFailure = reportFailure;
    this.#limits = limits;
  }

  /**
   * Asks the model.
   *
   * @param {ChatRequest} request
   * @param {string} [key] finds the run when the same request comes again
   * @returns {Run}
   * @throws {HttpError} 503 while too many runs go on
   */
  start(request, key) {
    this.#makeRoom();
    const run = new Run(this.#model, request, {
      limits: this.#limits,
      reportFailure: this.#reportFailure,
      onEnd: () => this.#forgetLater(run),
    });
    this.#known.set(run.streamId, { run, key });
    if (key) this.#byKey.set(key, run);
    return run;
  }

  /** @param {string} streamId @returns {Run | undefined} */
  find(streamId) {
    return this.#known.get(streamId)?.run;
  }

  /** @param {string | undefined} key @returns {Run | undefined} */
  findByKey(key) {
    return key ? this.#byKey.get(key) : undefined;
  }

  /** Stops all models. */
  close() {
    for (const { run } of this.#known.values()) {
      run.cancel();
      this.#forget(run);
    }
  }

  #makeRoom() {
    const { maxRuns = MAX_RUNS } = this.#limits;
    if (this.#known.size < maxRuns) return;
    const ended = [...this.#known.values()].find(({ run }) => run.hasEnded);
    if (!ended) {
      throw new HttpError(503, 'Too many answers are being written here. Try again in a few seconds.', {
        'retry-after': String(BUSY_RETRY_AFTER),
      });
    }
    this.#forget(ended.run);
  }

  /** @param {Run} run */
  #forgetLater(run) {
    const known = this.#known.get(run.streamId);
    if (!known) return;
    known.timer = setTimeout(() => this.#forget(run), this.#limits.keepTime ?? KEEP_TIME);
    known.timer.unref();
  }

  /** @param {Run} run */
  #forget(run) {
    const known = this.#known.get(run.streamId);
    clearTimeout(known?.timer);
    this.#known.delete(run.streamId);
    if (known?.key) this.#byKey.delete(known.key);
  }
}
