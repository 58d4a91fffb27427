import { lexBlocks, readInline, runsInside, type LexOptions } from './block-lexer.js';
import { isShown, renderToken } from './marked-setup.js';
import { plainBlocks } from './plain-text.js';
import { DEFAULT_RENDER_LIMITS } from './render-limits.js';

/**
 * The HTML of every block of a whole text whose line ends are `\n`, one after the other: what streaming the same
 * text must come to. The blocks are found at the first; each is rendered only when it is asked for.
 */
export function* wholeBlocks(text: string, options: LexOptions): Generator<string, void> {
  const { tokens, runs, definitions } = lexBlocks(text, new Map(), options);
  for (const token of tokens) {
    if (!isShown(token)) continue;
    readInline(runsInside(token, runs), (label) => definitions.get(label)?.target);
    yield renderToken(token);
  }
}

/** The HTML of a whole text. */
export function renderWhole(text: string, hasMath = false): string {
  const normalized = text.replaceAll(/\r\n?/g, '\n');
  try {
    const { maxNesting } = DEFAULT_RENDER_LIMITS;
    return [...wholeBlocks(normalized, { hasMath, maxNesting })].join('');
  } catch {
    // marked runs out of stack on quotes and lists nested tens of thousands deep.
    return plainBlocks(normalized).join('');
  }
}
