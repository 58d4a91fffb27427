import { StreamError } from '../model/index.js';
import { originOf } from './network-error.js';

/** Close codes (RFC 6455, section 7.4, and IANA's registry) after which nothing is missing but `done` itself. */
const CLEAN_CODES: ReadonlySet<number> = new Set([
  1000,
  // No code in the frame: what a server's `close()` without one sends.
  1005,
]);

/** Close codes by which a server refuses, and the HTTP status that says the same. 44xx: HTTP's, 4000 further up. */
const REFUSALS: ReadonlyMap<number, number | undefined> = new Map([
  [1008, undefined],
  [3000, 401],
  [3003, 403],
  [4401, 401],
  [4403, 403],
]);

/** The request is more than the server takes. */
const TOO_BIG = 1009;
/** The server is restarting, or has too much to do. */
const LATER_CODES: ReadonlySet<number> = new Set([1012, 1013]);

/** No socket could be opened. Browsers tell nobody why. */
export function socketUnreachable(url: string, cause: unknown): StreamError {
  return new StreamError(
    'network',
    `Cannot open a WebSocket to ${originOf(url)}. Check the address, that the server takes sockets from this page, and the connection.`,
    { cause, recoverable: true },
  );
}

/** What the close of an open socket means for an answer that is not complete; undefined: no more than that it ended. */
export function closeError(url: string, code: number, reason: string): StreamError | undefined {
  if (CLEAN_CODES.has(code)) return undefined;
  const origin = { code, type: 'close' };
  const said = reason.trim();
  if (REFUSALS.has(code)) {
    const message =
      said || `The endpoint refused the run (close code ${code}). Check the key that the request carries.`;
    return new StreamError('http', message, { status: REFUSALS.get(code), origin });
  }
  if (code === TOO_BIG) {
    return new StreamError(
      'limit',
      said || 'The request is larger than the endpoint takes. Send less at once, or raise its limit.',
      { origin },
    );
  }
  if (LATER_CODES.has(code)) {
    const message =
      said || `The endpoint cannot answer now (close code ${code}). It asks to be tried again later.`;
    return new StreamError('network', message, { recoverable: true, origin });
  }
  return new StreamError(
    'network',
    `The connection to ${originOf(url)} broke before the answer was complete (close code ${code}${said && `: ${said}`}).`,
    { recoverable: true, origin },
  );
}
