import type { Frame, StreamEvent } from '../model/index.js';
import { isRecord, type JsonRecord } from '../model/json.js';
import type { Decoder } from './dialect.js';
import { reportedError } from './errors.js';
import { createJsonDecoder, type AnswerEnd, type JsonReader } from './json-decoder.js';

/** What a dialect of JSON objects has to know of its own. */
export interface ObjectReader extends Pick<JsonReader, 'onResponse' | 'resume' | 'endsSilently'> {
  /** The events of one object, or undefined where it means nothing here. After `done` there are no more. */
  read(json: JsonRecord, frame: Frame): StreamEvent[] | undefined;
  /** The last events, when the answer is over without `done`; they end in it. `failed`: an error was reported. */
  end(end: AnswerEnd & { readonly failed: boolean }): StreamEvent[];
}

/**
 * Makes the decoder of a dialect that sends JSON objects, and perhaps `[DONE]`. It knows what all of them share: an
 * error object is an error, and the same error counts once.
 */
export function createObjectDecoder({ read, end, ...connection }: ObjectReader): Decoder {
  const seenErrors = new Set<string>();
  let failed = false;

  function give(events: StreamEvent[]): StreamEvent[] {
    return events.filter((event) => {
      if (event.type !== 'error' || event.code !== 'provider') return true;
      failed = true;
      const isNew = !seenErrors.has(event.message);
      seenErrors.add(event.message);
      return isNew;
    });
  }

  function fail(error: unknown): StreamEvent[] {
    return give([reportedError(error)]);
  }

  return createJsonDecoder({
    ...connection,
    read(json, frame) {
      const events = isRecord(json) ? read(json, frame) : undefined;
      if (events) return give(events);
      return isErrorEvent(frame) || (isRecord(json) && json['error']) ? fail(json) : undefined;
    },
    readText(frame) {
      const data = frame.data.trim();
      return isErrorEvent(frame) && !/^[{[]/.test(data) ? fail(data) : undefined;
    },
    end: (how) => give(end({ ...how, failed })),
  });
}

function isErrorEvent({ event }: Frame): boolean {
  return event.toLowerCase() === 'error';
}
