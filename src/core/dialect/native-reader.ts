import type { DoneEvent, ErrorEvent, Frame, StreamEvent } from '../model/index.js';
import { countOf, isRecord, parseJson, recordOf, textOf, type JsonRecord } from '../model/json.js';
import { doneReason } from './done-reason.js';
import { reportedError, unreadableEvents, unreadableFrameEvent } from './errors.js';
import { isErrorCode, isNativeOnly, isNativeType, readNativeEvent } from './native-event.js';
import {
  doneWord,
  isDoneWord,
  isHeartbeat,
  isPlainError,
  isReasoningWord,
  plainText,
  TERMINATOR,
} from './plain-shape.js';

function readError(json: JsonRecord): ErrorEvent {
  const { code, recoverable, retryAfter, status } = json;
  const wait = countOf(retryAfter);
  const event = reportedError(json);
  return {
    ...event,
    ...(isErrorCode(code) && { code }),
    ...(typeof recoverable === 'boolean' && { recoverable }),
    retryAfter: wait,
    ...(typeof status === 'number' && { status }),
  };
}

function readDone(json: JsonRecord, word: string): DoneEvent {
  const origin = textOf(json['origin']) ?? doneWord(json, word);
  return {
    type: 'done',
    reason: doneReason(textOf(json['reason']) ?? origin),
    complete: json['complete'] !== false,
    origin,
  };
}

/** Whether the name of an event says what it is, whatever its data. */
export function isNamed({ event }: Frame): boolean {
  return isDoneWord(event) || event.toLowerCase() === 'error';
}

/** Reads the frames of one answer, each by itself, in the order in which they are given. */
export interface NativeReader {
  /** An event that only the native dialect has was here, or it was said to be that. */
  readonly isNative: boolean;
  /** An answer that ends here is over: it may just end, or has reported a failure. */
  readonly endsSilently: boolean;
  readonly unknownFrames: number;
  /** The JSON of a frame, undefined where it has none or is raw text. What it says of the dialect counts at once. */
  parse(frame: Frame): unknown;
  /** The events of a frame, and of its JSON as `parse` gave it. Nothing follows `done`. */
  read(frame: Frame, json: unknown): StreamEvent[];
  /** What remains when the answer has ended; the last event is `done`. Not called after `done`. */
  finish(): StreamEvent[];
}

/**
 * Reads the event union in JSON and, by the same rules, the shapes people make themselves: JSON objects with
 * their text under a usual name, JSON strings, and raw text. `isNative`: an answer that just ends stopped short. An
 * event that only the native dialect has settles it as well.
 */
export function createNativeReader(isNative: boolean): NativeReader {
  // Raw text is decided by the first payload and for good: "42" and "null" are words in such a stream.
  let payload: 'json' | 'raw' | undefined;
  let somethingArrived = false;
  let unknownFrames = 0;
  let cutShort = false;
  let failed = false;
  let reportedUnreadable = false;

  function fail(event: ErrorEvent): StreamEvent[] {
    failed = true;
    return [event];
  }

  function end(event: DoneEvent): StreamEvent[] {
    return [failed && event.reason === 'stop' ? { ...event, reason: 'error' } : event];
  }

  function text(content: string): StreamEvent[] {
    somethingArrived = true;
    return content === '' ? [] : [{ type: 'text', content }];
  }

  function unreadable(frame: Frame): StreamEvent[] {
    unknownFrames += 1;
    if (!frame.closed) cutShort = true;
    if (!frame.closed || reportedUnreadable) return [];
    reportedUnreadable = true;
    return [unreadableFrameEvent()];
  }

  function isRaw({ framing }: Frame): boolean {
    return framing === 'text' || (payload === 'raw' && framing === 'sse');
  }

  function readRecord(json: JsonRecord, eventName: string): StreamEvent[] {
    const { type } = json;
    const typeName = typeof type === 'string' ? type : '';
    const event = readNativeEvent(json);
    if (event) {
      somethingArrived = true;
      const isEmpty = (event.type === 'text' || event.type === 'reasoning') && event.content === '';
      return isEmpty ? [] : [event];
    }
    if (isPlainError(json)) return fail(readError(json));
    if (isDoneWord(typeName)) return end(readDone(json, typeName));
    const content = isNativeType(typeName) ? undefined : plainText(json);
    if (content === undefined) {
      unknownFrames += 1;
      return [];
    }
    somethingArrived = true;
    if (content === '') return [];
    return [{ type: isReasoningWord(typeName || eventName) ? 'reasoning' : 'text', content }];
  }

  function readNamed(frame: Frame, json: unknown): StreamEvent[] | undefined {
    if (isDoneWord(frame.event)) {
      const record = recordOf(json);
      return record['type'] === undefined ? end(readDone(record, frame.event)) : undefined;
    }
    if (!isNamed(frame)) return undefined;
    return fail(isRecord(json) ? readError(json) : reportedError(json ?? frame.data));
  }

  return {
    get isNative() {
      return isNative;
    },
    get endsSilently() {
      return failed || (!isNative && !cutShort);
    },
    get unknownFrames() {
      return unknownFrames;
    },
    parse(frame) {
      // Events with a name of their own have it in raw text as well.
      if (isRaw(frame) && !isNamed(frame)) return undefined;
      const json = frame.framing === 'text' ? undefined : parseJson(frame.data);
      isNative ||= payload !== 'raw' && isNativeOnly(json);
      return json;
    },
    read(frame, json) {
      // What broke off before was the end of a connection, not of the answer.
      cutShort = false;
      if (frame.framing === 'text') return text(frame.data);
      if (frame.data.trim() === TERMINATOR) {
        return end({ type: 'done', reason: 'stop', complete: true, origin: 'done' });
      }
      const events = readNamed(frame, json);
      if (events) return events;
      if (isHeartbeat(frame)) return [];

      const isJson = isRecord(json) || typeof json === 'string';
      if (payload === undefined) {
        // A first event that breaks off inside its JSON is no raw text.
        if (!isJson && !frame.closed && /^\s*[{["]/.test(frame.data)) return unreadable(frame);
        payload = isJson || frame.framing !== 'sse' ? 'json' : 'raw';
      }
      if (isRaw(frame)) {
        const isCutTerminator = !frame.closed && TERMINATOR.startsWith(frame.data);
        return isCutTerminator ? unreadable(frame) : text(frame.data);
      }
      if (typeof json === 'string') return text(json);
      if (isRecord(json)) return readRecord(json, frame.event);
      if (json === undefined) return unreadable(frame);
      unknownFrames += 1;
      return [];
    },
    finish() {
      if (failed) return end({ type: 'done', reason: 'error', complete: false });
      if (somethingArrived) {
        return end({ type: 'done', reason: 'unknown', complete: !isNative && !cutShort });
      }
      if (unknownFrames === 0 || cutShort) return end({ type: 'done', reason: 'unknown', complete: false });
      return unreadableEvents();
    },
  };
}
