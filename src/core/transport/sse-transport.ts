import { StreamError, type Frame, type RunRequest } from '../model/index.js';
import { watchConnection, type ConnectionWatch } from './connection-watch.js';
import { httpError, MAX_ERROR_BODY_CHARS } from './http-error.js';
import { unreachable } from './network-error.js';
import { readFrames, readText } from './read-frames.js';
import type { Transport, TransportObserver } from './transport.js';

/** What the transport can read, best first. */
const ACCEPT = 'text/event-stream, application/x-ndjson, application/json, text/plain';

export interface SseTransportOptions {
  /** Default: the platform's. */
  readonly fetch?: typeof fetch | undefined;
  /** The largest frame, in characters. Default: 1,048,576. */
  readonly maxFrameChars?: number | undefined;
}

function readHeaders(request: RunRequest): Headers {
  let headers: Headers;
  try {
    headers = new Headers(request.headers);
  } catch (cause) {
    throw new StreamError(
      'protocol',
      'A request header cannot be sent. Header names are words without spaces, and values hold Latin-1 characters only.',
      { cause },
    );
  }
  if (!headers.has('accept')) headers.set('accept', ACCEPT);
  if (request.body !== undefined && !headers.has('content-type')) {
    headers.set('content-type', 'application/json');
  }
  return headers;
}

async function readErrorBody(response: Response, connection: ConnectionWatch): Promise<string> {
  let body = '';
  try {
    for await (const text of readText(response, connection)) {
      body += text;
      if (body.length >= MAX_ERROR_BODY_CHARS) break;
    }
  } catch (cause) {
    // The status is known already, and says more than the way its explanation broke off.
    if (cause instanceof StreamError && cause.code === 'aborted') throw cause;
  }
  return body.slice(0, MAX_ERROR_BODY_CHARS);
}

/**
 * Makes the transport that goes over `fetch`: event streams, NDJSON, JSON and plain text, told apart by their bytes.
 * `EventSource` cannot post, sends no headers, hides the status and reconnects by itself.
 */
export function createSseTransport({
  fetch: send = (input, init) => globalThis.fetch(input, init),
  maxFrameChars,
}: SseTransportOptions = {}): Transport {
  async function* open(
    request: RunRequest,
    signal: AbortSignal,
    observer?: TransportObserver,
  ): AsyncGenerator<Frame, void, undefined> {
    const connection = watchConnection(signal, request.idleTimeout);
    try {
      connection.check();
      const response = await connection.wait(
        send(request.url, {
          method: request.method,
          headers: readHeaders(request),
          body: request.body ?? null,
          credentials: request.credentials,
          cache: 'no-store',
          signal: connection.signal,
        }),
        (cause) => unreachable(request.url, cause),
      );
      const { status, headers } = response;
      const contentType = headers.get('content-type') ?? '';
      observer?.onResponse?.({ url: response.url, status, contentType, headers });
      if (status >= 400) throw httpError(status, headers, await readErrorBody(response, connection));

      const limit = request.maxFrameChars ?? maxFrameChars;
      yield* readFrames(response, { contentType, maxFrameChars: limit }, connection, observer);
    } finally {
      // Also when the consumer leaves early: the socket closes with the run.
      connection.close();
    }
  }
  return { name: 'sse', open };
}
