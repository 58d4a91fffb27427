import { isErrorCode, isNativeOnly, isNativeType, readNativeEvent } from './native-event.js';
import {
  readProviderError,
  type DoneEvent,
  type ErrorEvent,
  type Frame,
  type StreamEvent,
} from '../model/index.js';
import { encodeChatRequest, USAGE_WANTED } from './chat-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneReason } from './done-reason.js';
import { providerErrorEvent, unreadableAnswerEvent, unreadableFrameEvent } from './errors.js';
import { countOf, isRecord, parseJson, textOf, type JsonRecord } from './json.js';
import {
  doneWord,
  isDoneWord,
  isHeartbeat,
  isPlainError,
  isReasoningWord,
  plainText,
  TERMINATOR,
} from './plain-shape.js';
import { createSequence } from './sequence.js';

function readError(json: JsonRecord): ErrorEvent {
  const { code, recoverable, retryAfter, status } = json;
  const wait = countOf(retryAfter);
  const event = providerErrorEvent(readProviderError(json));
  return {
    ...event,
    ...(isErrorCode(code) && { code }),
    ...(typeof recoverable === 'boolean' && { recoverable }),
    ...(wait !== undefined && { retryAfter: wait }),
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

/**
 * Decodes the event union in JSON and, by the same rules, the shapes people make themselves: JSON objects with
 * their text under a usual name, JSON strings, and raw text. `isNative`: an answer that just ends stopped short, and
 * `seq` is known to grow by one. An event that only the native dialect has settles it as well.
 */
function createNativeDecoder(isNative: boolean): Decoder {
  // Raw text is decided by the first payload and for good: "42" and "null" are words in such a stream.
  let payload: 'json' | 'raw' | undefined;
  let somethingArrived = false;
  let unknownFrames = 0;
  let cutShort = false;
  let failed = false;
  let reportedUnreadable = false;
  let ended = false;
  const followSequence = createSequence();

  function fail(event: ErrorEvent): StreamEvent[] {
    failed = true;
    return [event];
  }

  function end(event: DoneEvent): StreamEvent[] {
    ended = true;
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

  function decodeRecord(json: JsonRecord, eventName: string): StreamEvent[] {
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

  function decodeNumbered(json: JsonRecord, eventName: string): StreamEvent[] {
    const { seq } = json;
    isNative ||= isNativeOnly(json);
    const verdict = Number.isInteger(seq) ? followSequence(Number(seq), isNative) : undefined;
    if (verdict?.kind === 'seen') return [];
    const events = decodeRecord(json, eventName);
    if (verdict?.kind !== 'gap') return events;
    const { first, last } = verdict;
    const gap: ErrorEvent = {
      type: 'error',
      code: 'protocol',
      message: `The stream left out ${first === last ? `event ${first}` : `events ${first} to ${last}`}; something is missing here.`,
      recoverable: true,
    };
    return [gap, ...events];
  }

  function decodeNamed(frame: Frame, json: unknown): StreamEvent[] | undefined {
    if (isDoneWord(frame.event)) {
      const record = isRecord(json) ? json : {};
      return record['type'] === undefined ? end(readDone(record, frame.event)) : undefined;
    }
    if (frame.event.toLowerCase() !== 'error') return undefined;
    return fail(isRecord(json) ? readError(json) : providerErrorEvent(readProviderError(json ?? frame.data)));
  }

  function decode(frame: Frame): StreamEvent[] {
    if (ended) return [];
    if (frame.framing === 'text') return text(frame.data);
    if (frame.data.trim() === TERMINATOR) {
      return end({ type: 'done', reason: 'stop', complete: true, origin: 'done' });
    }
    const json = parseJson(frame.data);
    const named = decodeNamed(frame, json);
    if (named) return named;
    if (isHeartbeat(frame)) return [];

    const isJson = isRecord(json) || typeof json === 'string';
    if (payload === undefined) {
      // A first event that breaks off inside its JSON is no raw text.
      if (!isJson && !frame.closed && /^\s*[{["]/.test(frame.data)) return unreadable(frame);
      payload = isJson || frame.framing !== 'sse' ? 'json' : 'raw';
    }
    if (payload === 'raw' && frame.framing === 'sse') {
      const isCutTerminator = !frame.closed && TERMINATOR.startsWith(frame.data);
      return isCutTerminator ? unreadable(frame) : text(frame.data);
    }
    if (typeof json === 'string') return text(json);
    if (isRecord(json)) return decodeNumbered(json, frame.event);
    if (json === undefined) return unreadable(frame);
    unknownFrames += 1;
    return [];
  }

  return {
    get unknownFrames() {
      return unknownFrames;
    },
    decode,
    finish() {
      if (ended) return [];
      if (failed) return end({ type: 'done', reason: 'error', complete: false });
      if (somethingArrived) {
        return end({ type: 'done', reason: 'unknown', complete: !isNative && !cutShort });
      }
      if (unknownFrames === 0 || cutShort) return end({ type: 'done', reason: 'unknown', complete: false });
      return [unreadableAnswerEvent(), ...end({ type: 'done', reason: 'error', complete: false })];
    },
  };
}

/** The event union of this package in JSON. An answer is complete when it says `done`. */
export const nativeDialect: Dialect = {
  name: 'native',
  createDecoder: () => createNativeDecoder(true),
  encode: (input) => encodeChatRequest(input, { conversationId: input.conversationId }),
};

/** The shapes people make themselves. An answer that just ends is complete. */
export const plainDialect: Dialect = {
  name: 'plain',
  createDecoder: () => createNativeDecoder(false),
  // As before anything was known: a lone error looks plain too, and must not change what is sent next.
  encode: (input) => encodeChatRequest(input, USAGE_WANTED),
};
