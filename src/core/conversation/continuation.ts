import { completeMessage, createRandomId, type Message } from '../model/index.js';

/** What a model is told whose answer broke off. */
const CONTINUE =
  'Your last answer was cut off. Continue exactly where it stopped, without repeating anything and without a preface.';

/**
 * Whether a model can be asked to continue this answer: it stopped short of its end, and it is text. A tool call, or
 * reasoning, that was cut off cannot be picked up by another run.
 */
export function canContinue({ role, status, parts }: Message): boolean {
  if (role !== 'assistant' || status === 'complete' || status === 'streaming') return false;
  const isText = parts.every(({ type }) => type === 'text' || type === 'source' || type === 'opaque');
  return isText && parts.some((part) => part.type === 'text' && part.text !== '');
}

/** The conversation as it is sent for the rest of its last answer. */
export function askToContinue(messages: readonly Message[]): readonly Message[] {
  return [...messages, completeMessage({ role: 'user', content: CONTINUE }, createRandomId)];
}
