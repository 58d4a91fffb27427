// A reader of its own and not the package's, so that the server starts before anything is built.

/** @typedef {import('./model.mjs').StreamEvent} StreamEvent */

/** The longest line of an answer, and the longest error body, in characters. */
export const MAX_LINE_LENGTH = 1_048_576;

/** @type {Readonly<Record<string, import('../../../dist/types/core/index.js').DoneReason>>} */
const REASONS = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/**
 * The `data:` lines of an event stream. OpenAI's dialect has one line an event (dialects of the wire differ here).
 *
 * @param {AsyncIterable<Uint8Array>} body
 * @returns {AsyncGenerator<string, void>}
 */
async function* dataLines(body) {
  const decoder = new TextDecoder();
  let tail = '';
  for await (const bytes of body) {
    const lines = (tail + decoder.decode(bytes, { stream: true })).split('\n');
    tail = lines.pop() ?? '';
    if (tail.length > MAX_LINE_LENGTH)
      throw new Error(`A line is longer than ${MAX_LINE_LENGTH} characters.`);
    for (const line of lines) if (line.startsWith('data:')) yield line.slice('data:'.length).trim();
  }
  if (tail.startsWith('data:')) yield tail.slice('data:'.length).trim();
}

/**
 * What is read of a chunk, or of an error body.
 *
 * @typedef {object} Chunk
 * @property {string | {message?: string}} [error]
 * @property {string} [message]
 * @property {string} [detail]
 * @property {{prompt_tokens?: number, completion_tokens?: number} | null} [usage]
 * @property {ReadonlyArray<{delta?: Delta, finish_reason?: string | null}>} [choices]
 */

/**
 * @typedef {object} Delta
 * @property {string | null} [content]
 * @property {string | null} [reasoning_content]
 * @property {string | null} [reasoning]
 * @property {readonly ToolCallPiece[]} [tool_calls]
 */

/** @typedef {{index?: number, id?: string, function?: {name?: string, arguments?: string}}} ToolCallPiece */

/** @param {Chunk} chunk @returns {string} the end of a sentence: the endpoint's own words, where there are any */
export function sayingWhat({ error, message, detail }) {
  const words = (typeof error === 'object' ? error.message : error) ?? message ?? detail;
  return typeof words === 'string' ? `: ${words}` : '.';
}

/** @param {string} json @returns {Chunk} empty where it is not a JSON object */
export function parseChunk(json) {
  const value = parsed(json);
  return typeof value === 'object' && value !== null ? value : {};
}

/** @param {string} json @returns {unknown} the raw text where it is not JSON */
function parsed(json) {
  try {
    return JSON.parse(json || '{}');
  } catch {
    return json;
  }
}

/**
 * Collects the pieces of tool calls, which come keyed by `index`.
 */
function createToolCalls() {
  /** @type {Map<number, {id: string, name: string, args: string}>} */
  const open = new Map();
  return {
    /** @param {ToolCallPiece} piece @returns {StreamEvent[]} */
    add(piece) {
      /** @type {StreamEvent[]} */
      const events = [];
      const index = piece.index ?? Math.max(0, open.size - (piece.id ? 0 : 1));
      let call = open.get(index);
      if (!call) {
        call = { id: piece.id ?? `call_${index}`, name: piece.function?.name ?? '', args: '' };
        open.set(index, call);
        events.push({ type: 'tool_call_start', id: call.id, name: call.name, by: 'client' });
      }
      const delta = piece.function?.arguments;
      if (delta) {
        call.args += delta;
        events.push({ type: 'tool_call_delta', id: call.id, delta });
      }
      return events;
    },
    /** @returns {StreamEvent[]} */
    complete() {
      return [...open.values()].map(({ id, name, args }) => ({
        type: 'tool_call',
        id,
        name,
        args: parsed(args),
      }));
    },
  };
}

/** @param {string} message @param {Partial<import('../../../dist/types/core/index.js').ErrorEvent>} [facts] @returns {StreamEvent[]} */
export function failure(message, facts = {}) {
  return [
    { type: 'error', code: 'provider', message, recoverable: false, ...facts },
    { type: 'done', reason: 'error', complete: false },
  ];
}

/**
 * The events of one answer in the dialect of OpenAI's chat completions.
 *
 * @param {AsyncIterable<Uint8Array>} body
 * @returns {AsyncGenerator<StreamEvent, void>}
 */
export async function* readAnswer(body) {
  const calls = createToolCalls();
  let finishReason = '';
  let isTerminated = false;
  for await (const data of dataLines(body)) {
    if (data === '[DONE]') {
      isTerminated = true;
      break;
    }
    const chunk = parseChunk(data);
    if (chunk.error) {
      yield* failure(`The model's endpoint reported an error${sayingWhat(chunk)}`, { recoverable: true });
      return;
    }
    // The last chunk has usage and no choices; Azure's first one has neither.
    const choice = chunk.choices?.[0];
    const reasoning = choice?.delta?.reasoning_content ?? choice?.delta?.reasoning;
    if (reasoning) yield { type: 'reasoning', content: reasoning };
    if (choice?.delta?.content) yield { type: 'text', content: choice.delta.content };
    for (const piece of choice?.delta?.tool_calls ?? []) yield* calls.add(piece);
    if (choice?.finish_reason) finishReason = choice.finish_reason;
    if (chunk.usage) {
      const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = chunk.usage;
      yield { type: 'usage', inputTokens, outputTokens };
    }
  }
  const isComplete = isTerminated || finishReason !== '';
  // Half a call is never passed on as a whole one.
  if (isComplete) yield* calls.complete();
  const reason = REASONS[finishReason] ?? (isTerminated ? 'stop' : 'unknown');
  yield { type: 'done', reason, complete: isComplete };
}
