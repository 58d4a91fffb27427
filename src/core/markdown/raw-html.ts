import type { Token } from 'marked';
import { endOfStretch } from './stretches.js';

/**
 * The tags a model may write: models use them in tables and prose, and without attributes they can do nothing but
 * format. They pass in this spelling only; every other tag is text.
 */
const NAMES = 'br|sub|sup|kbd|b|i|u|s|mark';
const ALLOWED_TAG = new RegExp(`^<(/?)(${NAMES})\\s*/?>$`, 'i');
const BETWEEN_ALLOWED_TAGS = new RegExp(`(</?(?:${NAMES})\\s*/?>)`, 'i');

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The HTML that shows `text` as it is. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * The HTML of raw pieces that stand beside each other, each a tag or text. A tag passes when it is allowed and has
 * its partner among the pieces; the HTML parser would carry a `<b>` left open into all that follows the block.
 */
function htmlOfPieces(pieces: readonly string[]): string[] {
  const html = pieces.map(escapeHtml);
  const open: { name: string; index: number }[] = [];
  for (const [index, piece] of pieces.entries()) {
    const match = ALLOWED_TAG.exec(piece);
    if (!match) continue;
    const name = (match[2] ?? '').toLowerCase();
    if (name === 'br') {
      html[index] = '<br>';
    } else if (match[1] === '') {
      open.push({ name, index });
    } else {
      const opener = open.map((tag) => tag.name).lastIndexOf(name);
      if (opener === -1) continue;
      // What was opened in between was not closed in there: it stays text, so the rest nests properly.
      const [partner] = open.splice(opener);
      if (partner) html[partner.index] = `<${name}>`;
      html[index] = `</${name}>`;
    }
  }
  return html;
}

/** An inline run with its raw HTML made into text tokens that hold finished HTML: no `html` token is left. */
export function withoutHtmlTokens(tokens: Token[]): Token[] {
  const tags = tokens.filter((token) => token.type === 'html');
  if (tags.length === 0) return tokens;
  const html = htmlOfPieces(tags.map((tag) => tag.raw)).values();
  return tokens.map((token) =>
    token.type === 'html'
      ? { type: 'text', raw: token.raw, text: html.next().value ?? '', escaped: true }
      : token,
  );
}

/**
 * A block of raw HTML is read in pieces of whole lines, each at least this long, in UTF-16 units: a tag has its
 * partner in the same piece, so what has been shown of a long block is final.
 */
const SHORTEST_PIECE = 1024;
/** A line longer than this is several pieces: layout of one long line takes time by the square of its length. */
const LONGEST_PIECE = 4096;

/** The pieces of a block's source, of which only the last can still grow. */
export function htmlPieces(source: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (;;) {
    const end = endOfStretch(source, from, SHORTEST_PIECE, LONGEST_PIECE);
    // A piece behind which nothing stands yet may be the last, and the last loses its blanks.
    if (end === undefined || source.slice(end).trim() === '') break;
    pieces.push(source.slice(from, end));
    from = end;
  }
  pieces.push(source.slice(from).trimEnd());
  return pieces;
}

/** The HTML of one piece. */
export function htmlOfPiece(piece: string): string {
  return htmlOfPieces(piece.split(BETWEEN_ALLOWED_TAGS)).join('');
}

/** The HTML of a block of raw HTML: its source as a paragraph. */
export function htmlBlock(source: string): string {
  return `<p>${htmlPieces(source.trimStart()).map(htmlOfPiece).join('')}</p>\n`;
}
