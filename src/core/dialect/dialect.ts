import type {
  Frame,
  ResponseInfo,
  RunInput,
  RunRequest,
  StreamEvent,
  ToolResultEvent,
} from '../model/index.js';

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

/** What a decoder may know of the request it reads the answer of. */
export interface AskedRequest extends Pick<RunRequest, 'url' | 'method' | 'headers' | 'body'> {
  readonly conversationId: string;
}

/** How the rest of a broken answer is asked for. */
export interface Resumption extends Pick<RunRequest, 'url' | 'method' | 'body'> {
  /** Id of the last event that arrived, for the `Last-Event-ID` header; undefined: none is sent. */
  readonly lastEventId?: string | undefined;
  /** Headers in place of, or beside, those of the request. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * What comes back: what follows (`cursor`), read on by the same decoder, or the whole answer again (`start`), read by
   * a new one.
   */
  readonly from: 'cursor' | 'start';
}

/** What answers a question of the endpoint's: sent by `POST` to the address of the run. */
export interface Reply {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

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
  /**
   * How this dialect goes on after the connection broke, by an address or a number of its own; `lastEventId` is the
   * id that the event stream gave last, undefined where it gives none. Undefined: there is no way, or none but the
   * event id.
   */
  resume?(asked: AskedRequest, lastEventId: string | undefined): Resumption | undefined;
  /**
   * An answer that ends here has ended: it is whole though nothing says so, or has reported its failure. Default: the
   * rest of it is missing.
   */
  readonly endsSilently?: boolean;
  /** More events are held back behind missing ones than can be out of order: the connection is to be made again. */
  readonly lacksEvents?: boolean;
  /**
   * The request that answers what the endpoint has asked under this id while it goes on answering. Undefined: it has
   * asked nothing, or wants the answer with the next request.
   */
  answer?(result: Pick<ToolResultEvent, 'id' | 'result' | 'isError'>): Reply | undefined;
  /** The missing events will not come: what is held back, and a report of what is missing. */
  giveUp?(): StreamEvent[];
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
