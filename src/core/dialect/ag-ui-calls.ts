import type { StreamEvent } from '../model/index.js';
import { textOf, type JsonRecord } from '../model/json.js';
import { resultEvent } from './events.js';
import { createToolCallAssembler, type ToolCallAssembler } from './tool-calls.js';

/** One piece of a call: its beginning, more of its arguments, or both. */
export interface AgUiCallPiece {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly args?: string | undefined;
}

/** The tool calls of one run, which may be open side by side. */
export interface AgUiCalls {
  /** `isChunk`: the short form, which names its call once and has no end of its own. */
  add(piece: AgUiCallPiece, isChunk: boolean): StreamEvent[];
  /** The arguments of a call are complete. */
  end(id: string | undefined): StreamEvent[];
  /**
   * Something came that the short form does not go on across. `cut`: the run broke off, so that the arguments count
   * only if they are a complete JSON object.
   */
  endChunk(cut: boolean): StreamEvent[];
  /** The run has ended as it should: all arguments are complete. */
  endAll(): StreamEvent[];
  answer(id: string, result: unknown, json: JsonRecord): StreamEvent[];
  /** Whether a call of this id was made in this run. */
  has(id: string | undefined): boolean;
  /** Whether there are whole calls without a result. */
  areWaiting(): boolean;
}

export function createAgUiCalls(): AgUiCalls {
  const calls = new Map<string, ToolCallAssembler>();
  const waiting = new Set<string>();
  let newest: string | undefined;
  let chunk: string | undefined;

  function end(id = newest, cut = false): StreamEvent[] {
    const events = (id !== undefined && calls.get(id)?.flush(cut)) || [];
    for (const event of events) if (event.type === 'tool_call') waiting.add(event.id);
    return events;
  }

  function endChunk(cut: boolean): StreamEvent[] {
    if (chunk === undefined) return [];
    const id = chunk;
    chunk = undefined;
    return end(id, cut);
  }

  return {
    add({ id, name, args = '' }, isChunk) {
      const key = id ?? (isChunk ? chunk : newest);
      const events = isChunk && key !== chunk ? endChunk(false) : [];
      if (key === undefined) return events;
      const known = calls.get(key);
      // Without its name nobody can run it: the stream was joined in the middle of the call.
      if (!known && name === undefined) return events;
      const call = known ?? createToolCallAssembler();
      calls.set(key, call);
      newest = key;
      if (isChunk) chunk = key;
      return [...events, ...call.add({ index: 0, id: key, name: known ? undefined : name, args })];
    },
    end: (id) => end(id),
    endChunk,
    endAll: () => [...calls.keys()].flatMap((id) => end(id)),
    answer(id, result, { error }) {
      const events = end(id);
      waiting.delete(id);
      return [...events, resultEvent(id, result, textOf(error) !== undefined)];
    },
    has: (id) => id !== undefined && calls.has(id),
    areWaiting: () => waiting.size > 0,
  };
}
