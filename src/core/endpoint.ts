import type { DialectName } from './dialect/dialect.js';
import { createDialectDecoder, requestDialect } from './dialect/registry.js';
import { messageText, type RunInput, type RunRequest, type StreamEvent } from './model/index.js';
import { type PipelineObserver, runPipeline } from './pipeline.js';
import type { Transport } from './transport/transport.js';

/** Milliseconds without a byte before a connection counts as dropped, unless said otherwise. */
export const DEFAULT_IDLE_TIMEOUT = 60_000;

/** A request as `prepareRequest` gets and gives it. */
export interface PreparedRequest {
  readonly url: string;
  readonly method: RunRequest['method'];
  readonly headers: Readonly<Record<string, string>>;
  /** The body before it becomes JSON; undefined with `GET`. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

type Headers = Readonly<Record<string, string>>;

/** Request headers, or a function that is asked for them before every request. */
export type HeadersSource = Headers | (() => Headers | Promise<Headers>);

/** How to reach an endpoint. Read when a run starts. */
export interface EndpointSettings {
  /** Absolute; undefined: none is set. */
  readonly url: string | undefined;
  readonly dialect: DialectName | 'auto';
  readonly method: RunRequest['method'];
  readonly headers: HeadersSource;
  readonly credentials: RunRequest['credentials'];
  readonly idleTimeout: number;
  /** The last word on URL, method, headers and body. */
  readonly prepareRequest?:
    ((request: PreparedRequest) => PreparedRequest | Promise<PreparedRequest>) | undefined;
}

export interface EndpointObserver extends PipelineObserver {
  /** The answer's dialect, as soon as it shows; again when a later frame corrects a first impression. */
  onDialect?(name: DialectName): void;
}

/** Asks backends, and remembers for its own lifetime how each of them talks. */
export interface Endpoint {
  /** Sends `input` and gives the events of the answer. Never throws; the last event is `done`. */
  run(
    settings: EndpointSettings,
    input: RunInput,
    signal: AbortSignal,
    observer?: EndpointObserver,
  ): AsyncGenerator<StreamEvent, void, undefined>;
}

export function createEndpoint(transport: Transport): Endpoint {
  // One entry for each URL the page has set.
  const remembered = new Map<string, DialectName>();

  return {
    async *run(settings, input, signal, observer = {}) {
      const { url, dialect } = settings;
      if (!url) {
        yield* failure('src is empty. Set the "src" attribute to the URL of your chat endpoint.');
        return;
      }
      let request: RunRequest;
      try {
        const known = dialect === 'auto' ? (remembered.get(url) ?? 'auto') : dialect;
        const built = buildRequest({ ...settings, url, dialect: known }, input);
        // The page's own functions may take for ever; Stop works all the same.
        const ready = await Promise.race([built, whenAborted(signal)]);
        if (!ready) {
          yield { type: 'done', reason: 'aborted', complete: false };
          return;
        }
        request = ready;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        yield* failure(`The request could not be made: ${reason}`);
        return;
      }
      const decoder = createDialectDecoder(dialect, (name) => {
        remembered.set(url, name);
        observer.onDialect?.(name);
      });
      if (dialect !== 'auto') observer.onDialect?.(dialect);
      yield* runPipeline(request, { transport, decoder, signal, observer });
    },
  };
}

async function buildRequest(
  {
    url,
    dialect,
    method,
    headers,
    credentials,
    idleTimeout,
    prepareRequest,
  }: EndpointSettings & { readonly url: string },
  input: RunInput,
): Promise<RunRequest> {
  const isGet = method === 'GET';
  const asked = requestDialect(dialect);
  const plain: PreparedRequest = {
    url: isGet ? withMessage(url, input) : withQuery(url, asked.query?.(input)),
    method,
    headers: { ...asked.headers, ...(typeof headers === 'function' ? await headers() : headers) },
    body: isGet ? undefined : asked.encode(input),
  };
  const { body, ...prepared } = prepareRequest ? await prepareRequest(plain) : plain;
  return { ...prepared, body: body && JSON.stringify(body), credentials, idleTimeout };
}

/** The events of a run that never reached the network. */
function* failure(message: string): Generator<StreamEvent, void, undefined> {
  yield { type: 'error', code: 'network', message, recoverable: false };
  yield { type: 'done', reason: 'error', complete: false };
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function withQuery(url: string, query: Readonly<Record<string, string>> = {}): string {
  const fields = Object.entries(query);
  if (fields.length === 0) return url;
  const target = new URL(url);
  for (const [name, value] of fields) target.searchParams.set(name, value);
  return target.href;
}

/** `GET` puts the last user text into `?message=`. */
function withMessage(url: string, input: RunInput): string {
  const last = input.messages.findLast((message) => message.role === 'user');
  if (!last) return url;
  const target = new URL(url);
  target.searchParams.set('message', messageText(last));
  return target.href;
}
