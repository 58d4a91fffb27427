/**
 * What went wrong, for code that has to decide:
 * - `network`: the endpoint cannot be reached, or the connection broke
 * - `http`: it answered with a status of 400 or above
 * - `timeout`: no byte for `idle-timeout`
 * - `protocol`: it answered with something that cannot be read
 * - `provider`: it reported an error of its own
 * - `aborted`: the user or the page stopped the run
 * - `tool`: a tool on the page failed
 * - `limit`: something was larger than a limit allows
 */
export type StreamErrorCode =
  'network' | 'http' | 'timeout' | 'protocol' | 'provider' | 'aborted' | 'tool' | 'limit';

/** The endpoint's own words for an error. */
export interface ErrorOrigin {
  readonly code?: string | number | undefined;
  readonly type?: string | undefined;
}

export interface StreamErrorOptions {
  readonly cause?: unknown;
  /** Trying the same again may help. Default: false. */
  readonly recoverable?: boolean;
  /** Milliseconds to wait before trying again. */
  readonly retryAfter?: number | undefined;
  /** HTTP status, when there was one. */
  readonly status?: number | undefined;
  /** The endpoint's own words for the error. */
  readonly origin?: ErrorOrigin | undefined;
}

/** The one error class of the core. Branch on `code`, show `message`. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly code: StreamErrorCode;
  readonly recoverable: boolean;
  readonly retryAfter: number | undefined;
  readonly status: number | undefined;
  readonly origin: StreamErrorOptions['origin'];

  constructor(code: StreamErrorCode, message: string, options: StreamErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.recoverable = options.recoverable ?? false;
    this.retryAfter = options.retryAfter;
    this.status = options.status;
    this.origin = options.origin;
  }
}
