import { frameTooLong, type FrameCutter } from './framing.js';

/** Finds where the first JSON value of a text ends, without reading what is in it. */
export interface JsonScanner {
  push(text: string): void;
  /** Offset just behind the value; -1 while it is open. */
  readonly end: number;
}

/** Scans a text that starts with `{`, `[` or `"`. Strings and nesting are followed; whether it is valid is not. */
export function createJsonScanner(): JsonScanner {
  let offset = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let end = -1;
  return {
    get end() {
      return end;
    },
    push(text) {
      for (let index = 0; index < text.length && end === -1; index += 1, offset += 1) {
        const character = text[index];
        if (inString) {
          if (escaped) escaped = false;
          else if (character === '\\') escaped = true;
          else if (character === '"') inString = false;
        } else if (character === '"') inString = true;
        else if (character === '{' || character === '[') depth += 1;
        else if (character === '}' || character === ']') depth -= 1;
        if (!inString && depth <= 0) end = offset + 1;
      }
    },
  };
}

/** One JSON value is the whole answer: a frame when the answer ends. */
export function createJsonCutter(maxFrameChars: number): FrameCutter {
  const scanner = createJsonScanner();
  const pieces: string[] = [];
  let length = 0;
  return {
    push(text) {
      const fresh = length === 0 ? text.trimStart() : text;
      if (fresh === '') return;
      pieces.push(fresh);
      length += fresh.length;
      if (length > maxFrameChars) throw frameTooLong(maxFrameChars);
      scanner.push(fresh);
    },
    end(emit) {
      const data = pieces.join('').trimEnd();
      if (data !== '') emit({ framing: 'json', event: '', data, id: '', closed: scanner.end !== -1 });
    },
  };
}
