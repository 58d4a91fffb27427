import type { BlockPatch } from '../../core/index.js';
import { applyContentPolicy } from './content-policy.js';
import { morphNodes } from './morph.js';
import { sanitize } from './sanitizer.js';

/**
 * Blocks to a wrapper. Layout of a container walks all its children, so a long message is a sequence of wrappers,
 * and full ones are left out of layout while they are out of view.
 */
const BLOCKS_PER_CHUNK = 32;

interface Block {
  readonly nodes: readonly ChildNode[];
  readonly chunk: HTMLElement;
}

/** Puts block patches into the DOM under `root`. The only place where model HTML becomes nodes. */
export class BlockPatcher {
  readonly #root: HTMLElement;
  readonly #imageLabel: string;
  readonly #blocks = new Map<number, Block>();
  #lastChunk: HTMLElement | undefined;
  #inLastChunk = 0;

  constructor(root: HTMLElement, imageLabel: string) {
    this.#root = root;
    this.#imageLabel = imageLabel;
  }

  /** Applies a batch. A block that the batch changes several times is touched once. */
  apply(patches: readonly BlockPatch[]): void {
    const last = new Map<number, string | undefined>();
    for (const patch of patches) {
      if (patch.op !== 'settle') last.set(patch.id, patch.op === 'put' ? patch.html : undefined);
    }
    for (const [id, html] of last) {
      if (html === undefined) this.#remove(id);
      else this.#put(id, html);
    }
    const settled = patches.findLast((patch) => patch.op === 'settle');
    if (settled?.op === 'settle') this.#settle(settled.before);
  }

  clear(): void {
    this.#root.replaceChildren();
    this.#blocks.clear();
    this.#lastChunk = undefined;
    this.#inLastChunk = 0;
  }

  #put(id: number, html: string): void {
    const fragment = applyContentPolicy(sanitize(html), this.#imageLabel);
    const block = this.#blocks.get(id);
    if (block) {
      this.#blocks.set(id, { ...block, nodes: morphNodes(block.chunk, block.nodes, fragment) });
      return;
    }
    const chunk = this.#chunk();
    const nodes = [...fragment.childNodes];
    chunk.append(fragment);
    this.#blocks.set(id, { nodes, chunk });
  }

  #remove(id: number): void {
    for (const node of this.#blocks.get(id)?.nodes ?? []) node.remove();
    this.#blocks.delete(id);
  }

  /** The wrapper for the next new block. New blocks always come last. */
  #chunk(): HTMLElement {
    if (!this.#lastChunk || this.#inLastChunk === BLOCKS_PER_CHUNK) {
      this.#lastChunk = document.createElement('div');
      this.#lastChunk.setAttribute('data-chunk', '');
      this.#root.append(this.#lastChunk);
      this.#inLastChunk = 0;
    }
    this.#inLastChunk += 1;
    return this.#lastChunk;
  }

  /** Wrappers that cannot change any more may be skipped by layout; the one that grows never. */
  #settle(before: number): void {
    for (let chunk = this.#blocks.get(before - 1)?.chunk.previousElementSibling; chunk;) {
      if (chunk.getAttribute('data-chunk') === 'settled') return;
      keepSize(chunk as HTMLElement);
      chunk.setAttribute('data-chunk', 'settled');
      chunk = chunk.previousElementSibling;
    }
  }
}

/** A wrapper that layout skips must be as high as it was, or the reader would see everything below it jump. */
function keepSize(chunk: HTMLElement): void {
  const height = chunk.offsetHeight;
  if (height > 0) chunk.style.containIntrinsicBlockSize = `auto ${height}px`;
}
