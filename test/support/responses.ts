import type { Frame, StreamEvent } from '../../src/core/index.js';
import { decodeAs, frame } from './dialect.js';
import { readAnswer } from './wire.js';

/** A JSON object as a test writes it. */
export type Json = Record<string, unknown>;

export { frame };

/** The events of a stream of Responses. */
export function decode(...frames: (Frame | Json | string)[]): StreamEvent[] {
  return decodeAs('openai-responses', ...frames);
}

/** What a reader gets out of a stream of Responses. */
export function read(...frames: (Frame | Json | string)[]): ReturnType<typeof readAnswer> {
  return readAnswer(decode(...frames));
}

/** The first event. */
export const created: Json = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'm', status: 'in_progress' },
};
/** The last event. */
export const completed: Json = {
  type: 'response.completed',
  response: { id: 'resp_1', status: 'completed' },
};

/** An item begins. */
export function added(index: number, item: Json): Json {
  return { type: 'response.output_item.added', output_index: index, item };
}

/** An item is complete. */
export function done(index: number, item: Json): Json {
  return { type: 'response.output_item.done', output_index: index, item };
}

/** A piece of text. */
export function text(delta: string, index = 0, content = 0): Json {
  return { type: 'response.output_text.delta', output_index: index, content_index: content, delta };
}

/** A piece of the arguments of a call. */
export function args(delta: string, index: number): Json {
  return { type: 'response.function_call_arguments.delta', output_index: index, delta };
}

/** A call of a tool of the page. */
export const call = (id: string, more: Json = {}): Json => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: id,
  name: 'f',
  arguments: '',
  ...more,
});

/** A message with its words. */
export const said = (words: string, more: Json = {}): Json => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text: words, annotations: [] }],
  ...more,
});
