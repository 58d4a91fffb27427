import type { Message, MessagePart, OpaquePart } from '../model/index.js';
import type { DialectName } from './dialect.js';
import { isRecord, type JsonRecord } from '../model/json.js';

function isStateOf(part: MessagePart, dialect: DialectName): part is OpaquePart {
  return part.type === 'opaque' && part.dialect === dialect;
}

/** What an endpoint of this dialect told of the state it keeps, all opaque parts of the message put together. */
export function messageState({ parts }: Message, dialect: DialectName): JsonRecord {
  return Object.assign(
    {},
    ...parts.flatMap((part) => (isStateOf(part, dialect) && isRecord(part.value) ? [part.value] : [])),
  ) as JsonRecord;
}

/** The same over a whole conversation: what was told last holds. */
export function conversationState(messages: readonly Message[], dialect: DialectName): JsonRecord {
  return Object.assign({}, ...messages.map((message) => messageState(message, dialect))) as JsonRecord;
}

/** The messages behind the last answer of this dialect: those that an endpoint which keeps the rest has not seen. */
export function unseenMessages(messages: readonly Message[], dialect: DialectName): readonly Message[] {
  const last = messages.findLastIndex(({ parts }) => parts.some((part) => isStateOf(part, dialect)));
  return messages.slice(last + 1);
}

/** What the user says now: the user messages behind the last answer. */
export function newUserMessages(messages: readonly Message[]): readonly Message[] {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  return messages.slice(last + 1).filter(({ role }) => role === 'user');
}
