import { escapeHtml } from './raw-html.js';

/**
 * Length from which on a paragraph goes on in another, in UTF-16 units: one of a megabyte would be laid out as a whole
 * each time that it grows.
 */
const MAX_PARAGRAPH = 8192;

const BLANK_LINE = /\n[ \t]*\n/g;

/** Text as it is written, in paragraphs. */
export interface PlainText {
  readonly blocks: readonly string[];
  /** How many of the blocks no text that follows can change, and how much of the text they stand for. */
  readonly settled: number;
  readonly settledLength: number;
}

/** Where a paragraph that is too long goes on in another: behind a space where there is one. */
function cutOf(text: string, start: number): number {
  const end = start + MAX_PARAGRAPH;
  const space = text.lastIndexOf(' ', end - 1);
  if (space > start) return space + 1;
  const isPair = /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return isPair ? end - 1 : end;
}

/** The text as it is written, one paragraph for each run of lines between blank ones. For text marked gives up on. */
export function plainText(text: string): PlainText {
  const blocks: string[] = [];
  let settled = 0;
  let start = 0;
  const add = (end: number, lineEnd = '\n'): void => {
    const block = text.slice(start, end);
    if (block.trim() !== '') blocks.push(`<p>${escapeHtml(block)}</p>${lineEnd}`);
    start = end;
  };
  const addLines = (end: number): void => {
    while (end - start > MAX_PARAGRAPH) add(cutOf(text, start), '');
    settled = blocks.length;
  };
  for (const blank of text.matchAll(BLANK_LINE)) {
    addLines(blank.index);
    add(blank.index);
    start = blank.index + blank[0].length;
    settled = blocks.length;
  }
  addLines(text.length);
  const settledLength = start;
  add(text.length);
  return { blocks, settled, settledLength };
}
