import type { Frame, StreamEvent } from '../model/index.js';
import type { Decoder } from './dialect.js';
import { unreadableAnswerEvent, unreadableFrameEvent } from './errors.js';
import { parseJson } from './json.js';
import { TERMINATOR } from './plain-shape.js';

/** What one dialect makes of frames that hold JSON. */
export interface JsonReader {
  /** The events of one frame; undefined where it is not known. With `done` as the last one, the answer has ended. */
  read(json: unknown, frame: Frame): StreamEvent[] | undefined;
  /** A frame that is not JSON. Default: it is skipped, and said so once. */
  readText?(frame: Frame): StreamEvent[];
  /**
   * The answer has ended: what remains, and `done`. `whole`: something that is known had arrived, and its last frame
   * was not cut off.
   */
  end(whole: boolean): StreamEvent[];
}

/**
 * Makes a decoder of a reader: frames are parsed, damaged and unknown ones are counted and passed over, and nothing
 * follows `done`. A bare `[DONE]` ends any answer: proxies add it.
 */
export function createJsonDecoder(reader: JsonReader): Decoder {
  let unknownFrames = 0;
  let somethingArrived = false;
  let cutShort = false;
  let reportedUnreadable = false;
  let ended = false;

  function readText(frame: Frame): StreamEvent[] {
    // What begins as JSON and ends in its middle was cut off.
    if (!frame.closed && (!reader.readText || /^\s*[{["]/.test(frame.data))) cutShort = true;
    else if (reader.readText) {
      somethingArrived = true;
      return reader.readText(frame);
    }
    unknownFrames += 1;
    if (cutShort || reportedUnreadable) return [];
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
      if (data === TERMINATOR) {
        ended = true;
        return reader.end(true);
      }
      const json = parseJson(data);
      if (json === undefined) return readText(frame);
      const events = reader.read(json, frame);
      if (!events) {
        unknownFrames += 1;
        return [];
      }
      somethingArrived = true;
      ended = events.at(-1)?.type === 'done';
      return events;
    },
    finish() {
      if (ended) return [];
      ended = true;
      if (!somethingArrived && unknownFrames > 0 && !cutShort) {
        return [unreadableAnswerEvent(), { type: 'done', reason: 'error', complete: false }];
      }
      return reader.end(somethingArrived && !cutShort);
    },
  };
}
