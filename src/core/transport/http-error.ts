import { htmlHeadline } from '../framing/html.js';
import { isRecoverableStatus, readProviderError, StreamError, type ProviderError } from '../model/index.js';
import { parseJson } from '../model/json.js';

/** Characters of an error answer that are read. */
export const MAX_ERROR_BODY_CHARS = 65_536;
/** Longest time that an endpoint can ask to wait, in milliseconds. */
export const MAX_RETRY_AFTER = 60_000;
const MAX_HEAD_CHARS = 200;

interface Headers {
  get(name: string): string | null;
}

/**
 * How long the endpoint asks to wait, in milliseconds from 0 to 60,000: `retry-after-ms`, else `Retry-After` in
 * seconds or as an HTTP date (RFC 9110, section 10.2.3). Undefined where it does not ask.
 */
export function readRetryAfter(headers: Headers, now = Date.now()): number | undefined {
  const milliseconds = headers.get('retry-after-ms')?.trim();
  const value = headers.get('retry-after')?.trim();
  let wait = Number.NaN;
  if (milliseconds) wait = Number(milliseconds);
  if (Number.isNaN(wait) && value) wait = /^\d/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), MAX_RETRY_AFTER);
}

function textHead(body: string): string | undefined {
  // JSON without a message in it says nothing to a reader.
  if (/^[{[]/.test(body)) return undefined;
  return body.replaceAll(/\s+/g, ' ').slice(0, MAX_HEAD_CHARS) || undefined;
}

function advice(status: number): string {
  if (status === 401 || status === 403) return 'Check the key that the request carries.';
  if (status === 404 || status === 405) return 'Check the address of the endpoint and the method.';
  if (status === 413) return 'Send less at once.';
  return isRecoverableStatus(status) ? 'Try again in a moment.' : 'Check what the request carries.';
}

/** The error of an answer with a status of 400 or above, in the endpoint's own words where it has any. */
export function httpError(status: number, headers: Headers, body: string): StreamError {
  const text = body.replace(/^\uFEFF/, '').trim();
  const isHtml = /^<(?:!doctype|html|!--|\?xml|head|body)/i.test(text);
  const reported = isHtml ? undefined : readProviderError(parseJson(text));
  const message = reported?.message ?? (isHtml ? htmlHeadline(text) : textHead(text));
  const shouldRetry = headers.get('x-should-retry');
  return new StreamError(
    'http',
    message ?? `The endpoint answered with status ${status}. ${advice(status)}`,
    {
      status,
      retryAfter: readRetryAfter(headers),
      recoverable: shouldRetry === null ? isRecoverableStatus(status) : shouldRetry === 'true',
      origin: isHtml ? { type: 'html' } : originOf(reported),
    },
  );
}

function originOf(error: ProviderError | undefined): StreamError['origin'] {
  if (error?.code === undefined && error?.type === undefined) return undefined;
  return {
    ...(error.code !== undefined && { code: error.code }),
    ...(error.type !== undefined && { type: error.type }),
  };
}
