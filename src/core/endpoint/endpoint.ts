import type { DialectName } from '../dialect/dialect.js';
import { createRandomId, type LeftAnswer, type RunInput, type StreamEvent } from '../model/index.js';
import type { Transport } from '../transport/transport.js';
import { createUrlHealth } from '../transport/url-health.js';
import { ALWAYS_AVAILABLE, type Connectivity } from './connectivity.js';
import { EndpointRun, type EndpointContext, type EndpointObserver } from './endpoint-run.js';
import { isOurs } from './left-answer.js';
import { cancelRequest, fillTemplate, replyRequest } from './request.js';
import type { EndpointSettings, PreparedRequest } from './settings.js';

/** What an endpoint is reached by. */
export interface EndpointOptions {
  /** One is enough; a URL whose transport is not among them goes over the first. */
  readonly transports: readonly [Transport, ...Transport[]];
  /** Default: the network is taken to be there. */
  readonly connectivity?: Connectivity | undefined;
  /** For requests that tell of a stopped run. Default: the platform's. */
  readonly fetch?: typeof fetch | undefined;
  /** Gives a number from 0 to 1, for the spread of delays. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Asks backends, and remembers for its own lifetime how each of them talks, and which of them failed lately. */
export interface Endpoint {
  /** A request that is sent when its events are asked for. */
  open(settings: EndpointSettings, input: RunInput, observer?: EndpointObserver): EndpointRun;
  /**
   * The rest of an answer that another page has left, asked for when its events are. `input` is what it answers.
   * Undefined where it is none of this endpoint's.
   */
  takeUp(
    settings: EndpointSettings,
    input: RunInput,
    left: LeftAnswer,
    observer?: EndpointObserver,
  ): EndpointRun | undefined;
  /** Sends `input` and gives the events of the answer. Never throws; the last event is `done`. */
  run(
    settings: EndpointSettings,
    input: RunInput,
    signal: AbortSignal,
    observer?: EndpointObserver,
  ): AsyncGenerator<StreamEvent, void, undefined>;
}

const SOCKET_SCHEME = /^wss?:/i;

function transportName(url: string, { transport }: EndpointSettings): Transport['name'] {
  if (transport !== 'auto') return transport;
  return SOCKET_SCHEME.test(url) ? 'websocket' : 'sse';
}

export function createEndpoint({
  transports,
  connectivity = ALWAYS_AVAILABLE,
  fetch: send = (input, init) => globalThis.fetch(input, init),
  random = Math.random,
}: EndpointOptions): Endpoint {
  // One entry for each URL the page has set.
  const remembered = new Map<string, DialectName>();

  async function sendCancel(
    settings: EndpointSettings,
    conversationId: string,
    streamId: string | undefined,
  ): Promise<void> {
    const url = settings.cancelUrl && fillTemplate(settings.cancelUrl, { conversationId, streamId });
    if (!url) return;
    const request = await cancelRequest(url, settings, { streamId, conversationId });
    // The page may be on its way out.
    await sendAside(request, settings, { keepalive: true });
  }

  /** Sends a request beside that of the run. */
  async function sendAside(
    { url, method, headers, body }: PreparedRequest,
    { credentials }: EndpointSettings,
    init?: RequestInit,
  ): Promise<void> {
    await send(url, {
      ...init,
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: body ? JSON.stringify(body) : null,
      credentials,
    });
  }

  const context: EndpointContext = {
    health: createUrlHealth(),
    connectivity,
    random,
    transportOf(url, settings) {
      const name = transportName(url, settings);
      return transports.find((transport) => transport.name === name) ?? transports[0];
    },
    dialectOf(url, settings) {
      if (settings.dialect !== 'auto') return settings.dialect;
      const fallback = transportName(url, settings) === 'sse' ? 'auto' : 'native';
      return remembered.get(url) ?? fallback;
    },
    remember: (url, name) => void remembered.set(url, name),
    cancel(settings, conversationId, streamId) {
      // The run has ended here in any case.
      sendCancel(settings, conversationId, streamId).catch(() => {});
    },
    reply(settings, url, reply) {
      // The endpoint goes on waiting, and the run says what becomes of that.
      replyRequest(url, settings, reply)
        .then((request) => sendAside(request, settings))
        .catch(() => {});
    },
  };

  function open(settings: EndpointSettings, input: RunInput, observer?: EndpointObserver): EndpointRun {
    return new EndpointRun(context, { settings, input, observer, idempotencyKey: createRandomId() });
  }

  return {
    open,
    takeUp(settings, input, left, observer) {
      if (!isOurs(left, settings, input.conversationId)) return undefined;
      const { source, idempotencyKey } = left;
      const same = { ...settings, urls: [source] };
      return new EndpointRun(context, { settings: same, input, observer, idempotencyKey, left });
    },
    async *run(settings, input, signal, observer) {
      yield* open(settings, input, observer).events(signal);
    },
  };
}
