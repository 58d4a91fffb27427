import { readProviderError, type Frame, type StreamEvent } from '../model/index.js';
import type { Decoder } from './dialect.js';
import { providerErrorEvent, unreadableAnswerEvent, unreadableFrameEvent } from './errors.js';
import { isRecord, parseJson, type JsonRecord } from './json.js';
import { TERMINATOR } from './plain-shape.js';

/** How an answer ended, as far as its frames tell. */
export interface AnswerEnd {
  /** `[DONE]` was seen. */
  readonly terminated: boolean;
  /** The endpoint reported an error. */
  readonly failed: boolean;
  /** It broke off inside a frame. */
  readonly cutShort: boolean;
}

/** What a dialect of JSON objects has to know of its own. */
export interface ObjectReader {
  /** The events of one object, or undefined where it means nothing here. After `done` there are no more. */
  read(json: JsonRecord, frame: Frame): StreamEvent[] | undefined;
  /** The last events, when the answer is over without `done`; they end in it. */
  end(end: AnswerEnd): StreamEvent[];
}

/**
 * Makes the decoder of a dialect that sends JSON objects, and perhaps `[DONE]`. It knows what all of them share: an
 * error object is an error, the same error counts once, a damaged frame is passed over, half a frame at the end is a
 * cut.
 */
export function createObjectDecoder({ read, end }: ObjectReader): Decoder {
  const seenErrors = new Set<string>();
  let unknownFrames = 0;
  let somethingArrived = false;
  let failed = false;
  let cutShort = false;
  let reportedUnreadable = false;
  let ended = false;

  function give(events: StreamEvent[]): StreamEvent[] {
    somethingArrived = true;
    return events.filter((event) => {
      if (event.type === 'done') ended = true;
      if (event.type !== 'error' || event.code !== 'provider') return true;
      failed = true;
      const isNew = !seenErrors.has(event.message);
      seenErrors.add(event.message);
      return isNew;
    });
  }

  function unreadable({ closed }: Frame): StreamEvent[] {
    if (!closed) cutShort = true;
    if (!closed || reportedUnreadable) return [];
    reportedUnreadable = true;
    return [unreadableFrameEvent()];
  }

  return {
    get unknownFrames() {
      return unknownFrames;
    },
    decode(frame) {
      const data = frame.data.trim();
      if (ended || data === '') return [];
      if (data === TERMINATOR) return give(end({ terminated: true, failed, cutShort }));
      const json = parseJson(data);
      const events = isRecord(json) ? read(json, frame) : undefined;
      if (events) return give(events);
      const isError = frame.event.toLowerCase() === 'error' && (json !== undefined || !/^[{[]/.test(data));
      if (isError || (isRecord(json) && json['error'])) {
        return give([providerErrorEvent(readProviderError(json ?? data))]);
      }
      unknownFrames += 1;
      return json === undefined ? unreadable(frame) : [];
    },
    finish() {
      if (ended) return [];
      if (somethingArrived || unknownFrames === 0 || cutShort)
        return give(end({ terminated: false, failed, cutShort }));
      ended = true;
      return [unreadableAnswerEvent(), { type: 'done', reason: 'error', complete: false }];
    },
  };
}
