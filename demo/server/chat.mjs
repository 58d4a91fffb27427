import { randomUUID } from 'node:crypto';
import { chatRequestOfQuery, readChatRequest } from './chat-request.mjs';
import { SseWriter } from './sse-writer.mjs';

/** @typedef {import('./models/model.mjs').ChatRequest} ChatRequest */
/** @typedef {import('./models/model.mjs').Model} Model */
/** @typedef {import('./models/model.mjs').StreamEvent} StreamEvent */

/**
 * Everything one run says, from `start` to exactly one `done`.
 *
 * @param {Model} model
 * @param {ChatRequest} request
 * @param {AbortSignal} signal
 * @param {(error: unknown) => void} reportFailure
 * @returns {AsyncGenerator<StreamEvent, void>}
 */
async function* runModel(model, request, signal, reportFailure) {
  yield { type: 'start', streamId: randomUUID(), messageId: randomUUID(), model: model.name };
  try {
    for await (const event of model.answer(request, signal)) {
      yield event;
      if (event.type === 'done') return;
    }
    yield { type: 'done', reason: 'unknown', complete: false };
  } catch (error) {
    if (signal.aborted) return;
    reportFailure(error);
    // What a program threw may name files or addresses; it belongs in the log and not on somebody's screen.
    yield {
      type: 'error',
      code: 'provider',
      message: 'The model failed. The log of the server says why.',
      recoverable: true,
    };
    yield { type: 'done', reason: 'error', complete: false };
  }
}

/**
 * Answers a chat request with an event stream in the native dialect. A client that goes away stops the model.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {URL} url
 * @param {{model: Model, heartbeatInterval?: number | undefined, reportFailure: (error: unknown) => void}} options
 */
export async function answerChat(request, response, url, { model, heartbeatInterval, reportFailure }) {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const chatRequest = request.method === 'GET' ? chatRequestOfQuery(url) : await readChatRequest(request);
  const writer = new SseWriter(response, heartbeatInterval);
  for await (const event of runModel(model, chatRequest, gone.signal, reportFailure)) {
    await writer.send(event);
    if (gone.signal.aborted) return;
  }
  writer.end();
}
