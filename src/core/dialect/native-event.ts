import type { StreamErrorCode, StreamEvent } from '../model/index.js';
import { countOf, isRecord, listOf, present, type JsonRecord } from './json.js';

type Optional<Value> = Value | undefined;

function stringOf(value: unknown): Optional<string> {
  return typeof value === 'string' ? value : undefined;
}

type Reader = (json: JsonRecord) => Optional<StreamEvent>;

function withContent(type: 'text' | 'text_set' | 'reasoning'): Reader {
  return ({ content }) => (typeof content === 'string' ? { type, content } : undefined);
}

/** One reader for each type of the union but `error` and `done`, which the plain shapes know as well. */
const READERS = new Map<unknown, Reader>([
  [
    'start',
    ({ streamId, messageId, model }) =>
      present({
        type: 'start' as const,
        streamId: stringOf(streamId),
        messageId: stringOf(messageId),
        model: stringOf(model),
      }),
  ],
  ['step', () => ({ type: 'step' })],
  ['text', withContent('text')],
  ['text_set', withContent('text_set')],
  ['reasoning', withContent('reasoning')],
  [
    'tool_call_start',
    ({ id, name, by }) =>
      typeof id === 'string' && typeof name === 'string'
        ? { type: 'tool_call_start', id, name, by: by === 'server' ? 'server' : 'client' }
        : undefined,
  ],
  [
    'tool_call_delta',
    ({ id, delta }) =>
      typeof id === 'string' && typeof delta === 'string'
        ? { type: 'tool_call_delta', id, delta }
        : undefined,
  ],
  [
    'tool_call',
    ({ id, name, args = {} }) =>
      typeof id === 'string' && typeof name === 'string' ? { type: 'tool_call', id, name, args } : undefined,
  ],
  [
    'tool_result',
    ({ id, result, isError }) =>
      typeof id === 'string' && result !== undefined
        ? present({
            type: 'tool_result' as const,
            id,
            result,
            isError: typeof isError === 'boolean' ? isError : undefined,
          })
        : undefined,
  ],
  [
    'tool_approval',
    ({ id, message, options }) =>
      typeof id === 'string'
        ? present({
            type: 'tool_approval' as const,
            id,
            message: stringOf(message),
            options: Array.isArray(options)
              ? listOf(options).filter((option): option is string => typeof option === 'string')
              : undefined,
          })
        : undefined,
  ],
  [
    'source',
    ({ id, url, title }) =>
      typeof id === 'string'
        ? present({ type: 'source' as const, id, url: stringOf(url), title: stringOf(title) })
        : undefined,
  ],
  [
    'file',
    ({ url, data, mediaType, name }) =>
      typeof mediaType === 'string' && (typeof url === 'string' || typeof data === 'string')
        ? present({
            type: 'file' as const,
            url: stringOf(url),
            data: stringOf(data),
            mediaType,
            name: stringOf(name),
          })
        : undefined,
  ],
  [
    'block',
    ({ index, content }) =>
      Number.isInteger(index) && Number(index) >= 0 && typeof content === 'string'
        ? { type: 'block', index: Number(index), content }
        : undefined,
  ],
  [
    'data',
    ({ name, value }) =>
      typeof name === 'string' && value !== undefined ? { type: 'data', name, value } : undefined,
  ],
  [
    'usage',
    (json) => {
      const counts = present({
        inputTokens: countOf(json['inputTokens']),
        outputTokens: countOf(json['outputTokens']),
        totalTokens: countOf(json['totalTokens']),
        reasoningTokens: countOf(json['reasoningTokens']),
      });
      return Object.keys(counts).length > 0 ? { type: 'usage', ...counts } : undefined;
    },
  ],
]);

/** Types that homemade streams use as well, or that other dialects share with this one. */
const SHARED_TYPES = new Set<unknown>(['text', 'start', 'file']);

const ERROR_CODES: ReadonlySet<unknown> = new Set<StreamErrorCode>([
  'network',
  'http',
  'timeout',
  'protocol',
  'provider',
  'aborted',
  'tool',
  'limit',
]);

/** Whether a value is one of the closed set of error codes. */
export function isErrorCode(value: unknown): value is StreamErrorCode {
  return ERROR_CODES.has(value);
}

/** The event that a JSON object is; undefined where its type is not known or a field has the wrong type. */
export function readNativeEvent(json: JsonRecord): StreamEvent | undefined {
  return READERS.get(json['type'])?.(json);
}

/** Whether an object of this type is a native event or nothing: what is wrong with it does not make it text. */
export function isNativeType(type: string): boolean {
  return READERS.has(type) && /^(?:tool_|block$|source$|usage$|text_set$)/.test(type);
}

/** Whether a JSON value can only be an event of the native dialect. */
export function isNativeOnly(json: unknown): boolean {
  if (!isRecord(json)) return false;
  const { type, streamId, reason, complete } = json;
  if (type === 'start') return typeof streamId === 'string';
  if (type === 'done') return typeof reason === 'string' && typeof complete === 'boolean';
  return !SHARED_TYPES.has(type) && readNativeEvent(json) !== undefined;
}
