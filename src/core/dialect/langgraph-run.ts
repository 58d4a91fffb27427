import { addressOf, pathOf, withPath } from './asked-request.js';
import type { AskedRequest } from './dialect.js';

/** Where a run is asked for, with what stands before it on a server behind a proxy, and its thread. */
const RUNS_PATH = /^(.*?)(\/threads\/[^/]+)?\/runs\/stream$/;
const RUN_LOCATION = /(?:\/threads\/[^/?#]+)?\/runs\/[^/?#]+/;

/** What is known of a run. */
export interface LangGraphRun {
  readonly id: string | undefined;
  readonly threadId: string | undefined;
  /** `Content-Location` of the answer, and the address of that. */
  readonly location: string | undefined;
  readonly base: string;
}

/** The address of a run's stream; undefined where nothing names the run. */
export function runStreamUrl(
  asked: AskedRequest,
  { id, threadId, location, base }: LangGraphRun,
): string | undefined {
  const [matched, prefix = '', ownThread] = RUNS_PATH.exec(pathOf(asked.url)) ?? [];
  if (location !== undefined) {
    const path = RUN_LOCATION.exec(location)?.[0];
    // It is the server's own path, whatever a proxy puts before it.
    if (matched !== undefined && path !== undefined) {
      return withPath(asked.url, `${prefix}${path}/stream`).href;
    }
    const target = addressOf(asked, location, base);
    if (target && !target.pathname.endsWith('/stream')) target.pathname += '/stream';
    return target?.href;
  }
  if (matched === undefined || id === undefined) return undefined;
  const thread = ownThread ?? (threadId === undefined ? '' : `/threads/${encodeURIComponent(threadId)}`);
  return withPath(asked.url, `${prefix}${thread}/runs/${encodeURIComponent(id)}/stream`).href;
}
