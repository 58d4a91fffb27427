import {
  callIndex,
  type MessagePart,
  type StreamEvent,
  type ToolCallEvent,
  type ToolPart,
} from '../model/index.js';
import { isRecord } from '../model/json.js';
import { isTooDeep, readArguments, tooLong, type ToolLimits } from '../tools/index.js';
import type { Conversation } from './conversation.js';
import type { SessionHost, ToolRequest } from './session.js';

/** What the calls of one answer need of the session. */
export interface TurnCallsOptions {
  readonly conversation: Conversation;
  readonly host: Pick<SessionHost, 'toolNames' | 'takesResults'>;
  readonly limits: ToolLimits;
  readonly messageId: string;
  /** Has a call answered. Undefined: nobody took it. */
  readonly start: (call: ToolRequest) => Promise<void> | undefined;
  /** Has a call answered after the user was asked. */
  readonly confirm: (call: ToolRequest) => Promise<void>;
  /** Tells the model why a call is not run. */
  readonly refuse: (id: string, reason: string) => void;
}

/** What the model is told of a call that was not whole when its answer had ended. */
export const INCOMPLETE = 'The arguments of this call are incomplete, or too long, so it was not run.';

/**
 * The calls that one answer makes: which of them go to the page, each once, and which are refused. A refusal waits for
 * the end of the answer, as the endpoint may run tools of its own without saying so; but not where the endpoint waits
 * for results while it answers.
 */
export class TurnCalls {
  readonly #options: TurnCallsOptions;
  /** Calls that were looked at already, in this turn or one that it goes on with. */
  readonly #known: Set<string>;
  readonly #refusals = new Map<string, string>();
  readonly #answers: Promise<void>[] = [];
  #count = 0;

  constructor(options: TurnCallsOptions) {
    this.#options = options;
    this.#known = new Set(this.#calls().flatMap(({ id, state }) => (state === 'preparing' ? [] : [id])));
  }

  /** The event as the conversation is to take it: with arguments that are frozen, or none where they are refused. */
  read(event: StreamEvent): StreamEvent {
    if (event.type === 'tool_call') return this.#readCall(event);
    if (event.type === 'tool_call_delta') {
      const { limits, refuse } = this.#options;
      const call = this.#find(event.id);
      const length = (call?.argsText.length ?? 0) + event.delta.length;
      const isLong = length > limits.maxArgumentChars;
      if (isLong && call?.state === 'preparing' && call.by === 'client') refuse(event.id, tooLong(limits));
    }
    return event;
  }

  /** The conversation has taken an event in: calls that have become whole go to the page. */
  note({ type }: StreamEvent, signal: AbortSignal): void {
    // A new telling shows its calls when it has come as far as the one before, perhaps at its end.
    if ((type !== 'tool_call' && type !== 'done') || signal.aborted) return;
    for (const call of this.#calls()) {
      if (call.state === 'preparing' || call.by !== 'client' || this.#known.has(call.id)) continue;
      this.#known.add(call.id);
      if (call.state === 'running') this.#dispatch(call);
    }
  }

  /** The answer has ended. Fulfils when all calls that somebody took have their results. */
  async end(signal: AbortSignal): Promise<void> {
    const { conversation, messageId, refuse } = this.#options;
    if (!signal.aborted) {
      for (const [id, reason] of this.#refusals) {
        if (this.#find(id)?.state === 'running') refuse(id, reason);
      }
      const { status, error } = conversation.find(messageId) ?? {};
      // What else has no end can be gone on with.
      const isOver = status === 'complete' || error?.code === 'limit';
      for (const { id, state, by } of this.#calls()) {
        if (isOver && by === 'client' && state === 'preparing') refuse(id, INCOMPLETE);
      }
    }
    await Promise.all(this.#answers);
  }

  /** The user is asked again about calls that nobody on the page they were made on has heard of. */
  askAgain(): void {
    const { limits, messageId, confirm, refuse } = this.#options;
    for (const { id, name, args, state, approval } of this.#calls()) {
      if (state !== 'waiting' || approval?.by !== 'page') continue;
      const reading = readArguments(args, '', limits);
      if ('args' in reading) this.#answers.push(confirm({ id, name, args: reading.args, messageId }));
      else refuse(id, reading.error);
    }
  }

  #readCall(event: ToolCallEvent): StreamEvent {
    const { limits } = this.#options;
    const { id, args } = event;
    const call = this.#find(id);
    if (call?.by === 'server') {
      return isTooDeep(args, limits.maxArgumentDepth) ? { ...event, args: undefined } : event;
    }
    if (call && call.state !== 'preparing') return event;
    const reading = readArguments(args, call?.argsText, limits);
    if ('args' in reading) return { ...event, args: reading.args };
    this.#refusals.set(id, reading.error);
    // Free text goes back as it came; what is beyond a limit does not.
    const isText = typeof args === 'string' && args.length <= limits.maxArgumentChars;
    return { ...event, args: isText ? args : undefined };
  }

  #dispatch({ id, name, args }: ToolPart): void {
    const { limits, messageId, start } = this.#options;
    this.#count += 1;
    const reason = this.#refusals.get(id) ?? this.#reasonAgainst(name);
    if (reason !== undefined || !isRecord(args)) {
      this.#refuse(id, reason ?? INCOMPLETE);
      return;
    }
    if (this.#count > limits.maxToolCalls) {
      this.#refuse(id, `An answer may call ${limits.maxToolCalls} tools. Make this call in the next one.`);
      return;
    }
    const answer = start({ id, name, args, messageId });
    if (answer) this.#answers.push(answer);
  }

  #reasonAgainst(name: string): string | undefined {
    const names = this.#options.host.toolNames?.();
    // A list, not an object: no name is inherited.
    if (!names || names.includes(name)) return undefined;
    return `There is no tool ${JSON.stringify(name)}. There are: ${names.join(', ')}.`;
  }

  #refuse(id: string, reason: string): void {
    if (this.#options.host.takesResults?.()) this.#options.refuse(id, reason);
    else this.#refusals.set(id, reason);
  }

  get #parts(): readonly MessagePart[] {
    return this.#options.conversation.find(this.#options.messageId)?.parts ?? [];
  }

  #calls(): ToolPart[] {
    return this.#parts.filter((part): part is ToolPart => part.type === 'tool');
  }

  #find(id: string): ToolPart | undefined {
    const parts = this.#parts;
    return parts[callIndex(parts, id)] as ToolPart | undefined;
  }
}
