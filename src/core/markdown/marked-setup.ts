import { Parser, Renderer, Tokenizer, type MarkedOptions, type Token, type Tokens } from 'marked';
import { HTML_GROUP, RAW_HTML } from './html-groups.js';
import { mathHtml } from './math-syntax.js';
import { withVisibleControls } from './odd-text.js';
import { htmlBlock, withoutHtmlTokens } from './raw-html.js';

/** A table with more columns is text. */
const MAX_COLUMNS = 256;

/** How many more quotes and lists may be in each other where a lexer is. */
const nestingLeft = new WeakMap<Tokenizer['lexer'], number>();

/** Sets how many quotes and lists may be in each other. The marks of those further in are text. */
export function limitNesting(lexer: Tokenizer['lexer'], maxNesting: number): void {
  nestingLeft.set(lexer, maxNesting);
}

/**
 * Tags are text here, so they do not change how the text after them is read. marked's own rule would write what
 * follows `<kbd>` or `<script>` unescaped, and would link no address between `<a ` and `</a>`, however many blocks
 * lie between them. With this every inline run depends on nothing but its own source and the link definitions.
 */
export class PlainTagTokenizer extends Tokenizer {
  readonly #keepsHtml: boolean;

  constructor(keepsHtml = false) {
    super();
    this.#keepsHtml = keepsHtml;
  }

  override html(source: string): Tokens.HTML | undefined {
    return this.#kept(super.html(source));
  }

  override tag(source: string): Tokens.Tag | undefined {
    const { inLink, inRawBlock } = this.lexer.state;
    const token = super.tag(source);
    this.lexer.state.inLink = inLink;
    this.lexer.state.inRawBlock = inRawBlock;
    return this.#kept(token);
  }

  #kept<Html extends Tokens.HTML | Tokens.Tag>(token: Html | undefined): Html | undefined {
    return token && this.#keepsHtml ? ({ ...token, type: RAW_HTML } as unknown as Html) : token;
  }

  override blockquote(source: string): Tokens.Blockquote | undefined {
    return this.#inside(() => super.blockquote(source));
  }

  override list(source: string): Tokens.List | undefined {
    return this.#inside(() => super.list(source));
  }

  /** Layout of a wide table takes time for each cell of each row. */
  override table(source: string): Tokens.Table | undefined {
    const token = super.table(source);
    return token && token.header.length <= MAX_COLUMNS ? token : undefined;
  }

  /** marked reads what is in a block within the call that reads the block. */
  #inside<Found>(read: () => Found): Found | undefined {
    const { lexer } = this;
    const left = nestingLeft.get(lexer) ?? Infinity;
    if (left <= 0) return undefined;
    nestingLeft.set(lexer, left - 1);
    try {
      return read();
    } finally {
      nestingLeft.set(lexer, left);
    }
  }
}

class EscapingRenderer extends Renderer {
  override code(token: Tokens.Code): string {
    return super.code({ ...token, text: withVisibleControls(token.text) });
  }

  override codespan(token: Tokens.Codespan): string {
    return super.codespan({ ...token, text: withVisibleControls(token.text) });
  }

  override html({ text }: Tokens.HTML | Tokens.Tag): string {
    return htmlBlock(text);
  }
}

/** Type of the token between two pieces of an inline run. It shows nothing. */
export const PIECE_END = 'piece_end';

class EscapingParser extends Parser {
  override parseInline(tokens: Token[], renderer?: Parameters<Parser['parseInline']>[1]): string {
    let html = '';
    let from = 0;
    for (const [index, { type }] of tokens.entries()) {
      if (type !== PIECE_END) continue;
      html += super.parseInline(withoutHtmlTokens(tokens.slice(from, index)), renderer);
      from = index + 1;
    }
    return html + super.parseInline(withoutHtmlTokens(tokens.slice(from)), renderer);
  }
}

/** Own instances all the way, so that a page which configures the shared `marked` does not configure this. */
export const markedOptions: MarkedOptions = {
  gfm: true,
  tokenizer: new PlainTagTokenizer(),
  renderer: new EscapingRenderer(),
  extensions: {
    renderers: {
      math: (token) => mathHtml(token as unknown as Parameters<typeof mathHtml>[0]),
      open_math(token) {
        return `<p>${this.parser.parseInline(token.tokens ?? [])}</p>\n`;
      },
      [RAW_HTML]: ({ raw }) => raw,
      [HTML_GROUP](token) {
        return this.parser.parse(token.tokens ?? []);
      },
    },
    childTokens: {},
  },
};

const parser = new EscapingParser(markedOptions);

/** Whether a top-level token shows: blank lines and link definitions do not. */
export function isShown(token: Token): boolean {
  return token.type !== 'space' && token.type !== 'def';
}

/** The HTML of one top-level token whose inline pass is done. */
export function renderToken(token: Token): string {
  return parser.parse([token]);
}

/** The HTML of the inline tokens of one piece. */
export function renderInline(tokens: Token[]): string {
  return parser.parseInline(tokens);
}
