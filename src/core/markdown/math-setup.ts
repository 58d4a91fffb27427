import type { MarkedOptions, Token, TokenizerExtensionFunction, Tokens } from 'marked';
import { markedOptions, PlainTagTokenizer } from './marked-setup.js';
import { matchMath, matchMathBlock, mathBlockIndex } from './math-syntax.js';

/** Reads math before anything else: at the start of a block, and at each place of a line of text. */
class MathTokenizer extends PlainTagTokenizer {
  /** Masks with their math in them, by the mask without: emphasis does not see what is inside. */
  readonly #masks = new Map<string, { readonly source: string; readonly result: string }>();

  override inlineText(source: string): Tokens.Text | undefined {
    // Math may start at the next dollar sign.
    const end = source.indexOf('$', 1);
    return super.inlineText(end === -1 ? source : source.slice(0, end));
  }

  /** A line of nothing but `=` between `$$` and `$$` underlines nothing. */
  override lheading(source: string): Tokens.Heading | undefined {
    const token = super.lheading(source);
    return token && mathBlockIndex(token.raw) === -1 ? token : undefined;
  }

  override emStrong(
    source: string,
    masked: string,
    previous?: string,
  ): Tokens.Em | Tokens.Strong | undefined {
    return super.emStrong(source, this.#maskMath(source, masked), previous);
  }

  override del(source: string, masked: string, previous?: string): Tokens.Del | undefined {
    return super.del(source, this.#maskMath(source, masked), previous);
  }

  /** `masked` is that of the whole run, of which `source` is the rest. What is in code or a link is hidden in it. */
  #maskMath(source: string, masked: string): string {
    const known = this.#masks.get(masked);
    if (known?.source.endsWith(source)) return known.result;
    let result = masked.slice(0, masked.length - source.length);
    for (let at = 0; at < source.length;) {
      const character = masked[result.length];
      const math =
        character === '$' || character === '+' ? matchMath(source.slice(at, at + MAX_SCAN)) : undefined;
      const raw = math?.raw ?? source.slice(at, at + 1);
      result += math ? `[${'a'.repeat(raw.length - 2)}]` : character;
      at += raw.length;
    }
    if (this.#masks.size === MAX_MASKS) this.#masks.clear();
    this.#masks.set(masked, { source, result });
    return result;
  }
}

/** Runs inside of runs whose masks are kept. */
const MAX_MASKS = 32;

/** More than math may be long, so that its limit stays the one that decides. */
const MAX_SCAN = 8192;

const readBlock: TokenizerExtensionFunction = function (source) {
  const math = matchMathBlock(source);
  if (!math) return undefined;
  const { raw, tex } = math;
  if (tex !== undefined) return { type: 'math', raw, tex, isDisplay: true, isBlock: true };
  const text = raw.trim();
  return { type: 'open_math', raw, text, tokens: this.lexer.inline(text, [] as Token[]) };
};

const readInlineMath: TokenizerExtensionFunction = (source) => {
  const first = source[0];
  const math = first === '$' || first === '\\' ? matchMath(source) : undefined;
  return math && { type: 'math', isBlock: false, ...math };
};

/** As `markedOptions`, with math between dollar signs, and between backslashes with parentheses or brackets. */
export const mathOptions: MarkedOptions = {
  ...markedOptions,
  tokenizer: new MathTokenizer(),
  extensions: {
    renderers: {},
    childTokens: {},
    block: [readBlock],
    inline: [readInlineMath],
    startBlock: [
      (source) => {
        const index = mathBlockIndex(source);
        return index === -1 ? undefined : index;
      },
    ],
  },
};
