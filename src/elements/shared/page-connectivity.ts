import type { Connectivity } from '../../core/index.js';

type Listener = Parameters<Connectivity['subscribe']>[0];

/** Milliseconds between two looks at the clock while somebody waits for the network. */
const CLOCK_INTERVAL = 5000;
/** A clock that was late by so much was asleep, in milliseconds. */
const SLEEP = 10_000;

const listeners = new Set<Listener>();
let putAway = false;
let watching: AbortController | undefined;

function tell(change: 'lost' | 'back'): void {
  for (const listener of listeners) listener(change);
}

/** No event tells that a computer has slept: the clock does. In hidden pages it is slow anyway. */
function watchClock(signal: AbortSignal): void {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    const slept = now - last - CLOCK_INTERVAL > SLEEP;
    last = now;
    if (slept && document.visibilityState === 'visible') tell('back');
  }, CLOCK_INTERVAL);
  signal.addEventListener('abort', () => clearInterval(timer));
}

/** Stops listening where nobody does. A page that is put away is waited for, so that nobody takes it for lost later. */
function rest(): void {
  if (listeners.size > 0 || putAway) return;
  watching?.abort();
  watching = undefined;
}

function watch(): AbortController {
  const controller = new AbortController();
  const { signal } = controller;
  addEventListener('offline', () => tell('lost'), { signal });
  addEventListener('online', () => tell('back'), { signal });
  addEventListener(
    'pagehide',
    ({ persisted }) => {
      putAway = persisted;
      if (persisted) tell('lost');
    },
    { signal },
  );
  addEventListener(
    'pageshow',
    () => {
      putAway = false;
      tell('back');
      rest();
    },
    { signal },
  );
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') tell('back');
    },
    { signal },
  );
  // Chromium freezes hidden pages, and thaws them without showing them.
  document.addEventListener('resume', () => tell('back'), { signal });
  watchClock(signal);
  return controller;
}

/**
 * What the browser and the life of the page say about the network: `online` and `offline`, the back-forward cache, a
 * page that is shown again, a computer that wakes. It listens only while somebody does.
 */
export const pageConnectivity: Connectivity = {
  get available() {
    return navigator.onLine && !putAway;
  },
  subscribe(listener) {
    // A set would take the same function for one listener.
    const own: Listener = (change) => listener(change);
    listeners.add(own);
    watching ??= watch();
    return () => {
      listeners.delete(own);
      rest();
    };
  },
};
