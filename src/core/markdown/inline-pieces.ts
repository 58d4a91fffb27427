/**
 * An inline run longer than this is read in pieces, in UTF-16 units. The inline pass of marked takes time by the
 * square of its text in bad cases, and a paragraph that streams would be read from its start at every flush.
 */
const SHORTEST_PIECE = 1024;
/** From this length on a piece ends at the next space, even between `**` and `**`. */
const LONG_PIECE = 4096;
/** From this length on a piece ends between any two letters. */
const LONGEST_PIECE = 8192;

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
    while (text[end] === '`') end += 1;
    if (this.#backticks === 0) this.#backticks = end - index;
    else if (this.#backticks === end - index) this.#backticks = 0;
    return end;
  }

  #takeEmphasis(text: string, index: number, mark: string): number {
    let end = index + 1;
    while (text[end] === mark) end += 1;
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
export function endOfPiece(text: string, from: number): number | undefined {
  if (text.length - from <= SHORTEST_PIECE) return undefined;
  const marks = new OpenMarks();
  for (let index = from; index + 1 < text.length;) {
    const length = index - from;
    if (length >= SHORTEST_PIECE) {
      const [before = '', here = '', next = ''] = [text[index - 1], text[index], text[index + 1]];
      const isBetweenWords = here === ' ' && WORD.test(next) && WORD_END.test(before);
      if (isBetweenWords || (UNSPACED.test(before) && UNSPACED.test(here))) {
        if (length >= LONG_PIECE || marks.areClosed) return index;
      } else if (length >= LONGEST_PIECE && WORD.test(before) && WORD.test(here)) return index;
    }
    index = marks.take(text, index);
  }
  return undefined;
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
