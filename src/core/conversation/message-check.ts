import type { Message, MessagePart } from '../model/index.js';
import { isRecord, type JsonRecord } from '../model/json.js';

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

function isPart(value: unknown): boolean {
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
