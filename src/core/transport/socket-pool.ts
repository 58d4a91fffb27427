import type { EventSocket } from './event-socket.js';

/** Milliseconds for which a socket is kept after an answer, for the run that may follow. */
export const SOCKET_KEPT_TIME = 30_000;

/** Sockets that are kept at once. An address with a key for every run would leave one behind with each. */
export const MAX_KEPT_SOCKETS = 4;

/** Open sockets without a run, one for each URL. */
export interface SocketPool {
  /** Takes the socket of `url` out, if there is one that still lives. */
  take(url: string): EventSocket | undefined;
  /** Keeps a socket for a while, in place of the one there was for its URL. */
  keep(socket: EventSocket): void;
}

interface KeptSocket {
  readonly socket: EventSocket;
  readonly until: number;
  readonly timer: ReturnType<typeof setTimeout>;
}

export function createSocketPool(): SocketPool {
  const kept = new Map<string, KeptSocket>();

  function remove(url: string): KeptSocket | undefined {
    const entry = kept.get(url);
    kept.delete(url);
    clearTimeout(entry?.timer);
    return entry;
  }

  function drop(url: string): void {
    remove(url)?.socket.close();
  }

  return {
    take(url) {
      const entry = remove(url);
      if (!entry) return undefined;
      // The timer stands still while a device sleeps, and the server does not.
      if (entry.socket.isOpen && Date.now() < entry.until) return entry.socket;
      entry.socket.close();
      return undefined;
    },
    keep(socket) {
      const { url } = socket;
      drop(url);
      const [oldest] = kept.keys();
      if (oldest !== undefined && kept.size === MAX_KEPT_SOCKETS) drop(oldest);
      const timer = setTimeout(() => drop(url), SOCKET_KEPT_TIME);
      kept.set(url, { socket, until: Date.now() + SOCKET_KEPT_TIME, timer });
      // Late messages of the run that has ended are heard by nobody.
      socket.listen({ onEnd: () => remove(url) });
    },
  };
}
