import type { OpaqueEvent, StreamEvent } from '../model/index.js';
import { firstText, recordsOf, textOf, type JsonRecord } from '../model/json.js';
import { fileEvents, opaqueEvent } from './events.js';
import { parseArgs } from './tool-calls.js';

/** What this dialect keeps in opaque parts, one of: */
export interface ResponsesOpaque {
  /** An item that goes back as it came: reasoning, and what the endpoint's own tools did. */
  readonly item?: JsonRecord | undefined;
  /** A message without its text, which is the `length` characters of visible text before it. */
  readonly message?: JsonRecord | undefined;
  readonly length?: number | undefined;
  /** A call of a tool on the page, without its arguments. */
  readonly call?: JsonRecord | undefined;
  /** The id of a response that has come to its end: all parts up to here, down to the id before, are its items. */
  readonly response?: string | undefined;
  /** The endpoint keeps the items of that response by their ids. */
  readonly stored?: boolean | undefined;
}

/** The event that keeps something for the next request. */
export function responsesOpaque(value: ResponsesOpaque): OpaqueEvent {
  return opaqueEvent('openai-responses', value);
}

/** Where words stand in an item. The two kinds of reasoning say the same, one in short. */
export type WordsKind = 'text' | 'refusal' | 'summary' | 'reasoning';

const KINDS = new Map<unknown, WordsKind>([
  ['output_text', 'text'],
  ['text', 'text'],
  ['refusal', 'refusal'],
  ['summary_text', 'summary'],
  ['reasoning_text', 'reasoning'],
]);

/** Fields under which the endpoint's own tools give their results; the others are what they were asked. */
const RESULT_FIELDS = ['output', 'outputs', 'results', 'result', 'tools'];
const OTHER_FIELDS = ['id', 'type', 'status', 'error', ...RESULT_FIELDS];

/** Whether an item is a call of a tool on the page. */
export function isClientCall(type: string): boolean {
  return type === 'function_call' || type === 'custom_tool_call';
}

/** Whether an item is of the endpoint's own tools. New ones come up often, so it is whatever is nothing else. */
export function isServerTool(type: string): boolean {
  return type !== '' && type !== 'message' && type !== 'reasoning' && !isClientCall(type);
}

/** A copy that lacks some fields. */
export function without(record: JsonRecord, fields: readonly string[]): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !fields.includes(name)));
}

/** What a tool of the endpoint was asked: all that is neither its result nor about the item itself. */
export function serverArgs(item: JsonRecord): JsonRecord {
  const args = without(item, OTHER_FIELDS);
  const { arguments: text } = args;
  return typeof text === 'string' ? { ...args, arguments: parseArgs(text) } : args;
}

function imageFile(value: unknown, format: unknown): StreamEvent[] {
  const image = textOf(value);
  const mediaType = `image/${textOf(format) ?? 'png'}`;
  if (image?.startsWith('data:')) return fileEvents({ url: image, kind: 'image' });
  return fileEvents({ [/^https?:/.test(image ?? '') ? 'url' : 'data']: image, mediaType });
}

/** The images that an item brought. */
export function readFiles(item: JsonRecord): StreamEvent[] {
  const { type, result, output_format, outputs } = item;
  if (type === 'image_generation_call') return imageFile(result, output_format);
  return recordsOf(outputs).flatMap((output) =>
    output['type'] === 'image' ? imageFile(output['url'], undefined) : [],
  );
}

/** What a tool of the endpoint found; null where it does not say. */
export function serverResult(item: JsonRecord): unknown {
  // The image itself is a file.
  if (item['type'] === 'image_generation_call') return null;
  const field = RESULT_FIELDS.find((name) => (item[name] ?? null) !== null);
  return (field === undefined ? item['error'] : item[field]) ?? null;
}

/** Whether a tool of the endpoint failed. */
export function hasFailed({ status, error }: JsonRecord): boolean {
  return status === 'failed' || status === 'incomplete' || Boolean(error);
}

/** What of an item goes back with the next request. */
export function keptItem(item: JsonRecord): JsonRecord {
  const { type, id } = item;
  // Its bytes are in the message already.
  if (type === 'image_generation_call') return { type, id };
  const kept = without(item, ['created_by']);
  if (type !== 'reasoning') return kept;
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null));
}

/** The kind of words that a part of an item has, if it has any. */
export function wordsKind({ type }: JsonRecord): WordsKind | undefined {
  return KINDS.get(type);
}

/** The words of a part of an item. */
export function partWords({ text, refusal }: JsonRecord): string {
  return firstText(text, refusal) ?? '';
}
