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
 * How a connection ended: the answer said that it is `done`; it just `ended`, so that what the decoder still holds is
 * to be asked for; or it `failed`.
 */
export type ConnectionEnd =
  { readonly kind: 'done' | 'ended' } | { readonly kind: 'failed'; readonly error: StreamError };

/**
 * Sends one request and gives the events of its answer, of which `done` is the last, where there is one. It never
 * throws. Nothing is read ahead of the consumer, and the connection is closed as soon as `done` was given or the loop
 * is left. `takes` says which frames are decoded. Default: all.
 */
export async function* readEvents(
  request: RunRequest,
  { transport, decoder, signal, observer }: PipelineOptions,
  takes: (frame: Frame) => boolean = () => true,
): AsyncGenerator<StreamEvent, ConnectionEnd, undefined> {
  const listener: TransportObserver = {
    onResponse(response) {
      decoder.onResponse?.(response);
      observer?.onResponse?.(response);
    },
    onBytes: (byteLength) => observer?.onBytes?.(byteLength),
    onRetry: (milliseconds) => observer?.onRetry?.(milliseconds),
    onEventId: (id) => observer?.onEventId?.(id),
    onChannel: (send) => observer?.onChannel?.(send),
  };
  try {
    for await (const frame of transport.open(request, signal, listener)) {
      if (!takes(frame)) continue;
      observer?.onFrame?.(frame);
      for (const event of decoder.decode(frame)) {
        yield event;
        if (event.type === 'done') return { kind: 'done' };
      }
    }
    return { kind: 'ended' };
  } catch (cause) {
    return { kind: 'failed', error: toStreamError(cause) };
  }
}

/** The last events of an answer whose connection failed and is not made again. */
export function failureEvents(error: StreamError): StreamEvent[] {
  if (error.code === 'aborted') return [{ type: 'done', reason: 'aborted', complete: false }];
  return [toErrorEvent(error), { type: 'done', reason: 'error', complete: false }];
}

/**
 * Sends one request and gives its answer as events, of which `done` is the last and comes exactly once. It never
 * throws: failures are `error` events. An abort is no failure, it ends in `done {reason: 'aborted'}`. One connection,
 * and no second attempt: that is the endpoint's to do.
 */
export async function* runPipeline(
  request: RunRequest,
  options: PipelineOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const end = yield* readEvents(request, options);
  if (end.kind === 'ended') yield* options.decoder.finish();
  // What the decoder still holds is given up: half a tool call must not be taken for a whole one.
  if (end.kind === 'failed') yield* failureEvents(end.error);
}
