import type { Token } from 'marked';
import { HTML_GROUP } from './html-groups.js';

/**
 * How far back an open definition title is minded, in UTF-16 units of the open tail. Without a limit one stray
 * quote after a definition would keep the rest of a message open.
 */
const MAX_OPEN_TITLE = 8192;

/** From which length on the start of a line is enough to know what it is, in UTF-16 units. */
const LONG_LINE = 256;

/** A link definition at the start of a line whose title is still open where the text ends. */
const OPEN_TITLE = new RegExp(
  [
    String.raw`^ {0,3}\[(?:\\[\s\S]|[^\[\]\\])+\]:`,
    String.raw` *(?:\n[ \t]*)?(?:<(?:\\.|[^\n<>\\])*>|[^<\s]\S*)`,
    String.raw`(?: +(?:\n[ \t]*)?| *\n[ \t]*)`,
    String.raw`(?:"(?:\\[\s\S]|[^"\\])*|'(?:\\[\s\S]|[^'\\\n]|\n(?!\n))*|\((?:\\[\s\S]|[^()\\])*)\\?$`,
  ].join(''),
);

/** Whether nothing that follows can reach back over the end of this token, which `next` comes after. */
function endsForGood(token: Token, next: Token | undefined): boolean {
  switch (token.type) {
    case 'paragraph':
    case 'text':
      return endsParagraph(next);
    // Paragraphs, quotes, tables and HTML blocks end at a blank line; what reaches over one (lists, indented code)
    // has been refused by the first line of the next token.
    case 'space':
    case 'hr':
      return true;
    // `text\n===` is not final: marked takes a table between the two lines into the heading.
    case 'heading':
      return !token.raw.trimEnd().includes('\n');
    // A fence that is not closed goes on to the end of the text, so one with a token after it is closed.
    case 'code':
      return token['codeBlockStyle'] !== 'indented';
    case HTML_GROUP: {
      const last = token.tokens?.at(-1);
      return last !== undefined && endsForGood(last, next);
    }
    default:
      return false;
  }
}

/** Whether a token starts with a line that ends the paragraph before it, whatever follows. */
function endsParagraph(token: Token | undefined): boolean {
  switch (token?.type) {
    case 'blockquote':
      return true;
    case 'list':
      return /^ {0,3}(?:[*+-]|1[.)]) +\S/.test(token.raw);
    case 'code':
      return token['codeBlockStyle'] !== 'indented';
    case 'heading':
      return /^ {0,3}#/.test(token.raw);
    default:
      return false;
  }
}

/**
 * A line that starts no link definition and no HTML block: those are told by more than their first character. A bracket
 * that is closed needs a colon, and one that is open for so long is no label (CommonMark 0.31.2, section 4.7); a tag of
 * a line of text is an HTML block only by itself.
 */
const START_OF_TEXT = new RegExp(
  [
    String.raw`^ {0,3}(?:[^\s[<]`,
    String.raw`\[(?:(?:\\.|[^[\]\\])*\][^:]|(?:\\.|[^[\]\\]){1000})`,
    String.raw`<(?:\/?(?:br|sub|sup|kbd|b|i|u|s|mark) *\/?>\S|\/[^a-z]|[^a-z/!?]))`,
  ].join('|'),
  'i',
);

/** A line of text that is long by now cannot become another kind of block at its end. */
function isLongText(token: Token | undefined): boolean {
  return token?.type === 'paragraph' && token.raw.length > LONG_LINE && START_OF_TEXT.test(token.raw);
}

/** Where each token starts, up to the first whose raw text is not what the source has there. */
function tokenStarts(tokens: readonly Token[], source: string): number[] {
  const starts: number[] = [];
  let position = 0;
  for (const { raw } of tokens) {
    starts.push(position);
    // marked rewrites the text inside quotes and merged paragraphs; past such a token no position is certain.
    if (!source.startsWith(raw, position)) break;
    position += raw.length;
  }
  return starts;
}

/**
 * marked lets a definition's title run over blank lines (CommonMark 0.31.2, section 4.7, does not). While such a
 * title is open, its line may yet turn out to be a definition with all that stands up to the closing quote.
 */
function hasOpenTitle(raw: string, start: number, source: string): boolean {
  if (!raw.includes('[') || source.length - start > MAX_OPEN_TITLE) return false;
  for (const { index } of raw.matchAll(/^ {0,3}\[/gm)) {
    if (OPEN_TITLE.test(source.slice(start + index))) return true;
  }
  return false;
}

/** What is certain about blocks one after another, of which the last is still open. */
export interface Certainty {
  /** How many are final: no text that may follow can change them. */
  readonly settled: number;
  /** How many have their first line whole, so that they are begun for sure. */
  readonly begun: number;
  /** The line each of them starts in, up to the first whose place is not sure. */
  readonly lines: readonly number[];
}

/**
 * How much is certain about the tokens of `source`, a text that starts in line `firstLine` of one with
 * `wholeLines` line ends.
 *
 * marked reads from left to right, and its choice at a place depends on the rest of the text and on the token
 * before. So it is enough that the rest, as far as it can matter, is there:
 * - a line may change its class until its end is there (`-`, `--`, `---`), so the last token whose first line is
 *   complete stays open, and all after it;
 * - before it, the last place where nothing reaches across is the boundary.
 */
export function findCertainty(
  tokens: readonly Token[],
  source: string,
  firstLine: number,
  wholeLines: number,
): Certainty {
  const starts = tokenStarts(tokens, source);
  let line = firstLine;
  let counted = 0;
  const lines = starts.map((start) => {
    for (
      let end = source.indexOf('\n', counted);
      end !== -1 && end < start;
      end = source.indexOf('\n', counted)
    ) {
      line += 1;
      counted = end + 1;
    }
    return line;
  });
  const boundaryAtOrBefore = (last: number): number => {
    let index = last;
    for (
      let before = tokens[index - 1];
      before && !endsForGood(before, tokens[index]);
      before = tokens[index - 1]
    )
      index -= 1;
    return index;
  };
  let begun = starts.length;
  const isBegun = (index: number) =>
    tokens[index]?.type !== 'space' && ((lines[index] ?? 0) < wholeLines || isLongText(tokens[index]));
  while (begun > 0 && !isBegun(begun - 1)) begun -= 1;

  let settled = boundaryAtOrBefore(Math.max(begun - 1, 0));
  const title = tokens
    .slice(0, settled)
    .findIndex((token, index) => hasOpenTitle(token.raw, starts[index] ?? 0, source));
  if (title !== -1) settled = boundaryAtOrBefore(title);
  return { settled, begun, lines };
}
