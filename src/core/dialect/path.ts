import type { DoneEvent, Frame, StreamEvent } from '../model/index.js';
import { isRecord, parseJson, recordOf } from '../model/json.js';
import type { Decoder } from './dialect.js';
import { unreadableEvents } from './errors.js';
import { stepAt } from './json-path.js';
import { plainDialect } from './native.js';
import { isNamed } from './native-reader.js';
import { isHeartbeat, isPlainError } from './plain-shape.js';

/** How an endpoint that nobody knows gives its answer. What is absent or empty is left to the plain shapes. */
export interface CustomShape {
  /** Where the text stands in each JSON event, as `parsePath` takes it. */
  readonly textPath?: string | undefined;
  /**
   * What ends the answer: an event whose data, or whose name, is this, or whose JSON is, or has at its top level, a string
   * that is this.
   */
  readonly doneToken?: string | undefined;
}

/** The keys that lead to a value in JSON. An index is a key of digits. */
export type JsonPath = readonly string[];

/**
 * Reads the paths of a text, separated by spaces: names and indices with dots between them (`choices.0.delta.content`),
 * indices also in brackets (`choices[0]`), and names with dots or spaces in brackets and quotes (`["a.b"].text`).
 *
 * @throws {TypeError} that says what is wrong
 */
export function parsePath(text: string): readonly JsonPath[] {
  const paths: string[][] = [];
  let keys: string[] | undefined;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      keys = undefined;
      at += 1;
      continue;
    }
    const step = stepAt(text, at);
    // A dot stands between two keys, and a name behind another one needs it.
    if (!step || step.hasDot === !keys) throw badPath(text, at);
    if (!keys) paths.push((keys = []));
    keys.push(String(step.key));
    at = step.end;
  }
  if (paths.length === 0) throw badPath(text, 0);
  return paths;
}

function badPath(text: string, at: number): TypeError {
  return new TypeError(
    `"${text}" is no path: see character ${at + 1}. Write names and indices with dots between them, such as "choices.0.delta.content", and names with dots as ["a.b"].`,
  );
}

function hasPaths(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null;
}

function valueAt(json: unknown, path: JsonPath): unknown {
  let value = json;
  for (const key of path) {
    // Its own and enumerable, as all that stands in JSON is: `length` and `constructor` are none of it.
    if (!hasPaths(value) || !Object.prototype.propertyIsEnumerable.call(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The value of the first path that leads to one; `null` is none. */
function firstValue(json: unknown, paths: readonly JsonPath[]): unknown {
  return paths.map((path) => valueAt(json, path)).find((value) => value !== undefined && value !== null);
}

function isToken({ event, data }: Frame, json: unknown, token: string): boolean {
  if (event === token || data.trim() === token || json === token) return true;
  return isRecord(json) && Object.values(json).includes(token);
}

/** Decodes nothing and says why. */
function createRefusingDecoder(message: string): Decoder {
  let ended = false;
  function refuse(): StreamEvent[] {
    if (ended) return [];
    ended = true;
    return unreadableEvents(message);
  }
  return { unknownFrames: 0, endsSilently: true, decode: refuse, finish: refuse };
}

/**
 * Makes the decoder of one answer of an endpoint that nobody knows. It is that of the plain shapes, to which it gives
 * the text that it finds at the path, or the end; so numbers, failures, raw text and the usual ends are read as there.
 *
 * - JSON objects and arrays are read by the path alone; where it leads nowhere, the event says nothing. A number or a
 *   boolean is its text. An object or an array is counted in `unknownFrames` and passed over.
 * - Raw text and JSON strings have no paths: they are the text, as without `textPath`.
 * - Without `doneToken` an answer may just end. With it, one that ends without is not complete, unless it has no frames
 *   at all.
 * - A path that is none is reported by an `error` event in place of the answer.
 */
export function createPathDecoder({ textPath = '', doneToken = '' }: CustomShape): Decoder {
  let paths: readonly JsonPath[] = [];
  try {
    if (textPath !== '') paths = parsePath(textPath);
  } catch (error) {
    return createRefusingDecoder(error instanceof Error ? error.message : String(error));
  }
  const plain = plainDialect.createDecoder();
  let isRaw: boolean | undefined;
  let hasFrames = false;
  let passedOver = 0;
  /** JSON was here, and the path has led to something in it. */
  let sawJson = false;
  let foundText = false;
  let failed = false;
  let ended = false;

  /** An event of plain shape in place of the one that came. */
  function plainFrame(frame: Frame, json: unknown, event: string, fields: object): Frame {
    const seq = recordOf(json)['seq'];
    return { ...frame, event, data: JSON.stringify({ ...fields, seq }) };
  }

  function textFrame(frame: Frame, json: unknown, value: unknown): Frame {
    const isText = typeof value !== 'object';
    if (value !== undefined) foundText = true;
    if (!isText) passedOver += 1;
    return plainFrame(frame, json, '', { content: isText ? String(value ?? '') : '' });
  }

  function translate(frame: Frame): Frame {
    if (frame.framing === 'text') return frame;
    hasFrames = true;
    const json = parseJson(frame.data);
    if (doneToken !== '' && isToken(frame, json, doneToken)) {
      return plainFrame(frame, json, 'done', { reason: 'stop', origin: doneToken });
    }
    if (paths.length === 0 || isNamed(frame) || isHeartbeat(frame)) return frame;
    // As with plain shapes, the first payload tells whether this is raw text.
    if (json !== undefined || frame.closed) {
      isRaw ??= frame.framing === 'sse' && typeof json !== 'string' && !hasPaths(json);
    }
    if (isRaw || !hasPaths(json)) return frame;
    sawJson = true;
    const value = firstValue(json, paths);
    if (!isRecord(json)) return textFrame(frame, json, value);
    const isError = json['type'] === 'error' || Boolean(json['error']) || value === undefined;
    return isError && isPlainError(json) ? frame : textFrame(frame, json, value);
  }

  function close(event: DoneEvent): StreamEvent[] {
    ended = true;
    if (!sawJson || foundText || failed) return [event];
    return unreadableEvents(
      `Nothing in the answer stands at "${textPath}". Set the "text-path" attribute to where the text is in each event.`,
    );
  }

  function give(events: StreamEvent[]): StreamEvent[] {
    return events.flatMap((event) => {
      if (event.type === 'error') failed = true;
      return event.type === 'done' ? close(event) : [event];
    });
  }

  return {
    get unknownFrames() {
      return plain.unknownFrames + passedOver;
    },
    get endsSilently() {
      return failed || ((doneToken === '' || !hasFrames) && plain.endsSilently === true);
    },
    get lacksEvents() {
      return plain.lacksEvents ?? false;
    },
    resume: (asked, lastEventId) => plain.resume?.(asked, lastEventId),
    decode: (frame) => (ended ? [] : give(plain.decode(translate(frame)))),
    giveUp: () => give(plain.giveUp?.() ?? []),
    finish() {
      if (ended) return [];
      const isShort = doneToken !== '' && hasFrames;
      return give(plain.finish()).map((event) =>
        event.type === 'done' && isShort ? { ...event, complete: false } : event,
      );
    },
  };
}
