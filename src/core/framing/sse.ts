import { createParser } from 'eventsource-parser';
import { frameTooLong, type EmitFrame, type FrameCutter } from './framing.js';

/** An `id` line at the start of a block of whole lines, or after another line; one space after the colon goes. */
const ID_LINE = /(?<=^|\n)id(?:: ?([^\n]*))?\n/g;

/**
 * Cuts an event stream (WHATWG HTML, "Parsing an event stream"). eventsource-parser reads the lines; around it:
 * - CR and CRLF become LF at once. The parser holds a CR back until the next byte, which delays every event of a
 *   stream that ends its lines with CR alone.
 * - Whole lines only reach the parser, and `id` lines are read here as well: the parser forgets the id of an event
 *   without data, while the grammar keeps it for the events that follow.
 * - At the end an event that no blank line closes is given all the same, marked as not closed. The grammar drops
 *   it; real streams end like that.
 */
export function createSseCutter(maxFrameChars: number): FrameCutter {
  // The unfinished line, in pieces: joined once, when its end has come.
  const pieces: string[] = [];
  let lineLength = 0;
  let afterCarriageReturn = false;
  let lastEventId = '';
  let retry: number | undefined;
  let closed = true;
  let emit: EmitFrame = () => {};

  const parser = createParser({
    maxBufferSize: maxFrameChars,
    onEvent({ event = '', data }) {
      if (data.length > maxFrameChars) throw frameTooLong(maxFrameChars);
      emit({ framing: 'sse', event, data, id: lastEventId, closed });
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

  function feed(lines: string): void {
    let from = 0;
    for (const match of lines.matchAll(ID_LINE)) {
      parser.feed(lines.slice(from, match.index));
      from = match.index;
      const id = match[1] ?? '';
      if (!id.includes('\0')) lastEventId = id;
    }
    parser.feed(lines.slice(from));
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
      closed = false;
      if (lineLength > 0) feed(`${takeLine()}\n`);
      parser.feed('\n');
    },
  };
}
