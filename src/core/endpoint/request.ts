import type { Reply, Resumption } from '../dialect/dialect.js';
import { requestDialect } from '../dialect/registry.js';
import { messageText, type RunInput, type RunRequest } from '../model/index.js';
import type { EndpointSettings, PreparedRequest, RequestPurpose } from './settings.js';

/** A request before it is JSON, for one of the URLs. */
export interface Draft {
  readonly url: string;
  readonly settings: EndpointSettings;
  readonly input: RunInput;
  /** The same for every attempt at one request, so that an endpoint can tell a repeated one. */
  readonly idempotencyKey: string;
}

/** What is put in place of `{streamId}` and `{conversationId}`. */
export interface TemplateFields {
  readonly streamId: string | undefined;
  readonly conversationId: string;
}

/** A URL template with its fields filled in; undefined where one of them is not known. */
export function fillTemplate(template: string, fields: TemplateFields): string | undefined {
  let isKnown = true;
  // A template that went through a URL parser has its braces encoded.
  const url = template.replaceAll(
    /(?:\{|%7B)(streamId|conversationId)(?:\}|%7D)/gi,
    (_placeholder, name: keyof TemplateFields) => {
      const value = fields[name];
      if (!value) isKnown = false;
      return encodeURIComponent(value ?? '');
    },
  );
  return isKnown ? url : undefined;
}

/** Whether a request there needs nobody's permission for its headers (Fetch, "CORS-preflight request"). */
function isSameOrigin(url: string): boolean {
  const { location } = globalThis;
  return location === undefined || new URL(url, location.href).origin === location.origin;
}

type HeaderFields = PreparedRequest['headers'];

/** Later ones win, however they are spelled. */
function mergeHeaders(...sources: readonly (HeaderFields | undefined)[]): HeaderFields {
  const merged = new Map<string, [name: string, value: string]>();
  for (const source of sources) {
    for (const header of Object.entries(source ?? {})) merged.set(header[0].toLowerCase(), header);
  }
  return Object.fromEntries(merged.values());
}

async function pageHeaders({ headers }: EndpointSettings): Promise<HeaderFields> {
  return typeof headers === 'function' ? headers() : headers;
}

/** The request for a whole answer, before `prepareRequest`. */
async function draftRequest({ url, settings, input, idempotencyKey }: Draft): Promise<PreparedRequest> {
  if (!URL.canParse(url, globalThis.location?.href)) throw new TypeError(`"${url}" is no absolute URL.`);
  const isGet = settings.method === 'GET';
  const dialect = requestDialect(settings.dialect);
  return {
    url: isGet ? withMessage(url, input) : withQuery(url, dialect.query?.(input)),
    method: settings.method,
    headers: mergeHeaders(
      dialect.headers,
      // Elsewhere the header would need a permission that no endpoint is known to give.
      !isGet && isSameOrigin(url) ? { 'Idempotency-Key': idempotencyKey } : undefined,
      await pageHeaders(settings),
    ),
    body: isGet ? undefined : dialect.encode(input),
  };
}

async function prepare(
  { prepareRequest }: EndpointSettings,
  purpose: RequestPurpose,
  request: PreparedRequest,
): Promise<PreparedRequest> {
  if (!prepareRequest) return request;
  const { url, method, headers, body } = await prepareRequest({ ...request, purpose });
  return { url: new URL(url, globalThis.location?.href).href, method, headers, body };
}

/** A request for a whole answer: as it was made, and as the page has changed it. */
export interface AskedRequest {
  readonly plain: PreparedRequest;
  readonly sent: PreparedRequest;
}

/** The request for a whole answer. */
export async function runRequest(draft: Draft): Promise<AskedRequest> {
  const plain = await draftRequest(draft);
  return { plain, sent: await prepare(draft.settings, 'run', plain) };
}

/** The request for the rest of an answer. `asked` is the one that the answer began with. */
export async function resumeRequest(
  draft: Draft,
  asked: AskedRequest,
  { url, method, body, headers, lastEventId }: Resumption,
): Promise<PreparedRequest> {
  const plain = await draftRequest(draft);
  const isSame = url === asked.sent.url && method === asked.sent.method;
  const { 'Idempotency-Key': idempotencyKey, ...own } = plain.headers;
  return prepare(draft.settings, 'resume', {
    // The same request has the same body, whatever was learnt of the endpoint since.
    ...(isSame ? { url: plain.url, method, body: asked.plain.body } : { url, method, body: parseBody(body) }),
    headers: mergeHeaders(
      own,
      method === 'POST' && idempotencyKey !== undefined ? { 'Idempotency-Key': idempotencyKey } : undefined,
      headers,
      lastEventId === undefined ? undefined : { 'Last-Event-ID': headerText(lastEventId) },
    ),
  });
}

/** The request that tells of a stopped run. */
export async function cancelRequest(
  url: string,
  settings: EndpointSettings,
  fields: TemplateFields,
): Promise<PreparedRequest> {
  return prepare(settings, 'cancel', {
    url,
    method: 'POST',
    headers: await pageHeaders(settings),
    body: { ...fields },
  });
}

/** The request that answers what the endpoint has asked. */
export async function replyRequest(
  url: string,
  settings: EndpointSettings,
  { headers, body }: Reply,
): Promise<PreparedRequest> {
  return prepare(settings, 'reply', {
    url,
    method: 'POST',
    headers: mergeHeaders(headers, await pageHeaders(settings)),
    body,
  });
}

/** The request as a transport takes it. */
export function toRunRequest(
  { body, ...request }: PreparedRequest,
  { credentials, idleTimeout, maxFrameChars }: EndpointSettings,
  resume?: RunRequest['resume'],
): RunRequest {
  return {
    ...request,
    body: body && JSON.stringify(body),
    credentials,
    idleTimeout,
    maxFrameChars,
    ...(resume && { resume }),
  };
}

function parseBody(body: string | undefined): PreparedRequest['body'] {
  return body === undefined ? undefined : (JSON.parse(body) as PreparedRequest['body']);
}

/** UTF-8 bytes as the characters that `fetch` takes for bytes (WHATWG HTML, "Last-Event-ID"). */
function headerText(id: string): string {
  return String.fromCharCode(...new TextEncoder().encode(id));
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
