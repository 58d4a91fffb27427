import type { Token, Tokens } from 'marked';
import { runsInside, type InlineRun, type LexedText } from './block-lexer.js';
import { inlinePieces } from './inline-pieces.js';
import { readingOf } from './math-setup.js';
import { isShown, renderInline, renderToken } from './marked-setup.js';
import { htmlOfPiece, htmlPieces } from './raw-html.js';
import { findCertainty, type Certainty } from './settled-blocks.js';

/** One of the things that stand one after another in the document or in an open block, and become blocks. */
export interface Part {
  readonly token: Token;
  /** Where it starts in the lexed text. */
  readonly offset: number;
  readonly isShown: boolean;
  readonly runs: InlineRun[];
  /** Its HTML, after its inline runs have been read. */
  readonly html: () => string;
}

/** The parts of the document or of an open block. */
export interface Parts {
  readonly parts: readonly Part[];
  readonly settled: number;
  readonly begun: number;
}

/** A lexed text with the places of its lines. */
export interface LexedSource extends LexedText {
  readonly text: string;
  /** Where each line starts. */
  readonly lineStarts: readonly number[];
}

export function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

/** The line a place in the text is in. */
function lineAt({ lineStarts }: LexedSource, offset: number): number {
  let low = 0;
  for (let high = lineStarts.length - 1; low < high;) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? Infinity) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** Parts that are blocks: of the document, a quote or a list item. The first `synthetic` tokens are passed over. */
export function blockParts(
  source: LexedSource,
  tokens: readonly Token[],
  text: string,
  offset: number,
  synthetic: number,
): Parts {
  const { lineStarts, runs } = source;
  const found = findCertainty(tokens, text, lineAt(source, offset), lineStarts.length - 1);
  const startOf = (index: number) => lineStarts[found.lines[index] ?? Infinity] ?? Infinity;
  const parts = tokens.map((token, index): Part => ({
    token,
    offset: index === 0 ? offset : startOf(index),
    isShown: isShown(token),
    runs: runsInside(token, runs),
    html: () => renderToken(token),
  }));
  return fromCertainty(parts.slice(synthetic), found, synthetic);
}

function fromCertainty(parts: readonly Part[], { settled, begun }: Certainty, synthetic: number): Parts {
  return { parts, settled: Math.max(0, settled - synthetic), begun: Math.max(0, begun - synthetic) };
}

/** The source of a list item without its marker, as its tokens were read from it. */
function itemText({ tokens, text, task }: Tokens.ListItem): string {
  const first = tokens[0];
  const checkbox = first?.type === 'checkbox' ? first : (first as Tokens.Generic | undefined)?.tokens?.[0];
  return task && checkbox?.type === 'checkbox' ? checkbox.raw + text : text;
}

export function itemParts(source: LexedSource, { token, offset }: Part, synthetic: number): Parts {
  const item = token as Tokens.ListItem;
  return blockParts(source, item.tokens, itemText(item), offset, synthetic);
}

export function quoteParts(source: LexedSource, { token, offset }: Part, synthetic: number): Parts {
  const quote = token as Tokens.Blockquote;
  return blockParts(source, quote.tokens, quote.text, offset, synthetic);
}

/** Parts of which each ends where the next begins, so that all but the last one begun are final. */
function inSequence(source: LexedSource, parts: readonly Part[]): Parts {
  const lastLine = source.lineStarts.at(-1) ?? 0;
  let begun = parts.length;
  while (begun > 0 && (parts[begun - 1]?.offset ?? Infinity) >= lastLine) begun -= 1;
  return { parts, settled: Math.max(0, begun - 1), begun };
}

export function listParts(source: LexedSource, { token, offset }: Part, synthetic: number): Parts {
  const list = token as Tokens.List;
  const opening = renderToken({ ...list, items: [] }).indexOf('\n') + 1;
  const closing = '</ul>\n'.length;
  let line = lineAt(source, offset);
  const parts = list.items.map((item): Part => {
    const start = source.lineStarts[line] ?? Infinity;
    line += linesIn(item.raw);
    return {
      token: item,
      offset: start,
      isShown: true,
      runs: runsInside(item, source.runs),
      html: () => renderToken({ ...list, items: [item] }).slice(opening, -closing),
    };
  });
  return inSequence(source, parts.slice(synthetic));
}

