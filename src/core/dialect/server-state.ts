import { messageText, type FilePart, type Message, type MessagePart } from '../model/index.js';
import { isRecord, type JsonRecord } from '../model/json.js';
import type { DialectName } from './dialect.js';

/** What an opaque part of this dialect holds; undefined of any other part. It may come from storage. */
export function opaqueValue(part: MessagePart | undefined, dialect: DialectName): JsonRecord | undefined {
  return part?.type === 'opaque' && part.dialect === dialect && isRecord(part.value) ? part.value : undefined;
}

/** The same of all parts of a message, in their order. */
export function opaqueValues({ parts }: Message, dialect: DialectName): JsonRecord[] {
  return parts.flatMap((part): JsonRecord[] => {
    const value = opaqueValue(part, dialect);
    return value ? [value] : [];
  });
}

/** What an endpoint of this dialect told of the state it keeps, all opaque parts of the message put together. */
export function messageState(message: Message, dialect: DialectName): JsonRecord {
  return Object.assign({}, ...opaqueValues(message, dialect)) as JsonRecord;
}

/** The same over a whole conversation: what was told last holds. */
export function conversationState(messages: readonly Message[], dialect: DialectName): JsonRecord {
  return Object.assign({}, ...messages.map((message) => messageState(message, dialect))) as JsonRecord;
}

/** The messages behind the last answer of this dialect: those that an endpoint which keeps the rest has not seen. */
export function unseenMessages(messages: readonly Message[], dialect: DialectName): readonly Message[] {
  const last = messages.findLastIndex((message) => opaqueValues(message, dialect).length > 0);
  return messages.slice(last + 1);
}

/** What the user says now: the user messages behind the last answer. */
export function newUserMessages(messages: readonly Message[]): readonly Message[] {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  return messages.slice(last + 1).filter(({ role }) => role === 'user');
}

/** The same as one text. */
export function newUserText(messages: readonly Message[]): string {
  return newUserMessages(messages).map(messageText).join('\n');
}

/** The files among what the user says now. */
export function newUserFiles(messages: readonly Message[]): FilePart[] {
  return newUserMessages(messages).flatMap(({ parts }) => parts.filter((part) => part.type === 'file'));
}
