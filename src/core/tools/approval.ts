import { isRecord } from '../model/json.js';

const APPROVALS: ReadonlySet<string> = new Set(['approve', 'approved', 'accept', 'allow', 'yes']);
const REFUSALS: ReadonlySet<string> = new Set(['deny', 'denied', 'decline', 'reject', 'refuse', 'no']);

/** What an endpoint's own word for an answer means; undefined where it means neither. */
export function meaningOf(option: string): 'approve' | 'refuse' | undefined {
  const word = option.trim().toLowerCase();
  if (APPROVALS.has(word)) return 'approve';
  return REFUSALS.has(word) ? 'refuse' : undefined;
}

/** Whether an answer to "may this run?" is no: `false`, `{approved: false}`, or one of the words for it. */
export function isRefusal(answer: unknown): boolean {
  if (typeof answer === 'string') return meaningOf(answer) === 'refuse';
  if (isRecord(answer)) return answer['approved'] === false || answer['approve'] === false;
  return answer === false;
}