/** Whether it is certain that a list is loose, whatever follows. */
export function isLooseForSure(source: LexedSource, { parts, settled, begun }: Parts): boolean {
  return parts.slice(0, begun).some((part, index) => {
    const { tokens, raw } = part.token as Tokens.ListItem;
    if (index < settled && /\n[ \t]*\n[ \t]*$/.test(raw)) return true;
    const sure = index < settled ? tokens.length : itemParts(source, part, 0).begun;
    return tokens.slice(0, sure).some(({ type, raw: inner }) => type === 'space' && /\n.*\n/.test(inner));
  });
}

const BEFORE_ROW = '<table>\n<thead>\n<tr>\n</tr>\n</thead>\n<tbody>'.length;
const BEHIND_ROW = '</tbody></table>\n'.length;

export function rowParts(source: LexedSource, { token, offset }: Part): Parts {
  const table = token as Tokens.Table;
  const firstRow = lineAt(source, offset) + 2;
  const parts = table.rows.map((cells, index): Part => {
    const row: Tokens.Generic = { type: 'row', raw: '', rows: [cells] };
    return {
      token: row,
      offset: source.lineStarts[firstRow + index] ?? Infinity,
      isShown: true,
      runs: runsInside(row, source.runs),
      html: () => renderToken({ ...table, header: [], rows: [cells] }).slice(BEFORE_ROW, -BEHIND_ROW),
    };
  });
  return inSequence(source, parts);
}

/** Parts that are pieces of one text. All but the last have ended. */
function pieceParts(
  offsets: readonly number[],
  part: (index: number) => Omit<Part, 'offset' | 'isShown'>,
): Parts {
  const parts = offsets.map((offset, index): Part => ({ offset, isShown: true, ...part(index) }));
  // A piece whose place in the text is not sure cannot be the first of what is read next.
  let settled = parts.length - 1;
  while (settled > 0 && parts[settled]?.offset === Infinity) settled -= 1;
  return { parts, settled, begun: settled };
}

/** The pieces of a paragraph. The first `synthetic` characters are passed over. */
export function paragraphParts(source: LexedSource, { token, offset }: Part, synthetic: number): Parts {
  const { tokens, text } = token as Tokens.Paragraph;
  const { source: whole = '', reading = readingOf() } = source.runs.get(tokens) ?? {};
  const run = whole.slice(synthetic);
  const pieces = inlinePieces(run);
  let before = text.length - run.length;
  const offsets = pieces.map((piece, index) => {
    const start = before;
    before += piece.length;
    if (index === 0) return offset;
    const line = lineAt(source, offset) + linesIn(text.slice(0, start));
    const lineStart = source.lineStarts[line] ?? Infinity;
    const lineEnd = (source.lineStarts[line + 1] ?? source.text.length + 1) - 1;
    const rest = text.slice(start).split('\n', 1)[0] ?? '';
    // In a quote or a list item a line of the paragraph is the end of a line of the text.
    const isThere = lineEnd - rest.length >= lineStart && source.text.startsWith(rest, lineEnd - rest.length);
    return isThere ? lineEnd - rest.length : Infinity;
  });
  return pieceParts(offsets, (index) => {
    const read: InlineRun = { source: pieces[index] ?? '', tokens: [], kept: 0, reading };
    return { token, runs: [read], html: () => renderInline(read.tokens) };
  });
}

/** The pieces of a block of raw HTML. The first `synthetic` lines are passed over. */
export function rawHtmlParts(source: LexedSource, { token, offset }: Part, synthetic: number): Parts {
  const { text } = token as Tokens.HTML;
  const pieces = htmlPieces(synthetic > 0 ? text.slice(text.indexOf('\n') + 1) : text.trimStart());
  let line = lineAt(source, offset) + synthetic;
  const offsets = pieces.map((piece, index) => {
    const startsLine = index === 0 || pieces[index - 1]?.endsWith('\n');
    const start = startsLine ? (source.lineStarts[line] ?? Infinity) : Infinity;
    line += linesIn(piece);
    return start;
  });
  return pieceParts(offsets, (index) => ({ token, runs: [], html: () => htmlOfPiece(pieces[index] ?? '') }));
}
