import { createRandomId, type ErrorEvent, type StreamEvent, type ToolOwner } from '../model/index.js';
import { isRecord, parseJson } from '../model/json.js';

/** Characters of arguments that one call may have. */
export const MAX_ARGS_CHARS = 1_048_576;

/** One piece of a call, as it arrives. */
export interface ToolCallDelta {
  readonly index?: number | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  /** Who runs the tool. Default: `client`. */
  readonly by?: ToolOwner | undefined;
  /** A piece of the arguments' JSON text. */
  readonly args: string;
}

/** Puts tool calls together from pieces that may lack an index, an id, or both. */
export interface ToolCallAssembler {
  add(delta: ToolCallDelta): StreamEvent[];
  /**
   * No more arguments are to come: the calls that are whole. `cut`: the stream stopped short, so only calls whose
   * arguments are a complete JSON object count.
   */
  flush(cut: boolean): StreamEvent[];
  /** No more arguments are to come for the call of this index: the call, if it is whole. `cut` as in `flush`. */
  end(index: number, cut: boolean): StreamEvent[];
  /** Calls of the page's tools that were begun. */
  readonly count: number;
}

interface Call {
  /** As the wire has it. */
  readonly wireId: string | undefined;
  /** As the events have it: made up where the wire has none. */
  readonly id: string;
  name: string;
  readonly by: ToolOwner;
  readonly args: string[];
  argsLength: number;
  /** Its arguments were reported whole, or are too long: later pieces are ignored. */
  closed: boolean;
}

/**
 * An id for a call that has none. Nine letters and digits: the form that the strictest endpoint (Mistral) accepts
 * when it gets the id back.
 */
export function makeCallId(): string {
  return createRandomId().slice(0, 9);
}

/** A call whose arguments are longer than `MAX_ARGS_CHARS`. */
export function argsTooLongEvent(name: string): ErrorEvent {
  return {
    type: 'error',
    code: 'limit',
    message: `The arguments of the tool "${name}" are longer than ${MAX_ARGS_CHARS} characters, so it is not called.`,
    recoverable: false,
  };
}

function isWhole(call: Call): boolean {
  return isRecord(parseJson(call.args.join('')));
}

/** The arguments of a call by their text: the text itself where it is no JSON, an empty object where there is none. */
export function parseArgs(text: string): unknown {
  if (text.trim() === '') return {};
  const args = parseJson(text);
  return args === undefined ? text : args;
}

/**
 * Makes the assembler of one answer. A piece belongs to the call of its index; without an index to that of its id;
 * without both to the newest. It begins a new call under a used index when it brings a name and another id, or a
 * name and arguments while the call there is whole already: gateways give parallel calls the same index.
 */
export function createToolCallAssembler(): ToolCallAssembler {
  const byKey = new Map<number | string, Call>();
  const calls: Call[] = [];

  function find({ index, id, name }: ToolCallDelta): Call | undefined {
    const key = index ?? id;
    const found = key === undefined ? undefined : byKey.get(key);
    // An id that no call has and no name with it: a gateway that makes up an id for every piece.
    return (
      found ?? (index === undefined && (id === undefined || name === undefined) ? calls.at(-1) : undefined)
    );
  }

  function startsAnother(call: Call, { id, name, args }: ToolCallDelta): boolean {
    if (name === undefined) return false;
    if (id !== undefined && call.wireId !== undefined) return id !== call.wireId;
    return args !== '' && (call.closed || isWhole(call));
  }

  function begin({ index, id, name = '', by = 'client' }: ToolCallDelta): Call {
    const call: Call = {
      wireId: id,
      id: id ?? makeCallId(),
      name,
      by,
      args: [],
      argsLength: 0,
      closed: false,
    };
    calls.push(call);
    if (index !== undefined) byKey.set(index, call);
    if (id !== undefined) byKey.set(id, call);
    return call;
  }

  function start(call: Call): StreamEvent {
    return { type: 'tool_call_start', id: call.id, name: call.name, by: call.by };
  }

  function report(call: Call, cut: boolean): StreamEvent[] {
    if (call.closed || call.name === '' || (cut && !isWhole(call))) return [];
    call.closed = true;
    const args = parseArgs(call.args.join(''));
    call.args.length = 0;
    return [{ type: 'tool_call', id: call.id, name: call.name, args }];
  }

  return {
    get count() {
      return calls.filter(({ by }) => by === 'client').length;
    },
    add(delta) {
      const found = find(delta);
      const another = !found || startsAnother(found, delta);
      const call = another ? begin(delta) : found;
      const events: StreamEvent[] = [];
      if (call.closed) return events;
      const named = call.name !== '';
      if (!named && delta.name !== undefined) call.name = delta.name;
      if (call.name !== '' && (another || !named)) {
        events.push(start(call));
        // Arguments that came before the name.
        if (call.argsLength > 0) {
          events.push({ type: 'tool_call_delta', id: call.id, delta: call.args.join('') });
        }
      }
      if (delta.args === '') return events;
      call.argsLength += delta.args.length;
      if (call.argsLength > MAX_ARGS_CHARS) {
        call.closed = true;
        call.args.length = 0;
        return [...events, argsTooLongEvent(call.name)];
      }
      call.args.push(delta.args);
      if (call.name !== '') events.push({ type: 'tool_call_delta', id: call.id, delta: delta.args });
      return events;
    },
    flush: (cut) => calls.flatMap((call) => report(call, cut)),
    end(index, cut) {
      const call = byKey.get(index);
      return call ? report(call, cut) : [];
    },
  };
}
