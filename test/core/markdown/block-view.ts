import type { BlockPatch } from '../../../src/core/markdown/protocol.js';

/** Runs in Node and in browsers. */
function check(condition: unknown, fact: string): asserts condition {
  if (!condition) throw new Error(`This is not so: ${fact}.`);
}

interface ViewedBlock {
  readonly id: number;
  html: string;
  place: string | undefined;
  readonly children: Map<number, ViewedBlock>;
  readonly parent: ViewedBlock;
  settledBefore: number;
  highestId: number;
}

function createBlock(id: number, html: string, parent?: ViewedBlock): ViewedBlock {
  const block = { id, html, place: undefined, children: new Map(), settledBefore: 0, highestId: -1 };
  return Object.assign(block, { parent: parent ?? (block as unknown as ViewedBlock) }) as ViewedBlock;
}

function htmlOf({ html, place, children }: ViewedBlock): string {
  if (place === undefined) return html;
  const inner = [...children.values()]
    .toSorted((one, other) => one.id - other.id)
    .map(htmlOf)
    .join('');
  const end = html.lastIndexOf(`</${place}>`);
  check(end > 0, `${html} has a ${place}`);
  return html.slice(0, end) + inner + html.slice(end);
}

const escapeText = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** What a page would show, and a watch over what patches may do. */
export class BlockView {
  readonly #root = createBlock(-1, '');
  readonly #blocks = new Map<number, ViewedBlock>();
  /** How often a settled block was written again. */
  rewrites = 0;
  /** How long the patches are, in UTF-16 units of HTML and text. */
  size = 0;

  apply(patches: readonly BlockPatch[]): void {
    const settledBefore = new Map<ViewedBlock, number>();
    for (const patch of patches) {
      switch (patch.op) {
        case 'settle': {
          const parent = this.#parent(patch.within);
          if (!settledBefore.has(parent)) settledBefore.set(parent, parent.settledBefore);
          check(patch.before <= parent.highestId + 1, 'blocks that settle are there');
          parent.settledBefore = Math.max(parent.settledBefore, patch.before);
          break;
        }
        case 'remove': {
          const block = this.#block(patch.id);
          this.#forget(block);
          block.parent.children.delete(patch.id);
          break;
        }
        case 'grow': {
          const block = this.#block(patch.id);
          check(block.place === undefined, 'text grows where no blocks are');
          this.size += patch.text.length;
          const closing = /(?:<\/[a-z\d]+>\n?)*$/.exec(block.html)?.[0] ?? '';
          const names = [...closing.matchAll(/<\/([a-z\d]+)>/g)].map(([, name]) => name).toReversed();
          check(String(patch.path) === String(names), 'the path is that of the last text');
          block.html =
            block.html.slice(0, block.html.length - closing.length) + escapeText(patch.text) + closing;
          break;
        }
        case 'put':
        case 'nest': {
          this.size += patch.html.length;
          const parent = this.#parent(patch.within);
          const before = settledBefore.get(parent) ?? parent.settledBefore;
          if (patch.id < before && this.#blocks.has(patch.id)) this.rewrites += 1;
          let block = this.#blocks.get(patch.id);
          if (!block) {
            check(patch.id > parent.highestId, 'a new block has an id never used before');
            parent.highestId = patch.id;
            block = createBlock(patch.id, patch.html, parent);
            parent.children.set(patch.id, block);
            this.#blocks.set(patch.id, block);
          } else if (patch.op === 'put') {
            check(block.place !== undefined || block.html !== patch.html, 'only changed blocks are put');
          }
          check(block.parent === parent, 'a block keeps its parent');
          for (const child of block.children.values()) this.#forget(child);
          block.children.clear();
          block.html = patch.html;
          block.place = patch.op === 'nest' ? patch.place : undefined;
          block.settledBefore = 0;
          break;
        }
        default:
          check(false, 'the patch is known');
      }
    }
  }

  get html(): string {
    return [...this.#root.children.values()]
      .toSorted((one, other) => one.id - other.id)
      .map(htmlOf)
      .join('');
  }

  #block(id: number): ViewedBlock {
    const block = this.#blocks.get(id);
    check(block, 'a patch is for a block that is there');
    return block;
  }

  #parent(within: number | undefined): ViewedBlock {
    if (within === undefined) return this.#root;
    const parent = this.#block(within);
    check(parent.place !== undefined, 'a parent has a place for blocks');
    return parent;
  }

  #forget(block: ViewedBlock): void {
    this.#blocks.delete(block.id);
    for (const child of block.children.values()) this.#forget(child);
  }
}
