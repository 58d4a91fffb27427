import { Lexer, type Links, type Token, type Tokens } from 'marked';
import { inlinePieces } from './inline-pieces.js';
import { groupHtml, RAW_HTML, withoutCode } from './html-groups.js';
import { limitNesting, PIECE_END } from './marked-setup.js';
import { readingOf, type Reading } from './math-setup.js';

/** Where a link definition points. */
export type LinkTarget = Links[string];

/** Finds the definition of a link's label. */
export type FindTarget = (label: string) => LinkTarget | undefined;

/** One text whose inline tokens go into `tokens`. */
export interface InlineRun {
  source: string;
  readonly tokens: Token[];
  /** How many tokens were there before the inline pass: the checkbox of a task. */
  readonly kept: number;
  readonly reading: Reading;
}

/** A link definition with the index of the top-level token that holds it. */
export interface FoundDefinition {
  readonly block: number;
  readonly target: LinkTarget;
}

/** The blocks of a text without their inline pass. */
export interface LexedText {
  readonly tokens: Token[];
  /** The inline runs in all blocks, by the list their tokens go into. */
  readonly runs: ReadonlyMap<Token[], InlineRun>;
  /** The definitions in the text that were not known before. */
  readonly definitions: ReadonlyMap<string, FoundDefinition>;
}

/**
 * marked keeps link definitions in a plain object. This one asks and tells: every look-up goes to `find`, so a
 * block's unresolved labels are known exactly, and every new definition to `add`.
 */
function linkTable(find: FindTarget, add?: (label: string, target: LinkTarget) => void): Links {
  const get = (_: Links, label: string | symbol) => find(String(label));
  return new Proxy<Links>(Object.create(null), {
    get,
    // For Object.hasOwn, by which marked asks when it hides links from emphasis.
    getOwnPropertyDescriptor(links, label) {
      const value = get(links, label);
      return value && { value, configurable: true, enumerable: true };
    },
    set(_, label, target: LinkTarget) {
      add?.(String(label), target);
      return true;
    },
  });
}

/**
 * The blocks of a text whose line ends are `\n`, without the inline pass, and the definitions in it that `known`
 * does not have. Block structure never depends on link definitions, so it can be final before they are.
 */
export function lexBlocks(
  source: string,
  known: ReadonlyMap<string, LinkTarget>,
  reading: Reading,
  maxNesting: number,
): LexedText {
  const lexer = new Lexer(reading.options);
  limitNesting(lexer, maxNesting);
  const definitions = new Map<string, FoundDefinition>();
  lexer.tokens.links = linkTable(
    (label) => known.get(label) ?? definitions.get(label)?.target,
    (label, target) => definitions.set(label, { block: lexer.tokens.length, target }),
  );
  lexer.blockTokens(source, lexer.tokens);
  const runs = new Map<Token[], InlineRun>();
  for (const { src, tokens } of lexer.inlineQueue) {
    runs.set(tokens, { source: src, tokens, kept: tokens.length, reading });
  }
  const read = lexer.tokens;
  forgetText(lexer);
  if (!reading.html) return { tokens: read, runs, definitions };
  const { tokens, places } = groupHtml(read, (token) => rawHtmlIn(token, runs));
  for (const [label, { block, target }] of definitions) {
    definitions.set(label, { block: places[block] ?? block, target });
  }
  return { tokens, runs, definitions };
}

/** The raw HTML in a token, and what may be some: its inline runs have not been read yet. */
function rawHtmlIn(token: Token, runs: LexedText['runs']): string[] {
  if (token.type === RAW_HTML) return [token.raw];
  const { tokens } = token as Tokens.Generic;
  const run = tokens && runs.get(tokens);
  return run ? [withoutCode(run.source)] : tokensInside(token).flatMap((inner) => rawHtmlIn(inner, runs));
}

/** The tokens directly inside a token, whatever marked calls them. */
export function tokensInside(token: Token): Token[] {
  const { tokens = [], items = [], header = [], rows = [] } = token as Tokens.Generic;
  // A cell has a `header`, too, which says whether it is in one.
  return [...tokens, ...items, ...(Array.isArray(header) ? header : []), ...rows.flat()] as Token[];
}

/** The inline runs of a token and of all tokens inside it. */
export function runsInside(token: Token, runs: LexedText['runs'], found: InlineRun[] = []): InlineRun[] {
  const own = (token as Tokens.Generic).tokens;
  const run = own && runs.get(own);
  if (run) found.push(run);
  else for (const inner of tokensInside(token)) runsInside(inner, runs, found);
  return found;
}

/** Reads inline runs, with the link definitions that `find` knows. May be done again as more become known. */
export function readInline(runs: readonly InlineRun[], find: FindTarget): void {
  const lexer = new Lexer((runs[0]?.reading ?? readingOf()).options);
  lexer.tokens.links = linkTable(find);
  for (const { source, tokens, kept } of runs) {
    tokens.length = kept;
    for (const [index, piece] of inlinePieces(source).entries()) {
      if (index > 0) tokens.push({ type: PIECE_END, raw: '' });
      // Each piece begins anew, in a list of its own: text at its start is not joined to text before it.
      tokens.push(...lexer.inlineTokens(piece, []));
    }
  }
  forgetText(lexer);
}

/** marked's tokenizer knows its last lexer for good, and through it whatever that one knows. */
function forgetText(lexer: Lexer): void {
  lexer.tokens = Object.assign([], { links: {} });
  lexer.inlineQueue = [];
}
