import {
  callIndex,
  completeMessage,
  createRandomId,
  type Message,
  type MessageInput,
  type MessagePart,
  messageText,
  type ReconnectEvent,
  type StreamEvent,
  type ToolPart,
} from '../model/index.js';
import { type DeltaEvent, grewPart, reduceMessage } from './reduce-message.js';
import { type CallIds, createCallIds, retell, type Retelling } from './retelling.js';
import { reducePhase, type RunPhase } from './run-phase.js';

/** What has just changed, as narrow as it can be said. */
export type ConversationChange =
  /** Messages came, went or changed places. */
  | { readonly type: 'messages' }
  /** The open part of a message, which is of the type `part`, grew by `content`, and nothing else changed. */
  | {
      readonly type: 'text';
      readonly messageId: string;
      readonly part: 'text' | 'reasoning';
      readonly content: string;
    }
  /** The arguments of the tool call `id` grew by `delta`, a piece of JSON text, and nothing else changed. */
  | {
      readonly type: 'tool_arguments';
      readonly messageId: string;
      readonly id: string;
      readonly delta: string;
    }
  /** One message changed in any other way. */
  | { readonly type: 'message'; readonly messageId: string }
  | { readonly type: 'phase'; readonly phase: RunPhase; readonly previous: RunPhase };

export type ConversationListener = (change: ConversationChange) => void;

/** Makes ids for messages that come without one. */
export type CreateId = () => string;

/**
 * Owns the messages and the phase of the run. Everybody else reads `messages` and `phase`, and learns of changes
 * by `subscribe`. Headless: it needs no DOM.
 */
export class Conversation {
  #messages: Message[] = [];
  #phase: RunPhase = 'idle';
  #reconnect: ReconnectEvent | undefined;
  /** What the newest answer began with, when it continued another one. */
  #prefix: readonly MessagePart[] = [];
  /** The answer that is told again from its start. */
  #retelling: (Retelling & { readonly messageId: string }) | undefined;
  /** What tells the calls of an answer that was told again. It goes on after the new telling has taken its place. */
  #callIds: { readonly ids: CallIds; readonly messageId: string } | undefined;
  readonly #listeners = new Set<ConversationListener>();
  readonly #createId: CreateId;

  constructor(createId: CreateId = createRandomId) {
    this.#createId = createId;
  }

