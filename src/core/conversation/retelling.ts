import type { Message, MessagePart, StreamEvent, ToolPart } from '../model/index.js';
import { reduceMessage } from './reduce-message.js';

/** Takes an answer that is told again from its start into the message that shows what is known of it. */
export interface Retelling {
  /**
   * The message after an event: what was shown stands until the new telling has come as far.
   * `finished`: the new telling has taken its place, or is over.
   */
  apply(shown: Message, event: StreamEvent): { readonly message: Message; readonly finished: boolean };
}

function sizeOf(part: MessagePart | undefined): number {
  return part && 'text' in part ? part.text.length : 0;
}

function reaches(told: readonly MessagePart[], shown: readonly MessagePart[]): boolean {
  if (told.length !== shown.length) return told.length > shown.length;
  return sizeOf(told.at(-1)) >= sizeOf(shown.at(-1));
}

/** What has become of a call is no part of what is told again: it is not dispatched, or asked about, twice. */
function withAnswers(told: Message, shown: Message): Message {
  const parts = told.parts.map((part) => {
    if (part.type !== 'tool') return part;
    const before = shown.parts.find((other) => other.type === 'tool' && other.id === part.id);
    return before?.type === 'tool' && before.state !== 'preparing' ? before : part;
  });
  return { ...told, parts };
}

/** Knows the calls of an answer again that is told from its start, where each telling gives them other ids. */
export interface CallIds {
  /** The event with the id under which `shown` knows its call. What has been recognized stays as it is. */
  recognize(event: StreamEvent, shown: Message): StreamEvent;
}

/** `prefix`: what the new telling does not tell. */
export function createCallIds(prefix: readonly MessagePart[] = []): CallIds {
  /** Ids of calls as they are told now → as they are known. */
  const known = new Map<string, string>();
  const first = prefix.filter(({ type }) => type === 'tool').length;
  /** Calls that the new telling has told of. */
  let count = 0;

  return {
    recognize(event, shown) {
      if (!('id' in event) || !event.type.startsWith('tool_')) return event;
      const { id } = event;
      const isNew = 'name' in event && event.name !== undefined && !known.has(id);
      const taken = new Set(isNew ? known.values() : []);
      if (isNew && !taken.has(id)) {
        const calls = shown.parts.filter((part): part is ToolPart => part.type === 'tool');
        // Where an endpoint gives no ids, the nth call is the nth call.
        const same = calls.find((call) => call.id === id) ?? calls[first + count];
        known.set(id, same?.name === event.name && !taken.has(same.id) ? same.id : id);
        count += 1;
      }
      const knownId = known.get(id) ?? id;
      return knownId === id ? event : { ...event, id: knownId };
    },
  };
}

/**
 * Begins with an empty telling of `message`, behind the parts in `prefix`, which an earlier answer has told. Default:
 * none.
 */
export function retell(
  message: Message,
  prefix: readonly MessagePart[] = [],
  ids = createCallIds(prefix),
): Retelling {
  let told: Message = { ...message, parts: prefix };

  return {
    apply(shown, original) {
      const event = ids.recognize(original, shown);
      told = reduceMessage(told, event);
      const isNewCall =
        event.type === 'tool_call' &&
        !shown.parts.some((part) => part.type === 'tool' && part.id === event.id);
      const isEnd = event.type === 'done';
      if (isNewCall || reaches(told.parts, shown.parts) || (isEnd && event.complete)) {
        return { message: withAnswers(told, shown), finished: true };
      }
      const { status, error } = told;
      const answered = event.type === 'tool_result' ? reduceMessage(shown, event) : shown;
      const isSame = answered.status === status && answered.error === error;
      return { message: isSame ? answered : { ...answered, status, error }, finished: isEnd };
    },
  };
}
