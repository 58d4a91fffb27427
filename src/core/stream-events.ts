import {
  createEndpoint,
  DEFAULT_IDLE_TIMEOUT,
  DEFAULT_MAX_RETRIES,
  type EndpointSettings,
} from './endpoint/index.js';
import {
  completeMessage,
  createRandomId,
  type MessageInput,
  type RunInput,
  type StreamEvent,
} from './model/index.js';
import { createSseTransport } from './transport/sse-transport.js';
import { createWebSocketTransport } from './transport/websocket-transport.js';
import { createWebTransportTransport } from './transport/webtransport-transport.js';

/** What `streamEvents` sends, and how. */
export interface StreamEventsOptions
  extends Partial<Omit<EndpointSettings, 'urls'>>, Partial<Omit<RunInput, 'messages'>> {
  /** The conversation, oldest first. A string is one user message. Default: none. */
  readonly messages?: string | readonly MessageInput[] | undefined;
  /** Stops the run: the last event is then `done {reason: 'aborted'}`. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * Sends one request and gives the answer as events, whatever the endpoint speaks. It runs wherever there is `fetch`,
 * and never throws: failures are `error` events, and the last event is `done`, exactly once. A connection that is
 * refused or breaks is made again, which a `reconnect` event tells. Leaving the loop early closes the connection.
 *
 * Defaults: `transport: 'auto'`, `dialect: 'auto'`, `method: 'POST'`, `credentials: 'same-origin'`, `idleTimeout: 60000`
 * ms, `maxRetries: 5`, a random `conversationId`.
 *
 * @param url absolute; several are tried in this order
 *
 * @example
 * for await (const event of streamEvents('https://example.com/chat', { messages: 'Hello' })) {
 *   if (event.type === 'text') process.stdout.write(event.content);
 * }
 */
export function streamEvents(
  url: string | readonly string[],
  { messages = [], signal = new AbortController().signal, fetch, ...options }: StreamEventsOptions = {},
): AsyncGenerator<StreamEvent, void, undefined> {
  const inputs = typeof messages === 'string' ? [{ role: 'user' as const, content: messages }] : messages;
  const settings: EndpointSettings = {
    transport: 'auto',
    dialect: 'auto',
    method: 'POST',
    headers: {},
    credentials: 'same-origin',
    idleTimeout: DEFAULT_IDLE_TIMEOUT,
    maxRetries: DEFAULT_MAX_RETRIES,
    ...options,
    urls: typeof url === 'string' ? [url] : url,
  };
  const input: RunInput = {
    conversationId: createRandomId(),
    tools: [],
    ...options,
    messages: inputs.map((message) => completeMessage(message, createRandomId)),
  };
  const sse = createSseTransport({ fetch });
  const transports = [
    sse,
    createWebSocketTransport(),
    createWebTransportTransport({ fallback: sse }),
  ] as const;
  return createEndpoint({ transports, fetch }).run(settings, input, signal);
}
