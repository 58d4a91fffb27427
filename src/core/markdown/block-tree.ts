import type { BlockPatch } from './protocol.js';
import {
  type HtmlSize,
  isTooMuch,
  MAX_BLOCK_ELEMENTS,
  sizeOfHtml,
  type RenderLimits,
} from './render-limits.js';

/** A block as the other side has it. */
export interface Block {
  readonly id: number;
  /** Its HTML; of a block with blocks in it, the HTML around them. */
  html: string;
  /** What is in it, where that is blocks of their own. */
  flow: Flow | undefined;
}

/** Blocks one after another: those of the document, or those in a block. */
export interface Flow {
  /** The id of the block they are in. */
  readonly within: number | undefined;
  readonly blocks: Block[];
  /** How many of them have settled. */
  settled: number;
}

/** Elements whose parts the HTML parser moves out; and the text of a link is looked at as a whole. */
const UNSAFE_PARENTS = new Set(['table', 'thead', 'a']);

/** The HTML in front of which a text at the end of a block grows. */
const CLOSING_TAGS = /(?:<\/[a-z][a-z\d]*>\n?)*$/;
const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
/** Text, and the blocks markdown makes that end with the text in them. */
const GROWS_PLAINLY = /^(?:[^<]*|<(p|h[1-6])>[^<]*<\/\1>\n|<pre><code[^>]*>[^<]*<\/code><\/pre>\n)$/;
const ENTITY = /&[^;]*;?/g;

const TAG = /<(\/?)([a-z][a-z\d]*)(?: [^>]*)?>\n?/g;
const VOID_ELEMENTS = new Set(['br', 'hr', 'img', 'input']);

/** The text that HTML without markup stands for; undefined where it has any, or entities that are not known here. */
function plainText(html: string): string | undefined {
  let isPlain = !html.includes('<');
  const text = html.replaceAll(ENTITY, (entity) => {
    isPlain &&= entity in ENTITIES;
    return ENTITIES[entity] ?? entity;
  });
  return isPlain ? text : undefined;
}

/**
 * What stands in front of each of the closing tags, in this order, and behind nothing else; undefined where they do
 * not close what is open there.
 */
function cutAt(closing: readonly string[], html: string): string[] | undefined {
  const pieces: string[] = [];
  let start = 0;
  let depth = 0;
  for (const { 0: tag, 1: slash, 2: name = '', index } of html.matchAll(TAG)) {
    if (VOID_ELEMENTS.has(name)) continue;
    if (slash === '') depth += 1;
    else if (depth > 0) depth -= 1;
    else {
      if (closing[pieces.length] !== tag) return undefined;
      pieces.push(html.slice(start, index));
      start = index + tag.length;
    }
  }
  return start === html.length && pieces.length === closing.length ? pieces : undefined;
}