  /** All messages, oldest first. A snapshot: it does not change when the conversation does. */
  get messages(): readonly Message[] {
    return [...this.#messages];
  }

  get phase(): RunPhase {
    return this.#phase;
  }

  /** Why, and when, the connection is made again; undefined unless the phase is `reconnecting`. */
  get reconnect(): ReconnectEvent | undefined {
    return this.#phase === 'reconnecting' ? this.#reconnect : undefined;
  }

  /** Characters of the newest message that an answer which is told again from its start does not tell. */
  get prefixLength(): number {
    return messageText({ parts: this.#prefix }).length;
  }

  get lastMessage(): Message | undefined {
    return this.#messages.at(-1);
  }

  /** Calls `listener` after every change. Returns the function that ends it. */
  subscribe(listener: ConversationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  find(id: string): Message | undefined {
    return this.#messages[this.#indexOf(id)];
  }

  /** The message that holds a tool call, and the call. */
  findTool(id: string): { readonly message: Message; readonly tool: ToolPart } | undefined {
    for (let index = this.#messages.length - 1; index >= 0; index -= 1) {
      const message = this.#messages[index]!;
      const tool = message.parts[callIndex(message.parts, id)] as ToolPart | undefined;
      if (tool) return { message, tool };
    }
    return undefined;
  }

  /** Adds a message at the end. Missing fields are filled in. */
  append(input: MessageInput): Message {
    const message = completeMessage(input, this.#createId);
    this.#messages.push(message);
    this.#emit({ type: 'messages' });
    return message;
  }

  /** Adds messages before all others, but for those whose ids are there already. Returns what was added. */
  prepend(inputs: readonly MessageInput[]): readonly Message[] {
    const known = new Set(this.#messages.map(({ id }) => id));
    const added = inputs
      .filter(({ id }) => id === undefined || !known.has(id))
      .map((input) => settled(completeMessage(input, this.#createId)));
    if (added.length === 0) return added;
    this.#messages.unshift(...added);
    this.#emit({ type: 'messages' });
    return added;
  }

  /** Puts these messages in place of all there are. */
  replace(inputs: readonly MessageInput[]): void {
    this.#messages = inputs.map((input) => settled(completeMessage(input, this.#createId)));
    this.#retelling = undefined;
    this.#callIds = undefined;
    this.#emit({ type: 'messages' });
    // What the phase was about is gone. A run that is still going on is its session's to stop.
    this.#setPhase('idle');
  }

  /** Removes a message and everything after it. Returns what was removed, oldest first. */
  cut(id: string): Message[] {
    const index = this.#indexOf(id);
    if (index < 0) return [];
    const removed = this.#messages.splice(index);
    this.#emit({ type: 'messages' });
    return removed;
  }

  /** The user's message is on its way and an answer is expected: adds the empty answer that events will fill. */
  begin(): Message {
    const message = this.append({ role: 'assistant', parts: [], status: 'streaming' });
    this.#prefix = [];
    this.#setPhase('submitting');
    return message;
  }

  /**
   * The rest of an answer that stopped short is expected: events add to what it has. `by`: what tells the rest is the
   * same answer, or another one that was asked to continue it.
   */
  reopen(messageId: string, by: 'same' | 'another'): void {
    const index = this.#indexOf(messageId);
    const message = this.#messages[index];
    if (!message) return;
    if (by === 'another') this.#prefix = message.parts;
    this.#messages[index] = { ...message, status: 'streaming', error: undefined };
    this.#emit({ type: 'message', messageId });
    this.#setPhase('submitting');
  }

  /** No call waits for an answer any more, and no request will follow. */
  settle(): void {
    if (this.#phase === 'awaiting_tool') this.#setPhase('idle');
  }

  /**
   * The event with the id under which its call is known: an answer that is told again may give its calls other ones. What
   * has been recognized stays as it is.
   */
  recognize(messageId: string, event: StreamEvent): StreamEvent {
    const known = this.#callIds?.messageId === messageId ? this.#callIds.ids : undefined;
    const message = this.find(messageId);
    return known && message ? known.recognize(event, message) : event;
  }

  /** Takes an event of the run into the message it belongs to, and into the phase. */
  apply(messageId: string, told: StreamEvent): void {
    const event = this.recognize(messageId, told);
    // After an approval or a resumed run, a result may belong to a call of an earlier message.
    const owner = event.type === 'tool_result' ? this.findTool(event.id)?.message.id : undefined;
    const index = this.#indexOf(owner ?? messageId);
    const before = this.#messages[index];
    if (!before) {
      if (event.type === 'done') this.#setPhase('idle');
      return;
    }
    if (event.type === 'restart') {
      const ids = createCallIds(this.#prefix);
      this.#callIds = { ids, messageId: before.id };
      this.#retelling = { ...retell(before, this.#prefix, ids), messageId: before.id };
    }
    const isRetold = this.#retelling?.messageId === before.id;
    const after = isRetold ? this.#applyRetold(before, event) : reduceMessage(before, event);
    if (after.status === 'aborted' && after.parts.length === 0) {
      // Stopped before anything came: there is no answer to show.
      this.#messages.splice(index, 1);
      this.#emit({ type: 'messages' });
    } else if (after !== before) {
      this.#messages[index] = after;
      const { id } = after;
      const grew = !isRetold && grewPart(before, after, event);
      this.#emit(grew ? growth(id, event) : { type: 'message', messageId: id });
    }
    this.#showReconnect(event, before.id);
    this.#setPhase(reducePhase(this.#phase, event, after));
  }

  /** Notes what becomes of a call beside its result: the user is asked about it, or may take it back. */
  updateTool(id: string, changes: Partial<Pick<ToolPart, 'state' | 'approval' | 'canUndo'>>): void {
    const found = this.findTool(id);
    if (!found) return;
    const { message, tool } = found;
    const parts = message.parts.with(message.parts.indexOf(tool), { ...tool, ...changes });
    this.#messages[this.#indexOf(message.id)] = { ...message, parts };
    this.#emit({ type: 'message', messageId: message.id });
  }

  /** The page shows this failure itself: the message keeps its state, not the words. */
  hideError(messageId: string): void {
    const index = this.#indexOf(messageId);
    const message = this.#messages[index];
    if (!message?.error) return;
    this.#messages[index] = { ...message, error: undefined };
    this.#emit({ type: 'message', messageId });
  }

  #applyRetold(shown: Message, event: StreamEvent): Message {
    if (!this.#retelling || event.type === 'restart') return shown;
    const { message, finished } = this.#retelling.apply(shown, event);
    if (finished) this.#retelling = undefined;
    return message;
  }

  /** A second one changes no phase, but says something new. */
  #showReconnect(event: StreamEvent, messageId: string): void {
    if (event.type !== 'reconnect') return;
    this.#reconnect = event;
    this.#emit({ type: 'message', messageId });
  }

  #indexOf(id: string): number {
    // From the end: what is looked for is nearly always the newest message.
    for (let index = this.#messages.length - 1; index >= 0; index -= 1) {
      if (this.#messages[index]?.id === id) return index;
    }
    return -1;
  }

  #setPhase(phase: RunPhase): void {
    const previous = this.#phase;
    if (phase === previous) return;
    this.#phase = phase;
    this.#emit({ type: 'phase', phase, previous });
  }

  #emit(change: ConversationChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function growth(messageId: string, event: DeltaEvent): ConversationChange {
  if (event.type === 'tool_call_delta') {
    return { type: 'tool_arguments', messageId, id: event.id, delta: event.delta };
  }
  return { type: 'text', messageId, part: event.type, content: event.content };
}

/** A message that was saved: nobody is left who could take back what its calls did. */
function settled(message: Message): Message {
  if (!message.parts.some((part) => part.type === 'tool' && part.canUndo)) return message;
  const parts = message.parts.map((part) => (part.type === 'tool' ? { ...part, canUndo: undefined } : part));
  return { ...message, parts };
}
