import type { RunRequest } from './run-request.js';

/**
 * What it takes to ask for the rest of an answer from another page: no headers, and nothing of the question. JSON can
 * hold it.
 */
export interface LeftAnswer extends Pick<RunRequest, 'url' | 'method'> {
  /** The one of the endpoint's URLs that gives the answer. */
  readonly source: string;
  /** Name of the dialect that is spoken. */
  readonly dialect: string;
  readonly streamId?: string | undefined;
  readonly idempotencyKey: string;
  /** What is asked for: what follows after `lastEventId`, or the whole answer again. */
  readonly from: 'cursor' | 'start';
  readonly lastEventId?: string | undefined;
  /** The last id of the event stream, and what its ids are; absent where it has none. */
  readonly cursor?: { readonly lastEventId: string; readonly ids: 'count' | 'numbers' | 'names' } | undefined;
  /** How much of the answer has been given, in characters and events. */
  readonly given: number;
}

/** Why a run is aborted that another page goes on with: the endpoint is not told that it was stopped. */
export const HANDED_OVER = 'handed over';
