import type { Frame, ResponseInfo, RunInput, StreamEvent } from '../model/index.js';

/**
 * The dialects by name. A name is what the `dialect` attribute takes, and what `stream_start` reports.
 */
export type DialectName =
  | 'a2a'
  | 'ag-ui'
  | 'ai-sdk-ui'
  | 'anthropic'
  | 'cohere'
  | 'coze'
  | 'dify'
  | 'flowise'
  | 'gemini'
  | 'gemini-interactions'
  | 'langgraph'
  | 'langserve'
  | 'mcp'
  | 'n8n'
  | 'native'
  | 'ollama'
  | 'ollama-generate'
  | 'openai-assistants'
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses'
  | 'plain'
  | 'replicate'
  | 'tgi'
  | 'watsonx'
  | 'writer-completions';

/** Turns the frames of one run into events. It holds only what the run needs; make a new one for each run. */
export interface Decoder {
  /** The head of the answer, before its first frame. Not called where it is not known. */
  onResponse?(response: ResponseInfo): void;
  /**
   * The events of one frame, in order. Never throws: a frame that cannot be read becomes an `error` event, one
   * that is not known is counted in `unknownFrames` and passed over. After `done` there are no more events.
   */
  decode(frame: Frame): StreamEvent[];
  /**
   * What remains when the answer has ended: calls that are complete, and `done` unless it was given already.
   * Not called when the connection broke, so that half a tool call is never reported as whole.
   */
  finish(): StreamEvent[];
  /** Frames passed over because nothing here knows them. */
  readonly unknownFrames: number;
}

/** How one kind of endpoint talks. */
export interface Dialect {
  readonly name: DialectName;
  createDecoder(): Decoder;
  /** Request headers that this kind of endpoint insists on. The page's own headers win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The request body, before it is made into JSON. */
  encode(input: RunInput): Record<string, unknown>;
  /** What goes into the query of the URL besides. Default: nothing. */
  query?(input: RunInput): Readonly<Record<string, string>>;
}

/** What a detector may look at: one frame, parsed where it is JSON. */
export interface DetectionInput {
  readonly frame: Frame;
  /** The parsed data, or undefined where it is not JSON. */
  readonly json: unknown;
  /** The frame before, while none was decisive. */
  readonly previous: Frame | undefined;
}
