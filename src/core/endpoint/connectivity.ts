/** Milliseconds in which a connection has to show that it outlived a change of the network. */
const PROOF_OF_LIFE = 3000;

/** What the device, and the page, say about the network. */
export interface Connectivity {
  /** False: offline, or the page is put away. Nothing is tried then. */
  readonly available: boolean;
  /**
   * Calls `listener` with `lost` when connections are about to be lost, and with `back` when there may be a network
   * again, or an old connection may have died unnoticed. Returns the function that ends it.
   */
  subscribe(listener: (change: 'lost' | 'back') => void): () => void;
}

/** Of a place that cannot tell. */
export const ALWAYS_AVAILABLE: Connectivity = { available: true, subscribe: () => () => {} };

/**
 * Waits `delay` milliseconds, or, while there is no network, until there is. A network that comes back ends the wait at
 * once, unless the endpoint has asked for it (`asked`). Fulfils with `lost` when the network went meanwhile, so that
 * there is something new to tell.
 */
export function waitForNetwork(
  connectivity: Connectivity,
  delay: number,
  asked: boolean,
  signal: AbortSignal,
): Promise<'ready' | 'lost'> {
  return new Promise((resolve) => {
    const waitsForTime = connectivity.available;
    const timer = waitsForTime ? setTimeout(() => end('ready'), delay) : undefined;
    const unsubscribe = connectivity.subscribe((change) => {
      if (change === 'lost') {
        if (waitsForTime) end('lost');
      } else if (connectivity.available && !(waitsForTime && asked)) end('ready');
    });
    const stop = (): void => end('ready');
    function end(result: 'ready' | 'lost'): void {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', stop);
      resolve(result);
    }
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
}

/** A connection, as far as a change of the network concerns it. */
export interface WatchedConnection {
  /** Bytes received so far. */
  received(): number;
  /** Whether the network is waited for; a slow reader is no silent connection. */
  waits(): boolean;
  /** The connection is lost, or has shown nothing for 3 s after a change. */
  lose(code: 'network' | 'timeout', message: string): void;
}

/** Tells a connection what the network does to it. Returns the function that ends it. */
export function watchNetwork(connectivity: Connectivity, connection: WatchedConnection): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const unsubscribe = connectivity.subscribe((change) => {
    clearTimeout(timer);
    if (change === 'lost') {
      connection.lose('network', 'There is no network.');
      return;
    }
    const before = connection.received();
    timer = setTimeout(() => {
      if (!connection.waits() || connection.received() !== before) return;
      connection.lose('timeout', 'The connection did not outlive a change of the network.');
    }, PROOF_OF_LIFE);
  });
  return () => {
    clearTimeout(timer);
    unsubscribe();
  };
}
