import { readProviderError, type StreamEvent } from '../model/index.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneReason } from './done-reason.js';
import { providerErrorEvent } from './errors.js';
import { createObjectDecoder } from './object-decoder.js';
import { countOf, isRecord, listOf, textOf, type JsonRecord } from './json.js';
import { DEFAULT_MAX_TOKENS, encodePrompt } from './prompt.js';

function createWatsonxDecoder(): Decoder {
  let started = false;
  let inputTokens = 0;
  let outputTokens = 0;
  let stopReason: string | undefined;

  function startOnce({ model_id }: JsonRecord): StreamEvent[] {
    const model = textOf(model_id);
    if (started || model === undefined) return [];
    started = true;
    return [{ type: 'start', model }];
  }

  function readResult({ generated_text, input_token_count, generated_token_count, stop_reason }: JsonRecord) {
    const events: StreamEvent[] = [];
    const content = textOf(generated_text);
    if (content !== undefined) events.push({ type: 'text', content });
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
      if (Array.isArray(errors)) return [providerErrorEvent(readProviderError(errors))];
      if (!Array.isArray(results)) return undefined;
      const result = listOf(results).find(isRecord);
      return [...startOnce(json), ...(result ? readResult(result) : [])];
    },
    endsSilently: () => stopReason !== undefined,
    end({ terminated, failed }) {
      if (stopReason === undefined) {
        return [{ type: 'done', reason: failed ? 'error' : 'unknown', complete: terminated }];
      }
      return [{ type: 'done', reason: doneReason(stopReason), complete: true, origin: stopReason }];
    },
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
    return {
      ...(model !== undefined && { model_id: model }),
      input: text,
      parameters: {
        max_new_tokens: DEFAULT_MAX_TOKENS,
        ...(stop.length > 0 && { stop_sequences: stop }),
      },
      ...body,
    };
  },
};
