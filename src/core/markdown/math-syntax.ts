import { escapeHtml } from './raw-html.js';

/** UTF-16 units between the delimiters of math; what has no end within them is text. */
export const MAX_MATH_LENGTH = 4096;

/** Math as it stands in a text. */
export interface MathSource {
  /** With its delimiters. */
  readonly raw: string;
  /** Between its delimiters. */
  readonly tex: string;
  /** Whether it wants lines of its own. */
  readonly isDisplay: boolean;
}

/** `$` as in pandoc (`tex_math_dollars`), so that prices are none: no space inside, no digit behind. */
const DOLLARS = /^\$(?![\s$])((?:[^$\\\n]|\\[^\n])+)(?<!\s)\$(?!\d)/;

const CLOSING: Readonly<Record<string, string>> = { $$: '$$', '\\(': '\\)', '\\[': '\\]' };

const BLANK_LINE = /\n[ \t]*\n/;

/** Where the delimiter stands at or after `from`; one behind a `\` of its own is part of a line break in TeX. */
function findClosing(text: string, closing: string, from: number): number {
  for (let at = text.indexOf(closing, from); at !== -1; at = text.indexOf(closing, at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

/** The math that `text` starts with, in a line of text. */
export function matchMath(text: string): MathSource | undefined {
  const limited = text.slice(0, MAX_MATH_LENGTH);
  const closing = CLOSING[limited.slice(0, 2)];
  if (!closing) {
    const match = DOLLARS.exec(limited);
    return match ? { raw: match[0], tex: match[1] ?? '', isDisplay: false } : undefined;
  }
  const end = findClosing(limited, closing, 2);
  const tex = limited.slice(2, end).trim();
  if (end === -1 || tex === '') return undefined;
  return { raw: limited.slice(0, end + 2), tex, isDisplay: closing !== '\\)' };
}

/**
 * The block of math that `text` starts with. One that is still open when a blank line comes has no `tex`: its lines
 * are a paragraph, whatever they start with, so that nothing in it is a block by itself until its end has come.
 */
export function matchMathBlock(
  text: string,
): { readonly raw: string; readonly tex: string | undefined } | undefined {
  const [opening, delimiter = ''] = /^ {0,3}(\$\$|\\\[)/.exec(text) ?? [];
  const closing = CLOSING[delimiter];
  if (opening === undefined || !closing) return undefined;
  const limited = text.slice(0, MAX_MATH_LENGTH);
  const blank = limited.search(BLANK_LINE);
  const lines = blank === -1 ? limited : limited.slice(0, blank);
  const end = findClosing(lines, closing, opening.length);
  if (end === -1)
    return blank === -1 && text.length > lines.length ? undefined : { raw: lines, tex: undefined };
  const tex = lines.slice(opening.length, end).trim();
  const behind = /^[ \t]*(?:\n|$)/.exec(lines.slice(end + 2));
  if (!behind || tex === '') return undefined;
  return { raw: lines.slice(0, end + 2) + behind[0], tex };
}

/** Where in the lines of a paragraph a block of math ends it; -1 where none does. */
export function mathBlockIndex(text: string): number {
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) {
    const next = text.indexOf('\n', end + 1);
    if (text.slice(end + 1, next === -1 ? text.length : next).trim() === '') return -1;
    if (/^ {0,3}(?:\$\$|\\\[)/.test(text.slice(end + 1, end + 6)) && matchMathBlock(text.slice(end + 1))) {
      return end;
    }
  }
  return -1;
}

/** The HTML of math: code in a language of its own, which a renderer of the page finds. */
export function mathHtml({
  tex,
  isDisplay,
  isBlock,
}: Omit<MathSource, 'raw'> & { isBlock: boolean }): string {
  if (isBlock) return `<pre><code class="language-math">${escapeHtml(tex)}\n</code></pre>\n`;
  return `<code class="language-math${isDisplay ? '-display' : ''}">${escapeHtml(tex)}</code>`;
}
