/** What a gesture asks for: to go up, to the very start or end, or anything else that makes the list scroll. */
export type Gesture = 'up' | 'start' | 'end' | 'other';

const KEYS: ReadonlyMap<string, Gesture> = new Map([
  ['ArrowUp', 'up'],
  ['PageUp', 'up'],
  ['Home', 'start'],
  ['ArrowDown', 'other'],
  ['PageDown', 'other'],
  ['End', 'end'],
]);

/**
 * Tells of the reader's gestures before the list has scrolled for them. Waiting for the scroll event would be too
 * late: content that grows in between would already have pulled the reader back to the end.
 */
export function watchGestures(
  scroller: HTMLElement,
  onGesture: (gesture: Gesture, event: Event) => void,
  signal: AbortSignal,
): void {
  const options = { passive: true, signal };
  let touchY: number | undefined;

  scroller.addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey || event.deltaY === 0 || isTaken(event, scroller, event.deltaY < 0)) return;
      onGesture(event.deltaY < 0 ? 'up' : 'other', event);
    },
    options,
  );
  scroller.addEventListener(
    'touchstart',
    (event) => {
      touchY = event.touches.length === 1 ? event.touches[0]?.clientY : undefined;
    },
    options,
  );
  scroller.addEventListener(
    'touchmove',
    (event) => {
      const y = event.touches[0]?.clientY;
      if (touchY === undefined || y === undefined || y === touchY) return;
      // A finger that moves down pulls down what is above.
      const up = y > touchY;
      touchY = y;
      if (!isTaken(event, scroller, up)) onGesture(up ? 'up' : 'other', event);
    },
    options,
  );
  scroller.addEventListener(
    'keydown',
    (event) => {
      const space = event.shiftKey ? 'up' : 'other';
      const gesture = event.key === ' ' ? space : KEYS.get(event.key);
      if (!gesture || isTyping(event) || isTaken(event, scroller, leadsUp(gesture))) return;
      onGesture(gesture, event);
    },
    options,
  );
  scroller.addEventListener(
    'pointerdown',
    (event) => {
      if (event.composedPath()[0] === scroller && isOnScrollbar(event, scroller)) onGesture('up', event);
    },
    options,
  );
}

export function leadsUp(gesture: Gesture): boolean {
  return gesture === 'up' || gesture === 'start';
}

/** Whether something inside the list will have the gesture for itself: a handler, or a scroller not yet at its end. */
function isTaken(event: Event, scroller: Element, up: boolean): boolean {
  if (event.defaultPrevented) return true;
  for (const target of event.composedPath()) {
    if (target === scroller) return false;
    if (!(target instanceof Element)) continue;
    const room = up ? target.scrollTop : target.scrollHeight - target.clientHeight - target.scrollTop;
    if (room < 1) continue;
    const { overflowY } = getComputedStyle(target);
    if (overflowY === 'auto' || overflowY === 'scroll') return true;
  }
  return false;
}

/** Whether the event is for a field that text is written in. */
export function isTyping(event: Event): boolean {
  const target = event.composedPath()[0];
  return (
    target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
  );
}

function isOnScrollbar(event: PointerEvent, scroller: HTMLElement): boolean {
  const box = scroller.getBoundingClientRect();
  const zoom = box.width / scroller.offsetWidth || 1;
  const x = (event.clientX - box.left) / zoom - scroller.clientLeft;
  return x < 0 || x > scroller.clientWidth;
}
