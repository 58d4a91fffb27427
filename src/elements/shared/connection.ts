import type { ComplexAttributeConverter } from 'lit';
import {
  createEndpoint,
  createSseTransport,
  DEFAULT_IDLE_TIMEOUT,
  DIALECT_NAMES,
  type DialectName,
  type Endpoint,
  type EndpointSettings,
  type HeadersSource,
} from '../../core/index.js';
import { warnOnce } from './warn-once.js';

let endpoint: Endpoint | undefined;

/** One for all elements of the page, so that what one has learnt of an endpoint serves the next. */
export function pageEndpoint(): Endpoint {
  endpoint ??= createEndpoint(createSseTransport());
  return endpoint;
}

/** What an element says about its connection. */
export interface ConnectionProperties {
  readonly src: string | undefined;
  readonly dialect: DialectName | 'auto';
  readonly method: 'GET' | 'POST';
  readonly headers: HeadersSource;
  readonly credentials?: EndpointSettings['credentials'];
  readonly idleTimeout?: number;
  readonly prepareRequest?: EndpointSettings['prepareRequest'];
}

/** A copy of the settings for one run. A value that is not known falls back to its default, with a warning. */
export function settingsOf(element: ConnectionProperties): EndpointSettings {
  return {
    url: absoluteUrl(element.src),
    dialect: oneOf('dialect', element.dialect, ['auto', ...DIALECT_NAMES]),
    method: oneOf('method', element.method, ['POST', 'GET']),
    headers: element.headers,
    credentials: oneOf('credentials', element.credentials ?? 'same-origin', [
      'same-origin',
      'include',
      'omit',
    ]),
    idleTimeout: milliseconds(
      'idle-timeout',
      element.idleTimeout ?? DEFAULT_IDLE_TIMEOUT,
      DEFAULT_IDLE_TIMEOUT,
    ),
    prepareRequest: element.prepareRequest,
  };
}

/** The first of the URLs in `src`, made absolute; undefined where there is none. */
export function absoluteUrl(src: string | undefined): string | undefined {
  const first = src?.trim().split(/\s+/)[0];
  return first && URL.canParse(first, document.baseURI) ? new URL(first, document.baseURI).href : undefined;
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

function milliseconds(name: string, value: number, fallback: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  warnOnce(`bad-${name}`, `${name} is not a number of milliseconds: ${fallback} is used`);
  return fallback;
}
