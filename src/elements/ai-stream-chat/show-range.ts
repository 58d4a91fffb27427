import { nextFrame } from '../shared/frame.js';

/** Frames after which a place that still moves is left where it is: something else scrolls the list. */
const MAX_FRAMES = 30;

/** How far down the view a place is put, as a share of its height: what comes before it is read as well. */
const PLACE_IN_VIEW = 1 / 3;

/**
 * Scrolls until a part of a text is in view. Text that was never in view gets its size when it comes there, which
 * moves what is beneath it, so it takes some frames. Ends early when `isWanted` says so.
 */
export async function showRange(range: Range, scroller: Element, isWanted: () => boolean): Promise<void> {
  // Sideways too, as lines of code are scrolled.
  range.startContainer.parentElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  let seen = 0;
  for (let frame = 0; frame < MAX_FRAMES && seen < 2 && isWanted(); frame += 1) {
    const view = scroller.getBoundingClientRect();
    const place = range.getBoundingClientRect();
    const isSeen = place.top >= view.top && place.bottom <= view.bottom;
    seen = isSeen ? seen + 1 : 0;
    if (!isSeen) scroller.scrollTop += place.top - view.top - view.height * PLACE_IN_VIEW;
    await new Promise<void>(nextFrame);
  }
}
