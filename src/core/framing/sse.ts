import { createParser } from 'eventsource-parser';
import { frameTooLong, type EmitFrame, type FrameCutter } from './framing.js';
import { createJsonScanner, isJson, type JsonScanner } from './json.js';

/**
 * Lines that are read here, among whole lines: an `id`, of which one space after the colon goes, or a line that can be
 * no field because it begins as only JSON does.
 */
const OWN_LINE = /(?<=^|\n)(?:id(?:: ?(?<id>[^\n]*))?|(?<json>[[{ \t}\]"][^\n]*))\n/g;
/** Events without data whose ids the next frame tells. */
const MAX_PASSED_IDS = 64;
/** The first line of JSON, pretty-printed or not. */
const JSON_START = /^[[{][[{ \t]*(?:"|$)/;

/**
 * Cuts an event stream (WHATWG HTML, "Parsing an event stream"). eventsource-parser reads the lines; around it:
 * - CR and CRLF become LF at once. The parser holds a CR back until the next byte, which delays every event of a
 *   stream that ends its lines with CR alone.
 * - Whole lines only reach the parser, and `id` lines are read here as well: the parser forgets the id of an event
 *   without data, while the grammar keeps it for the events that follow.
 * - JSON between the events, not in a field, is a frame of its own: Google reports failures like that in the middle of a
 *   stream. The grammar drops it.
 * - At the end an event that no blank line closes is given all the same, marked as not closed. The grammar drops
 *   it; real streams end like that.
 */
export function createSseCutter(maxFrameChars: number): FrameCutter {
  // The unfinished line, in pieces: joined once, when its end has come.
  const pieces: string[] = [];
  let lineLength = 0;
  let afterCarriageReturn = false;
  let lastEventId = '';
  /** The id of the last event that a blank line has closed, with data or without. */
  let eventId = '';
  let passedIds: string[] = [];
  let retry: number | undefined;
  let closed = true;
  let emit: EmitFrame = () => {};
  let bare: { readonly lines: string[]; readonly scanner: JsonScanner; length: number } | undefined;

  const parser = createParser({
    maxBufferSize: maxFrameChars,
    onEvent({ event = '', data }) {
      if (data.length > maxFrameChars) throw frameTooLong(maxFrameChars);
      if (closed) eventId = lastEventId;
      // The last of them is the frame's own id, which may have come in one piece with it.
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

  function releaseBare(lines: readonly string[]): void {
    bare = undefined;
    const data = lines.join('').trimEnd();
    if (!closed || isJson(data)) emit({ framing: 'json', event: '', data, id: lastEventId, closed });
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

  /** An event without data is none, but its id holds all the same: a blank line among these lines closes it. */
  function closeEvent(lines: string): void {
    if (eventId === lastEventId || !/(?:^|\n)\n/.test(lines)) return;
    eventId = lastEventId;
    passedIds = [...passedIds.slice(1 - MAX_PASSED_IDS), eventId];
  }

  function feed(lines: string): void {
    let from = 0;
    for (const { index, groups: { id = '', json } = {} } of lines.matchAll(OWN_LINE)) {
      const before = lines.slice(from, index);
      parser.feed(before);
      closeEvent(before);
      from = index;
      if (json !== undefined) readBare(json);
      else if (!id.includes('\0')) lastEventId = id;
    }
    const rest = lines.slice(from);
    parser.feed(rest);
    closeEvent(rest);
  }

  function feedBounded(lines: string): void {
    if (lines.length <= maxFrameChars) {
      feed(lines);
      return;
    }
    // A line too long must fail here as it does when it arrives in pieces, and not before what stands ahead of it.
    for (let from = 0; from < lines.length;) {
      const to = lines.indexOf('\n', from) + 1;
      if (to - from > maxFrameChars + 1) throw frameTooLong(maxFrameChars);
      feed(lines.slice(from, to));
      from = to;
    }
  }

  function hold(text: string): void {
    if (text === '') return;
    pieces.push(text);
    lineLength += text.length;
    if (lineLength > maxFrameChars) throw frameTooLong(maxFrameChars);
  }

  function takeLine(): string {
    const line = pieces.join('');
    pieces.length = 0;
    lineLength = 0;
    return line;
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
      const unix = fresh.includes('\r') ? fresh.replaceAll(/\r\n?/g, '\n') : fresh;
      const end = unix.lastIndexOf('\n') + 1;
      if (end > 0) feedBounded(takeLine() + unix.slice(0, end));
      hold(unix.slice(end));
    },
    end(emitFrame) {
      emit = emitFrame;
      if (lineLength > 0) feed(`${takeLine()}\n`);
      closed = false;
      parser.feed('\n');
      if (bare) releaseBare(bare.lines);
    },
  };
}
