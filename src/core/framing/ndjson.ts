import type { EmitFrame, FrameCutter } from './framing.js';
import { createLines } from './lines.js';

/** Cuts at LF. A CR before it is white space to JSON, so CRLF needs no care; blank lines are no frames. */
export function createNdjsonCutter(maxFrameChars: number): FrameCutter {
  const lines = createLines(maxFrameChars);

  function release(line: string, closed: boolean, emit: EmitFrame): void {
    const data = line.trim();
    if (data !== '') emit({ framing: 'ndjson', event: '', data, id: '', closed });
  }

  return {
    push(text, emit) {
      lines.push(text, (line) => release(line, true, emit));
    },
    end(emit) {
      release(lines.end(), false, emit);
    },
  };
}
