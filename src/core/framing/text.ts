import type { FrameCutter } from './framing.js';

/** An answer without frames: every piece is a frame as it comes, so nothing waits. */
export function createTextCutter(): FrameCutter {
  return {
    push(data, emit) {
      if (data !== '') emit({ framing: 'text', event: '', data, id: '', closed: true });
    },
    end() {},
  };
}
