import { joined } from '../model/joined.js';
import { parseJson } from '../model/json.js';
import { FORBIDDEN_KEYS } from './forbidden-keys.js';
import { isChoice, isPlainText, type JsonKey, schemaAt } from './growth.js';
import { DEFAULT_TOOL_LIMITS } from './tool-limits.js';

/** How a JSON text is read while it arrives. */
export interface PartialJsonOptions {
  /**
   * JSON Schema of the value. A text grows as it arrives where its schema says that it is a text and nothing more;
   * elsewhere, as without a schema, it comes as a whole.
   */
  readonly schema?: unknown;
  /** Characters. Default: 1,048,576. */
  readonly maxChars?: number;
  /** Objects and lists in each other. Default: 64. */
  readonly maxDepth?: number;
  /** Fields and items at all depths. Default: 1000. */
  readonly maxKeys?: number;
}

/** What is certain of a value, and what of it is new. */
export interface PartialValue {
  /** Deep-frozen, without `__proto__`, `constructor` and `prototype`. What has not changed keeps its identity. */
  readonly value: unknown;
  /** Where everything that is new stands: one field, or what holds all of them. Empty: the value itself. */
  readonly path: readonly JsonKey[];
}

/** Reads one JSON value from its text, which is cut anywhere. */
export interface PartialJson {
  /** Takes more of the text. */
  push(text: string): void;
  /** What is certain by now; undefined where that is the same as when it was asked last. */
  take(): PartialValue | undefined;
  /** `open`: the text is the beginning of a value. `invalid`: it is none, or more than the limits allow. */
  readonly state: 'open' | 'complete' | 'invalid';
}

type Container = unknown[] | Record<string, unknown>;

/** An object or a list that is open. */
interface Level {
  /** What of it is closed. */
  readonly container: Container;
  readonly schema: unknown;
  /** It is shown before it is closed. */
  readonly isShown: boolean;
  /** Where the next value goes, or the one that is open. */
  key: JsonKey;
}

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

/** The characters that do not stand for themselves in a string (RFC 8259, 7). */
const STRING_END = /["\\]|(?! )[^!-\uFFFF]/g;
const SCALAR_END = /[\t\n\r ,\]}]/g;
const SPACE = /[\t\n\r ]/;
const HALF_PAIR = /^[\uD800-\uDBFF]$/;

/** The index from `from` on at which `pattern`, which is global, matches; the length of the text where it does not. */
function indexOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

function commonPath(one: readonly JsonKey[], other: readonly JsonKey[]): readonly JsonKey[] {
  const end = one.findIndex((key, index) => key !== other[index]);
  return end < 0 ? one : one.slice(0, end);
}

/**
 * Follows a JSON value while its text arrives: the arguments of a tool call, or an answer that is JSON. Nothing of it
 * is taken back later: a number, a literal, a key, or a text that has to be one of some, is there when its last
 * character is certain. Each character is read once, and `take()` costs no more than the fields there are.
 */
