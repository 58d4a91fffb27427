import { countOf, present, recordsOf, someOf, textOf, type JsonRecord } from '../model/json.js';
import { createStartOnce } from './answer-start.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { reportedError } from './errors.js';
import { wordsEvents } from './events.js';
import { createObjectDecoder } from './object-decoder.js';
import { DEFAULT_MAX_TOKENS, encodePrompt } from './prompt.js';

function createWatsonxDecoder(): Decoder {
  const startOnce = createStartOnce();
  let inputTokens = 0;
  let outputTokens = 0;
  let stopReason: string | undefined;

  function readResult({ generated_text, input_token_count, generated_token_count, stop_reason }: JsonRecord) {
    const events = wordsEvents('text', generated_text);
    // The input is counted in the first event only, the output up to each.
    inputTokens += countOf(input_token_count) ?? 0;
    outputTokens = countOf(generated_token_count) ?? outputTokens;
    const reason = textOf(stop_reason)?.toLowerCase();
    if (reason === undefined || reason === 'not_finished') return events;
    stopReason = reason;
    return [...events, { type: 'usage' as const, inputTokens, outputTokens }];
  }

  return createObjectDecoder({
    read(json) {
      const { results, errors } = json;
      if (Array.isArray(errors)) return [reportedError(errors)];
      if (!Array.isArray(results)) return undefined;
      const [result] = recordsOf(results);
      return [...startOnce({ model: json['model_id'] }), ...(result ? readResult(result) : [])];
    },
    endsSilently: () => stopReason !== undefined,
    end: ({ terminated, failed }) => [doneEvent(stopReason, { terminated, failed })],
  });
}

/**
 * IBM watsonx.ai, `/ml/v1/text/generation_stream`. It wants a `project_id` or `space_id` among the page's body fields, and
 * a `version` in the URL. No roles, tools or files; its chat endpoint speaks OpenAI's Chat Completions.
 */
export const watsonxDialect: Dialect = {
  name: 'watsonx',
  createDecoder: createWatsonxDecoder,
  encode(input) {
    const { model, body } = input;
    const { text, stop } = encodePrompt(input);
    return present({
      model_id: model,
      input: text,
      parameters: present({ max_new_tokens: DEFAULT_MAX_TOKENS, stop_sequences: someOf(stop) }),
      ...body,
    });
  },
};
