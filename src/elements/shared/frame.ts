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
  let called = false;
  const once = (): void => {
    if (called) return;
    called = true;
    document.removeEventListener('visibilitychange', once);
    callback();
  };
  // The page may be hidden before the frame comes.
  document.addEventListener('visibilitychange', once);
  requestAnimationFrame(once);
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
