import { createCollector } from './collector.js';

/** Puts text that is cut anywhere together to lines. */
export interface Lines {
  /** Calls `read` with each line that has come to its end, without its LF. @throws {StreamError} `limit` */
  push(text: string, read: (line: string) => void): void;
  /** What has come of the last line, which has no end. */
  end(): string;
}

/** Makes the lines of one answer, which may have `maxFrameChars` characters each. */
export function createLines(maxFrameChars: number): Lines {
  const line = createCollector(maxFrameChars);
  return {
    push(text, read) {
      let from = 0;
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
        // Blank lines may come by the million.
        if (at === from && line.length === 0) read('');
        else {
          line.add(text.slice(from, at));
          read(line.take());
        }
        from = at + 1;
      }
      line.add(text.slice(from));
    },
    end: () => line.take(),
  };
}
