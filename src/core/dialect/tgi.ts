import type { StreamEvent } from '../model/index.js';
import { isRecord, present, recordOf, someOf, textOf } from '../model/json.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { wordsEvents } from './events.js';
import { createObjectDecoder } from './object-decoder.js';
import { DEFAULT_MAX_TOKENS, encodePrompt } from './prompt.js';
import { readUsage } from './usage.js';

function createTgiDecoder(): Decoder {
  let hasText = false;

  function text(content: unknown): StreamEvent[] {
    const events = wordsEvents('text', content);
    hasText ||= events.length > 0;
    return events;
  }

  return createObjectDecoder({
    read({ token, generated_text, details, error }) {
      if (error || (!isRecord(token) && generated_text === undefined)) return undefined;
      const isWord = isRecord(token) && token['special'] !== true;
      const events = isWord ? text(token['text']) : [];
      if (typeof generated_text !== 'string') return events;
      // The whole text again, unless the endpoint did not stream.
      if (!hasText && !isRecord(token)) events.push(...text(generated_text));
      const usage = readUsage(details, 'input_length', 'generated_tokens');
      const origin = textOf(recordOf(details)['finish_reason']);
      return [...events, ...(usage ? [usage] : []), doneEvent(origin, { terminated: true })];
    },
    end: ({ terminated, failed }) => [doneEvent(undefined, { terminated, failed })],
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
      parameters: present({
        max_new_tokens: DEFAULT_MAX_TOKENS,
        return_full_text: false,
        details: true,
        stop: someOf(stop),
      }),
      stream: true,
      ...input.body,
    };
  },
};
