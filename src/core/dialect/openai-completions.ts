import { createStartOnce } from './answer-start.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneReason } from './done-reason.js';
import { createObjectDecoder } from './object-decoder.js';
import { isRecord, listOf, textOf } from './json.js';
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
      const choice = listOf(choices)
        .filter(isRecord)
        .find(({ index }) => typeof index !== 'number' || index === 0);
      const content = textOf(choice?.['text']);
      finishReason = textOf(choice?.['finish_reason']) ?? finishReason;
      return [
        ...startOnce({ streamId: json['id'], model: json['model'] }),
        ...(content === undefined ? [] : [{ type: 'text' as const, content }]),
        ...usageOnce(readOpenAiUsage(usage)),
      ];
    },
    endsSilently: () => finishReason !== undefined,
    end({ terminated, failed }) {
      if (finishReason === undefined && failed) {
        return [{ type: 'done', reason: 'error', complete: terminated }];
      }
      return [
        {
          type: 'done',
          reason: doneReason(finishReason),
          complete: terminated || finishReason !== undefined,
          ...(finishReason !== undefined && { origin: finishReason }),
        },
      ];
    },
  });
}

/** OpenAI's Completions, the older endpoint that goes on with a text. It has no roles, tools or files. */
export const openAiCompletionsDialect: Dialect = {
  name: 'openai-completions',
  createDecoder: createCompletionsDecoder,
  encode(input) {
    const { model, body } = input;
    const { text, stop } = encodePrompt(input);
    return {
      ...(model !== undefined && { model }),
      prompt: text,
      max_tokens: DEFAULT_MAX_TOKENS,
      ...(stop.length > 0 && { stop }),
      stream: true,
      stream_options: { include_usage: true },
      ...body,
    };
  },
};
