import { frameTooLong } from './framing.js';

/** Puts text that is cut anywhere together to lines. */
export interface Lines {
  /** Calls `read` with each line that has come to its end, without its LF. @throws {StreamError} `limit` */
  push(text: string, read: (line: string) => void): void;
  /** What has come of the last line, which has no end. */
  end(): string;
}

/** Makes the lines of one answer, which may have `maxFrameChars` characters each. */
export function createLines(maxFrameChars: number): Lines {
  // The unfinished line, in pieces: joined once, when its end has come.
  let pieces: string[] = [];
  let length = 0;

  function hold(text: string): void {
    pieces.push(text);
    length += text.length;
    if (length > maxFrameChars) throw frameTooLong(maxFrameChars);
  }

  function take(): string {
    const line = pieces.join('');
    pieces = [];
    length = 0;
    return line;
  }

  return {
    push(text, read) {
      let from = 0;
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
        hold(text.slice(from, at));
        read(take());
        from = at + 1;
      }
      hold(text.slice(from));
    },
    end: take,
  };
}
