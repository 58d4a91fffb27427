import {
  createEndpoint,
  createSseTransport,
  createWebSocketTransport,
  createWebTransportTransport,
  DEFAULT_IDLE_TIMEOUT,
  DEFAULT_MAX_RETRIES,
  DIALECT_NAMES,
  type Endpoint,
  type EndpointSettings,
} from '../../core/index.js';
import { absoluteUrls, numberFrom0, oneOf } from './attributes.js';
import type { EndpointElement } from './endpoint-element.js';
import { completeLimits } from './limits.js';
import { pageConnectivity } from './page-connectivity.js';

let endpoint: Endpoint | undefined;

/** One for all elements of the page, so that what one has learnt of an endpoint serves the next. */
export function pageEndpoint(): Endpoint {
  if (!endpoint) {
    const sse = createSseTransport();
    endpoint = createEndpoint({
      transports: [sse, createWebSocketTransport(), createWebTransportTransport({ fallback: sse })],
      connectivity: pageConnectivity,
    });
  }
  return endpoint;
}

/** A copy of the settings for one run. A value that is not known falls back to its default, with a warning. */
export function settingsOf(element: EndpointElement): EndpointSettings {
  const { maxFrameChars, maxAnswerChars } = completeLimits(element.limits);
  return {
    urls: absoluteUrls(element.src),
    transport: oneOf('transport', element.transport, ['auto', 'sse', 'websocket', 'webtransport']),
    dialect: oneOf('dialect', element.dialect, ['auto', ...DIALECT_NAMES]),
    textPath: element.textPath,
    doneToken: element.doneToken,
    method: oneOf('method', element.method, ['POST', 'GET']),
    headers: element.headers,
    credentials: oneOf('credentials', element.credentials, ['same-origin', 'include', 'omit']),
    idleTimeout: numberFrom0('idle-timeout', element.idleTimeout, DEFAULT_IDLE_TIMEOUT),
    maxRetries: numberFrom0('max-retries', element.maxRetries, DEFAULT_MAX_RETRIES),
    resumeUrl: absoluteUrls(element.resumeSrc)[0],
    cancelUrl: absoluteUrls(element.cancelSrc)[0],
    prepareRequest: element.prepareRequest,
    maxFrameChars,
    maxAnswerChars,
  };
}
