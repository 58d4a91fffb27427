import { failure, MAX_LINE_LENGTH, parseChunk, readAnswer, sayingWhat } from './openai-reader.mjs';

/** @typedef {import('./model.mjs').ChatRequest} ChatRequest */
/** @typedef {import('./model.mjs').Model} Model */
/** @typedef {import('./model.mjs').StreamEvent} StreamEvent */

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';
const DEFAULT_MODEL = 'gpt-4o-mini';

/**
 * @param {Response} response with a status of 400 or above
 * @param {(text: string) => string} withoutKey
 * @returns {Promise<StreamEvent[]>}
 */
async function refusal(response, withoutKey) {
  const { status } = response;
  // Endpoints quote the key, or part of it, when they refuse it; so their own words are not shown then.
  if (status === 401 || status === 403) {
    await response.body?.cancel();
    return failure(`The model's endpoint refused the key (HTTP ${status}). Check OPENAI_API_KEY.`, {
      status,
    });
  }
  const said = withoutKey(sayingWhat(parseChunk((await response.text()).slice(0, MAX_LINE_LENGTH))));
  const seconds = Number(response.headers.get('retry-after') || Number.NaN);
  return failure(`The model's endpoint answered with HTTP ${status}${said}`, {
    status,
    recoverable: status === 429 || status >= 500,
    ...(Number.isFinite(seconds) ? { retryAfter: seconds * 1000 } : {}),
  });
}

/**
 * A model behind an endpoint that speaks OpenAI's chat completions. The key stays in here.
 *
 * @param {object} [options]
 * @param {string | undefined} [options.baseUrl] up to and without `/chat/completions`; default: OpenAI's own
 * @param {string | undefined} [options.apiKey]
 * @param {string | undefined} [options.name] of the model; default: `gpt-4o-mini`
 * @returns {Model}
 */
export function createOpenAiModel({ baseUrl, apiKey, name } = {}) {
  const model = name || DEFAULT_MODEL;
  const url = `${(baseUrl || DEFAULT_BASE_URL).replace(/\/+$/, '')}/chat/completions`;
  const withoutKey = (/** @type {string} */ text) => (apiKey ? text.replaceAll(apiKey, '***') : text);

  /** @param {ChatRequest} request @param {AbortSignal} signal */
  const ask = ({ messages, tools }, signal) =>
    fetch(url, {
      method: 'POST',
      signal,
      headers: {
        'content-type': 'application/json',
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
      },
      body: JSON.stringify({
        model,
        messages,
        stream: true,
        stream_options: { include_usage: true },
        ...(tools.length > 0 ? { tools: tools.map(toFunction) } : {}),
      }),
    });

  return {
    name: model,
    async *answer(request, signal) {
      /** @type {Response} */
      let response;
      try {
        response = await ask(request, signal);
      } catch (error) {
        signal.throwIfAborted();
        const cause = /** @type {{cause?: {code?: string}}} */ (error).cause?.code ?? 'no connection';
        yield* failure(`The model's endpoint cannot be reached (${cause}). Check OPENAI_BASE_URL.`, {
          recoverable: true,
        });
        return;
      }
      if (!response.ok || !response.body) {
        yield* await refusal(response, withoutKey);
        return;
      }
      try {
        for await (const event of readAnswer(/** @type {AsyncIterable<Uint8Array>} */ (response.body))) {
          yield event.type === 'error' ? { ...event, message: withoutKey(event.message) } : event;
        }
      } catch {
        signal.throwIfAborted();
        yield* failure("The connection to the model's endpoint broke before the answer was complete.", {
          recoverable: true,
        });
      }
    },
  };
}

/** @param {import('./model.mjs').ToolDescriptor} tool */
function toFunction({ name, description, inputSchema }) {
  return { type: 'function', function: { name, description, parameters: inputSchema ?? { type: 'object' } } };
}
