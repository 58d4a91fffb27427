import type { Message, StreamEvent, ToolPart } from '../model/index.js';

/**
 * - `idle`: nothing is going on
 * - `submitting`: the request is out, nothing has come back
 * - `streaming`: the answer is arriving
 * - `reconnecting`: the connection broke and is being made again
 * - `awaiting_tool`: the answer has ended with calls that wait for the page
 * - `error`: the last run failed
 */
export type RunPhase = 'idle' | 'submitting' | 'streaming' | 'reconnecting' | 'awaiting_tool' | 'error';

/** The phase after an event; `message` is the answer as that event left it. Pure. */
export function reducePhase(phase: RunPhase, event: StreamEvent, message: Message): RunPhase {
  if (event.type === 'done') {
    if (message.status === 'failed' || message.error) return 'error';
    // The next request is about to start.
    if (event.paused) return phase;
    // Also when every call has its answer already: the next request is about to start, nothing is idle.
    return event.complete && pageCalls(message).length > 0 ? 'awaiting_tool' : 'idle';
  }
  // A result that comes after the end of the answer changes nothing: the next request does.
  if (event.type === 'tool_result' || event.type === 'error') return phase;
  return event.type === 'reconnect' ? 'reconnecting' : 'streaming';
}

/** The calls of this message that the page has to answer: those of its own tools, and questions of the endpoint. */
export function pageCalls(message: Message): ToolPart[] {
  return message.parts.filter(
    (part): part is ToolPart => part.type === 'tool' && (part.by === 'client' || part.approval !== undefined),
  );
}

/** Whether a call has its result, whatever that is. */
export function isAnswered({ state }: ToolPart): boolean {
  return state === 'done' || state === 'refused' || state === 'failed';
}
