import type { StreamErrorCode, StreamEvent } from '../model/index.js';
import { countOf, isRecord, present, type JsonRecord } from '../model/json.js';

/** Reads one field. Undefined: it is missing, or of the wrong type. */
type Field = (value: unknown) => unknown;
type Fields = Readonly<Record<string, Field>>;

interface Shape {
  readonly needs?: Fields;
  readonly may?: Fields;
  /** One of these at least has to be there. */
  readonly oneOf?: readonly string[];
}

const any: Field = (value) => value;
const text: Field = (value) => (typeof value === 'string' ? value : undefined);
const flag: Field = (value) => (typeof value === 'boolean' ? value : undefined);
const index: Field = (value) => (Number.isInteger(value) ? countOf(value) : undefined);
const texts: Field = (value) =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;
const owner: Field = (value) => (value === 'server' ? 'server' : 'client');
const args: Field = (value = {}) => value;

const words: Shape = { needs: { content: text } };
const counts: Fields = {
  inputTokens: countOf,
  outputTokens: countOf,
  totalTokens: countOf,
  reasoningTokens: countOf,
};

/** The shape of each type of the union but `error` and `done`, which the plain shapes know as well. */
const SHAPES: ReadonlyMap<unknown, Shape> = new Map(
  Object.entries({
    start: { may: { streamId: text, messageId: text, model: text } },
    step: {},
    text: words,
    text_set: words,
    reasoning: words,
    tool_call_start: { needs: { id: text, name: text, by: owner } },
    tool_call_delta: { needs: { id: text, delta: text } },
    tool_call: { needs: { id: text, name: text, args } },
    tool_result: { needs: { id: text, result: any }, may: { isError: flag } },
    tool_approval: { needs: { id: text }, may: { name: text, message: text, options: texts } },
    source: { needs: { id: text }, may: { url: text, title: text } },
    file: {
      needs: { mediaType: text },
      may: { url: text, data: text, name: text },
      oneOf: ['url', 'data'],
    },
    block: { needs: { index, content: text } },
    data: { needs: { name: text, value: any } },
    usage: { may: counts, oneOf: Object.keys(counts) },
  }),
);

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
  const { type } = json;
  const shape = SHAPES.get(type);
  if (!shape) return undefined;
  const { needs = {}, may, oneOf } = shape;
  const fields = Object.entries({ ...needs, ...may }).map(([name, read]) => [name, read(json[name])]);
  const event = present<JsonRecord>({ type, ...Object.fromEntries(fields) });
  const has = (name: string): boolean => name in event;
  const isWhole = Object.keys(needs).every(has) && (oneOf?.some(has) ?? true);
  return isWhole ? (event as unknown as StreamEvent) : undefined;
}

/** Whether an object of this type is a native event or nothing: what is wrong with it does not make it text. */
export function isNativeType(type: string): boolean {
  return SHAPES.has(type) && /^(?:tool_|block$|source$|usage$|text_set$)/.test(type);
}

/** Whether a JSON value can only be an event of the native dialect. */
export function isNativeOnly(json: unknown): boolean {
  if (!isRecord(json)) return false;
  const { type, streamId, reason, complete, content, seq } = json;
  if (type === 'start') return typeof streamId === 'string';
  if (type === 'text') return typeof content === 'string' && Number.isInteger(seq);
  if (type === 'done') return typeof reason === 'string' && typeof complete === 'boolean';
  return !SHARED_TYPES.has(type) && readNativeEvent(json) !== undefined;
}
