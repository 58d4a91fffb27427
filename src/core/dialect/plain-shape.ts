import type { Frame } from '../model/index.js';
import { firstText, type JsonRecord } from '../model/json.js';

/** The line that ends most streams. */
export const TERMINATOR = '[DONE]';

/** The first string under one of these is text, in this order. */
const TEXT_KEYS = [
  'delta',
  'content',
  'text',
  'token',
  'data',
  'message',
  'value',
  'response',
  'answer',
  'chunk',
  'output',
];

const DONE_TYPE = /^(?:done|end|finish(?:ed)?|completed?|stop)$/i;
const REASONING_TYPE = /think|thought|reason/i;
const HEARTBEAT = /^(?:ping|heartbeat|keep-?alive)$/i;

/** The visible text of a homemade event; undefined where it has none, which is not the same as empty. */
export function plainText(json: JsonRecord): string | undefined {
  for (const key of TEXT_KEYS) {
    const value = json[key];
    if (typeof value === 'string') return value;
  }
  return undefined;
}

/** Whether a type or an event name says that the stream ends here. */
export function isDoneWord(word: string): boolean {
  return DONE_TYPE.test(word);
}

/** Whether a type or an event name says that the text is reasoning. */
export function isReasoningWord(word: string): boolean {
  return REASONING_TYPE.test(word);
}

/** Whether a frame is there only to keep the connection open. */
export function isHeartbeat({ event, data }: Frame): boolean {
  return HEARTBEAT.test(event) || data === '';
}

/** The endpoint's own word for the end: a reason beside it, else the word that ended it. */
export function doneWord(json: JsonRecord, word: string): string {
  const { finish_reason, finishReason, stop_reason, reason } = json;
  return firstText(finish_reason, finishReason, stop_reason, reason) ?? word;
}

/** Whether a homemade event reports a failure. */
export function isPlainError(json: JsonRecord): boolean {
  const { type, error, detail } = json;
  if (type === 'error' || Boolean(error)) return true;
  return (typeof detail === 'string' || Array.isArray(detail)) && plainText(json) === undefined;
}
