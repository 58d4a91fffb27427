import type { DoneEvent, DoneReason } from '../model/index.js';

const WORDS: Record<Exclude<DoneReason, 'unknown'>, readonly string[]> = {
  stop: [
    'stop',
    'end_turn',
    'stop_sequence',
    'eos',
    'eos_token',
    'done',
    'end',
    'finish',
    'finished',
    'complete',
    'completed',
  ],
  length: [
    'length',
    'max_tokens',
    'max_output_tokens',
    'max_completion_tokens',
    'max_prompt_tokens',
    'token_limit',
    'model_length',
    'model_context_window_exceeded',
  ],
  tool_calls: ['tool_calls', 'tool_call', 'tool_use', 'function_call', 'requires_action'],
  content_filter: ['content_filter', 'safety', 'refusal', 'recitation', 'blocked'],
  aborted: ['aborted', 'abort', 'cancelled', 'canceled', 'stopped'],
  error: ['error', 'failed', 'expired', 'timeout'],
};

const REASONS = new Map<string, DoneReason>(
  Object.entries(WORDS).flatMap(([reason, words]) =>
    words.map((word) => [word, reason as DoneReason] as const),
  ),
);

/** What an endpoint's own word for the end means; `unknown` where it is none of the usual ones. */
export function doneReason(word: string | undefined): DoneReason {
  return REASONS.get((word ?? '').toLowerCase().replaceAll(/[- ]/g, '_')) ?? 'unknown';
}

/** What is known of the end of an answer beside the endpoint's word for it. */
export interface Ending {
  /** It said so, by whatever means. */
  readonly terminated: boolean;
  /** A failure was reported. Default: none was. */
  readonly failed?: boolean | undefined;
  /** There are calls whose results the endpoint may wait for. Default: there are none. */
  readonly waits?: boolean | undefined;
  /** Default: what the word means. */
  readonly reason?: DoneReason | undefined;
}

/**
 * The end of an answer: complete with a word for it, or without one if it is `terminated`. Endpoints that wait for the
 * results of calls often say "stop", or nothing.
 */
export function doneEvent(
  word: string | undefined,
  { terminated, failed = false, waits = false, reason = doneReason(word) }: Ending,
): DoneEvent {
  const complete = terminated || word !== undefined;
  const isOpen = complete && waits && (reason === 'stop' || reason === 'unknown');
  return {
    type: 'done',
    reason: failed && word === undefined ? 'error' : isOpen ? 'tool_calls' : reason,
    complete,
    origin: word,
  };
}
