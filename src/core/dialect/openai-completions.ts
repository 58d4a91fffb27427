import { present, recordsOf, someOf, textOf } from '../model/json.js';
import { createStartOnce } from './answer-start.js';
import { USAGE_WANTED } from './chat-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { wordsEvents } from './events.js';
import { createObjectDecoder } from './object-decoder.js';
import { DEFAULT_MAX_TOKENS, encodePrompt } from './prompt.js';
import { createUsageOnce, readOpenAiUsage } from './usage.js';

function createCompletionsDecoder(): Decoder {
  const startOnce = createStartOnce();
  const usageOnce = createUsageOnce();
  let finishReason: string | undefined;

  return createObjectDecoder({
    read(json) {
      const { choices, usage, error } = json;
      if (!Array.isArray(choices) || error) return undefined;
      // Others are alternatives that nobody asked to see.
      const choice = recordsOf(choices).find(({ index }) => typeof index !== 'number' || index === 0);
      finishReason = textOf(choice?.['finish_reason']) ?? finishReason;
      return [
        ...startOnce({ streamId: json['id'], model: json['model'] }),
        ...wordsEvents('text', choice?.['text']),
        ...usageOnce(readOpenAiUsage(usage)),
      ];
    },
    endsSilently: () => finishReason !== undefined,
    end: ({ terminated, failed }) => [doneEvent(finishReason, { terminated, failed })],
  });
}

/** OpenAI's Completions, the older endpoint that goes on with a text. It has no roles, tools or files. */
export const openAiCompletionsDialect: Dialect = {
  name: 'openai-completions',
  createDecoder: createCompletionsDecoder,
  encode(input) {
    const { model, body } = input;
    const { text, stop } = encodePrompt(input);
    return present({
      model,
      prompt: text,
      max_tokens: DEFAULT_MAX_TOKENS,
      stop: someOf(stop),
      stream: true,
      ...USAGE_WANTED,
      ...body,
    });
  },
};
