import { ackMessage } from './client-message.js';

/** Tells a server how much of one answer was taken, so that it sends no more than there is room for. */
export interface Acknowledger {
  /** The consumer is through with an event. */
  take(seq: number | undefined): void;
  /** Sends an acknowledgement, if one is due. Nothing is to be waited for before this. */
  acknowledge(): void;
}

/**
 * Makes the acknowledger of one answer. `size` is the server's window in events; undefined: it wants to hear nothing.
 * Half a window is acknowledged at once: the server then has the other half to send from while the message travels.
 */
export function createAcknowledger(
  size: () => number | undefined,
  send: (message: string) => void,
): Acknowledger {
  let taken = 0;
  let last: number | undefined;
  return {
    take(seq) {
      // Events without a number count as well: a server that counts all of them must not wait in vain.
      taken += 1;
      last = seq ?? last;
    },
    acknowledge() {
      const window = size();
      if (window === undefined || last === undefined || taken < Math.ceil(window / 2)) return;
      send(ackMessage(last));
      taken = 0;
      last = undefined;
    },
  };
}
