/** The longest silence before a sign of life is asked for, in milliseconds. Proxies cut at 30 s and above. */
const MAX_INTERVAL = 20_000;

/** Asks a silent connection for a sign of life, so that the idle timeout tells dead ones from quiet ones. */
export interface Heartbeat {
  /** Something has arrived, or is expected from now on. */
  restart(): void;
  stop(): void;
}

/**
 * Makes the heartbeat of one run: `beat` is called once when nothing has arrived for a third of `idleTimeout`, at most
 * 20 s, and again only after something has. With an `idleTimeout` of 0 it never is.
 */
export function createHeartbeat(idleTimeout: number, beat: () => void): Heartbeat {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    restart() {
      clearTimeout(timer);
      if (idleTimeout > 0) timer = setTimeout(beat, Math.min(idleTimeout / 3, MAX_INTERVAL));
    },
    stop: () => clearTimeout(timer),
  };
}
