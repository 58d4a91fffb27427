import type { DialectName } from '../dialect/dialect.js';
import { DIALECT_NAMES } from '../dialect/registry.js';
import type { LeftAnswer } from '../model/index.js';
import { fillTemplate } from './request.js';
import { findResumption, type AnswerPosition } from './resumption.js';
import type { EndpointSettings } from './settings.js';

/** Dialects whose events say all by themselves, so that a decoder which has not read those before them can go on. */
const SELF_CONTAINED: ReadonlySet<DialectName | undefined> = new Set(['native', 'plain']);

/** What is known of an answer that another page may have to go on with. */
export interface LeavingAnswer extends AnswerPosition {
  readonly source: string;
  readonly idempotencyKey: string;
  readonly given: number;
}

/** What another page needs for the rest of an answer; undefined where it cannot ask for it. */
export function leaveAnswer(settings: EndpointSettings, leaving: LeavingAnswer): LeftAnswer | undefined {
  const resumption = findResumption(settings, leaving);
  const { dialect, streamId, conversationId, cursor, source, idempotencyKey, given } = leaving;
  if (!resumption || dialect === undefined) return undefined;
  const facts = { source, dialect, streamId, idempotencyKey, given };
  const { url, method, from, lastEventId } = resumption;
  if (from === 'start' || SELF_CONTAINED.has(dialect)) {
    const held = cursor.lastEventId;
    return {
      ...facts,
      url,
      method,
      from,
      lastEventId,
      cursor: held === undefined ? undefined : { lastEventId: held, ids: cursor.ids },
    };
  }
  // What its decoder knows is lost with the page; all of the answer is what a new one can read.
  const address = settings.resumeUrl && fillTemplate(settings.resumeUrl, { streamId, conversationId });
  return address ? { ...facts, url: address, method: 'GET', from: 'start' } : undefined;
}

/**
 * Whether an answer that another page has left is one of this endpoint's: what is stored sends nobody's headers
 * anywhere else.
 */
export function isOurs(
  { source, url, streamId, dialect }: LeftAnswer,
  { urls, resumeUrl }: EndpointSettings,
  conversationId: string,
): boolean {
  const isKnown = DIALECT_NAMES.some((name) => name === dialect);
  if (!isKnown || !urls.includes(source)) return false;
  const address = resumeUrl && fillTemplate(resumeUrl, { streamId, conversationId });
  return url === address || (URL.canParse(url) && new URL(url).origin === new URL(source).origin);
}
