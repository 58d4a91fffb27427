import { frameTooLong, type EmitFrame, type FrameCutter } from './framing.js';

/** Cuts at LF. A CR before it is white space to JSON, so CRLF needs no care; blank lines are no frames. */
export function createNdjsonCutter(maxFrameChars: number): FrameCutter {
  // The unfinished line, in pieces: joined once, when its end has come.
  const pieces: string[] = [];
  let length = 0;

  function hold(text: string): void {
    if (text === '') return;
    pieces.push(text);
    length += text.length;
    if (length > maxFrameChars) throw frameTooLong(maxFrameChars);
  }

  function release(closed: boolean, emit: EmitFrame): void {
    const data = pieces.join('').trim();
    pieces.length = 0;
    length = 0;
    if (data !== '') emit({ framing: 'ndjson', event: '', data, id: '', closed });
  }

  return {
    push(text, emit) {
      let from = 0;
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
        hold(text.slice(from, at));
        release(true, emit);
        from = at + 1;
      }
      hold(text.slice(from));
    },
    end(emit) {
      release(false, emit);
    },
  };
}
