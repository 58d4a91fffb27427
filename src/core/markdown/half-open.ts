/**
 * What a reader sees of syntax that is not complete yet: no raw marks that will go away, and nothing that is taken
 * back. Each construct has one rule (docs/markdown.md has them in a table). None of them acts at the end of a
 * text, and none of them bears on what is final: that follows from whole lines.
 */

/** A bracket that is open for longer than this is shown as it is, in UTF-16 units. */
const MAX_OPEN_BRACKET = 400;
/** A label shorter than this waits for what follows its bracket; of a longer one the text is shown as it comes. */
const MAX_HELD_LABEL = 24;

/** A line that is held back for longer than this is shown as it is, in UTF-16 units; the head of a table is wide. */
const MAX_HELD_LINE = 400;
const MAX_HELD_TABLE = 4096;

/** What may stand before a block in its line: quote marks and list markers. */
const CONTAINERS = String.raw`[ \t]*(?:(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])[ \t]*)*`;
const FENCE = new RegExp(`^${CONTAINERS}(\`{3,}|~{3,})(.*)$`);
/** Only marks so far: of a list, a heading, a quote, a rule, a setext underline, emphasis, a fence, a table. */
const ONLY_MARKS = new RegExp(
  `^${CONTAINERS}(?:[-*+]|\\d{1,9}[.)]?|#{1,6}|[-*_=~\`][-*_=~\` \\t]*|[|:-][ \\t|:-]*)?[ \\t]*$`,
);
const TASK_BOX = /^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[ xX]?\]?[ \t]*$/;
const DEFINITION = /^[ \t>]{0,6}\[[^\]]*(?:\](?::.*)?)?$/;
const TABLE_LINE = new RegExp(`^${CONTAINERS}\\|`);
/** The row under a table's header, as far as it has come. */
const DELIMITER_START = /^[ \t>]*[ \t|:-]*$/;

/** Whether the last of these lines is inside of fenced code. */
function isInFence(lines: readonly string[]): boolean {
  let fence: string | undefined;
  for (const line of lines.slice(0, -1)) {
    const [, marks = '', rest = ''] = FENCE.exec(line) ?? [];
    if (marks === '') continue;
    if (fence === undefined) {
      if (!marks.startsWith('`') || !rest.includes('`')) fence = marks;
    } else if (marks.startsWith(fence) && rest.trim() === '') fence = undefined;
  }
  return fence !== undefined;
}

/** How many of these lines, from the end, are a table that is not known for one yet. */
function heldTableLines(lines: readonly string[]): number {
  let first = lines.length;
  while (first > 0 && TABLE_LINE.test(lines[first - 1] ?? '')) first -= 1;
  // The line behind the header need not start with a bar.
  if (first === lines.length && first > 1 && TABLE_LINE.test(lines[first - 2] ?? '')) {
    first -= 1;
    while (first > 0 && TABLE_LINE.test(lines[first - 1] ?? '')) first -= 1;
  }
  const count = lines.length - first;
  const second = lines[first + 1] ?? '';
  if (count === 1) return 1;
  return count === 2 && DELIMITER_START.test(second) ? 2 : 0;
}

/** The start of a tag that may pass, which stands as text where it has no end. */
const HALF_TAG = /(?<!\\)<\/?[a-z]{0,4}\s*\/?$/i;

