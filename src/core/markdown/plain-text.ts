import { escapeHtml } from './raw-html.js';
import { endOfStretch } from './stretches.js';

/** Text as it is written stands in blocks of whole lines, each at least this long, in UTF-16 units. */
const SHORTEST_BLOCK = 2048;
/** From this length on a block ends within a line: layout of one long line takes time by the square of its length. */
const LONGEST_BLOCK = 4096;

/** Length in UTF-16 units of the part of `text` whose blocks have ended. */
export function settledPlainLength(text: string): number {
  let length = 0;
  for (
    let end = endOfStretch(text, 0, SHORTEST_BLOCK, LONGEST_BLOCK);
    end !== undefined;
    end = endOfStretch(text, end, SHORTEST_BLOCK, LONGEST_BLOCK)
  )
    length = end;
  return length;
}

/** A text in pieces that can be laid out one by one: of whole lines, where lines are not too long. */
export function plainPieces(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    const end = endOfStretch(text, from, SHORTEST_BLOCK, LONGEST_BLOCK) ?? text.length;
    pieces.push(text.slice(from, end));
    from = end;
  }
  return pieces;
}

/** The blocks of a text that is shown as it is written, blanks and line ends included. */
export function plainBlocks(text: string): string[] {
  return plainPieces(text).map((piece) => `<p>${escapeHtml(piece)}</p>`);
}
