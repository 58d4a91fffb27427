import type { FileEvent, OpaqueEvent, StreamEvent } from '../model/index.js';
import { someOf, textOf } from '../model/json.js';
import type { DialectName } from './dialect.js';
import { guessMediaType } from './media-type.js';

/** Words to append, where there are any. */
export function wordsEvents(type: 'text' | 'reasoning', words: unknown): StreamEvent[] {
  const content = textOf(words);
  return content === undefined ? [] : [{ type, content }];
}

/** A call of one of the endpoint's own tools that is known as a whole at once. */
export function serverCallEvents(id: string, name: string, args: unknown): StreamEvent[] {
  return [
    { type: 'tool_call_start', id, name, by: 'server' },
    { type: 'tool_call', id, name, args: args ?? {} },
  ];
}

/** Something of the endpoint's own, for the page; nothing where it has no value. */
export function dataEvents(name: string, value: unknown): StreamEvent[] {
  return value === undefined ? [] : [{ type: 'data', name, value }];
}

/** What goes back to the endpoint with the next request. */
export function opaqueEvent(dialect: DialectName, value: unknown): OpaqueEvent {
  return { type: 'opaque', dialect, value };
}

/** The result of a call. */
export function resultEvent(id: string, result: unknown, isError = false): StreamEvent {
  return { type: 'tool_result', id, result: result ?? null, isError: isError || undefined };
}

/**
 * A question to the user. `name`: what asks, where it is about no call and the answer to it can go back; the question is
 * shown as a call of its own then.
 */
export function approvalEvent(
  id: string,
  message: string | undefined,
  options: readonly string[] = [],
  name?: string,
): StreamEvent {
  const question = { type: 'tool_approval', id, message, options: someOf(options) } as const;
  return name === undefined ? question : { ...question, name };
}

/** A file as the wire has it. */
export interface WireFile {
  readonly url?: unknown;
  /** Base64; for files without an address. */
  readonly data?: unknown;
  /** Default: what the address, the name or the kind tell. */
  readonly mediaType?: unknown;
  readonly name?: unknown;
  /** What the endpoint calls it, such as "image". */
  readonly kind?: unknown;
}

/** A file, if it has an address or bytes. */
export function fileEvents(file: WireFile): FileEvent[] {
  const url = textOf(file.url);
  const data = url === undefined ? textOf(file.data) : undefined;
  const name = textOf(file.name);
  if (url === undefined && data === undefined) return [];
  const mediaType =
    textOf(file.mediaType) ??
    /^data:([^;,]+)/.exec(url ?? '')?.[1] ??
    guessMediaType(name ?? url ?? '', textOf(file.kind));
  return [{ type: 'file', url, data, mediaType, name }];
}
