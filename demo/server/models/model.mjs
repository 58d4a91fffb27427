// What every model of this server is. Types only.

/** @typedef {import('../../../dist/types/core/index.js').StreamEvent} StreamEvent */
/** @typedef {import('../../../dist/types/core/index.js').ToolDescriptor} ToolDescriptor */

/**
 * A message in the shape of OpenAI's chat completions.
 *
 * @typedef {object} ChatMessage
 * @property {'system' | 'developer' | 'user' | 'assistant' | 'tool'} role
 * @property {string | null | ReadonlyArray<{type: string, text?: string}>} [content]
 * @property {ReadonlyArray<{id: string, type?: string, function: {name: string, arguments: string}}>} [tool_calls]
 * @property {string} [tool_call_id] of a `tool` message: the call it answers
 */

/**
 * What the browser asks for, checked.
 *
 * @typedef {object} ChatRequest
 * @property {ReadonlyArray<ChatMessage>} messages at least one
 * @property {ReadonlyArray<ToolDescriptor>} tools what the page can do for the model
 * @property {string} [conversationId]
 */

/**
 * Something that answers. `answer` yields everything but `start`, ends with `done`, and stops soon after `signal`
 * fires. What it throws is reported to the reader as a failure without its message; a failure that the reader
 * should understand is yielded as an `error` event.
 *
 * @typedef {object} Model
 * @property {string} name shown to the reader
 * @property {(request: ChatRequest, signal: AbortSignal) => AsyncIterable<StreamEvent>} answer
 */

/**
 * The text of a message, whichever way it is written.
 *
 * @param {ChatMessage | undefined} message
 * @returns {string}
 */
export function textOf(message) {
  const content = message?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
}
