import { parseJson } from '../model/json.js';
import { frameTooLong, type EmitFrame, type FrameCutter } from './framing.js';
import { createJsonScanner, type JsonScanner } from './json.js';
import { createLines } from './lines.js';

/** A line that can be no field, because it begins as only JSON does. */
const JSON_LINE = /^[[{ \t}\]"]/;
/** Events without data whose ids the next frame tells. */
const MAX_PASSED_IDS = 64;
/** The first line of JSON, pretty-printed or not. */
const JSON_START = /^[[{][[{ \t]*(?:"|$)/;

/**
 * Cuts an event stream (WHATWG HTML, "Parsing an event stream"). Beyond the grammar, which drops both:
 * - JSON between the events, not in a field, is a frame of its own: Google reports failures like that in the middle of a
 *   stream.
 * - At the end an event that no blank line closes is given all the same, marked as not closed: real streams end like
 *   that.
 */
export function createSseCutter(maxFrameChars: number): FrameCutter {
  const lines = createLines(maxFrameChars);
  let afterCarriageReturn = false;
  /** Of the event that is being read: its name, its `data` lines, and their length when joined. */
  let event = '';
  let data: string[] = [];
  let dataLength = 0;
  let lastEventId = '';
  /** The id of the last event that a blank line has closed, with data or without. */
  let eventId = '';
  let passedIds: string[] = [];
  let retry: number | undefined;
  let closed = true;
  let emit: EmitFrame = () => {};
  let bare: { readonly lines: string[]; readonly scanner: JsonScanner; length: number } | undefined;

  function releaseBare(pieces: readonly string[]): void {
    bare = undefined;
    const json = pieces.join('').trimEnd();
    if (!closed || parseJson(json) !== undefined)
      emit({ framing: 'json', event: '', data: json, id: lastEventId, closed });
  }

  function readBare(line: string): void {
    if (!bare && !JSON_START.test(line)) return;
    bare ??= { lines: [], scanner: createJsonScanner(), length: 0 };
    const text = `${line}\n`;
    bare.lines.push(text);
    bare.length += text.length;
    if (bare.length > maxFrameChars) throw frameTooLong(maxFrameChars);
    bare.scanner.push(text);
    if (bare.scanner.end !== -1) releaseBare(bare.lines);
  }

  function addData(value: string): void {
    dataLength += value.length + (data.length > 0 ? 1 : 0);
    if (dataLength > maxFrameChars) throw frameTooLong(maxFrameChars);
    data.push(value);
  }

  /** An event without data is none, but its id holds all the same. */
  function releaseEvent(): void {
    if (data.length > 0) {
      // The id of such an event may hold for this one as well.
      const passed = passedIds.filter((id) => id !== lastEventId);
      emit({
        framing: 'sse',
        event,
        data: data.join('\n'),
        id: lastEventId,
        closed,
        ...(passed.length > 0 && { passedIds: passed }),
      });
      passedIds = [];
    } else if (closed && eventId !== lastEventId) {
      passedIds = [...passedIds.slice(1 - MAX_PASSED_IDS), lastEventId];
    }
    if (closed) eventId = lastEventId;
    event = '';
    data = [];
    dataLength = 0;
  }

  function readField(line: string): void {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') addData(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) lastEventId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
  }

  function readLine(line: string): void {
    if (line === '') releaseEvent();
    else if (JSON_LINE.test(line)) readBare(line);
    else readField(line);
  }

  return {
    get retry() {
      return retry;
    },
    get eventId() {
      return eventId;
    },
    push(text, emitFrame) {
      if (text === '') return;
      emit = emitFrame;
      // A CR ends its line at once: waiting for the LF that may follow would delay every event of a stream without.
      const fresh = afterCarriageReturn && text.startsWith('\n') ? text.slice(1) : text;
      afterCarriageReturn = text.endsWith('\r');
      lines.push(fresh.includes('\r') ? fresh.replaceAll(/\r\n?/g, '\n') : fresh, readLine);
    },
    end(emitFrame) {
      emit = emitFrame;
      const rest = lines.end();
      if (rest !== '') readLine(rest);
      closed = false;
      releaseEvent();
      if (bare) releaseBare(bare.lines);
    },
  };
}
