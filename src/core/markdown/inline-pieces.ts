import { isInsideCharacter } from './stretches.js';

/**
 * An inline run longer than this is read in pieces, in UTF-16 units. The inline pass of marked takes time by the
 * square of its text in bad cases, and a paragraph that streams would be read from its start at every flush.
 */
const SHORTEST_PIECE = 1024;
/** From this weight on a piece ends at the next space, even between `**` and `**`. */
const HEAVY_PIECE = 4096;
/**
 * From this weight on a piece ends nearly anywhere: layout of text without spaces takes time by the square of its
 * length where its directions change.
 */
const HEAVIEST_PIECE = 4608;
/** A mark may become an element, so it weighs more than other characters. */
const MARKS = '`*_~[<&\\$';
const WEIGHT_OF_MARK = 8;
/** A run of one mark longer than this is several, in UTF-16 units. */
const LONGEST_MARK = 1024;

const WORD = /[\p{L}\p{N}]/u;
const WORD_END = /[\p{L}\p{N}.,;:!?]/u;
/** Letters of scripts that are written without spaces. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const PAIRED_TAG = /<(\/?)(?:sub|sup|kbd|b|i|u|s|mark)\s*\/?>/iy;

/** What stands open at a place in a run: as long as anything does, a piece should not end. */
class OpenMarks {
  #backticks = 0;
  #brackets = 0;
  #parentheses = 0;
  #tags = 0;
  #inTag = false;
  readonly #emphasis: Record<string, number> = { '*': 0, _: 0, '~': 0 };

  /** Whether the place is one where nothing but the end of code or of a tag means anything. */
  get isLiteral(): boolean {
    return this.#inTag || this.#backticks > 0;
  }

  get areClosed(): boolean {
    return (
      this.#backticks + this.#brackets + this.#parentheses + this.#tags === 0 &&
      !this.#inTag &&
      Object.values(this.#emphasis).every((open) => open === 0)
    );
  }

  /** Takes the mark at `index` into account. Returns the index behind it. */
  take(text: string, index: number): number {
    const character = text[index] ?? '';
    if (character === '`') return this.#takeBackticks(text, index);
    if (this.#backticks > 0) return index + 1;
    if (character in this.#emphasis) return this.#takeEmphasis(text, index, character);
    switch (character) {
      case '\\':
        return index + 2;
      case '[':
        this.#brackets += 1;
        break;
      case ']':
        this.#brackets = Math.max(0, this.#brackets - 1);
        break;
      case '(':
        if (this.#parentheses > 0 || text[index - 1] === ']') this.#parentheses += 1;
        break;
      case ')':
        this.#parentheses = Math.max(0, this.#parentheses - 1);
        break;
      case '<':
        return this.#takeTag(text, index);
      case '>':
        this.#inTag = false;
        break;
      default:
    }
    return index + 1;
  }

  #takeBackticks(text: string, index: number): number {
    let end = index + 1;
    while (text[end] === '`' && end - index < LONGEST_MARK) end += 1;
    if (this.#backticks === 0) this.#backticks = end - index;
    else if (this.#backticks === end - index) this.#backticks = 0;
    return end;
  }

  #takeEmphasis(text: string, index: number, mark: string): number {
    let end = index + 1;
    while (text[end] === mark && end - index < LONGEST_MARK) end += 1;
    const mayOpen = /\S/.test(text[end] ?? ' ');
    const mayClose = /\S/.test(text[index - 1] ?? ' ');
    const open = this.#emphasis[mark] ?? 0;
    if (mayClose && open > 0) this.#emphasis[mark] = Math.max(0, open - (end - index));
    else if (mayOpen && !(mark === '_' && mayClose)) this.#emphasis[mark] = open + (end - index);
    return end;
  }

  #takeTag(text: string, index: number): number {
    PAIRED_TAG.lastIndex = index;
    const match = PAIRED_TAG.exec(text);
    if (match) {
      this.#tags = Math.max(0, this.#tags + (match[1] === '' ? 1 : -1));
      return PAIRED_TAG.lastIndex;
    }
    if (/[a-z/!?]/i.test(text[index + 1] ?? '')) this.#inTag = true;
    return index + 1;
  }
}

/**
 * Where the piece of an inline run that starts at `from` ends; undefined where the text does not say so yet. The
 * answer depends on nothing behind the character it ends before, so it is the same however much follows.
 */
export function endOfPiece(whole: string, from: number): number | undefined {
  if (whole.length - from <= SHORTEST_PIECE) return undefined;
  // What stands before the piece must not matter: it is not there when the text is read again.
  const text = whole.slice(from);
  const marks = new OpenMarks();
  let weight = 0;
  for (let index = 0; index + 1 < text.length;) {
    const here = text[index] ?? '';
    if (index >= SHORTEST_PIECE) {
      const [before = '', next = ''] = [text[index - 1], text[index + 1]];
      const isBetweenWords = here === ' ' && WORD.test(next) && WORD_END.test(before);
      if (isBetweenWords || (UNSPACED.test(before) && UNSPACED.test(here))) {
        if (weight >= HEAVY_PIECE || marks.areClosed) return from + index;
      }
    }
    if (weight >= HEAVIEST_PIECE && mayEndAt(text, index)) {
      if (!marks.isLiteral || weight >= 2 * HEAVIEST_PIECE) return from + index;
    }
    const end = marks.take(text, index);
    weight += end - index + (MARKS.includes(here) ? WEIGHT_OF_MARK : 0);
    index = end;
  }
  return undefined;
}

/** Whether a heavy piece may end at a place: not inside of a character, and where no other block can start. */
function mayEndAt(text: string, index: number): boolean {
  const here = text[index] ?? '';
  if (/[\s\p{M}]/u.test(here) || isInsideCharacter(text, index)) return false;
  return text[index - 1] !== '\n' || /\p{L}/u.test(here);
}

/** The pieces in which an inline run is read. */
export function inlinePieces(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let end = endOfPiece(text, from); end !== undefined; end = endOfPiece(text, from)) {
    pieces.push(text.slice(from, end));
    from = end;
  }
  pieces.push(text.slice(from));
  return pieces;
}
