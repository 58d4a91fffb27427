import type { Message, StreamEvent } from '../model/index.js';
import { isAnswered, pageCalls } from './run-phase.js';

/** A run that was going on when its page was left. JSON can hold it. */
export interface LeftRun {
  /** The answer that was coming, or whose calls were at work. */
  readonly messageId: string;
  /** Requests that the run had made. */
  readonly turns: number;
  /** Ids of calls whose results the endpoint has had before its answer ended. */
  readonly delivered: readonly string[];
}

/** What the model is told of a call whose page went while it ran. */
export const LOST =
  'The page was left while this call ran. Whether it took effect is not known: find out before you call it again.';

/** Ids of the calls that the page had been given, and that have no result. */
export function callsAtWork(message: Message): string[] {
  return openCalls(message, ({ state, by, approval }) =>
    state === 'running' ? by === 'client' : approval?.by === 'tool',
  );
}

/** Ids of the calls that nobody on the page had heard of, as the user was being asked. */
export function callsNotAskedYet(message: Message): string[] {
  return openCalls(message, ({ approval }) => approval?.by === 'page');
}

function openCalls(message: Message, fits: (call: ReturnType<typeof pageCalls>[number]) => boolean) {
  return pageCalls(message).flatMap((call) => (!isAnswered(call) && fits(call) ? [call.id] : []));
}

/** The answer was whole already. */
export async function* noMore(): AsyncGenerator<StreamEvent, void, undefined> {}

/** The rest of the answer cannot be asked for. */
export async function* brokenOff(): AsyncGenerator<StreamEvent, void, undefined> {
  yield { type: 'done', reason: 'unknown', complete: false };
}