/** The elements that are open at the end of HTML, from the outermost; undefined where it is not well nested. */
function openElements(html: string): string[] | undefined {
  const open: string[] = [];
  for (const [, slash, name = ''] of html.matchAll(TAG)) {
    if (VOID_ELEMENTS.has(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return undefined;
  }
  return open;
}

/** The patches by which a block grows at its end, if that is all that has changed. */
function growth(id: number, before: string, after: string): BlockPatch[] | undefined {
  const closing = CLOSING_TAGS.exec(before)?.[0] ?? '';
  const head = before.slice(0, before.length - closing.length);
  if (head === '' || head.endsWith('>') || !after.startsWith(head)) return undefined;
  const closingTags = [...closing.matchAll(TAG)];
  const tail = after.slice(head.length);
  const pieces =
    closing === ''
      ? [tail]
      : cutAt(
          closingTags.map(([tag]) => tag),
          tail,
        );
  if (!pieces) return undefined;
  const path = closingTags.map(([, , name]) => name ?? '').toReversed();
  // Raw tags may be in a tangle, which the HTML parser sorts out.
  if (openElements(head)?.join(' ') !== path.join(' ')) return undefined;
  const patches: BlockPatch[] = [];
  for (const [level, html] of pieces.entries()) {
    if (html === '') continue;
    const place = { id, path: path.slice(0, path.length - level) };
    if (UNSAFE_PARENTS.has(place.path.at(-1) ?? '')) return undefined;
    const text = plainText(html);
    if (text !== undefined) patches.push({ op: 'grow', text, ...place });
    else if (place.path.length === 0) return undefined;
    else patches.push({ op: 'insert', html, ...place });
  }
  return patches;
}

/**
 * Keeps the blocks of a stream, and collects the patches by which the other side follows. Throws as soon as the blocks
 * are more than their text may become.
 */
export class BlockTree {
  readonly root: Flow = { within: undefined, blocks: [], settled: 0 };
  /** Length of the text they are of, in UTF-16 units. */
  textLength = 0;
  readonly #mayHoldHtml: boolean;
  #limits: RenderLimits | undefined;
  /** Of all blocks together. */
  readonly #size = { chars: 0, elements: 0, cells: 0 };
  #patches: BlockPatch[] = [];
  #nextId = 0;

  /** With `mayHoldHtml` text only grows in blocks without tags of their own. */
  constructor(limits: RenderLimits, mayHoldHtml = false) {
    this.#limits = limits;
    this.#mayHoldHtml = mayHoldHtml;
  }

  /** The block at a place. Open blocks keep their ids by place. */
  at(flow: Flow, index: number): Block {
    return (flow.blocks[index] ??= { id: this.#nextId++, html: '', flow: undefined });
  }

  /** Makes a block show `html`. */
  put(flow: Flow, block: Block, html: string): void {
    if (!block.flow && block.html === html) return;
    const grown =
      block.flow || (this.#mayHoldHtml && !GROWS_PLAINLY.test(html))
        ? undefined
        : growth(block.id, block.html, html);
    this.#forget(block);
    this.#setHtml(block, html);
    this.#patches.push(...(grown ?? [{ op: 'put' as const, id: block.id, html, ...within(flow) }]));
  }

  /** Makes what is in the element `place` of a block blocks of their own; `html` is what stands around them. */
  nest(flow: Flow, block: Block, html: string, place: string): Flow {
    this.#count(block.html, -1);
    this.#setHtml(block, html);
    if (block.flow) return block.flow;
    block.flow = { within: block.id, blocks: [], settled: 0 };
    this.#patches.push({ op: 'nest', id: block.id, html, place, ...within(flow) });
    return block.flow;
  }

  keepOnly(flow: Flow, count: number): void {
    for (const block of flow.blocks.splice(count)) {
      this.#forget(block);
      this.#patches.push({ op: 'remove', id: block.id });
    }
  }

  /**
   * All blocks so far are void, and those that come are of text as it is written, which has no limits. No patch says so:
   * the other side lets go of all it has.
   */
  clear(): void {
    this.keepOnly(this.root, 0);
    this.root.settled = 0;
    this.#patches = [];
    this.#limits = undefined;
  }

  settle(flow: Flow, count: number): void {
    if (count <= flow.settled) return;
    flow.settled = count;
    this.#patches.push({ op: 'settle', before: (flow.blocks[count - 1]?.id ?? -1) + 1, ...within(flow) });
  }

  /** All of a block's HTML. */
  htmlOf({ html, flow }: Block): string {
    if (!flow) return html;
    // The blocks are in the innermost element, before the closing tags that nothing but they follow.
    const end = html.search(/(?:<\/[a-z][a-z\d]*>\n?)+$/);
    return html.slice(0, end) + flow.blocks.map((block) => this.htmlOf(block)).join('') + html.slice(end);
  }

  /** What a block and those in it held is no more. */
  #forget(block: Block): void {
    this.#count(block.html, -1);
    block.flow?.blocks.forEach((inner) => this.#forget(inner));
    block.flow = undefined;
  }

  #setHtml(block: Block, html: string): void {
    block.html = html;
    const { elements, cells } = this.#count(html, 1);
    const limits = this.#limits;
    if (!limits) return;
    if (elements - cells > MAX_BLOCK_ELEMENTS || isTooMuch(this.#size, this.textLength, limits)) {
      throw new Error('The text becomes too much.');
    }
  }

  #count(html: string, sign: 1 | -1): HtmlSize {
    const size = sizeOfHtml(html);
    this.#size.chars += sign * size.chars;
    this.#size.elements += sign * size.elements;
    this.#size.cells += sign * size.cells;
    return size;
  }

  /** The patches since the last call. */
  take(): BlockPatch[] {
    const patches = this.#patches;
    this.#patches = [];
    return patches;
  }
}

function within(flow: Flow): { within?: number } {
  return flow.within === undefined ? {} : { within: flow.within };
}
