import { isRecord, type JsonRecord } from './json.js';
import type { Message, MessageInput, MessagePart } from './message.js';

const ROLES: ReadonlySet<unknown> = new Set(['user', 'assistant', 'system', 'tool']);
const STATUSES: ReadonlySet<unknown> = new Set([
  undefined,
  'streaming',
  'complete',
  'interrupted',
  'aborted',
  'failed',
]);
const TOOL_STATES: ReadonlySet<unknown> = new Set([
  'preparing',
  'waiting',
  'running',
  'done',
  'refused',
  'failed',
]);

/** The fields of each type of part that have to be text. */
const TEXTS: ReadonlyMap<unknown, readonly string[]> = new Map<MessagePart['type'], readonly string[]>([
  ['text', ['text']],
  ['reasoning', ['text']],
  ['tool', ['id', 'name', 'by', 'argsText']],
  ['source', ['id']],
  ['file', ['mediaType']],
  ['opaque', ['dialect']],
]);

/** Whether a JSON value is a message as it is kept: anything may stand in a storage. */
export function isMessage(value: unknown): value is Message {
  if (!isRecord(value)) return false;
  const { id, role, parts, status, error } = value;
  const isSound = typeof id === 'string' && ROLES.has(role) && STATUSES.has(status);
  const isFailure = error === undefined || (isRecord(error) && areTexts(error, ['code', 'message']));
  return isSound && isFailure && Array.isArray(parts) && parts.every(isPart);
}

/** What a JSON value says of a message, without parts that are none; undefined where it is no message. */
export function readMessage(value: unknown): MessageInput | undefined {
  if (!isRecord(value)) return undefined;
  const { id, role, content, parts } = value;
  if (!ROLES.has(role) || (id !== undefined && typeof id !== 'string')) return undefined;
  if (Array.isArray(parts)) return { ...value, parts: parts.filter(isPart) } as unknown as MessageInput;
  return typeof content === 'string' ? (value as unknown as MessageInput) : undefined;
}

function isPart(value: unknown): value is MessagePart {
  if (!isRecord(value)) return false;
  const texts = TEXTS.get(value['type']);
  const isTool = value['type'] === 'tool';
  const { approval } = value;
  return (
    texts !== undefined &&
    areTexts(value, texts) &&
    (!isTool || (TOOL_STATES.has(value['state']) && (approval === undefined || isRecord(approval))))
  );
}

function areTexts(record: JsonRecord, names: readonly string[]): boolean {
  return names.every((name) => typeof record[name] === 'string');
}
