import type { Decoder } from './dialect/dialect.js';
import {
  StreamError,
  type ErrorEvent,
  type Frame,
  type RunRequest,
  type StreamEvent,
} from './model/index.js';
import type { Transport, TransportObserver } from './transport/transport.js';

/** Told of what the events do not carry. */
export interface PipelineObserver extends TransportObserver {
  /** A frame is about to be decoded. Its `id` is what resuming after it needs. */
  onFrame?(frame: Frame): void;
}

/** What one run goes through. */
export interface PipelineOptions {
  readonly transport: Transport;
  /** A decoder of its own for each run. */
  readonly decoder: Decoder;
  readonly signal: AbortSignal;
  readonly observer?: PipelineObserver | undefined;
}

function toStreamError(cause: unknown): StreamError {
  if (cause instanceof StreamError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new StreamError('protocol', `The answer could not be read: ${message}`, { cause });
}

/** The event that tells of an error. */
export function toErrorEvent(error: StreamError): ErrorEvent {
  const { code, message, recoverable, retryAfter, status, origin } = error;
  return {
    type: 'error',
    code,
    message,
    recoverable,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(status !== undefined && { status }),
    ...(origin !== undefined && { origin }),
  };
}

/**
 * Sends one request and gives its answer as events, of which `done` is the last and comes exactly once. It never
 * throws: failures are `error` events. An abort is no failure, it ends in `done {reason: 'aborted'}`. Nothing is read
 * ahead of the consumer, and the connection is closed as soon as `done` was given or the loop is left.
 */
export async function* runPipeline(
  request: RunRequest,
  { transport, decoder, signal, observer }: PipelineOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const listener: TransportObserver = {
    onResponse(response) {
      decoder.onResponse?.(response);
      observer?.onResponse?.(response);
    },
    onBytes: (byteLength) => observer?.onBytes?.(byteLength),
    onRetry: (milliseconds) => observer?.onRetry?.(milliseconds),
  };
  try {
    for await (const frame of transport.open(request, signal, listener)) {
      observer?.onFrame?.(frame);
      for (const event of decoder.decode(frame)) {
        yield event;
        if (event.type === 'done') return;
      }
    }
    yield* decoder.finish();
  } catch (cause) {
    // What the decoder still holds is given up: half a tool call must not be taken for a whole one.
    const error = toStreamError(cause);
    if (error.code !== 'aborted') yield toErrorEvent(error);
    yield { type: 'done', reason: error.code === 'aborted' ? 'aborted' : 'error', complete: false };
  }
}
