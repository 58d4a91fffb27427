/** What waits for a frame. The page may be hidden before it comes. */
const waiting = new Set<() => void>();
let isListening = false;

/**
 * Calls back before the next frame is painted, or soon where no frames are painted: a hidden page has none, and
 * what arrives must reach the DOM all the same.
 */
export function nextFrame(callback: () => void): void {
  if (document.visibilityState === 'hidden') {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      callback();
    };
    port2.postMessage(null);
    return;
  }
  listen();
  const once = (): void => {
    if (waiting.delete(once)) callback();
  };
  waiting.add(once);
  requestAnimationFrame(once);
}

/** Not where it is used: minified into `nextFrame`, it would keep the first callback, and its message, for good. */
function showWaiting(): void {
  for (const once of waiting) once();
}

/** One listener for good: adding and removing one took most of a millisecond of each frame (Chromium 147). */
function listen(): void {
  if (isListening) return;
  isListening = true;
  document.addEventListener('visibilitychange', showWaiting);
}

/** Runs `work` once per frame, however often it is asked for. */
export function oncePerFrame(work: () => void): () => void {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    nextFrame(() => {
      due = false;
      work();
    });
  };
}
