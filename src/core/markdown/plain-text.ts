import { escapeHtml } from './raw-html.js';

const BLANK_LINE = /\n[ \t]*\n/g;

/** The text as it is written, one paragraph for each run of lines between blank ones. For text marked gives up on. */
export function plainBlocks(text: string): string[] {
  return text
    .split(BLANK_LINE)
    .filter((block) => block.trim() !== '')
    .map((block) => `<p>${escapeHtml(block)}</p>\n`);
}

/** Length in UTF-16 units of the part of `text` whose paragraphs have ended. */
export function settledPlainLength(text: string): number {
  let length = 0;
  for (const match of text.matchAll(BLANK_LINE)) length = match.index + match[0].length;
  return length;
}
