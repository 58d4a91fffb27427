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

/** The HTML in front of which a text at the end of a block grows. */
const CLOSING_TAGS = /(?:<\/[a-z][a-z\d]*>\n?)*$/;
const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
const ENTITY = /&[^;]*;?/g;

/** The patch by which the text at the end of a block grows, if that is all that has changed. */
function growth(id: number, before: string, after: string): BlockPatch | undefined {
  const closing = CLOSING_TAGS.exec(before)?.[0] ?? '';
  const head = before.slice(0, before.length - closing.length);
  if (head === '' || head.endsWith('>') || after.length <= before.length) return undefined;
  if (!after.startsWith(head) || !after.endsWith(closing)) return undefined;
  const inserted = after.slice(head.length, after.length - closing.length);
  if (inserted.includes('<')) return undefined;
  let isPlain = true;
  const text = inserted.replaceAll(ENTITY, (entity) => {
    isPlain &&= entity in ENTITIES;
    return ENTITIES[entity] ?? entity;
  });
  if (!isPlain) return undefined;
  const path = [...closing.matchAll(/<\/([a-z\d]+)>/g)].map(([, name]) => name ?? '').toReversed();
  return { op: 'grow', id, text, path };
}

/**
 * Keeps the blocks of a stream, and collects the patches by which the other side follows. Throws as soon as the blocks
 * are more than their text may become.
 */
export class BlockTree {
  readonly root: Flow = { within: undefined, blocks: [], settled: 0 };
  /** Length of the text they are of, in UTF-16 units. */
  textLength = 0;
  #limits: RenderLimits | undefined;
  /** Of all blocks together. */
  readonly #size = { chars: 0, elements: 0, cells: 0 };
  #patches: BlockPatch[] = [];
  #nextId = 0;

  constructor(limits: RenderLimits) {
    this.#limits = limits;
  }

  /** The block at a place. Open blocks keep their ids by place. */
  at(flow: Flow, index: number): Block {
    return (flow.blocks[index] ??= { id: this.#nextId++, html: '', flow: undefined });
  }

  /** Makes a block show `html`. */
  put(flow: Flow, block: Block, html: string): void {
    if (!block.flow && block.html === html) return;
    const grown = block.flow ? undefined : growth(block.id, block.html, html);
    this.#forget(block);
    this.#setHtml(block, html);
    this.#patches.push(grown ?? { op: 'put', id: block.id, html, ...within(flow) });
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
