import type { Message, MessagePart, StreamEvent } from '../model/index.js';
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

/** The answers of the page are no part of what is told again. */
function withAnswers(told: Message, shown: Message): Message {
  const parts = told.parts.map((part) => {
    if (part.type !== 'tool') return part;
    const known = shown.parts.find((other) => other.type === 'tool' && other.id === part.id);
    return known?.type === 'tool' && known.result !== undefined ? known : part;
  });
  return { ...told, parts };
}

/** Begins with an empty telling of `message`. */
export function retell(message: Message): Retelling {
  let told: Message = { ...message, parts: [] };
  return {
    apply(shown, event) {
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
