import { frameTooLong } from './framing.js';

/** Takes the pieces of one frame and joins them once, when its end has come. */
export interface Collector {
  /** @throws {StreamError} `limit` */
  add(text: string): void;
  /** All pieces so far, which are not held any more. */
  take(): string;
  readonly length: number;
}

/** Makes the collector of frames that may have `maxFrameChars` characters each. */
export function createCollector(maxFrameChars: number): Collector {
  const pieces: string[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(text) {
      pieces.push(text);
      length += text.length;
      if (length > maxFrameChars) throw frameTooLong(maxFrameChars);
    },
    take() {
      const text = pieces.join('');
      pieces.length = 0;
      length = 0;
      return text;
    },
  };
}
