import type { StreamErrorCode } from './stream-error.js';
import type { ToolOwner } from './stream-event.js';

export type MessageRole = 'user' | 'assistant' | 'system' | 'tool';

export interface TextPart {
  readonly type: 'text';
  /** Markdown source. */
  readonly text: string;
}

export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
}

/**
 * - `preparing`: arguments are still arriving
 * - `waiting`: complete, and the user is asked whether it may run
 * - `running`: complete, and somebody is at work on it
 * - `done`, `failed`: it has its result
 * - `refused`: the user has said no
 *
 * A call is dispatched when it leaves `preparing`, and never again: to know this of a saved message is to know
 * which of its calls were.
 */
export type ToolState = 'preparing' | 'waiting' | 'running' | 'done' | 'refused' | 'failed';

export interface ToolPart {
  readonly type: 'tool';
  readonly id: string;
  readonly name: string;
  readonly by: ToolOwner;
  readonly state: ToolState;
  /** JSON text of the arguments as far as it has arrived. */
  readonly argsText: string;
  /** The parsed arguments; absent while `state` is `preparing`. */
  readonly args?: unknown;
  readonly result?: unknown;
  /** What the user is asked, or was asked by the endpoint: a result `{approved: boolean}` answers it. */
  readonly approval?: ToolApproval | undefined;
  /** What the call did can be taken back: by the user, once. */
  readonly canUndo?: boolean | undefined;
}

/** A question about a call, in the words of whoever asks. */
export interface ToolApproval {
  /** `page`: before the call goes to anybody; `tool`: the tool of the page that runs. Default: the endpoint. */
  readonly by?: 'page' | 'tool' | undefined;
  readonly message?: string | undefined;
  /** What can be answered, where it is not just yes or no. */
  readonly options?: readonly string[] | undefined;
}

export interface SourcePart {
  readonly type: 'source';
  readonly id: string;
  readonly url?: string | undefined;
  readonly title?: string | undefined;
}

export interface FilePart {
  readonly type: 'file';
  readonly url?: string | undefined;
  /** Base64. */
  readonly data?: string | undefined;
  readonly mediaType: string;
  readonly name?: string | undefined;
}

/** What an endpoint wants back unchanged. Never shown; only the dialect of that name looks inside. */
export interface OpaquePart {
  readonly type: 'opaque';
  readonly dialect: string;
  readonly value: unknown;
}

export type MessagePart = TextPart | ReasoningPart | ToolPart | SourcePart | FilePart | OpaquePart;

/**
 * - `streaming`: more is to come
 * - `complete`: it ended as its endpoint meant it to
 * - `interrupted`: it stopped short of its own end
 * - `aborted`: the user or the page stopped it
 * - `failed`: it ended with an error
 *
 * Whatever the end, what had arrived stands.
 */
export type MessageStatus = 'streaming' | 'complete' | 'interrupted' | 'aborted' | 'failed';

/** A failure as a message shows it. */
export interface MessageError {
  readonly code: StreamErrorCode;
  readonly message: string;
  readonly recoverable: boolean;
}

export interface Message {
  readonly id: string;
  readonly role: MessageRole;
  readonly parts: readonly MessagePart[];
  /** ISO 8601. */
  readonly createdAt?: string | undefined;
  readonly status?: MessageStatus | undefined;
  readonly error?: MessageError | undefined;
}

/** What a page may write instead of a whole `Message`. */
export type MessageInput =
  | (Partial<Omit<Message, 'role' | 'parts'>> & Pick<Message, 'role' | 'parts'>)
  | (Partial<Omit<Message, 'role' | 'parts'>> & Pick<Message, 'role'> & { readonly content: string });

/** The text of a message: its text parts, joined without separators. */
export function messageText(message: Pick<Message, 'parts'>): string {
  return message.parts.reduce((text, part) => (part.type === 'text' ? text + part.text : text), '');
}

/**
 * Index of the part that text is appended to if it is of the right kind: the last one that stands in the flow of the
 * message. Sources and opaque parts do not; they come in the middle of a sentence. −1 where there is none.
 */
export function openPartIndex(parts: readonly MessagePart[]): number {
  return parts.findLastIndex(({ type }) => type !== 'source' && type !== 'opaque');
}

/** Index of the tool call with this id: from the end, as it is nearly always one of the newest. −1 where there is none. */
export function callIndex(parts: readonly MessagePart[], id: string): number {
  return parts.findLastIndex((part) => part.type === 'tool' && part.id === id);
}

/** A whole message from what a page wrote: text becomes a part, missing fields are filled in. */
export function completeMessage(input: MessageInput, createId: () => string): Message {
  const { content, ...rest } = input as MessageInput & { readonly content?: string };
  return {
    ...rest,
    id: input.id ?? createId(),
    parts: 'parts' in input ? input.parts : [{ type: 'text', text: content ?? '' }],
    createdAt: input.createdAt ?? new Date().toISOString(),
  };
}
