import type {
  DialectName,
  DoneReason,
  RunMetrics,
  StreamErrorCode,
  ToolRequest,
  Transport,
  Usage,
} from '../../../core/index.js';
import type { ArgumentPreview } from '../argument-previews.js';

/** All events of the elements bubble and cross shadow roots. */
const REACHES_PAGE = { bubbles: true, composed: true } as const;
const CANCELABLE = { ...REACHES_PAGE, cancelable: true } as const;

export interface StreamStartDetail {
  readonly streamId: string | undefined;
  readonly dialect: DialectName;
  readonly transport: Transport['name'];
  readonly url: string;
}

/** The answer has begun. */
export class StreamStartEvent extends CustomEvent<StreamStartDetail> {
  constructor(detail: StreamStartDetail) {
    super('stream_start', { ...REACHES_PAGE, detail });
  }
}

export interface StreamEndDetail {
  readonly streamId: string | undefined;
  readonly reason: DoneReason;
  /** False: the stream stopped short of its own end. */
  readonly complete: boolean;
  readonly usage: Usage | undefined;
  readonly metrics: RunMetrics;
}

/** The answer has ended, however it ended. Exactly one for each request. */
export class StreamEndEvent extends CustomEvent<StreamEndDetail> {
  constructor(detail: StreamEndDetail) {
    super('stream_end', { ...REACHES_PAGE, detail });
  }
}

export interface StreamErrorDetail {
  readonly code: StreamErrorCode;
  /** A sentence that can be shown to a reader. */
  readonly message: string;
  /** HTTP status, when there was one. */
  readonly status: number | undefined;
  readonly recoverable: boolean;
  /** Milliseconds to wait before trying again. */
  readonly retryAfter: number | undefined;
}

/** Something failed. `preventDefault()` keeps the built-in error row away. */
export class StreamErrorEvent extends CustomEvent<StreamErrorDetail> {
  constructor(detail: StreamErrorDetail) {
    super('stream_error', { ...CANCELABLE, detail });
  }
}

export interface TextEventDetail {
  readonly messageId: string;
  /** What was added. */
  readonly content: string;
}

/** Text was added to an answer. At most one for each frame. */
export class TextAddedEvent extends CustomEvent<TextEventDetail> {
  constructor(detail: TextEventDetail) {
    super('text', { ...REACHES_PAGE, detail });
  }
}

/**
 * More of a call's arguments has come: what of them is certain. At most one for each frame and call; a call whose
 * arguments come at once has one at most. `args` is deep-frozen, without `__proto__`, `constructor` and `prototype`.
 */
export class ToolCallDeltaEvent extends CustomEvent<ArgumentPreview> {
  constructor(detail: ArgumentPreview) {
    super('tool_call_delta', { ...REACHES_PAGE, detail });
  }
}

/**
 * The model calls a tool of the page, with complete arguments. `respondWith()` answers; where nobody calls it,
 * nothing happens.
 */
export class ToolCallEvent extends CustomEvent<ToolRequest> {
  #answer: Promise<unknown> | undefined;

  constructor(detail: ToolRequest) {
    super('tool_call', { ...CANCELABLE, detail });
  }

  /**
   * Answers the call with a value that JSON can hold, or a promise of one. A promise that rejects answers with
   * its error's message. To be called while the event is dispatched.
   *
   * @throws {Error} when the call has its answer already, or the event has been dispatched
   */
  respondWith(result: unknown): void {
    if (this.eventPhase === Event.NONE) {
      throw new Error(
        `The call of ${this.detail.name} has been dispatched. Call respondWith() at once, with a promise; or preventDefault() at once, and respondToTool(${JSON.stringify(this.detail.id)}, result) later.`,
      );
    }
    if (this.#answer)
      throw new Error(`The call ${this.detail.id} of ${this.detail.name} has its answer already.`);
    this.#answer = Promise.resolve(result);
  }

  /** What `respondWith()` was given, or undefined. */
  get answer(): Promise<unknown> | undefined {
    return this.#answer;
  }
}

export interface ToolResultDetail {
  readonly id: string;
  readonly name: string;
  readonly result: unknown;
  readonly isError: boolean;
}

/** A call has its result, from the endpoint or from this page. */
export class ToolResultEvent extends CustomEvent<ToolResultDetail> {
  constructor(detail: ToolResultDetail) {
    super('tool_result', { ...REACHES_PAGE, detail });
  }
}

export interface LinkOpenDetail {
  /** Absolute. */
  readonly url: string;
  readonly messageId: string;
}

/** The user follows a link the model wrote. `preventDefault()` keeps it from opening. */
export class LinkOpenEvent extends CustomEvent<LinkOpenDetail> {
  constructor(detail: LinkOpenDetail) {
    super('link_open', { ...CANCELABLE, detail });
  }
}
