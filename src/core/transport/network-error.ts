import { StreamError } from '../model/index.js';

/** The part of an address that may be shown: no path, and no keys in a query. */
export function originOf(url: string): string {
  try {
    return new URL(url, globalThis.location?.href).origin;
  } catch {
    return url;
  }
}

/** Nothing answers at `url`. */
export function unreachable(url: string, cause: unknown): StreamError {
  return new StreamError(
    'network',
    `Cannot reach ${originOf(url)}. Check the address, that it allows requests from this page (CORS), and the connection.`,
    { cause, recoverable: true },
  );
}

/** What answered at `url` is gone. */
export function broken(url: string, cause: unknown): StreamError {
  return new StreamError(
    'network',
    `The connection to ${originOf(url)} broke before the answer was complete.`,
    {
      cause,
      recoverable: true,
    },
  );
}
