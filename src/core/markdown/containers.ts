import type { Token, Tokens } from 'marked';
import { readInline, runsInside } from './block-lexer.js';
import { renderToken } from './marked-setup.js';
import {
  blockParts,
  itemParts,
  listParts,
  paragraphParts,
  quoteParts,
  rawHtmlParts,
  rowParts,
  type LexedSource,
  type Part,
  type Parts,
} from './parts.js';

/**
 * What an open block is when its parts are blocks of their own, so that what is final in it need not be read
 * again. The rest is then lexed behind an opening: a few characters that bring marked into the same block.
 */
export interface Container {
  /** The type of its token. */
  readonly type: Token['type'];
  /** The element its parts stand in, and the HTML around them. */
  readonly place: string;
  readonly shell: string;
  /** Its lines so far in few characters, each behind `prefix`. */
  readonly opening: (prefix: string) => string;
  /** What stands before each line of what is in it. */
  readonly indent: string;
  /** Whether it is a list whose items are known to hold paragraphs. */
  readonly isLoose?: boolean;
  /** Its parts; `resumed` says whether the token was read behind the opening. */
  readonly partsOf: (source: LexedSource, part: Part, resumed: boolean) => Parts;
}

/** The longest first line that is repeated at every flush, in UTF-16 units. */
const MAX_OPENING = 512;

/** A heading ends for good with its line, so nothing that follows is read together with it. */
const SYNTHETIC_BLOCK = '# x\n';

const ITEM_MARKER = /^( {0,3}(?:[*+-]|\d{1,9}[.)]))( *)(.*)/;

function quoteContainer(): Container {
  return {
    type: 'blockquote',
    place: 'blockquote',
    shell: '<blockquote>\n</blockquote>\n',
    opening: (prefix) => `${prefix}> ${SYNTHETIC_BLOCK}`,
    indent: '> ',
    partsOf: (source, part, resumed) => quoteParts(source, part, Number(resumed)),
  };
}

/** A list whose looseness is known. */
export function listContainer(list: Tokens.List, isLoose: boolean): Container {
  const [, marker = '-'] = ITEM_MARKER.exec(list.items.at(-1)?.raw ?? '') ?? [];
  const bullet = list.ordered ? `1${marker.at(-1)}` : marker.trim();
  return {
    type: 'list',
    place: list.ordered ? 'ol' : 'ul',
    shell: renderToken({ ...list, items: [] }),
    // Three spaces before it: what follows with fewer than five cannot be inside it. A blank line behind it makes
    // all items loose.
    opening: (prefix) => `${prefix}   ${bullet} x\n${isLoose ? `${prefix.trimEnd()}\n` : ''}`,
    indent: '',
    isLoose,
    partsOf: (source, part, resumed) => listParts(source, part, Number(resumed)),
  };
}

function itemContainer({ raw }: Tokens.ListItem): Container | undefined {
  const [, marker = '', spaces = '', rest = ''] = ITEM_MARKER.exec(raw) ?? [];
  if (marker === '' || rest.startsWith('\t')) return undefined;
  // As CommonMark 0.31.2, section 5.2, counts the indent of what is in an item.
  const gap = rest === '' || spaces.length > 4 ? 1 : spaces.length;
  if (gap === 0) return undefined;
  return {
    type: 'list_item',
    place: 'li',
    shell: '<li></li>\n',
    opening: (prefix) => `${prefix}${marker}${' '.repeat(gap)}${SYNTHETIC_BLOCK}`,
    indent: ' '.repeat(marker.length + gap),
    partsOf: (source, part, resumed) => itemParts(source, part, Number(resumed)),
  };
}

function tableContainer(table: Tokens.Table, { runs }: LexedSource): Container | undefined {
  const [header = '', delimiter = ''] = table.raw.split('\n', 2);
  // A label in the header could still be defined.
  if (header.length + delimiter.length > MAX_OPENING || header.includes('[')) return undefined;
  readInline(runsInside({ ...table, rows: [] }, runs), () => undefined);
  return {
    type: 'table',
    place: 'tbody',
    shell: renderToken({ ...table, rows: [] }).replace(/<\/table>\n$/, '<tbody></tbody></table>\n'),
    opening: (prefix) => `${prefix}${header}\n${prefix}${delimiter}\n`,
    indent: '',
    partsOf: rowParts,
  };
}

function paragraphContainer(): Container {
  return {
    type: 'paragraph',
    place: 'p',
    shell: '<p></p>\n',
    // A letter, so that nothing behind it can start another block.
    opening: (prefix) => `${prefix}x`,
    indent: '',
    partsOf: (source, part, resumed) => paragraphParts(source, part, Number(resumed)),
  };
}

const HTML_OPENINGS: readonly (readonly [start: RegExp, opening: string])[] = [
  [/^ {0,3}<(?:script|pre|style|textarea)(?:[\s>]|$)/i, '<pre>'],
  [/^ {0,3}<!--/, '<!--'],
  [/^ {0,3}<\?/, '<?'],
  [/^ {0,3}<!\[CDATA\[/, '<![CDATA['],
  [/^ {0,3}<![a-z]/i, '<!A'],
];

function rawHtmlContainer({ raw }: Tokens.HTML): Container {
  const [, opening] = HTML_OPENINGS.find(([start]) => start.test(raw)) ?? [undefined, '<div>'];
  return {
    type: 'html',
    place: 'p',
    shell: '<p></p>\n',
    opening: (prefix) => `${prefix}${opening}\n`,
    indent: '',
    partsOf: (source, part, resumed) => rawHtmlParts(source, part, Number(resumed)),
  };
}

/** Fenced code. Its lines are no parts: they run on in stretches of text. */
function codeContainer(code: Tokens.Code): Container | undefined {
  const opening = code.raw.split('\n', 1)[0] ?? '';
  if (code.codeBlockStyle === 'indented' || opening.length > MAX_OPENING) return undefined;
  return {
    type: 'code',
    place: 'code',
    shell: renderToken({ ...code, text: '' }),
    opening: (prefix) => `${prefix}${opening}\n`,
    indent: '',
    partsOf: () => ({ parts: [], settled: 0, begun: 0 }),
  };
}

/** What a token would be as a container; undefined where it cannot be one. */
export function containerOf(token: Token, source: LexedSource): Container | undefined {
  switch (token.type) {
    case 'blockquote':
      return quoteContainer();
    case 'list':
      return listContainer(token as Tokens.List, false);
    case 'list_item':
      return itemContainer(token as Tokens.ListItem);
    case 'table':
      return tableContainer(token as Tokens.Table, source);
    case 'paragraph':
      return paragraphContainer();
    case 'html':
      return rawHtmlContainer(token as Tokens.HTML);
    case 'code':
      return codeContainer(token as Tokens.Code);
    default:
      return undefined;
  }
}

/** The parts of the document itself. */
export function documentParts(source: LexedSource): Parts {
  return blockParts(source, source.tokens, source.text, 0, 0);
}
