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

/**
 * Begins with an empty telling of `message`, behind the parts in `prefix`, which an earlier answer has told. Default:
 * none.
 */
export function retell(message: Message, prefix: readonly MessagePart[] = []): Retelling {
  let told: Message = { ...message, parts: prefix };
  /** Ids of calls as they are told now → as they are known. */
  const known = new Map<string, string>();

  /** Where an endpoint gives no ids, each telling has others: the nth call is the nth call. */
  function withKnownId(event: StreamEvent, shown: Message): StreamEvent {
    if (!('id' in event) || !event.type.startsWith('tool_')) return event;
    const { id } = event;
    const calls = shown.parts.filter((part): part is ToolPart => part.type === 'tool');
    if (!known.has(id)) {
      const index = prefix.filter(({ type }) => type === 'tool').length + known.size;
      const same = calls.find((call) => call.id === id) ?? calls[index];
      const isSame = same?.id === id || ('name' in event && same?.name === event.name);
      known.set(id, same && isSame ? same.id : id);
    }
    return { ...event, id: known.get(id)! };
  }

  return {
    apply(shown, original) {
      const event = withKnownId(original, shown);
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
