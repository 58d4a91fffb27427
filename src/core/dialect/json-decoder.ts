import type { Frame, StreamEvent } from '../model/index.js';
import { parseJson, present } from '../model/json.js';
import type { Decoder } from './dialect.js';
import { unreadableEvents, unreadableFrameEvent } from './errors.js';
import { TERMINATOR } from './plain-shape.js';

/** How far an answer came that is over without `done`. */
export interface AnswerEnd {
  /** `[DONE]` was seen. */
  readonly terminated: boolean;
  /** It broke off inside a frame. */
  readonly cutShort: boolean;
  /** It was terminated, or something that is known had arrived and its last frame was not cut off. */
  readonly whole: boolean;
}

/** What one dialect makes of frames that hold JSON. */
export interface JsonReader extends Pick<Decoder, 'onResponse' | 'resume' | 'answer'> {
  /** The events of one frame; undefined where it is not known. With `done` as the last one, the answer has ended. */
  read(json: unknown, frame: Frame): StreamEvent[] | undefined;
  /** The events of a frame that is not JSON; undefined where it is damaged. Default: all such frames are. */
  readText?(frame: Frame): StreamEvent[] | undefined;
  /**
   * Whether an answer that ends here has ended, though nothing says so: `end` would call it complete. `whole`: something
   * that is known has arrived, and its last frame was not cut off. Default: never.
   */
  endsSilently?(whole: boolean): boolean;
  /** What remains when the answer has ended; the last event is `done`. */
  end(end: AnswerEnd): StreamEvent[];
}

/**
 * Makes a decoder of a reader: frames are parsed, damaged and unknown ones are counted and passed over, and nothing
 * follows `done`. A damaged frame is reported once, half a frame at the end is a cut. A bare `[DONE]` ends any answer:
 * proxies add it. Fields of events that are undefined are left out.
 */
export function createJsonDecoder(reader: JsonReader): Decoder {
  let unknownFrames = 0;
  let somethingArrived = false;
  let cutShort = false;
  let reportedUnreadable = false;
  let failed = false;
  let ended = false;

  function readText(frame: Frame): StreamEvent[] | undefined {
    // What begins as JSON and ends in its middle was cut off.
    const isHalf = !frame.closed && /^\s*[{["]/.test(frame.data);
    return isHalf ? undefined : reader.readText?.(frame);
  }

  function passOver(frame: Frame, isJson: boolean): StreamEvent[] {
    unknownFrames += 1;
    if (isJson) return [];
    if (!frame.closed) cutShort = true;
    if (cutShort || reportedUnreadable) return [];
    reportedUnreadable = true;
    return [unreadableFrameEvent()];
  }

  function end(terminated: boolean): StreamEvent[] {
    ended = true;
    const whole = terminated || (somethingArrived && !cutShort);
    return reader.end({ terminated, cutShort, whole }).map(present);
  }

  const { onResponse, resume, answer } = reader;
  return {
    ...(onResponse && { onResponse }),
    ...(resume && { resume }),
    ...(answer && { answer }),
    get unknownFrames() {
      return unknownFrames;
    },
    get endsSilently() {
      return failed || (reader.endsSilently?.(somethingArrived && !cutShort) ?? false);
    },
    decode(frame) {
      const data = frame.data.trim();
      if (ended || data === '') return [];
      // What broke off before was the end of a connection, not of the answer.
      cutShort = false;
      if (data === TERMINATOR) return end(true);
      const json = parseJson(data);
      const isJson = json !== undefined;
      const events = isJson ? reader.read(json, frame) : readText(frame);
      if (!events) return passOver(frame, isJson);
      somethingArrived = true;
      failed ||= events.some((event) => event.type === 'error' && event.code === 'provider');
      ended = events.at(-1)?.type === 'done';
      return events.map(present);
    },
    finish() {
      if (ended) return [];
      if (somethingArrived || unknownFrames === 0 || cutShort) return end(false);
      ended = true;
      return unreadableEvents();
    },
  };
}
