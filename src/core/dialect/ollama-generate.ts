import { messageText, type RunInput } from '../model/index.js';
import { present, someOf, textOf, type JsonRecord } from '../model/json.js';
import type { Decoder, Dialect } from './dialect.js';
import { opaqueEvent } from './events.js';
import { createOllamaDecoder } from './ollama-stream.js';
import { imagesOf, systemText } from './parts.js';
import { messageState } from './server-state.js';

/** A conversation as the endpoint wants it back: the numbers of its tokens. */
function readContext(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

function createGenerateDecoder(): Decoder {
  return createOllamaDecoder({
    readLine({ response, thinking, context, image, done }) {
      if (typeof response !== 'string' && typeof image !== 'string' && done !== false) return undefined;
      const tokens = readContext(context);
      const data = textOf(image);
      return {
        text: response,
        reasoning: thinking,
        events: [
          ...(data === undefined ? [] : [{ type: 'file' as const, data, mediaType: 'image/png' }]),
          ...(tokens ? [opaqueEvent('ollama-generate', { context: tokens })] : []),
        ],
      };
    },
  });
}

/**
 * One prompt is all there is room for: what the user has said since the last answer. What was said before goes along
 * as the context that came with that answer, where the endpoint gave one.
 */
function encode(input: RunInput): JsonRecord {
  const { model, messages, body } = input;
  const answer = messages.findLastIndex(({ role }) => role === 'assistant');
  const asked = messages.slice(answer + 1).filter(({ role }) => role === 'user');
  const context =
    messages[answer] && readContext(messageState(messages[answer], 'ollama-generate')['context']);
  const images = asked.flatMap(imagesOf);
  return present({
    model,
    prompt: asked.map(messageText).join('\n\n'),
    stream: true,
    system: systemText(input),
    images: someOf(images),
    context,
    ...body,
  });
}

/** Ollama's completion of one prompt, `/api/generate`: JSON lines, the last with `done: true`. It has no tools. */
export const ollamaGenerateDialect: Dialect = {
  name: 'ollama-generate',
  createDecoder: createGenerateDecoder,
  encode,
};
