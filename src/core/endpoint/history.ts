import { type MessageInput, StreamError } from '../model/index.js';
import { parseJson, recordOf } from '../model/json.js';
import { readMessage } from '../model/message-check.js';
import { httpError } from '../transport/http-error.js';
import { fillTemplate, historyRequest } from './request.js';
import type { EndpointSettings } from './settings.js';

/** UTF-16 units of one answer with messages. */
export const MAX_HISTORY_CHARS = 16_777_216;

/** What an endpoint is asked for. */
export interface HistoryQuery {
  /** Absolute URL template with `{conversationId}`. */
  readonly template: string;
  readonly conversationId: string;
  /** The id of the message before which the others are to be; undefined: the newest. Goes into `?before=`. */
  readonly before: string | undefined;
}

/** Some messages in a row, oldest first. */
export interface HistoryPage {
  readonly messages: readonly MessageInput[];
  /** Whether there are any before them. */
  readonly hasMore: boolean;
}

const START: HistoryPage = { messages: [], hasMore: false };

/**
 * Asks an endpoint for messages by `GET`. It answers with `{messages, hasMore}`, or with the list of messages alone;
 * no messages, 204 and 404 mean that there are none before. What is no message, or no part of one, is left out.
 *
 * @throws {StreamError} when it cannot be reached, or gives something else
 */
export async function loadHistory(
  settings: EndpointSettings,
  { template, conversationId, before }: HistoryQuery,
  signal: AbortSignal,
  send: typeof fetch = (...request) => fetch(...request),
): Promise<HistoryPage> {
  const filled = fillTemplate(template, { conversationId, streamId: undefined });
  if (!filled) return START;
  const url = new URL(filled);
  if (before !== undefined) url.searchParams.set('before', before);
  const ask = async (): Promise<Response> => {
    const { url: address, method, headers } = await historyRequest(url.href, settings);
    return send(address, { method, headers, credentials: settings.credentials, signal });
  };
  let response: Response;
  try {
    response = await ask();
    // Headers that a function gives may be out of date.
    if (response.status === 401 && typeof settings.headers === 'function') response = await ask();
  } catch (cause) {
    signal.throwIfAborted();
    throw new StreamError('network', `${url.href} cannot be reached.`, { cause, recoverable: true });
  }
  if (response.status === 204 || response.status === 404) {
    await response.body?.cancel();
    return START;
  }
  const text = await readText(response);
  if (!response.ok) throw httpError(response.status, response.headers, text);
  return readPage(parseJson(text), before);
}

async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    text += decoder.decode(read.value, { stream: true });
    if (text.length <= MAX_HISTORY_CHARS) continue;
    await reader?.cancel();
    throw new StreamError(
      'limit',
      `The history has more than ${MAX_HISTORY_CHARS} characters. Send fewer messages.`,
    );
  }
  return text;
}

function readPage(value: unknown, before: string | undefined): HistoryPage {
  const { messages, hasMore } = Array.isArray(value) ? { messages: value as unknown } : recordOf(value);
  if (!Array.isArray(messages)) {
    throw new StreamError(
      'protocol',
      'The history is no list of messages. Send {"messages": […], "hasMore": true}.',
    );
  }
  const known = messages.map(readMessage).filter((message) => message !== undefined);
  // Without an id there is nothing to ask on from; with the same one it would go on for ever.
  const first = known[0]?.id;
  return { messages: known, hasMore: first !== undefined && first !== before && hasMore !== false };
}
