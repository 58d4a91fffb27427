import type { ComplexAttributeConverter } from 'lit';
import {
  createEndpoint,
  createSseTransport,
  DEFAULT_IDLE_TIMEOUT,
  DEFAULT_MAX_RETRIES,
  DIALECT_NAMES,
  type DialectName,
  type Endpoint,
  type EndpointSettings,
  type HeadersSource,
} from '../../core/index.js';
import { pageConnectivity } from './page-connectivity.js';
import { warnOnce } from './warn-once.js';

let endpoint: Endpoint | undefined;

/** One for all elements of the page, so that what one has learnt of an endpoint serves the next. */
export function pageEndpoint(): Endpoint {
  endpoint ??= createEndpoint({ transports: [createSseTransport()], connectivity: pageConnectivity });
  return endpoint;
}

/** What an element says about its connection. */
export interface ConnectionProperties {
  readonly src: string | undefined;
  readonly transport: EndpointSettings['transport'];
  readonly dialect: DialectName | 'auto';
  readonly method: 'GET' | 'POST';
  readonly headers: HeadersSource;
  readonly credentials?: EndpointSettings['credentials'];
  readonly idleTimeout?: number;
  readonly maxRetries?: number;
  readonly resumeSrc?: string | undefined;
  readonly cancelSrc?: string | undefined;
  readonly prepareRequest?: EndpointSettings['prepareRequest'];
}

/** A copy of the settings for one run. A value that is not known falls back to its default, with a warning. */
export function settingsOf(element: ConnectionProperties): EndpointSettings {
  return {
    urls: absoluteUrls(element.src),
    transport: oneOf('transport', element.transport, ['auto', 'sse', 'websocket', 'webtransport']),
    dialect: oneOf('dialect', element.dialect, ['auto', ...DIALECT_NAMES]),
    method: oneOf('method', element.method, ['POST', 'GET']),
    headers: element.headers,
    credentials: oneOf('credentials', element.credentials ?? 'same-origin', [
      'same-origin',
      'include',
      'omit',
    ]),
    idleTimeout: numberFrom0('idle-timeout', element.idleTimeout, DEFAULT_IDLE_TIMEOUT),
    maxRetries: numberFrom0('max-retries', element.maxRetries, DEFAULT_MAX_RETRIES),
    resumeUrl: absoluteUrls(element.resumeSrc)[0],
    cancelUrl: absoluteUrls(element.cancelSrc)[0],
    prepareRequest: element.prepareRequest,
  };
}

/** The URLs in an attribute, made absolute. What is no URL is left out, with a warning. */
export function absoluteUrls(text: string | undefined): readonly string[] {
  const urls = text?.trim().split(/\s+/).filter(Boolean) ?? [];
  return urls.flatMap((url) => {
    if (URL.canParse(url, document.baseURI)) return [new URL(url, document.baseURI).href];
    warnOnce(`bad-url:${url}`, `"${url}" is no URL and is left out`);
    return [];
  });
}

/** An object in an attribute, as JSON. What is no object is left out, with a warning. */
export const JSON_OBJECT: ComplexAttributeConverter = {
  fromAttribute: (text) => parse(text, (value) => typeof value === 'object' && !Array.isArray(value)) ?? {},
};

/** A list in an attribute, as JSON. What is no list is left out, with a warning. */
export const JSON_LIST: ComplexAttributeConverter = {
  fromAttribute: (text) => parse(text, Array.isArray) ?? [],
};

function parse(text: string | null, fits: (value: NonNullable<unknown>) => boolean): unknown {
  if (!text) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (value && fits(value)) return value;
  } catch {
    // Said below: text that is no JSON and JSON of the wrong kind are the same mistake.
  }
  warnOnce(
    `attribute-json:${text}`,
    `the attribute value ${text} is not the JSON that is expected and is left out`,
  );
  return undefined;
}

/** `value` if it is one of `allowed`, else the first of them. */
export function oneOf<T extends string>(name: string, value: T, allowed: readonly [T, ...T[]]): T {
  if (allowed.includes(value)) return value;
  warnOnce(
    `unknown-${name}:${value}`,
    `${name}="${value}" is not one of ${allowed.join(', ')}: ${allowed[0]} is used`,
  );
  return allowed[0];
}

function numberFrom0(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined || (Number.isFinite(value) && value >= 0)) return value ?? fallback;
  warnOnce(`bad-${name}`, `${name} is not a number from 0 up: ${fallback} is used`);
  return fallback;
}
