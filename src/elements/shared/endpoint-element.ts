import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import {
  DEFAULT_IDLE_TIMEOUT,
  DEFAULT_MAX_RETRIES,
  type DialectName,
  type EndpointSettings,
  type HeadersSource,
} from '../../core/index.js';
import { JSON_OBJECT } from './attributes.js';
import type { Limits } from './limits.js';

/** What the elements that talk to an endpoint have in common. It is read when a run starts. */
export abstract class EndpointElement extends LitElement {
  /** The endpoint. Several URLs, separated by spaces, are tried in that order when one cannot be reached. */
  @property() src: string | undefined;

  /** `auto` (default) goes by the URL's scheme; `sse` (fetch), `websocket`, `webtransport`. */
  @property() transport: EndpointSettings['transport'] = 'auto';

  /** How the endpoint talks; `auto` (default) finds out from the first bytes. */
  @property() dialect: DialectName | 'auto' = 'auto';

  /** For an endpoint that no dialect knows: where the text stands in each JSON message, as `choices.0.delta.content`. */
  @property({ attribute: 'text-path' }) textPath: string | undefined;

  /** For an endpoint that no dialect knows: what ends the stream. */
  @property({ attribute: 'done-token' }) doneToken: string | undefined;

  /** `POST` (default), or `GET` with the last user text in `?message=`. */
  @property() method: 'GET' | 'POST' = 'POST';

  /** Request headers: an object, JSON in the attribute, or a function called for every request. */
  @property({ converter: JSON_OBJECT }) headers: HeadersSource = {};

  /** Extra fields of the request body: an object, or JSON in the attribute. */
  @property({ converter: JSON_OBJECT }) body: Readonly<Record<string, unknown>> = {};

  /** As in fetch. Default: `same-origin`. */
  @property() credentials: EndpointSettings['credentials'] = 'same-origin';

  /** Milliseconds without a byte before the connection counts as dropped; 0: never. Default: 60000. */
  @property({ type: Number, attribute: 'idle-timeout' }) idleTimeout = DEFAULT_IDLE_TIMEOUT;

  /** Attempts to get a dropped or refused run going again; 0: none. Default: 5. */
  @property({ type: Number, attribute: 'max-retries' }) maxRetries = DEFAULT_MAX_RETRIES;

  /**
   * URL template with `{streamId}` and `{conversationId}`: gives the rest of a dropped answer. It is used where all of
   * its fields are known; a message that stands alone has no conversation.
   */
  @property({ attribute: 'resume-src' }) resumeSrc: string | undefined;

  /** The same, told by `POST` that a run was stopped. */
  @property({ attribute: 'cancel-src' }) cancelSrc: string | undefined;

  /** Overrides of the limits, by name: an object, or JSON in the attribute. */
  @property({ converter: JSON_OBJECT }) limits: Partial<Limits> = {};

  /**
   * Where the package's `markdown-worker.js` stands, for pages whose policy allows no `blob:` workers; empty: no worker
   * is started, and text is read in the page itself. There is one worker for a page: the first text decides. Default:
   * the worker is started from a `blob:`.
   */
  @property({ attribute: 'worker-url' }) workerUrl: string | undefined;

  /** The last word on URL, method, headers and body of every request. */
  @property({ attribute: false }) prepareRequest: EndpointSettings['prepareRequest'];
}
