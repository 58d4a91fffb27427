import { parseJson, recordOf, type JsonRecord } from '../model/json.js';
import type { AskedRequest } from './dialect.js';

/** The body that was sent; empty where there was none. */
export function bodyOf({ body }: AskedRequest): JsonRecord {
  const json = parseJson(body ?? '');
  return recordOf(json);
}

/** Another path at the same place, with the same query. */
export function withPath(address: string, path: string): URL {
  const url = new URL(address);
  url.pathname = path;
  return url;
}

/** The path of a URL, without a slash at its end. */
export function pathOf(address: string): string {
  return new URL(address).pathname.replace(/\/$/, '');
}

/** An address that an answer gives, if the request's headers, which may hold keys, can go there. */
export function addressOf({ url }: AskedRequest, address: string, base: string): URL | undefined {
  if (!URL.canParse(address, base)) return undefined;
  const target = new URL(address, base);
  return target.origin === new URL(url).origin ? target : undefined;
}
