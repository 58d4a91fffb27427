import type { Decoder, DialectName, Resumption } from '../dialect/dialect.js';
import type { Cursor } from './cursor.js';
import { fillTemplate } from './request.js';
import type { EndpointSettings, PreparedRequest } from './settings.js';

/** What is known of an answer that may have to be gone on with. */
export interface AnswerPosition {
  /** The request that it answers, as it was sent. */
  readonly asked: PreparedRequest;
  readonly decoder: Decoder;
  readonly dialect: DialectName | undefined;
  readonly cursor: Cursor;
  readonly streamId: string | undefined;
  readonly conversationId: string;
}

/** How the rest of an answer is asked for: as the page says, as its dialect does, or by the ids of its events. */
export function findResumption(
  { resumeUrl }: EndpointSettings,
  { asked, decoder, dialect, cursor, streamId, conversationId }: AnswerPosition,
): Resumption | undefined {
  const { url, method, headers } = asked;
  const body = asked.body && JSON.stringify(asked.body);
  const own = decoder.resume?.({ url, method, headers, body, conversationId }, cursor.lastEventId);
  // Behind a gap the last id is not the one to name; the dialect knows.
  const lastEventId = own?.lastEventId ?? cursor.lastEventId;
  const address = resumeUrl && fillTemplate(resumeUrl, { streamId, conversationId });
  if (address) {
    const from = lastEventId === undefined ? 'start' : 'cursor';
    return { url: address, method: 'GET', body: undefined, lastEventId, from };
  }
  if (own) return own;
  if (!cursor.numbered) return undefined;
  // Whoever names the events of an endpoint of their own means them to be asked for. Other servers may do nothing with
  // their ids, and answer the same POST with another answer; a count gives that away, a time does not.
  const isOwn = dialect === 'native' || dialect === 'plain';
  const isMeant = method === 'GET' || cursor.ids === 'count' || (isOwn && cursor.ids === 'names');
  // An answer with a name of its own is known by it.
  if (!isMeant && !(dialect === 'native' && streamId !== undefined)) return undefined;
  return { url, method, body, lastEventId, from: 'cursor' };
}
