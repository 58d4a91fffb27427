import { createParser } from 'eventsource-parser';
import { parseJson } from '../model/json.js';
import { frameTooLong, type EmitFrame, type FrameCutter } from './framing.js';
import { createJsonScanner, type JsonScanner } from './json.js';
import { createLines } from './lines.js';

/** The value of an `id` field, of which one space after the colon goes. */
const ID_LINE = /^id(?:: ?(?<id>.*))?$/s;
/** A line that can be no field, because it begins as only JSON does. */
const JSON_LINE = /^[[{ \t}\]"]/;
/** The first line of JSON, pretty-printed or not. */
const JSON_START = /^[[{][[{ \t]*(?:"|$)/;
/** Events without data whose ids the next frame tells. */
const MAX_PASSED_IDS = 64;

/**
 * Cuts an event stream (WHATWG HTML, "Parsing an event stream"). eventsource-parser reads the fields; around it:
 * - CR and CRLF become LF at once. The parser holds a CR back until the next byte, which delays every event of a
 *   stream that ends its lines with CR alone.
 * - It gets whole lines only, and `id` lines are read here as well: the parser forgets the id of an event without data,
 *   while the grammar keeps it for the events that follow.
 * - JSON between the events, not in a field, is a frame of its own: Google reports failures like that in the middle of a
 *   stream. The grammar drops it.
 * - At the end an event that no blank line closes is given all the same, marked as not closed. The grammar drops
 *   it; real streams end like that.
 */
export function createSseCutter(maxFrameChars: number): FrameCutter {
  const lines = createLines(maxFrameChars);
  let afterCarriageReturn = false;
  let lastEventId = '';
  /** The id of the last event that a blank line has closed, with data or without. */
  let eventId = '';
  let passedIds: string[] = [];
  let retry: number | undefined;
  /** A field has come since the last blank line. */
  let hasFields = false;
  let closed = true;
  let emit: EmitFrame = () => {};
  let bare: { readonly lines: string[]; readonly scanner: JsonScanner; length: number } | undefined;

  const parser = createParser({
    maxBufferSize: maxFrameChars,
    onEvent({ event = '', data }) {
      if (closed) eventId = lastEventId;
      // The id of an event without data may hold for this one as well.
      const passed = passedIds.filter((id) => id !== lastEventId);
      emit({
        framing: 'sse',
        event,
        data,
        id: lastEventId,
        closed,
        ...(passed.length > 0 && { passedIds: passed }),
      });
      passedIds = [];
    },
    onRetry(milliseconds) {
      retry = milliseconds;
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') throw frameTooLong(maxFrameChars);
    },
  });
  // The parser takes "ï»¿" at the start of its first chunk for a byte order mark; the framer has dropped the real one.
  parser.feed('');

  function releaseBare(pieces: readonly string[]): void {
    bare = undefined;
    const data = pieces.join('').trimEnd();
    if (!closed || parseJson(data) !== undefined)
      emit({ framing: 'json', event: '', data, id: lastEventId, closed });
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

  function readField(line: string): void {
    const field = ID_LINE.exec(line);
    if (field) {
      const { id = '' } = field.groups ?? {};
      if (!id.includes('\0')) lastEventId = id;
    }
    hasFields = true;
    parser.feed(`${line}\n`);
  }

  function endEvent(): void {
    hasFields = false;
    parser.feed('\n');
    // An event without data is none, but its id holds all the same.
    if (!closed || eventId === lastEventId) return;
    eventId = lastEventId;
    passedIds = [...passedIds.slice(1 - MAX_PASSED_IDS), eventId];
  }

  function readLine(line: string): void {
    if (line === '') {
      if (hasFields) endEvent();
    } else if (JSON_LINE.test(line)) readBare(line);
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
      const fresh = afterCarriageReturn && text.startsWith('\n') ? text.slice(1) : text;
      afterCarriageReturn = text.endsWith('\r');
      lines.push(fresh.includes('\r') ? fresh.replaceAll(/\r\n?/g, '\n') : fresh, readLine);
    },
    end(emitFrame) {
      emit = emitFrame;
      const rest = lines.end();
      if (rest !== '') readLine(rest);
      closed = false;
      endEvent();
      if (bare) releaseBare(bare.lines);
    },
  };
}
