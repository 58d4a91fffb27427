import type { DialectName } from './dialect/dialect.js';
import { createDialectDecoder, requestDialect } from './dialect/registry.js';
import {
  type Message,
  type MessageInput,
  type RunRequest,
  type StreamEvent,
  type ToolDescriptor,
} from './model/index.js';
import { runPipeline } from './pipeline.js';
import { createSseTransport } from './transport/sse-transport.js';

/** Milliseconds without a byte before a connection counts as dropped, unless said otherwise. */
export const DEFAULT_IDLE_TIMEOUT = 60_000;

/** What `streamEvents` sends, and how. */
export interface StreamEventsOptions {
  /** The conversation, oldest first. A string is one user message. Default: none. */
  readonly messages?: string | readonly MessageInput[] | undefined;
  /** Default: `auto`, which asks as OpenAI's Chat Completions does and finds out by the answer. */
  readonly dialect?: DialectName | 'auto' | undefined;
  readonly model?: string | undefined;
  readonly system?: string | undefined;
  readonly tools?: readonly ToolDescriptor[] | undefined;
  /** Extra fields of the request body. They win. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: `POST`. `GET` sends no body. */
  readonly method?: RunRequest['method'] | undefined;
  /** Default: `same-origin`. */
  readonly credentials?: RunRequest['credentials'] | undefined;
  /** Default: random. */
  readonly conversationId?: string | undefined;
  /** Milliseconds without a byte before the connection counts as dropped; 0: never. Default: 60,000. */
  readonly idleTimeout?: number | undefined;
  /** Stops the run: the last event is then `done {reason: 'aborted'}`. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch | undefined;
}

function toMessage(input: MessageInput, index: number): Message {
  if ('parts' in input) return { ...input, id: input.id ?? String(index) };
  const { content, ...rest } = input;
  return { ...rest, id: input.id ?? String(index), parts: [{ type: 'text', text: content }] };
}

function toMessages(messages: StreamEventsOptions['messages'] = []): Message[] {
  return (typeof messages === 'string' ? [{ role: 'user' as const, content: messages }] : messages).map(
    toMessage,
  );
}

/**
 * Sends one request and gives the answer as events, whatever the endpoint speaks. It runs wherever there is `fetch`,
 * and never throws: failures are `error` events, and the last event is `done`, exactly once. Leaving the loop early
 * closes the connection.
 *
 * @example
 * for await (const event of streamEvents('https://example.com/chat', { messages: 'Hello' })) {
 *   if (event.type === 'text') process.stdout.write(event.content);
 * }
 */
export function streamEvents(
  url: string,
  {
    messages,
    dialect = 'auto',
    model,
    system,
    tools = [],
    body,
    headers = {},
    method = 'POST',
    credentials = 'same-origin',
    conversationId = Math.random().toString(36).slice(2),
    idleTimeout = DEFAULT_IDLE_TIMEOUT,
    signal = new AbortController().signal,
    fetch,
  }: StreamEventsOptions = {},
): AsyncGenerator<StreamEvent, void, undefined> {
  const input = { conversationId, messages: toMessages(messages), model, system, tools, body };
  const request: RunRequest = {
    url,
    method,
    headers,
    body: method === 'GET' ? undefined : JSON.stringify(requestDialect(dialect).encode(input)),
    credentials,
    idleTimeout,
  };
  return runPipeline(request, {
    transport: createSseTransport({ fetch }),
    decoder: createDialectDecoder(dialect),
    signal,
  });
}
