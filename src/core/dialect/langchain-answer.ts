import type { StreamEvent, ToolOwner, Usage } from '../model/index.js';
import { createAnswerText } from './answer-text.js';
import { resultEvent } from './events.js';
import type { LangchainMessage } from './langchain-message.js';
import { createSources } from './sources.js';
import { createToolCallAssembler, type ToolCallAssembler } from './tool-calls.js';

/** Makes events of the messages of one run, which may come in chunks, as snapshots, or as both. */
export interface LangchainAnswer {
  /** Whether a message of this id has begun. */
  has(id: string): boolean;
  /** Whether a tool of the page was called. */
  readonly callsPage: boolean;
  /** Adds a chunk of a message. */
  append(message: LangchainMessage, key?: string): StreamEvent[];
  /** Takes a message as a whole so far. `complete`: nothing is to come for it. */
  set(message: LangchainMessage, complete: boolean, key?: string): StreamEvent[];
  /** The answer has ended: the calls that are whole. */
  end(): StreamEvent[];
}

interface Turn {
  readonly calls: ToolCallAssembler;
  /** Arguments in the last snapshot, by position, to tell what the next one adds. */
  readonly args: Map<number, string>;
  /** It came in chunks: snapshots bring no news of its calls. */
  inChunks: boolean;
  reasoning: string;
  usage: Usage | undefined;
}

function addUsage(left: Usage, right: Usage): Usage {
  const sum: Record<string, number> = { ...left } as Record<string, number>;
  for (const [name, count] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + (count as number);
  return sum;
}

/** Makes the reader of one answer. `by`: who runs the tools that its model calls. */
export function createLangchainAnswer(by: ToolOwner): LangchainAnswer {
  const answer = createAnswerText();
  const takeSource = createSources();
  const turns = new Map<string, Turn>();
  const turnOfCall = new Map<string, Turn>();
  const answered = new Set<string>();
  const seenFiles = new Set<string>();
  let current: Turn | undefined;

  function turnOf(key: string): { turn: Turn; events: StreamEvent[] } {
    const known = turns.get(key);
    if (known) {
      current = known;
      return { turn: known, events: [] };
    }
    // Without a signal of its own, a message ends where the next begins; of parallel ones only what is whole counts.
    const events: StreamEvent[] = current ? [...current.calls.flush(true), { type: 'step' }] : [];
    current = {
      calls: createToolCallAssembler(),
      args: new Map(),
      inChunks: false,
      reasoning: '',
      usage: undefined,
    };
    turns.set(key, current);
    return { turn: current, events };
  }

  function addCall(turn: Turn, delta: Parameters<ToolCallAssembler['add']>[0]): StreamEvent[] {
    if (delta.id !== undefined) turnOfCall.set(delta.id, turn);
    return turn.calls.add({ ...delta, by });
  }

  function setCalls(turn: Turn, { callChunks, calls }: LangchainMessage, complete: boolean): StreamEvent[] {
    const chunks = callChunks?.length
      ? callChunks
      : calls.map(({ id, name, args }) => ({ id, name, args: complete ? JSON.stringify(args ?? {}) : '' }));
    return chunks.flatMap(({ id, name, args }, position) => {
      const before = turn.args.get(position);
      const grows = before === undefined || args.startsWith(before);
      if (grows) turn.args.set(position, args);
      return addCall(turn, { index: position, id, name, args: grows ? args.slice(before?.length ?? 0) : '' });
    });
  }

  function usageOf(turn: Turn, usage: Usage | undefined): StreamEvent[] {
    if (!usage || JSON.stringify(usage) === JSON.stringify(turn.usage)) return [];
    turn.usage = usage;
    const all = [...turns.values()].reduce((sum, each) => addUsage(sum, each.usage ?? {}), {});
    return [{ type: 'usage', ...all }];
  }

  function attachments({ files, citations }: LangchainMessage): StreamEvent[] {
    const fresh = files.filter(({ url, data }) => {
      const key = url ?? data ?? '';
      const isNew = !seenFiles.has(key);
      seenFiles.add(key);
      return isNew;
    });
    return [...fresh, ...citations.flatMap(([address, title]) => takeSource(address, title))];
  }

  function result({ answers }: LangchainMessage): StreamEvent[] {
    if (!answers || answered.has(answers.id)) return [];
    answered.add(answers.id);
    const { id, result: value, isError } = answers;
    return [...(turnOfCall.get(id)?.calls.flush(false) ?? []), resultEvent(id, value, isError)];
  }

  function set(message: LangchainMessage, complete: boolean, key = message.id ?? ''): StreamEvent[] {
    if (message.role === 'tool') return result(message);
    if (message.role !== 'ai') return [];
    const { turn, events } = turnOf(key);
    if (message.reasoning.startsWith(turn.reasoning) && message.reasoning !== turn.reasoning) {
      events.push({ type: 'reasoning', content: message.reasoning.slice(turn.reasoning.length) });
      turn.reasoning = message.reasoning;
    }
    events.push(...answer.set(key, message.text), ...attachments(message));
    if (!turn.inChunks) events.push(...setCalls(turn, message, complete));
    events.push(...usageOf(turn, message.usage));
    if (complete) events.push(...turn.calls.flush(false));
    return events;
  }

  return {
    has: (id) => turns.has(id),
    get callsPage() {
      return [...turns.values()].some(({ calls }) => calls.count > 0);
    },
    set,
    append(message, key = message.id ?? '') {
      // Only chunks have pieces of calls; a message without is whole.
      if (message.role !== 'ai' || !message.callChunks) return set(message, true, key);
      const { turn, events } = turnOf(key);
      turn.inChunks = true;
      if (message.reasoning !== '') {
        turn.reasoning += message.reasoning;
        events.push({ type: 'reasoning', content: message.reasoning });
      }
      events.push(...answer.append(key, message.text), ...attachments(message));
      for (const chunk of message.callChunks) events.push(...addCall(turn, chunk));
      // The counts of chunks are parts of one sum.
      const usage = message.usage && addUsage(turn.usage ?? {}, message.usage);
      return [...events, ...usageOf(turn, usage)];
    },
    end: () => [...turns.values()].flatMap(({ calls }) => calls.flush(true)),
  };
}
