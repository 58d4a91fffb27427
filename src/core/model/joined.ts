/** UTF-16 units after which a text that grows is put into one piece of memory. */
const PIECE_LENGTH = 16_384;

const ANYTHING = /[^]/;

/**
 * `text + delta`. Engines keep such a sum as a tree of its parts until somebody reads it, and one of many short parts
 * takes more than ten times the memory of its text. To look for a pattern they make one string of it.
 */
export function joined(text: string, delta: string): string {
  const sum = text + delta;
  const isDue = Math.floor(sum.length / PIECE_LENGTH) > Math.floor(text.length / PIECE_LENGTH);
  // It always matches. A look whose answer changes nothing is left out by minifiers and by engines.
  return isDue && !ANYTHING.test(sum) ? text : sum;
}