export function createPartialJson({
  schema,
  maxChars = DEFAULT_TOOL_LIMITS.maxArgumentChars,
  maxDepth = DEFAULT_TOOL_LIMITS.maxArgumentDepth,
  maxKeys = DEFAULT_TOOL_LIMITS.maxArgumentKeys,
}: PartialJsonOptions = {}): PartialJson {
  const levels: Level[] = [];
  let state: PartialJson['state'] = 'open';
  let expected: Expected = 'value';
  let token: 'string' | 'escape' | 'scalar' | undefined;
  /** What has come of the token that is open, decoded where it is a string. */
  let text = '';
  /** What has come of an escape, without its backslash. */
  let escape = '';
  /** The first half of a pair, which waits for the other. */
  let half = '';
  /** The string is shown before it is whole. */
  let grows = false;
  let root: unknown;
  let chars = 0;
  let keys = 0;
  /** Where something is new since `take()`; undefined: nowhere. */
  let changed: readonly JsonKey[] | undefined;

  function fail(): void {
    state = 'invalid';
    changed = undefined;
  }

  function isReadable(): boolean {
    return state !== 'invalid';
  }

  function touch(path: readonly JsonKey[]): void {
    changed = changed ? commonPath(changed, path) : path;
  }

  function here(): JsonKey[] {
    return levels.map(({ key }) => key);
  }

  /** Whether something at the open place is seen by whoever looks. */
  function isVisible(): boolean {
    const level = levels.at(-1);
    return !level || (level.isShown && !FORBIDDEN_KEYS.has(level.key));
  }

  function schemaHere(): unknown {
    const level = levels.at(-1);
    return level ? schemaAt(level.schema, level.key) : schema;
  }

  function put(value: unknown, isNew: boolean): void {
    const level = levels.at(-1);
    if (isNew && isVisible()) touch(here());
    if (!level) {
      root = value;
      state = 'complete';
      expected = 'nothing';
      return;
    }
    const { container, key } = level;
    if (Array.isArray(container)) container.push(value);
    else if (!FORBIDDEN_KEYS.has(key)) container[key] = value;
    expected = 'comma or end';
  }

  function begin(): void {
    keys += levels.length > 0 ? 1 : 0;
    if (keys > maxKeys) fail();
  }

  function open(container: Container): void {
    begin();
    if (levels.length >= maxDepth) fail();
    if (state === 'invalid') return;
    const own = schemaHere();
    const isShown = isVisible() && !isChoice(own);
    if (isShown) touch(here());
    levels.push({ container, schema: own, isShown, key: Array.isArray(container) ? 0 : '' });
    expected = Array.isArray(container) ? 'value or end' : 'key or end';
  }

  function close(bracket: string): void {
    const level = levels.at(-1);
    if (!level || Array.isArray(level.container) !== (bracket === ']')) {
      fail();
      return;
    }
    levels.pop();
    put(Object.freeze(level.container), !level.isShown);
  }

  function openToken(kind: 'string' | 'scalar'): void {
    token = kind;
    text = '';
    half = '';
    grows = false;
    if (expected.startsWith('key')) return;
    begin();
    grows = kind === 'string' && isVisible() && isPlainText(schemaHere());
  }

  function closeString(): void {
    token = undefined;
    const isShown = grows && half === '' && text !== '';
    grows = false;
    text += half;
    const level = levels.at(-1);
    if (!expected.startsWith('key') || !level) {
      put(text, !isShown);
      return;
    }
    level.key = text;
    expected = 'colon';
  }

  function addText(more: string): void {
    if (more === '') return;
    const last = more.slice(-1);
    const isHalf = HALF_PAIR.test(last);
    const added = half + (isHalf ? more.slice(0, -1) : more);
    half = isHalf ? last : '';
    if (added === '') return;
    text = joined(text, added);
    if (grows) touch(here());
  }

  /** Reads on in a string. Returns where to go on. */
  function readString(piece: string, from: number): number {
    const end = indexOf(STRING_END, piece, from);
    addText(piece.slice(from, end));
    if (end === piece.length) return end;
    if (piece[end] === '"') closeString();
    else if (piece[end] === '\\') {
      token = 'escape';
      escape = '';
    } else fail();
    return end + 1;
  }

  function readEscape(piece: string, at: number): number {
    escape += piece[at];
    if (escape.length < (escape.startsWith('u') ? 5 : 1)) return at + 1;
    const decoded = parseJson(`"\\${escape}"`);
    token = 'string';
    if (typeof decoded === 'string') addText(decoded);
    else fail();
    return at + 1;
  }

  function readScalar(piece: string, from: number): number {
    const end = indexOf(SCALAR_END, piece, from);
    text += piece.slice(from, end);
    // A number may go on with the next piece.
    if (end === piece.length) return end;
    token = undefined;
    const value = parseJson(text);
    if (value === undefined) fail();
    else put(value, true);
    return end;
  }

  function readSeparator(sign: string): void {
    const level = levels.at(-1);
    if (sign === ':' && expected === 'colon') expected = 'value';
    else if (sign === ',' && expected === 'comma or end' && level) {
      const { container } = level;
      expected = Array.isArray(container) ? 'value' : 'key';
      if (Array.isArray(container)) level.key = container.length;
    } else if ((sign === '}' || sign === ']') && expected.endsWith('or end')) close(sign);
    else fail();
  }

  /** Reads what stands between tokens. Returns where to go on. */
  function readStructure(piece: string, at: number): number {
    const sign = piece[at]!;
    if (SPACE.test(sign)) return at + 1;
    const isPlace = expected.startsWith('value');
    if (sign === '"' && (isPlace || expected.startsWith('key'))) openToken('string');
    else if (sign === '{' && isPlace) open({});
    else if (sign === '[' && isPlace) open([]);
    else if (/[-\w]/.test(sign) && isPlace) {
      openToken('scalar');
      return at;
    } else readSeparator(sign);
    return at + 1;
  }

  function read(piece: string, at: number): number {
    if (token === 'string') return readString(piece, at);
    if (token === 'escape') return readEscape(piece, at);
    return token === 'scalar' ? readScalar(piece, at) : readStructure(piece, at);
  }

  /** What is closed, copied, with what is open and may be shown in its place. */
  function snapshot(): unknown {
    if (state === 'complete') return root;
    let value: unknown = grows ? text : undefined;
    for (const { container, key, isShown } of levels.toReversed()) {
      if (!isShown) continue;
      const isList = Array.isArray(container);
      const copy = (isList ? [...container] : { ...container }) as Record<JsonKey, unknown>;
      if (value !== undefined && !FORBIDDEN_KEYS.has(key)) copy[key] = value;
      value = Object.freeze(copy);
    }
    return value;
  }

  return {
    get state() {
      return state;
    },
    push(piece) {
      chars += piece.length;
      if (chars > maxChars) fail();
      let at = 0;
      while (at < piece.length && isReadable()) at = read(piece, at);
    },
    take() {
      if (!changed) return undefined;
      const since = changed;
      changed = undefined;
      return { value: snapshot(), path: since };
    },
  };
}