/** How much of a text that goes on is shown: what its last line will be may not be known yet. */
export function shownLength(text: string): number {
  const lines = text.split('\n');
  const line = lines.at(-1) ?? '';
  const before = text.length - line.length;
  if (isInFence(lines)) return /^[ \t>]*[`~]+[ \t]*$/.test(line) ? before : text.length;
  const isShort = line.length <= MAX_HELD_LINE;
  const fence = FENCE.exec(line);
  if (isShort && fence && !(fence[1]?.startsWith('`') && fence[2]?.includes('`'))) return before;
  const heldLines = heldTableLines(lines);
  const { length } = lines.slice(lines.length - heldLines).join('\n');
  if (heldLines > 0 && length <= MAX_HELD_TABLE) return text.length - length;
  if (isShort && line !== '' && (ONLY_MARKS.test(line) || TASK_BOX.test(line) || DEFINITION.test(line)))
    return before;
  return text.length - (HALF_TAG.exec(line)?.[0].length ?? 0);
}

/** What is open at a place in an inline text, with the text that closes it. */
interface OpenMark {
  readonly mark: string;
  readonly close: string;
  /** Where what it marks begins, and where it begins itself. */
  readonly inner: number;
  readonly index: number;
}

interface OpenBracket {
  readonly index: number;
  readonly isImage: boolean;
  readonly openMarks: number;
}

const HALF_END = /(?:(?<!\\)(?:<[a-z!/?][^<>\n]*|<|&#?\w{0,31})|(?<!\\)\\|[\ud800-\udbff])$/i;
const PAIRED_TAG = /^<(\/?)(sub|sup|kbd|b|i|u|s|mark)\s*\/?>/i;

const isSpace = (character: string | undefined) => character === undefined || /\s/.test(character);
const isWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Reads an inline text that goes on, and finds what to show of it. */
class OpenInline {
  #text: string;
  readonly #marks: OpenMark[] = [];
  readonly #brackets: OpenBracket[] = [];

  constructor(text: string) {
    this.#text = text.replace(HALF_END, '');
  }

  close(): string {
    for (let index = 0; index < this.#text.length;) index = this.#take(index);
    const [bracket] = this.#brackets;
    if (bracket) this.#closeBracket(this.#brackets.at(-1) ?? bracket, this.#text.length, false);
    if (this.#text.endsWith('!')) this.#text = this.#text.slice(0, -1);
    // Marks around nothing would show.
    for (
      let last = this.#marks.at(-1);
      last && this.#text.slice(last.inner).trim() === '';
      last = this.#marks.at(-1)
    ) {
      this.#text = this.#text.slice(0, last.index);
      this.#marks.pop();
    }
    if (this.#marks.length === 0) return this.#text;
    const closing = this.#marks.map(({ close }) => close).toReversed();
    return this.#text.trimEnd() + closing.join('');
  }

  #take(index: number): number {
    const text = this.#text;
    switch (text[index]) {
      case '\\':
        return index + 2;
      case '`':
        return this.#takeCode(index);
      case '*':
      case '_':
      case '~':
        return this.#takeEmphasis(index);
      case '[':
        this.#brackets.push({ index, isImage: text[index - 1] === '!', openMarks: this.#marks.length });
        return index + 1;
      case ']':
        return this.#takeBracket(index);
      case '<':
        return this.#takeTag(index);
      default:
        return index + 1;
    }
  }

  /** A code span is one from its first character on. */
  #takeCode(index: number): number {
    const run = /^`+/.exec(this.#text.slice(index))?.[0] ?? '`';
    const start = index + run.length;
    const end = new RegExp(`(?<!\`)${run}(?!\`)`).exec(this.#text.slice(start));
    if (end) return start + end.index + run.length;
    const code = this.#text.slice(start).replace(/`+$/, '');
    this.#text = this.#text.slice(0, start) + code;
    this.#marks.push({ mark: '`', close: run, inner: start, index });
    return this.#text.length;
  }

  /** Emphasis is closed where the text ends. Marks at its very end wait for the next character. */
  #takeEmphasis(index: number): number {
    const text = this.#text;
    const mark = text[index] ?? '';
    let end = index;
    while (text[end] === mark) end += 1;
    const [before, next] = [text[index - 1], text[end]];
    const mayOpen = !isSpace(next) && !(mark === '_' && isWord(before));
    const mayClose = !isSpace(before) && !(mark === '_' && isWord(next));
    let left = end - index;
    if (mayClose) left -= this.#closeEmphasis(mark, left);
    if (next === undefined && left > 0) {
      this.#text = text.slice(0, end - left);
      return this.#text.length;
    }
    if (left > 0 && mayOpen) {
      const opener = { mark, inner: end, index: end - left };
      if (left > 2) this.#marks.push({ ...opener, close: mark });
      this.#marks.push({ ...opener, close: left > 1 ? mark.repeat(2) : mark });
    }
    return end;
  }

  /** Takes away the marks that a run of `count` characters closes. Returns how many of those it takes. */
  #closeEmphasis(mark: string, count: number): number {
    let left = count;
    while (left > 0) {
      const open = this.#marks.findLastIndex((one) => one.mark === mark);
      const length = this.#marks[open]?.close.length ?? Infinity;
      if (length > left) break;
      left -= length;
      this.#marks.length = open;
    }
    return count - left;
  }

  #takeTag(index: number): number {
    const [tag = '', slash, name = ''] = PAIRED_TAG.exec(this.#text.slice(index, index + 16)) ?? [];
    if (tag === '') return index + 1;
    const mark = name.toLowerCase();
    if (slash === '') this.#marks.push({ mark, close: `</${mark}>`, inner: index + tag.length, index });
    else {
      const open = this.#marks.findLastIndex((one) => one.mark === mark);
      if (open !== -1) this.#marks.length = open;
    }
    return index + tag.length;
  }

  #takeBracket(index: number): number {
    const bracket = this.#brackets.pop();
    if (!bracket) return index + 1;
    const text = this.#text;
    const next = text[index + 1];
    if (next === undefined) return this.#closeBracket(bracket, index, false);
    if (next !== '(' && next !== '[') return index + 1;
    const end = closingBracket(text, index + 1);
    if (end !== undefined) return end + 1;
    return this.#closeBracket(bracket, index, true);
  }

  /**
   * The text of a link is shown without its bracket, and what follows the text not at all. Of an image nothing is
   * shown. A label whose bracket has not said yet what it is waits while it is short.
   */
  #closeBracket(last: OpenBracket, labelEnd: number, isDecided: boolean): number {
    const text = this.#text;
    const first = this.#brackets[0] ?? last;
    this.#brackets.length = 0;
    if (text.length - first.index > MAX_OPEN_BRACKET) return text.length;
    // An image in the text of a link: what is before it is the text so far.
    const end = last.isImage && last !== first ? last.index - 1 : labelEnd;
    if (first.isImage) this.#cut(first, first.index - 1);
    else if (end - first.index <= (isDecided && last === first ? 0 : MAX_HELD_LABEL))
      this.#cut(first, first.index);
    else this.#text = text.slice(0, first.index) + text.slice(first.index + 1, end);
    return this.#text.length;
  }

  /** What opened behind the bracket is gone with it. */
  #cut({ openMarks }: OpenBracket, end: number): void {
    this.#text = this.#text.slice(0, end);
    this.#marks.length = Math.min(this.#marks.length, openMarks);
  }
}

/** Where the bracket at `index` is closed, in the same paragraph. */
function closingBracket(text: string, index: number): number | undefined {
  const open = text[index] ?? '';
  const close = open === '(' ? ')' : ']';
  let depth = 0;
  for (let at = index; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === open) depth += 1;
    else if (text[at] === close) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return undefined;
}

/** What to show of an inline text that goes on. */
export function closeInline(text: string): string {
  return new OpenInline(text).close();
}
