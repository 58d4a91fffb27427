// How often text that has been shown is taken back while it streams, 4 characters at a time. Needs no browser.
import { blockTypes, takenBackInDocumentation } from '../core/markdown/taken-back.ts';
import { round } from './results.mjs';

/** In percent of the tokens. */
const MAX_TAKEN_BACK = 0.1;

/** Rows of counts, by kind of text, over `size` UTF-16 units of documentation. */
export function measureHalfOpen({ size }, checks) {
  return Object.entries(blockTypes).map(([kind, types]) => {
    const { tokens, taken } = takenBackInDocumentation(types, size);
    const percent = (100 * taken) / tokens;
    const row = { kind, tokens, taken, percent: round(percent) };
    console.log(JSON.stringify(row));
    checks.atMost(MAX_TAKEN_BACK, percent, `% of tokens take text back, ${kind}`);
    return row;
  });
}
