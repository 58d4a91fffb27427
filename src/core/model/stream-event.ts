import type { ErrorOrigin, StreamErrorCode } from './stream-error.js';

/** Who runs a tool: the page (`client`) or the endpoint itself (`server`). */
export type ToolOwner = 'client' | 'server';

/** Why a run ended. `unknown`: the endpoint did not say. */
export type DoneReason =
  'stop' | 'length' | 'tool_calls' | 'content_filter' | 'aborted' | 'error' | 'unknown';

/** Tokens of one run. Cumulative: a later value replaces an earlier one. */
export interface Usage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly totalTokens?: number | undefined;
  /** Spent on reasoning: counted in `outputTokens` by most endpoints, apart by Gemini. */
  readonly reasoningTokens?: number | undefined;
}

/** All that resuming and cancelling a run need. */
export interface StartEvent {
  readonly type: 'start';
  readonly streamId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly model?: string | undefined;
}

/** A new agent turn in the same run. */
export interface StepEvent {
  readonly type: 'step';
}

/** Visible text to append. */
export interface TextEvent {
  readonly type: 'text';
  readonly content: string;
}

/** A snapshot: all visible text so far. It replaces what came before and is never added to deltas. */
export interface TextSetEvent {
  readonly type: 'text_set';
  readonly content: string;
}

/** Reasoning text to append. */
export interface ReasoningEvent {
  readonly type: 'reasoning';
  readonly content: string;
}

export interface ToolCallStartEvent {
  readonly type: 'tool_call_start';
  readonly id: string;
  readonly name: string;
  readonly by: ToolOwner;
}

export interface ToolCallDeltaEvent {
  readonly type: 'tool_call_delta';
  readonly id: string;
  /** JSON text of the arguments, cut anywhere. */
  readonly delta: string;
}

/** A complete call. `args` is parsed JSON, or the raw string of a tool that takes free text. */
export interface ToolCallEvent {
  readonly type: 'tool_call';
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
}

export interface ToolResultEvent {
  readonly type: 'tool_result';
  readonly id: string;
  readonly result: unknown;
  readonly isError?: boolean | undefined;
  /** Who ran the tool. Default: `server`, as a result that comes over the wire is the endpoint's own. */
  readonly by?: ToolOwner | undefined;
  /** The user did not let it run. Default: false. */
  readonly isRefused?: boolean | undefined;
}

/** The endpoint asks whether a tool may run. */
export interface ToolApprovalEvent {
  readonly type: 'tool_approval';
  /** Of the call; of the question itself, where it is about no call. */
  readonly id: string;
  /** What asks, where it is no call that was told of: the question is shown as a call of its own. */
  readonly name?: string | undefined;
  readonly message?: string | undefined;
  readonly options?: readonly string[] | undefined;
}

export interface SourceEvent {
  readonly type: 'source';
  readonly id: string;
  readonly url?: string | undefined;
  readonly title?: string | undefined;
}

export interface FileEvent {
  readonly type: 'file';
  readonly url?: string | undefined;
  /** Base64, where the endpoint sends the bytes themselves. */
  readonly data?: string | undefined;
  readonly mediaType: string;
  readonly name?: string | undefined;
}

/** A block of a window that the server keeps. `index` counts from the start of the message. */
export interface BlockEvent {
  readonly type: 'block';
  readonly index: number;
  readonly content: string;
}

/** Anything else the endpoint sends for the host page. */
export interface DataEvent {
  readonly type: 'data';
  readonly name: string;
  readonly value: unknown;
}

/**
 * Something the endpoint wants back unchanged with the next request: a signature, an encrypted item, the id of a
 * conversation it keeps. Only the dialect of that name looks inside.
 */
export interface OpaqueEvent {
  readonly type: 'opaque';
  readonly dialect: string;
  readonly value: unknown;
}

export interface UsageEvent extends Usage {
  readonly type: 'usage';
}

/** A failure. The stream may go on after it; what had arrived stays. */
export interface ErrorEvent {
  readonly type: 'error';
  readonly code: StreamErrorCode;
  /** A sentence that can be shown to a reader. */
  readonly message: string;
  /** Trying the same again may help. */
  readonly recoverable: boolean;
  /** Milliseconds to wait before trying again. */
  readonly retryAfter?: number | undefined;
  /** HTTP status, when there was one. */
  readonly status?: number | undefined;
  /** The endpoint's own words for the error, for logs: `error.code` and `error.type` as they came. */
  readonly origin?: ErrorOrigin | undefined;
}

/**
 * The connection broke or was refused, and is made again. What had arrived stands. It is never read from the wire: the
 * endpoint runner gives it.
 */
export interface ReconnectEvent {
  readonly type: 'reconnect';
  /** 1 for the first time; counted anew when something new has arrived since. */
  readonly attempt: number;
  /** Milliseconds until the connection is made again. */
  readonly delay: number;
  /** Nothing is tried before the device is online, or the page is shown, again. */
  readonly offline: boolean;
  /** What went wrong. */
  readonly error: ErrorEvent;
}

/**
 * The answer is told again from its beginning: what follows takes the place of what this run has given so far. It is
 * never read from the wire.
 */
export interface RestartEvent {
  readonly type: 'restart';
}

/** The last event of every run, exactly one. */
export interface DoneEvent {
  readonly type: 'done';
  readonly reason: DoneReason;
  /** False: the stream stopped short of its own terminator. */
  readonly complete: boolean;
  /** The endpoint's own word for `reason`, as it came. */
  readonly origin?: string | undefined;
  /** The endpoint goes on when it gets its answer back: it only made a break. Default: false. */
  readonly paused?: boolean | undefined;
}

/**
 * What comes out of every endpoint, whatever it speaks: a flat union that keeps the order of arrival. The
 * native dialect is this union in JSON.
 */
export type StreamEvent =
  | StartEvent
  | StepEvent
  | TextEvent
  | TextSetEvent
  | ReasoningEvent
  | ToolCallStartEvent
  | ToolCallDeltaEvent
  | ToolCallEvent
  | ToolResultEvent
  | ToolApprovalEvent
  | SourceEvent
  | FileEvent
  | BlockEvent
  | DataEvent
  | OpaqueEvent
  | UsageEvent
  | ErrorEvent
  | ReconnectEvent
  | RestartEvent
  | DoneEvent;
