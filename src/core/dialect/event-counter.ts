import type { Frame } from '../model/index.js';

/** Steps of one that ids have to show before they are believed to count, if they do not begin at 0 or 1. */
const ENOUGH_STEPS = 3;

/**
 * Makes a reader of event ids that count the events of a stream. It gives the number of a frame that has an id of its
 * own; undefined where it has none, or where the ids are something else than a count.
 */
export function createEventCounter(): (frame: Frame) => number | undefined {
  let heldId = '';
  /** The highest so far. */
  let last: number | undefined;
  let steps = 0;
  let needed = ENOUGH_STEPS;
  let counts = true;

  return ({ id }) => {
    if (id === heldId || !counts) return undefined;
    heldId = id;
    // Ids that were taken back begin anew, wherever that is.
    if (id === '') return undefined;
    counts = /^\d{1,15}$/.test(id);
    if (!counts) return undefined;
    const number = Number(id);
    // The id of an event that was dropped before it came here holds for those behind it.
    if (number === last) return undefined;
    if (last === undefined) needed = number <= 1 ? 1 : ENOUGH_STEPS;
    else if (number === last + 1) steps += 1;
    else counts = steps >= needed;
    last = Math.max(number, last ?? number);
    return counts && steps >= needed - 1 ? number : undefined;
  };
}
