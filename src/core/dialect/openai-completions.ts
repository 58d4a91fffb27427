import type { StreamEvent, UsageEvent } from '../model/index.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneReason } from './done-reason.js';
import { createObjectDecoder } from './object-decoder.js';
import { countOf, isRecord, listOf, textOf, type JsonRecord } from './json.js';
import { DEFAULT_MAX_TOKENS, encodePrompt } from './prompt.js';

function readUsage(usage: unknown): UsageEvent[] {
  if (!isRecord(usage)) return [];
  return [
    {
      type: 'usage',
      inputTokens: countOf(usage['prompt_tokens']),
      outputTokens: countOf(usage['completion_tokens']),
      totalTokens: countOf(usage['total_tokens']),
    },
  ];
}

function createCompletionsDecoder(): Decoder {
  let started = false;
  let finishReason: string | undefined;

  function startOnce({ id, model }: JsonRecord): StreamEvent[] {
    const streamId = textOf(id);
    const name = textOf(model);
    if (started || (streamId === undefined && name === undefined)) return [];
    started = true;
    return [
      {
        type: 'start',
        ...(streamId !== undefined && { streamId }),
        ...(name !== undefined && { model: name }),
      },
    ];
  }

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
        ...startOnce(json),
        ...(content === undefined ? [] : [{ type: 'text' as const, content }]),
        ...readUsage(usage),
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
