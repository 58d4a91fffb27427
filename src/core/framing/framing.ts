import { StreamError, type Frame, type Framing } from '../model/index.js';
import { createHtmlCutter } from './html.js';
import { createJsonCutter } from './json.js';
import { createNdjsonCutter } from './ndjson.js';
import { createSniffer } from './sniff.js';
import { createSseCutter } from './sse.js';
import { createTextCutter } from './text.js';

/** Characters (UTF-16 code units) that one frame may have, unless said otherwise. */
export const DEFAULT_MAX_FRAME_CHARS = 1_048_576;

/** Takes the frames of one call, in order. */
export type EmitFrame = (frame: Frame) => void;

/** Cuts one kind of framing. It hands over each frame before it throws, so nothing that had arrived is lost. */
export interface FrameCutter {
  push(text: string, emit: EmitFrame): void;
  /** The answer has ended as it should; not called when the connection broke. */
  end(emit: EmitFrame): void;
  /** Milliseconds the stream asks to wait before reconnecting: its last valid `retry` field. */
  readonly retry?: number | undefined;
  /** Id of the last whole event, be it one without data. Default: empty. */
  readonly eventId?: string;
}

export interface FramerOptions {
  /** Skips finding out. Default: told apart by the first characters. */
  readonly framing?: Framing | undefined;
  /** The answer's `content-type`. It is never believed; it only decides where the first characters do not. */
  readonly contentType?: string | undefined;
  /** The largest frame, in characters. Default: `DEFAULT_MAX_FRAME_CHARS`. */
  readonly maxFrameChars?: number | undefined;
}

/**
 * Turns decoded text, cut anywhere, into frames. A leading byte order mark is dropped.
 *
 * The result of `push` and `end` is to be iterated to its end: it gives the frames that became complete, and then
 * throws what stopped the framer, if anything did.
 */
export interface Framer {
  /** How the answer is cut; undefined until its first characters have told. */
  readonly framing: Framing | undefined;
  /** Milliseconds the stream asks to wait before reconnecting. */
  readonly retry: number | undefined;
  /** Id of the last whole event, be it one without data: where to go on after a break. Empty where there is none. */
  readonly eventId: string;
  /** @throws {StreamError} `limit` or `protocol`, after the frames */
  push(text: string): Iterable<Frame>;
  /** The answer has ended as it should: what remains. @throws {StreamError} as `push` does */
  end(): Iterable<Frame>;
}

/** The error of a frame that grows past its limit. */
export function frameTooLong(maxFrameChars: number): StreamError {
  return new StreamError(
    'limit',
    `One event of the answer is longer than ${maxFrameChars} characters. Let the endpoint send smaller events, or raise the limit "maxFrameChars".`,
  );
}

/** Binary frames that only signed requests get: the one content type that is believed. */
const UNSUPPORTED_TYPE = 'application/vnd.amazon.eventstream';

function unsupported(): StreamError {
  return new StreamError(
    'protocol',
    `The endpoint answers with ${UNSUPPORTED_TYPE}, which is not supported. Put a server in between that sends text/event-stream.`,
  );
}

const BYTE_ORDER_MARK = '\uFEFF';

const CUTTERS: Record<Framing | 'html', (maxFrameChars: number) => FrameCutter> = {
  sse: createSseCutter,
  ndjson: createNdjsonCutter,
  json: createJsonCutter,
  text: createTextCutter,
  html: createHtmlCutter,
};

function* deliver(frames: readonly Frame[], failure: unknown): Generator<Frame, void, undefined> {
  yield* frames;
  if (failure !== undefined) throw failure;
}

/** Makes the framer of one answer. */
export function createFramer({
  framing,
  contentType = '',
  maxFrameChars = DEFAULT_MAX_FRAME_CHARS,
}: FramerOptions = {}): Framer {
  const sniffer = createSniffer(contentType, maxFrameChars);
  let cutter: FrameCutter | undefined = framing && CUTTERS[framing](maxFrameChars);
  let atStart = true;
  let failure: unknown = contentType.startsWith(UNSUPPORTED_TYPE) ? unsupported() : undefined;

  function run(work: (emit: EmitFrame) => void): Iterable<Frame> {
    const frames: Frame[] = [];
    if (failure === undefined) {
      try {
        work((frame) => frames.push(frame));
      } catch (cause) {
        failure = cause;
      }
    }
    return deliver(frames, failure);
  }

  function settle(kind: Framing | 'html', emit: EmitFrame): FrameCutter {
    if (kind !== 'html') framing = kind;
    cutter = CUTTERS[kind](maxFrameChars);
    cutter.push(sniffer.take(), emit);
    return cutter;
  }

  return {
    get framing() {
      return framing;
    },
    get retry() {
      return cutter?.retry;
    },
    get eventId() {
      return cutter?.eventId ?? '';
    },
    push: (text) =>
      run((emit) => {
        if (text === '') return;
        const fresh = atStart && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
        atStart = false;
        if (cutter) {
          cutter.push(fresh, emit);
          return;
        }
        const kind = sniffer.push(fresh);
        if (kind) settle(kind, emit);
      }),
    end: () =>
      run((emit) => {
        const last = cutter ?? settle(sniffer.end(), emit);
        last.end(emit);
      }),
  };
}
