import type { DialectName } from '../dialect/dialect.js';
import type { RunRequest } from '../model/index.js';
import type { Transport } from '../transport/transport.js';

/** Milliseconds without a byte before a connection counts as dropped, unless said otherwise. */
export const DEFAULT_IDLE_TIMEOUT = 60_000;
/** Attempts to get a dropped or refused run going again, unless said otherwise. */
export const DEFAULT_MAX_RETRIES = 5;

/** Characters of text that one answer may have, unless said otherwise. */
export const DEFAULT_MAX_ANSWER_CHARS = 1_048_576;

/**
 * What a request is for: a whole answer, the rest of one whose connection broke, to tell that a run was stopped, or to
 * answer what the endpoint has asked meanwhile.
 */
export type RequestPurpose = 'run' | 'resume' | 'cancel' | 'reply';

/** A request as `prepareRequest` gets and gives it. */
export interface PreparedRequest {
  readonly url: string;
  readonly method: RunRequest['method'];
  readonly headers: Readonly<Record<string, string>>;
  /** The body before it becomes JSON; undefined with `GET`. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

type HeaderFields = PreparedRequest['headers'];

/** Request headers, or a function that is asked for them before every request. */
export type HeadersSource = HeaderFields | (() => HeaderFields | Promise<HeaderFields>);

/** How to reach an endpoint. Read when a run starts. */
export interface EndpointSettings {
  /** Absolute. They are tried in this order; empty: none is set. */
  readonly urls: readonly string[];
  /** `auto` goes by the URL's scheme: `websocket` for `ws:` and `wss:`, else `sse`. */
  readonly transport: Transport['name'] | 'auto';
  readonly dialect: DialectName | 'auto';
  /** Where the text stands in each JSON message, and what ends the stream, of an endpoint that no dialect knows. */
  readonly textPath?: string | undefined;
  readonly doneToken?: string | undefined;
  readonly method: RunRequest['method'];
  readonly headers: HeadersSource;
  readonly credentials: RunRequest['credentials'];
  /** Milliseconds; 0: never. */
  readonly idleTimeout: number;
  /** Attempts without anything new in between; 0: none. */
  readonly maxRetries: number;
  /** Absolute URL template with `{streamId}` and `{conversationId}`: the rest of a broken answer, by `GET`. */
  readonly resumeUrl?: string | undefined;
  /** The same, told by `POST` that a run was stopped. */
  readonly cancelUrl?: string | undefined;
  /** The last word on URL, method, headers and body. */
  readonly prepareRequest?:
    | ((
        request: PreparedRequest & { readonly purpose: RequestPurpose },
      ) => PreparedRequest | Promise<PreparedRequest>)
    | undefined;
  /** Characters of one event of a stream. Default: what the transport is set to. */
  readonly maxFrameChars?: number | undefined;
  /** Characters of one answer. Default: 1,048,576. */
  readonly maxAnswerChars?: number | undefined;
}
