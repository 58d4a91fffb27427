import { createDialectDecoder, getDialect, type DialectName } from './dialect/index.js';
import { messageText, type RunInput, type RunRequest, type StreamEvent } from './model/index.js';
import { streamEvents } from './pipeline.js';
import type { Transport, TransportObserver } from './transport/transport.js';

/** A request as `prepareRequest` gets and gives it. */
export interface PreparedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** The body before it becomes JSON; undefined with `GET`. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export type HeadersSource =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** How to reach an endpoint. Read when a run starts. */
export interface EndpointSettings {
  /** Absolute; undefined: none is set. */
  readonly url: string | undefined;
  readonly dialect: DialectName | 'auto';
  readonly method: 'GET' | 'POST';
  readonly headers: HeadersSource;
  readonly credentials: RunRequest['credentials'];
  readonly idleTimeout: number;
  readonly prepareRequest?:
    ((request: PreparedRequest) => PreparedRequest | Promise<PreparedRequest>) | undefined;
}

export interface EndpointObserver extends TransportObserver {
  /** The answer's dialect is known. Called before its first event. */
  onDialect?(name: DialectName): void;
}

/** Talks to one backend and remembers, for its own lifetime, how each URL talks. */
export interface Endpoint {
  /** Sends `input` and gives the events of the answer. Never throws; the last event is `done`. */
  run(
    settings: EndpointSettings,
    input: RunInput,
    signal: AbortSignal,
    observer?: EndpointObserver,
  ): AsyncGenerator<StreamEvent, void, void>;
}

export function createEndpoint(transport: Transport): Endpoint {
  // One entry for each URL the page has set.
  const remembered = new Map<string, DialectName>();

  async function buildRequest(settings: EndpointSettings, url: string, input: RunInput): Promise<RunRequest> {
    const known = settings.dialect === 'auto' ? remembered.get(url) : settings.dialect;
    // Before anything is known the body has the OpenAI shape, which most endpoints understand.
    const dialect = getDialect(known ?? 'openai-chat');
    const headers = typeof settings.headers === 'function' ? await settings.headers() : settings.headers;
    const plain: PreparedRequest = {
      url: settings.method === 'GET' ? withMessage(url, input) : url,
      method: settings.method,
      headers,
      body: settings.method === 'GET' ? undefined : dialect.encode(input),
    };
    const prepared = settings.prepareRequest ? await settings.prepareRequest(plain) : plain;
    return {
      url: prepared.url,
      method: prepared.method,
      headers: prepared.headers,
      body: prepared.body && JSON.stringify(prepared.body),
      credentials: settings.credentials,
      idleTimeout: settings.idleTimeout,
    };
  }

  return {
    async *run(settings, input, signal, observer = {}) {
      const { url } = settings;
      if (!url) {
        yield* failure('src is empty. Set the "src" attribute to the URL of your chat endpoint.');
        return;
      }
      let request: RunRequest;
      try {
        request = await buildRequest(settings, url, input);
      } catch (error) {
        yield* failure(
          `The request could not be made: ${error instanceof Error ? error.message : String(error)}`,
        );
        return;
      }
      const decoder = createDialectDecoder(settings.dialect, (name) => {
        remembered.set(url, name);
        observer.onDialect?.(name);
      });
      yield* streamEvents(request, { transport, decoder, signal, observer });
    },
  };
}

/** The events of a run that never reached the network. */
function* failure(message: string): Generator<StreamEvent, void, void> {
  yield { type: 'error', code: 'network', message, recoverable: false };
  yield { type: 'done', reason: 'error', complete: false };
}

/** `GET` puts the last user text into `?message=`. */
function withMessage(url: string, input: RunInput): string {
  const last = input.messages.findLast((message) => message.role === 'user');
  if (!last) return url;
  const target = new URL(url);
  target.searchParams.set('message', messageText(last));
  return target.href;
}
