import { createEndpoint, DEFAULT_IDLE_TIMEOUT, type EndpointSettings } from './endpoint.js';
import { completeMessage, type MessageInput, type RunInput, type StreamEvent } from './model/index.js';
import { createSseTransport } from './transport/sse-transport.js';

/** What `streamEvents` sends, and how. */
export interface StreamEventsOptions
  extends Partial<Omit<EndpointSettings, 'url'>>, Partial<Omit<RunInput, 'messages'>> {
  /** The conversation, oldest first. A string is one user message. Default: none. */
  readonly messages?: string | readonly MessageInput[] | undefined;
  /** Stops the run: the last event is then `done {reason: 'aborted'}`. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * Sends one request and gives the answer as events, whatever the endpoint speaks. It runs wherever there is `fetch`,
 * and never throws: failures are `error` events, and the last event is `done`, exactly once. Leaving the loop early
 * closes the connection.
 *
 * Defaults: `dialect: 'auto'`, `method: 'POST'`, `credentials: 'same-origin'`, `idleTimeout: 60000` ms, a random
 * `conversationId`.
 *
 * @param url absolute
 *
 * @example
 * for await (const event of streamEvents('https://example.com/chat', { messages: 'Hello' })) {
 *   if (event.type === 'text') process.stdout.write(event.content);
 * }
 */
export function streamEvents(
  url: string,
  { messages = [], signal = new AbortController().signal, fetch, ...options }: StreamEventsOptions = {},
): AsyncGenerator<StreamEvent, void, undefined> {
  const inputs = typeof messages === 'string' ? [{ role: 'user' as const, content: messages }] : messages;
  const settings: EndpointSettings = {
    dialect: 'auto',
    method: 'POST',
    headers: {},
    credentials: 'same-origin',
    idleTimeout: DEFAULT_IDLE_TIMEOUT,
    ...options,
    url,
  };
  const input: RunInput = {
    conversationId: crypto.randomUUID(),
    tools: [],
    ...options,
    messages: inputs.map((message) => completeMessage(message, () => crypto.randomUUID())),
  };
  return createEndpoint(createSseTransport({ fetch })).run(settings, input, signal);
}
