import type { StreamEvent } from '../model/index.js';

/** Figures of one run. Times are milliseconds since its request was sent. */
export interface RunMetrics {
  readonly timeToFirstByte: number | undefined;
  /** Until the first visible text, reasoning or tool call. */
  readonly timeToFirstToken: number | undefined;
  readonly duration: number;
  /** As the endpoint counts them; undefined where it does not say. */
  readonly tokens: number | undefined;
  /** Pieces in which the network delivered the answer. */
  readonly chunks: number;
  readonly bytes: number;
  /** Connections that were made again. */
  readonly reconnects: number;
  /** Frames that showed their text more than 50 ms after it was due. */
  readonly framesLate: number;
}

export interface MetricsRecorder {
  countBytes(byteLength: number): void;
  countEvent(event: StreamEvent): void;
  countLateFrame(): void;
  snapshot(): RunMetrics;
}

/** Measures one run. `now` gives milliseconds. */
export function createMetricsRecorder(now: () => number = () => performance.now()): MetricsRecorder {
  const start = now();
  let timeToFirstByte: number | undefined;
  let timeToFirstToken: number | undefined;
  let end: number | undefined;
  let tokens: number | undefined;
  let chunks = 0;
  let bytes = 0;
  let reconnects = 0;
  let framesLate = 0;
  return {
    countBytes(byteLength) {
      timeToFirstByte ??= now() - start;
      chunks += 1;
      bytes += byteLength;
    },
    countEvent(event) {
      if (event.type === 'usage') tokens = event.outputTokens ?? tokens;
      if (event.type === 'reconnect') reconnects += 1;
      if (event.type === 'done') end = now() - start;
      if (event.type === 'text' || event.type === 'reasoning' || event.type === 'tool_call_start') {
        timeToFirstToken ??= now() - start;
      }
    },
    countLateFrame() {
      framesLate += 1;
    },
    snapshot: () => ({
      timeToFirstByte,
      timeToFirstToken,
      duration: end ?? now() - start,
      tokens,
      chunks,
      bytes,
      reconnects,
      framesLate,
    }),
  };
}
