import { createFramer, type FramerOptions } from '../framing/framing.js';
import type { Frame } from '../model/index.js';
import type { ConnectionWatch } from './connection-watch.js';
import { broken } from './network-error.js';
import type { TransportObserver } from './transport.js';

/** The bytes of an answer, whatever carries them. A `Response` is one. */
export interface AnswerBody {
  readonly url: string;
  /** Null: the answer has none. */
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Reads a body as text. A reader is used because WebKit's streams cannot be iterated. */
export async function* readText(
  { url, body }: AnswerBody,
  connection: ConnectionWatch,
  observer?: TransportObserver,
): AsyncGenerator<string, void, undefined> {
  const reader = body?.getReader();
  if (!reader) return;
  const cancel = (): void => void reader.cancel().catch(() => {});
  connection.onStop(cancel);
  // One decoder for the whole answer, so that a character cut by two chunks stays whole.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (;;) {
    const { done, value } = await connection.wait(reader.read(), (cause) => broken(url, cause));
    if (done) break;
    observer?.onBytes?.(value.byteLength);
    yield decoder.decode(value, { stream: true });
  }
  yield decoder.decode();
}

/** Reads a body as frames, until it ends or the connection is stopped. */
export async function* readFrames(
  answer: AnswerBody,
  options: FramerOptions,
  connection: ConnectionWatch,
  observer?: TransportObserver,
): AsyncGenerator<Frame, void, undefined> {
  const framer = createFramer(options);
  let retry: number | undefined;
  let eventId = '';
  function* stoppable(frames: Iterable<Frame>): Generator<Frame, void, undefined> {
    for (const frame of frames) {
      connection.check();
      eventId = frame.id;
      yield frame;
    }
  }
  for await (const text of readText(answer, connection, observer)) {
    yield* stoppable(framer.push(text));
    if (framer.retry !== undefined && framer.retry !== retry) {
      retry = framer.retry;
      observer?.onRetry?.(retry);
    }
    if (framer.eventId !== eventId) {
      eventId = framer.eventId;
      observer?.onEventId?.(eventId);
    }
  }
  yield* stoppable(framer.end());
}
