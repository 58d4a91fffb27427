import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import {
  convertToModelMessages,
  jsonSchema,
  simulateReadableStream,
  streamText,
  tool,
  validateUIMessages,
} from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

const model = new MockLanguageModelV4({
  // The server would fetch what the model cannot.
  supportedUrls: { '*/*': [/^https:/] },
  doStream: async () => ({
    stream: simulateReadableStream({
      initialDelayInMs: null,
      chunkDelayInMs: null,
      chunks: [
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: 'Hello.' },
        { type: 'text-end', id: '1' },
        {
          type: 'finish',
          finishReason: { unified: 'stop', raw: 'stop' },
          usage: {
            inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
            outputTokens: { total: 1, text: 1, reasoning: 0 },
          },
        },
      ],
    }),
  }),
});

/** A tool that the server runs once the page has allowed it. */
const tools = {
  get_weather: tool({ inputSchema: jsonSchema({ type: 'object' }), execute: () => 'sunny' }),
};

/** Answers a chat as a route handler of the AI SDK does, whose model says hello whatever it is told. */
export async function answerWithAiSdk(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { messages } = (await json(request)) as { messages: unknown };
    const result = streamText({
      model,
      tools,
      messages: await convertToModelMessages(await validateUIMessages({ messages })),
    });
    result.pipeUIMessageStreamToResponse(response, { onError: String });
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}
