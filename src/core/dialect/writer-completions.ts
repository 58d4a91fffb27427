import { present, someOf } from '../model/json.js';
import type { Dialect } from './dialect.js';
import { wordsEvents } from './events.js';
import { createObjectDecoder } from './object-decoder.js';
import { DEFAULT_MAX_TOKENS, encodePrompt } from './prompt.js';

/**
 * Writer's text generation, `/v1/completions`. Its stream just ends, so an end between two events is a whole answer. No
 * roles, tools or files; its chat endpoint speaks OpenAI's Chat Completions.
 */
export const writerCompletionsDialect: Dialect = {
  name: 'writer-completions',
  createDecoder: () =>
    createObjectDecoder({
      read({ value }) {
        if (typeof value !== 'string') return undefined;
        return wordsEvents('text', value);
      },
      endsSilently: (whole) => whole,
      end: ({ terminated, failed, cutShort }) => [
        {
          type: 'done',
          reason: failed ? 'error' : 'unknown',
          complete: terminated || !(failed || cutShort),
        },
      ],
    }),
  encode(input) {
    const { model, body } = input;
    const { text, stop } = encodePrompt(input);
    return present({
      model,
      prompt: text,
      max_tokens: DEFAULT_MAX_TOKENS,
      stop: someOf(stop),
      stream: true,
      ...body,
    });
  },
};
