import { lexBlocks, readInline, runsInside } from './block-lexer.js';
import { isShown, renderToken } from './marked-setup.js';
import { readingOf, type Reading } from './math-setup.js';
import { cleanText } from './odd-text.js';
import { plainBlocks } from './plain-text.js';
import type { ReadingOptions } from './protocol.js';
import { DEFAULT_RENDER_LIMITS } from './render-limits.js';

/**
 * The HTML of every block of a whole text that `cleanText` gave, one after the other: what streaming the same
 * text must come to. The blocks are found at the first; each is rendered only when it is asked for.
 */
export function* wholeBlocks(text: string, reading: Reading, maxNesting: number): Generator<string, void> {
  const { tokens, runs, definitions } = lexBlocks(text, new Map(), reading, maxNesting);
  for (const token of tokens) {
    if (!isShown(token)) continue;
    readInline(runsInside(token, runs), (label) => definitions.get(label)?.target);
    yield renderToken(token);
  }
}

/** The HTML of a whole text. */
export function renderWhole(text: string, reading?: ReadingOptions): string {
  const clean = cleanText(text);
  try {
    return [...wholeBlocks(clean, readingOf(reading), DEFAULT_RENDER_LIMITS.maxNesting)].join('');
  } catch {
    // marked runs out of stack on quotes and lists nested tens of thousands deep.
    return plainBlocks(clean).join('');
  }
}
