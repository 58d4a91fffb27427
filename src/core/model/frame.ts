/**
 * How an answer's bytes are cut, told apart by the bytes themselves:
 * - `sse`: an event stream (WHATWG HTML, "Server-sent events")
 * - `ndjson`: one JSON value a line
 * - `json`: one JSON value, the whole answer; or one object of an array that grows; or a value that stands bare between
 *   the events of a stream
 * - `text`: no frames at all, the bytes are the answer
 */
export type Framing = 'sse' | 'ndjson' | 'json' | 'text';

/** One piece of an answer as the wire delimits it. */
export interface Frame {
  readonly framing: Framing;
  /** Name of an SSE event; empty where there is none. */
  readonly event: string;
  /** SSE data joined with LF, a line, the whole body, or a run of text. */
  readonly data: string;
  /** The SSE event id that holds at this event; empty where there is none. */
  readonly id: string;
  /** The ids of events without data since the last frame, oldest first. Default: none. */
  readonly passedIds?: readonly string[];
  /** False: the answer ended inside this frame. */
  readonly closed: boolean;
}
