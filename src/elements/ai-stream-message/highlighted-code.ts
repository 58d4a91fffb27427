import { NUMBERS_PER_TOKEN, type TokenSession } from '../../core/index.js';
import { markdownClient } from './markdown-service.js';

/** UTF-16 units of a block of code that get colors. What stands behind them is plain. */
export const MAX_HIGHLIGHTED_LENGTH = 65_536;

/** Lines that get and lose their ranges together. */
const LINES_PER_STRETCH = 32;

/** UTF-16 units before the place up to which code was read, by which it is known again. */
const REMEMBERED_LENGTH = 32;

/** A highlight for each kind of token, in the order of `TOKEN_KINDS`. */
export type Highlights = readonly Highlight[];

/** A piece of text in a node. */
interface Piece {
  readonly node: Text;
  /** Where it starts in its node, and in the text of all pieces. */
  readonly inNode: number;
  readonly start: number;
  readonly length: number;
}

interface ColoredRange {
  readonly range: StaticRange;
  readonly highlight: Highlight;
}

interface Stretch {
  readonly firstLine: number;
  lines: number;
  isShown: boolean;
  readonly ranges: ColoredRange[];
}

/** What was sent to be told apart. */
interface Asked {
  readonly pieces: readonly Piece[];
  readonly start: number;
  readonly lines: number;
}

/**
 * The colors of one block of code: whole lines go to the worker as they come, and come back as ranges over the text
 * that stands there. The DOM is not changed. Ranges are static: live ones cost at every change of the document.
 */
export class HighlightedCode {
  /** CSS px. */
  readonly lineHeight: number;
  readonly #code: Element;
  readonly #language: string;
  readonly #highlights: Highlights;
  #session: TokenSession | undefined;
  /** Up to where the code was read. */
  #node: Text | undefined;
  #inNode = 0;
  #length = 0;
  #remembered = '';
  #asked: Asked[] = [];
  #stretches: Stretch[] = [];
  #firstVisible = 0;
  #lastVisible = Infinity;
  #isComplete = false;

  constructor(code: Element, language: string, highlights: Highlights) {
    this.#code = code;
    this.#language = language;
    this.#highlights = highlights;
    this.lineHeight = Number.parseFloat(getComputedStyle(code.firstElementChild ?? code).lineHeight) || 20;
  }

  /** Whether only a part of it may be on screen. */
  get isLong(): boolean {
    return this.#stretches.length > 2;
  }

