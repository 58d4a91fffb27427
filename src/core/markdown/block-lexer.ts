import { Lexer, type Links, type Token } from 'marked';
import { markedOptions, renderToken } from './marked-setup.js';

/** Where a link definition points. */
export type LinkTarget = Links[string];

/** A top-level token with what its inline pass needs, so that the pass can be run again with other definitions. */
export interface LexedBlock {
  readonly token: Token;
  readonly inlineRuns: InlineRun[];
}

/** One text whose inline tokens go into `tokens`. */
interface InlineRun {
  readonly source: string;
  readonly tokens: Token[];
  /** How many tokens were there before the inline pass: the checkbox of a task. */
  readonly kept: number;
}

/** A link definition with the index of the block that holds it. */
export interface FoundDefinition {
  readonly block: number;
  readonly target: LinkTarget;
}

/**
 * marked keeps link definitions in a plain object. This one asks and tells: every look-up goes to `find`, so a
 * block's unresolved labels are known exactly, and every new definition to `add`.
 */
function linkTable(
  find: (label: string) => LinkTarget | undefined,
  add?: (label: string, target: LinkTarget) => void,
): Links {
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

/** Runs marked's two passes apart, and knows which top-level token each inline text belongs to. */
class BlockLexer extends Lexer {
  readonly #blockOf = new Map<Token[], number>();

  override inline(source: string, tokens: Token[] = []): Token[] {
    this.#blockOf.set(tokens, this.tokens.length);
    return super.inline(source, tokens);
  }

  lexBlocks(source: string): LexedBlock[] {
    this.blockTokens(source, this.tokens);
    const blocks = this.tokens.map((token): LexedBlock => ({ token, inlineRuns: [] }));
    for (const { src, tokens } of this.inlineQueue) {
      const block = blocks[this.#blockOf.get(tokens) ?? -1];
      block?.inlineRuns.push({ source: src, tokens, kept: tokens.length });
    }
    return blocks;
  }
}

/**
 * The blocks of a text whose line ends are `\n`, without the inline pass, and the definitions in it that `known`
 * does not have. Block structure never depends on link definitions, so it can be final before they are.
 */
export function lexBlocks(
  source: string,
  known: ReadonlyMap<string, LinkTarget>,
): { blocks: LexedBlock[]; definitions: Map<string, FoundDefinition> } {
  const lexer = new BlockLexer(markedOptions);
  const definitions = new Map<string, FoundDefinition>();
  lexer.tokens.links = linkTable(
    (label) => known.get(label) ?? definitions.get(label)?.target,
    (label, target) => definitions.set(label, { block: lexer.tokens.length, target }),
  );
  return { blocks: lexer.lexBlocks(source), definitions };
}

/** The HTML of a block with the link definitions that `find` knows. May be called again as more become known. */
export function renderBlock(block: LexedBlock, find: (label: string) => LinkTarget | undefined): string {
  const lexer = new Lexer(markedOptions);
  lexer.tokens.links = linkTable(find);
  for (const { source, tokens, kept } of block.inlineRuns) {
    tokens.length = kept;
    lexer.inlineTokens(source, tokens);
  }
  return renderToken(block.token);
}
