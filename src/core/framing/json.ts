import { createCollector } from './collector.js';
import type { EmitFrame, FrameCutter } from './framing.js';

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
function createValueCutter(maxFrameChars: number): FrameCutter {
  const scanner = createJsonScanner();
  const value = createCollector(maxFrameChars);
  return {
    push(text) {
      value.add(text);
      scanner.push(text);
    },
    end(emit) {
      const data = value.take().trimEnd();
      if (data !== '') emit({ framing: 'json', event: '', data, id: '', closed: scanner.end !== -1 });
    },
  };
}

/** An array that grows: each object in it is a frame as soon as it is whole. Anything else in it is passed over. */
function createElementCutter(maxFrameChars: number): FrameCutter {
  const element = createCollector(maxFrameChars);
  let scanner: JsonScanner | undefined;
  let over = false;

  function release(closed: boolean, emit: EmitFrame): void {
    scanner = undefined;
    emit({ framing: 'json', event: '', data: element.take(), id: '', closed });
  }

  return {
    push(text, emit) {
      for (let from = 0; from < text.length && !over;) {
        if (!scanner) {
          while (from < text.length && text[from] !== '{' && text[from] !== ']') from += 1;
          over = text[from] === ']';
          if (over || from === text.length) return;
          scanner = createJsonScanner();
        }
        const rest = text.slice(from);
        scanner.push(rest);
        const fresh = scanner.end === -1 ? rest : rest.slice(0, scanner.end - element.length);
        element.add(fresh);
        from += fresh.length;
        if (scanner.end !== -1) release(true, emit);
      }
    },
    end(emit) {
      if (scanner) release(false, emit);
    },
  };
}

/** Cuts an answer that is JSON: an array of objects into its elements, anything else not at all. */
export function createJsonCutter(maxFrameChars: number): FrameCutter {
  let isArray = false;
  let cutter: FrameCutter | undefined;

  function settle(start: string, emit: EmitFrame): FrameCutter {
    const isArrayOfObjects = isArray && start.startsWith('{');
    cutter = isArrayOfObjects ? createElementCutter(maxFrameChars) : createValueCutter(maxFrameChars);
    cutter.push(isArray && !isArrayOfObjects ? `[${start}` : start, emit);
    return cutter;
  }

  return {
    push(text, emit) {
      if (cutter) {
        cutter.push(text, emit);
        return;
      }
      // Blanks before the first two tokens mean nothing, and need not be kept.
      let start = text.trimStart();
      if (!isArray && start.startsWith('[')) {
        isArray = true;
        start = start.slice(1).trimStart();
      }
      if (start !== '') settle(start, emit);
    },
    end(emit) {
      const last = cutter ?? settle('', emit);
      last.end(emit);
    },
  };
}