  /** Takes what has been added since. A line that is not complete waits for its end. */
  grow(isComplete: boolean): void {
    this.#isComplete = isComplete;
    if (this.#length > 0 && !this.#isWhereItWas()) this.#forget();
    const { text, pieces } = this.#unread();
    // The renderer ends open code with a line end of its own.
    const end = isComplete ? text.length : text.lastIndexOf('\n', text.length - 2) + 1;
    if (end === 0) return;
    this.#session ??= markdownClient().tokenize(this.#language, (tokens) => this.#take(tokens));
    for (let start = 0; start < end;) {
      const { next, lines } = stretchEnd(text, start, end);
      this.#asked.push({ pieces, start, lines });
      this.#session.append(text.slice(start, next));
      start = next;
    }
    const last = placeBefore(pieces, end);
    this.#node = last?.node;
    this.#inNode = last?.offset ?? 0;
    this.#length += end;
    const from = Math.max(0, this.#inNode - REMEMBERED_LENGTH);
    this.#remembered = this.#node?.substringData(from, this.#inNode - from) ?? '';
  }

  /** Only these lines are on screen. */
  showLines(first: number, last: number): void {
    this.#firstVisible = first;
    this.#lastVisible = last;
    for (const stretch of this.#stretches) this.#showOrHide(stretch);
  }

  /** Takes the colors away. */
  dispose(): void {
    this.#forget();
  }

  #forget(): void {
    this.#session?.dispose();
    this.#session = undefined;
    for (const stretch of this.#stretches) this.#toggle(stretch, false);
    this.#stretches = [];
    this.#asked = [];
    this.#node = undefined;
    this.#inNode = 0;
    this.#length = 0;
  }

  /** Whether what was read still stands where it stood, as far as a look at its end can tell. */
  #isWhereItWas(): boolean {
    const node = this.#node;
    if (!node || !this.#code.contains(node) || node.length < this.#inNode) return false;
    const length = this.#remembered.length;
    return node.substringData(this.#inNode - length, length) === this.#remembered;
  }

  /** What stands behind the place up to which it was read, within the limit. */
  #unread(): { text: string; pieces: Piece[] } {
    const walker = document.createTreeWalker(this.#code, NodeFilter.SHOW_TEXT);
    if (this.#node) walker.currentNode = this.#node;
    else walker.nextNode();
    const pieces: Piece[] = [];
    let text = '';
    let inNode = this.#inNode;
    let left = MAX_HIGHLIGHTED_LENGTH - this.#length;
    for (
      let node: Node | null = walker.currentNode;
      node instanceof Text && left > 0;
      node = walker.nextNode()
    ) {
      const piece = node.substringData(inNode, left);
      pieces.push({ node, inNode, start: text.length, length: piece.length });
      text += piece;
      left -= piece.length;
      inNode = 0;
    }
    return { text, pieces };
  }

  #take(tokens: readonly number[] | undefined): void {
    if (!tokens) {
      // The worker is gone, and what it knew of the lines so far with it.
      this.#forget();
      this.grow(this.#isComplete);
      return;
    }
    const asked = this.#asked.shift();
    if (!asked) return;
    const { pieces, start, lines } = asked;
    const stretch = this.#stretchFor(lines);
    for (let at = 0; at < tokens.length; at += NUMBERS_PER_TOKEN) {
      const [from = 0, to = 0, kind = 0] = tokens.slice(at, at + NUMBERS_PER_TOKEN);
      const first = placeBehind(pieces, start + from);
      const last = placeBefore(pieces, start + to);
      const highlight = this.#highlights[kind];
      if (!first || !last || !highlight) continue;
      const range = new StaticRange({
        startContainer: first.node,
        startOffset: first.offset,
        endContainer: last.node,
        endOffset: last.offset,
      });
      stretch.ranges.push({ range, highlight });
      if (stretch.isShown) highlight.add(range);
    }
    this.#showOrHide(stretch);
  }

  /** Where the next lines belong. */
  #stretchFor(lines: number): Stretch {
    const last = this.#stretches.at(-1);
    if (last && last.lines + lines <= LINES_PER_STRETCH) {
      last.lines += lines;
      return last;
    }
    const firstLine = last ? last.firstLine + last.lines : 0;
    const stretch: Stretch = { firstLine, lines, isShown: false, ranges: [] };
    this.#stretches.push(stretch);
    return stretch;
  }

  #showOrHide(stretch: Stretch): void {
    const { firstLine, lines } = stretch;
    this.#toggle(stretch, firstLine + lines > this.#firstVisible && firstLine < this.#lastVisible);
  }

  #toggle(stretch: Stretch, isShown: boolean): void {
    if (stretch.isShown === isShown) return;
    stretch.isShown = isShown;
    for (const { range, highlight } of stretch.ranges) {
      if (isShown) highlight.add(range);
      else highlight.delete(range);
    }
  }
}

/** Where the stretch of lines that begins at `start` ends. */
function stretchEnd(text: string, start: number, end: number): { next: number; lines: number } {
  let next = start;
  let lines = 0;
  while (next < end && lines < LINES_PER_STRETCH) {
    const lineEnd = text.indexOf('\n', next);
    next = lineEnd === -1 || lineEnd >= end ? end : lineEnd + 1;
    lines += 1;
  }
  return { next, lines };
}

interface Place {
  readonly node: Text;
  readonly offset: number;
}

/** The place in the DOM before the character at `offset`. */
function placeBehind(pieces: readonly Piece[], offset: number): Place | undefined {
  const piece = pieces.find(({ start, length }) => offset < start + length);
  return piece && { node: piece.node, offset: piece.inNode + offset - piece.start };
}

/** The place in the DOM behind the character before `offset`. */
function placeBefore(pieces: readonly Piece[], offset: number): Place | undefined {
  const piece = pieces.find(({ start, length }) => offset <= start + length);
  return piece && { node: piece.node, offset: piece.inNode + offset - piece.start };
}
