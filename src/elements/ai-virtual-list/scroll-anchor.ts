import type { Row } from './row-renderer.js';

/** How deep an anchor is looked for inside a row: message, content, chunk, block, and what may wrap them. */
const MAX_DEPTH = 10;

/** A row showing less than this is not what the reader reads. */
const SLIVER = 2;

/** The visible part of the scroller in client px, and what a CSS px of it measures there. */
export interface View {
  readonly top: number;
  readonly height: number;
  /** Differs from 1 under an ancestor's `zoom` or `scale()`. */
  readonly zoom: number;
}

/** An element the reader sees, and where it was: CSS px below the upper edge of the view, at `scrollTop`. */
export interface Anchor {
  readonly element: Element;
  readonly elementTop: number;
  readonly row: Row;
  readonly rowTop: number;
  readonly scrollTop: number;
}

/** The upper edge of an element, in CSS px below the upper edge of the view. */
export function topOf(element: Element, view: View): number {
  return (element.getBoundingClientRect().top - view.top) / view.zoom;
}

/** The lower edge of an element, in CSS px below the upper edge of the view. */
export function bottomOf(element: Element, view: View): number {
  return (element.getBoundingClientRect().bottom - view.top) / view.zoom;
}

/** The deepest element of the first visible row: its place is what "where the reader is" means. */
export function findAnchor(rows: Iterable<Row>, view: View, scrollTop: number): Anchor | undefined {
  const row = firstVisible(rows, view);
  if (!row) return undefined;
  const element = deepest(row.element, view);
  return {
    element,
    elementTop: topOf(element, view),
    row,
    rowTop: topOf(row.element, view),
    scrollTop,
  };
}

function firstVisible(rows: Iterable<Row>, view: View): Row | undefined {
  for (const row of rows) {
    const top = topOf(row.element, view);
    if (top >= view.height) return undefined;
    if (bottomOf(row.element, view) > SLIVER) return row;
  }
  return undefined;
}

/** Goes down to the first element in view, so that growth inside a tall row, above the view, is seen as well. */
function deepest(row: Element, view: View): Element {
  let element = row;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const child = firstVisibleChild(element, view);
    if (!child) break;
    element = child;
  }
  return element;
}

function firstVisibleChild(parent: Element, view: View): Element | undefined {
  for (const child of childrenOf(parent)) {
    if (child instanceof HTMLSlotElement) {
      const inside = firstVisibleChild(child, view);
      if (inside) return inside;
      continue;
    }
    const box = child.getBoundingClientRect();
    if (box.height === 0 || (box.bottom - view.top) / view.zoom <= SLIVER) continue;
    if ((box.top - view.top) / view.zoom >= view.height) return undefined;
    if (movesWithItsRow(parent, child)) return child;
  }
  return undefined;
}

function childrenOf(parent: Element): Iterable<Element> {
  if (parent instanceof HTMLSlotElement) {
    const assigned = parent.assignedElements();
    return assigned.length > 0 ? assigned : parent.children;
  }
  return (parent.shadowRoot ?? parent).children;
}

/** Sticky, positioned, animated and separately scrolled elements move for reasons that are no layout shift. */
function movesWithItsRow(parent: Element, child: Element): boolean {
  const { overflowY } = getComputedStyle(parent);
  if (overflowY === 'auto' || overflowY === 'scroll') return false;
  const { position, transform, translate } = getComputedStyle(child);
  const inFlow = position === 'static' || position === 'relative';
  return inFlow && transform === 'none' && (translate === 'none' || translate === '');
}
