import { findGrammar, type Grammar, type Rule } from './grammars.js';
import { TOKEN_KINDS, type TokenKind } from './token-kind.js';

/** UTF-16 units of a line that are looked at. What stands behind them, as in minified code, is plain. */
const MAX_LINE_LENGTH = 2000;

/** Turns source code into tokens, whole lines at a time. */
export interface Tokenizer {
  /** The tokens of the next lines as a flat list (`NUMBERS_PER_TOKEN`), with places counted from the start of `text`. */
  next(text: string): number[];
}

interface Mode {
  readonly rules: readonly Rule[];
  /** One group for each rule. */
  readonly pattern: RegExp;
}

const compiled = new WeakMap<Grammar, ReadonlyMap<string, Mode>>();

function compile(grammar: Grammar): ReadonlyMap<string, Mode> {
  let modes = compiled.get(grammar);
  if (!modes) {
    modes = new Map(
      Object.entries(grammar.modes).map(([name, rules]) => {
        const source = rules.map(([, pattern]) => `(${pattern})`).join('|');
        return [name, { rules, pattern: new RegExp(source, 'gu') }];
      }),
    );
    compiled.set(grammar, modes);
  }
  return modes;
}

/** A tokenizer for one block of code, or undefined for a language that is not known. */
export function createTokenizer(language: string): Tokenizer | undefined {
  const grammar = findGrammar(language);
  if (!grammar) return undefined;
  const { keywords, ignoresCase } = grammar;
  const modes = compile(grammar);
  const [first] = modes.values();
  let mode = first;

  function kindOfWord(word: string, behind: string): TokenKind | undefined {
    if (keywords?.has(ignoresCase ? word.toLowerCase() : word)) return 'keyword';
    return behind.startsWith('(') ? 'function' : undefined;
  }

  function tokenizeLine(line: string, offset: number, tokens: number[]): void {
    let position = 0;
    while (mode && position < line.length) {
      const { rules, pattern } = mode;
      pattern.lastIndex = position;
      const match = pattern.exec(line);
      if (!match) return;
      const [text] = match;
      position = match.index + text.length;
      const rule = rules[match.indexOf(text, 1) - 1];
      if (!rule) return;
      const [name, , next] = rule;
      const kind = name === 'word' ? kindOfWord(text, line.slice(position, position + 1)) : name;
      if (kind && kind !== 'plain') {
        add(tokens, offset + match.index, offset + position, TOKEN_KINDS.indexOf(kind));
      }
      if (next) mode = modes.get(next);
      // A rule that takes nothing would be asked again at the same place.
      if (text === '') position += 1;
    }
  }

  return {
    next(text) {
      const tokens: number[] = [];
      let offset = 0;
      for (const line of text.split('\n')) {
        tokenizeLine(line.slice(0, MAX_LINE_LENGTH), offset, tokens);
        offset += line.length + 1;
      }
      return tokens;
    },
  };
}

/** Adds a token; one of the same kind that ends where it starts, or a line before, becomes longer instead. */
function add(tokens: number[], start: number, end: number, kind: number): void {
  const before = tokens.length - 2;
  // Colors do not show on the space between: fewer tokens are fewer ranges to paint.
  if (tokens[before + 1] === kind && start - (tokens[before] ?? 0) <= 1) tokens[before] = end;
  else tokens.push(start, end, kind);
}
