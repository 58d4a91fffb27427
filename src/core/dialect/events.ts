import type { StreamEvent } from '../model/index.js';
import { textOf } from './json.js';

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

/** The result of a call. */
export function resultEvent(id: string, result: unknown, isError = false): StreamEvent {
  return { type: 'tool_result', id, result: result ?? null, isError: isError || undefined };
}

/** A question to the user. */
export function approvalEvent(
  id: string,
  message: string | undefined,
  options: readonly string[] = [],
): StreamEvent {
  return { type: 'tool_approval', id, message, options: options.length > 0 ? options : undefined };
}
