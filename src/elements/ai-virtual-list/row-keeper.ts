import type { IndexRange } from '../../core/index.js';
import type { Row, RowRenderer } from './row-renderer.js';

/** Rows of a selection that stay mounted outside the range; its first and its last row always do. */
const MAX_SELECTED_ROWS = 300;

/** Says which rows must not go: the one with the focus, those of the selection, and those that play something. */
export class RowKeeper {
  readonly #host: HTMLElement;
  readonly #rows: RowRenderer;

  constructor(host: HTMLElement, rows: RowRenderer) {
    this.#host = host;
    this.#rows = rows;
  }

  /** Those of `rows`, all outside `range`, that stay. */
  among(rows: readonly Row[], { first, last }: IndexRange): ReadonlySet<Row> {
    if (rows.length === 0) return new Set();
    const kept = new Set(rows.filter(({ element }) => isPlaying(element)));
    const focused = this.focused;
    if (focused && rows.includes(focused)) kept.add(focused);
    const selected = this.selected;
    if (!selected) return kept;
    const distance = ({ index }: Row): number => (index < first ? first - index : index - last + 1);
    const inSelection = rows
      .filter(({ index }) => index >= selected.first && index < selected.last)
      .toSorted((one, other) => distance(one) - distance(other));
    for (const [rank, row] of inSelection.entries()) {
      const isEdge = row.index === selected.first || row.index === selected.last - 1;
      if (rank < MAX_SELECTED_ROWS || isEdge) kept.add(row);
    }
    return kept;
  }

  /** The row with the focus. */
  get focused(): Row | undefined {
    const { activeElement } = this.#host.getRootNode() as Document | ShadowRoot;
    return activeElement ? this.#rowOf(activeElement) : undefined;
  }

  /** The items that the selection touches, mounted or not; undefined where it touches none. */
  get selected(): IndexRange | undefined {
    const range = this.#selection();
    if (!range || range.collapsed) return undefined;
    const start = this.#place(range.startContainer, range.startOffset);
    const end = this.#place(range.endContainer, range.endOffset);
    if (start === 'after' || end === 'before') return undefined;
    const first = start === 'before' ? 0 : start.index;
    const last = end === 'after' ? this.#rows.count : end.index + 1;
    return first < last ? { first, last } : undefined;
  }

  /** Whether all that is selected is in the list. */
  get holdsSelection(): boolean {
    const range = this.#selection();
    if (!range) return false;
    const { startContainer, startOffset, endContainer, endOffset } = range;
    const isInside = (node: Node): boolean => this.#host.contains(node);
    return (
      (isInside(startContainer) || startContainer.childNodes[startOffset] === this.#host) &&
      (isInside(endContainer) || endContainer.childNodes[endOffset - 1] === this.#host)
    );
  }

  /** In the trees that the list stands in: what is selected inside a row's own shadow tree counts as the row. */
  #selection(): StaticRange | undefined {
    const selection = this.#host.ownerDocument.getSelection();
    if (!selection || selection.rangeCount === 0) return undefined;
    // Not every engine has it; without it, a selection in a shadow tree is not known.
    if (!('getComposedRanges' in selection)) return (selection as Selection).getRangeAt(0);
    const shadowRoots: ShadowRoot[] = [];
    for (let root = this.#host.getRootNode(); root instanceof ShadowRoot; root = root.host.getRootNode()) {
      shadowRoots.push(root);
    }
    return selection.getComposedRanges({ shadowRoots })[0];
  }

  #place(node: Node, offset: number): Row | 'before' | 'after' {
    const row = node === this.#host ? this.#rowOf(node.childNodes[offset] ?? node) : this.#rowOf(node);
    if (row) return row;
    // The list, or the host of the tree that it stands in, whichever is in the tree of this node.
    let list: Element = this.#host;
    for (
      let root = list.getRootNode();
      root instanceof ShadowRoot && root !== node.getRootNode();
      root = list.getRootNode()
    ) {
      list = root.host;
    }
    if (node.contains(list)) {
      const next = node.childNodes[offset];
      const isBefore =
        next !== undefined &&
        (next.contains(list) ||
          (next.compareDocumentPosition(list) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
      return isBefore ? 'before' : 'after';
    }
    const isBefore = (node.compareDocumentPosition(list) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    return isBefore ? 'before' : 'after';
  }

  /** The row that a node of the list's own tree is in. */
  #rowOf(node: Node): Row | undefined {
    let child: Node | null = node;
    while (child && child.parentNode !== this.#host) child = child.parentNode;
    return child instanceof Element ? this.#rows.of(child) : undefined;
  }
}

function isPlaying(element: Element): boolean {
  return [...element.querySelectorAll<HTMLMediaElement>('audio, video')].some(({ paused }) => !paused);
}
