import { isRecord, textOf, type JsonRecord } from '../model/json.js';
import { stepAt } from './json-path.js';
import { MAX_ARGS_CHARS } from './tool-calls.js';

/** Builds the arguments of one call from values that are told one by one, each with its place. */
export interface PartialArgs {
  /** Takes one value in. Returns the JSON text it adds to the arguments; empty when it came out of order. */
  add(piece: unknown): string;
  /** No more values are to come: the end of the JSON text. */
  close(): string;
  /** False: the pieces do not make one JSON text, so `value` alone is right. */
  readonly inOrder: boolean;
  /** Undefined when the values are longer than a call may be. */
  readonly value: JsonRecord | undefined;
}

type Key = string | number;
type Container = JsonRecord | unknown[];

/** The keys of a path (RFC 9535, section 2.3). */
function parsePath(path: string): Key[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const keys: Key[] = [];
  for (let at = 1; at < path.length;) {
    const step = stepAt(path, at);
    if (!step || step.hasDot === false) return undefined;
    keys.push(step.key);
    at = step.end;
  }
  return keys.length > 0 ? keys : undefined;
}

function readValue(piece: JsonRecord): unknown {
  const { stringValue, numberValue, boolValue } = piece;
  if ('nullValue' in piece) return null;
  return stringValue ?? numberValue ?? boolValue;
}

function read(container: Container, key: Key): unknown {
  return Object.hasOwn(container, key) ? (container as JsonRecord)[key] : undefined;
}

/** Sets an own property: a key may be "__proto__". */
function write(container: Container, key: Key, value: unknown): void {
  Object.defineProperty(container, key, { value, configurable: true, enumerable: true, writable: true });
}

/** Whether a key can be used with a container; an array has no holes. */
function fits(container: unknown, key: Key): container is Container {
  return Array.isArray(container)
    ? typeof key === 'number' && key <= container.length
    : isRecord(container) && typeof key === 'string';
}

/**
 * Makes the builder of one call. A string goes on while its path stays the same. Values come in the order of the JSON
 * they were cut from; should they not, the text stops growing and the value still holds.
 */
export function createPartialArgs(): PartialArgs {
  const root: JsonRecord = {};
  let path: Key[] = [];
  let stringIsOpen = false;
  let inOrder = true;
  let length = 0;

  /** The containers on the way to a value, made where they are missing; undefined where the path fits nothing. */
  function open(keys: readonly Key[]): Container[] | undefined {
    const containers: Container[] = [root];
    for (const [depth, key] of keys.entries()) {
      const container = containers[depth];
      if (!fits(container, key)) return undefined;
      const next = keys[depth + 1];
      if (next === undefined) break;
      const existing = read(container, key);
      if (existing === undefined) write(container, key, typeof next === 'number' ? [] : {});
      containers.push(read(container, key) as Container);
    }
    return containers;
  }

  function closeText(depth: number): string {
    const quote = stringIsOpen ? '"' : '';
    stringIsOpen = false;
    const brackets = path.slice(depth).map((key) => (typeof key === 'number' ? ']' : '}'));
    return quote + brackets.toReversed().join('');
  }

  function openText(keys: readonly Key[], from: number): string {
    return keys
      .slice(from)
      .map((key, offset) => {
        const bracket = offset === 0 && path.length > 0 ? ',' : typeof key === 'number' ? '[' : '{';
        return bracket + (typeof key === 'number' ? '' : `${JSON.stringify(key)}:`);
      })
      .join('');
  }

  function put(keys: Key[], value: unknown): string {
    const shared = keys.findIndex((key, depth) => key !== path[depth]);
    // Read before anything is made on the way to the value.
    const isNew = shared !== -1 && !has(keys.slice(0, shared + 1));
    const container = open(keys)?.at(-1);
    const last = keys.at(-1);
    if (!container || last === undefined) return '';
    const before = read(container, last);
    if (typeof before === 'object' && before !== null) return '';

    if (shared === -1 && stringIsOpen && typeof value === 'string') {
      write(container, last, `${before as string}${value}`);
      return inOrder ? JSON.stringify(value).slice(1, -1) : '';
    }
    write(container, last, value);
    inOrder &&= isNew;
    const text = inOrder ? closeText(shared + 1) + openText(keys, shared) + JSON.stringify(value) : '';
    path = keys;
    stringIsOpen = typeof value === 'string';
    return stringIsOpen ? text.slice(0, -1) : text;
  }

  function has(keys: readonly Key[]): boolean {
    let value: unknown = root;
    for (const key of keys) value = fits(value, key) ? read(value, key) : undefined;
    return value !== undefined;
  }

  return {
    get inOrder() {
      return inOrder;
    },
    get value() {
      return length > MAX_ARGS_CHARS ? undefined : root;
    },
    add(piece) {
      if (!isRecord(piece)) return '';
      const keys = parsePath(textOf(piece['jsonPath']) ?? '');
      const value = readValue(piece);
      if (!keys || value === undefined) return '';
      // The piece that exceeds the limit still counts: who follows the text must meet the limit as well.
      if (length > MAX_ARGS_CHARS) return '';
      length += String(value).length;
      return put(keys, value);
    },
    close: () => (path.length === 0 ? '{}' : closeText(0)),
  };
}
