/**
 * How much one text may become. Beyond it the text is shown as it is written. A long text may become more: a limit
 * counts what its length does not account for.
 */
export interface RenderLimits {
  /** Characters of HTML, beyond four for each character of the text. Default: 2,097,152. */
  readonly maxHtmlChars: number;
  /** Elements, beyond one for every four characters of the text. Default: 20,000. */
  readonly maxElements: number;
  /** Cells of tables, beyond one for every eight characters of the text. Default: 10,000. */
  readonly maxTableCells: number;
  /** Quotes and lists in each other; the marks of those further in are text. Default: 100. */
  readonly maxNesting: number;
}

/** The limits where nobody sets others. */
export const DEFAULT_RENDER_LIMITS: RenderLimits = Object.freeze({
  maxHtmlChars: 2_097_152,
  maxElements: 20_000,
  maxTableCells: 10_000,
  maxNesting: 100,
});

/** One block is put into the page at once, and must not hold it up: it may have so many elements beside cells. */
export const MAX_BLOCK_ELEMENTS = 3000;

/** Counts of what stands in a piece of HTML. */
export interface HtmlSize {
  readonly chars: number;
  readonly elements: number;
  readonly cells: number;
}

/** Counts what stands in HTML that marked wrote: in it `<` is always a tag's. */
export function sizeOfHtml(html: string): HtmlSize {
  let elements = 0;
  let cells = 0;
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at + 1)) {
    if (html[at + 1] === '/') continue;
    elements += 1;
    if (html[at + 1] === 't' && /[dh]/.test(html[at + 2] ?? '') && html[at + 3] !== 'e') cells += 1;
  }
  return { chars: html.length, elements, cells };
}

/** Whether a text of this length may not become that much. */
export function isTooMuch(
  { chars, elements, cells }: HtmlSize,
  textLength: number,
  limits: RenderLimits,
): boolean {
  return (
    chars > limits.maxHtmlChars + 4 * textLength ||
    elements > limits.maxElements + textLength / 4 ||
    cells > limits.maxTableCells + textLength / 8
  );
}
