import type { StreamEvent } from '../model/index.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneReason } from './done-reason.js';
import { createObjectDecoder } from './object-decoder.js';
import { countOf, isRecord, textOf } from './json.js';
import { DEFAULT_MAX_TOKENS, encodePrompt } from './prompt.js';

function createTgiDecoder(): Decoder {
  let hasText = false;

  function text(content: string | undefined): StreamEvent[] {
    if (content === undefined) return [];
    hasText = true;
    return [{ type: 'text', content }];
  }

  return createObjectDecoder({
    read({ token, generated_text, details, error }) {
      if (error || (!isRecord(token) && generated_text === undefined)) return undefined;
      const isWord = isRecord(token) && token['special'] !== true;
      const events = isWord ? text(textOf(token['text'])) : [];
      if (typeof generated_text !== 'string') return events;
      // The whole text again, unless the endpoint did not stream.
      if (!hasText && !isRecord(token)) events.push(...text(textOf(generated_text)));
      const { finish_reason, generated_tokens, input_length } = isRecord(details) ? details : {};
      const inputTokens = countOf(input_length);
      const outputTokens = countOf(generated_tokens);
      const origin = textOf(finish_reason);
      if (inputTokens !== undefined || outputTokens !== undefined) {
        events.push({ type: 'usage', inputTokens, outputTokens });
      }
      events.push({
        type: 'done',
        reason: doneReason(origin),
        complete: true,
        ...(origin !== undefined && { origin }),
      });
      return events;
    },
    end: ({ terminated, failed }) => [
      { type: 'done', reason: failed ? 'error' : 'unknown', complete: terminated },
    ],
  });
}

/**
 * Text Generation Inference by Hugging Face, its own `/generate_stream`. The event of the last token brings the whole text
 * again, which is how it shows that it is the last. No roles, tools or files.
 */
export const tgiDialect: Dialect = {
  name: 'tgi',
  createDecoder: createTgiDecoder,
  encode(input) {
    const { text, stop } = encodePrompt(input);
    return {
      inputs: text,
      parameters: {
        max_new_tokens: DEFAULT_MAX_TOKENS,
        return_full_text: false,
        details: true,
        ...(stop.length > 0 && { stop }),
      },
      stream: true,
      ...input.body,
    };
  },
};
