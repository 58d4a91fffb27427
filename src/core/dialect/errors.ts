import {
  isRecoverable,
  readProviderError,
  type ErrorEvent,
  type ProviderError,
  type StreamEvent,
} from '../model/index.js';
import { present } from '../model/json.js';

/** The event of a failure that the endpoint reported in its own words. */
export function providerErrorEvent(error: ProviderError | undefined): ErrorEvent {
  if (!error) {
    return {
      type: 'error',
      code: 'provider',
      message: 'The endpoint reported an error and did not say which. Look at its logs.',
      recoverable: true,
    };
  }
  const { message, code, type } = error;
  const origin = present({ code, type });
  return {
    type: 'error',
    code: 'provider',
    message,
    recoverable: isRecoverable(error),
    ...(Object.keys(origin).length > 0 && { origin }),
  };
}

/** The event of a failure that the endpoint reported in any of the usual shapes. */
export function reportedError(error: unknown): ErrorEvent {
  return providerErrorEvent(readProviderError(error));
}

/** The event of a failure of Google's: its `status` is another name for its code, not a type of its own. */
export function googleErrorEvent(error: unknown): ErrorEvent {
  const reported = readProviderError(error);
  return providerErrorEvent(reported && { ...reported, type: undefined });
}

/** One event in the middle of an answer is damaged; the rest stands. */
export function unreadableFrameEvent(): ErrorEvent {
  return {
    type: 'error',
    code: 'protocol',
    message: 'An event of the answer could not be read and was skipped; something may be missing.',
    recoverable: true,
  };
}

/** The end of an answer that cannot be read, and why. */
export function unreadableEvents(
  message = 'The answer is in a form that is not known here. Set the "dialect" attribute to the one that the endpoint speaks.',
): StreamEvent[] {
  return [
    { type: 'error', code: 'protocol', message, recoverable: false },
    { type: 'done', reason: 'error', complete: false },
  ];
}

/** Gives each failure of one answer once: gateways repeat them, and send them in frames of their own besides. */
export function createErrorOnce(): (event: ErrorEvent) => ErrorEvent[] {
  const seen = new Set<string>();
  return (event) => {
    if (seen.has(event.message)) return [];
    seen.add(event.message);
    return [event];
  };
}
