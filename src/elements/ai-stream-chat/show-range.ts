import { nextFrame } from '../shared/frame.js';

/** Frames after which a place that still moves is left where it is: something else scrolls the list. */
const MAX_FRAMES = 30;

/** What is so close to an edge of the view, as a share of its height, may be beneath what the chat has there. */
const MARGIN = 1 / 8;

/** Frames in which it has not moved: it is where it belongs. */
const STILL_FRAMES = 5;

/** How far down the view a place is put, as a share of its height: what comes before it is read as well. */
const PLACE_IN_VIEW = 1 / 3;

/** What a reader does who wants to be somewhere else. */
const GESTURES = ['wheel', 'touchmove', 'pointerdown', 'keydown'];

/**
 * Scrolls until a part of a text is in view. Text that was never in view gets its size when it comes there, which
 * moves what is beneath it, so it takes some frames. Ends early when the reader scrolls, or it `isWanted` no more.
 */
export async function showRange(range: Range, scroller: Element, isWanted: () => boolean): Promise<void> {
  const gone = new AbortController();
  const options = { passive: true, signal: gone.signal };
  for (const type of GESTURES) scroller.addEventListener(type, () => gone.abort(), options);
  // Sideways too, as lines of code are scrolled.
  range.startContainer.parentElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  let still = 0;
  let before = Number.NaN;
  for (let frame = 0; frame < MAX_FRAMES && still < STILL_FRAMES; frame += 1) {
    if (gone.signal.aborted || !isWanted() || !range.startContainer.isConnected) break;
    const view = scroller.getBoundingClientRect();
    const own = range.getBoundingClientRect();
    // What was never in view may have no place of its own yet (WebKit): what it is in comes first.
    const place = own.height > 0 ? own : boxAround(range);
    const margin = view.height * MARGIN;
    const isSeen = place === own && own.top >= view.top + margin && own.bottom <= view.bottom - margin;
    const isStill = Math.abs(place.top - before) < 1;
    before = place.top;
    const { scrollTop } = scroller;
    if (!isSeen) scroller.scrollTop += place.top - view.top - view.height * PLACE_IN_VIEW;
    // At the limits of the list, and where it is taller than the view, it stays where it is.
    const isDone = isSeen || scroller.scrollTop === scrollTop;
    still = isDone && isStill ? still + 1 : 0;
    await new Promise<void>(nextFrame);
  }
  gone.abort();
}

function boxAround({ startContainer }: Range): DOMRect {
  let element = startContainer.parentElement;
  while (element?.parentElement && element.getBoundingClientRect().height === 0) {
    element = element.parentElement;
  }
  return element?.getBoundingClientRect() ?? new DOMRect();
}
