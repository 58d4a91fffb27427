import type { Row } from './row-renderer.js';

/** How deep an anchor is looked for inside a row: message, content, chunk, block, and what may wrap them. */
const MAX_DEPTH = 10;

/** A row showing less than this is not what the reader reads. */
export const SLIVER = 2;

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
  /** Of the element, in CSS px. */
  readonly height: number;
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
export function findAnchor(rows: readonly Row[], view: View, scrollTop: number): Anchor | undefined {
  const row = firstVisible(rows, view);
  if (!row) return undefined;
  const element = deepest(row.element, view);
  const { top, height } = element.getBoundingClientRect();
  const elementTop = (top - view.top) / view.zoom;
  const rowTop = element === row.element ? elementTop : topOf(row.element, view);
  return { element, elementTop, height: height / view.zoom, row, rowTop, scrollTop };
}

/** Each look at the DOM may cost a layout, so the rows, which stand in order, are searched and not walked through. */
function firstVisible(rows: readonly Row[], view: View): Row | undefined {
  let first = 0;
  let end = rows.length;
  while (first < end) {
    const middle = (first + end) >> 1;
    // A row that the page hides stands nowhere: the next one that does speaks for it.
    let shown = middle;
    let bottom = bottomOfShown(rows[shown]!, view);
    while (bottom === undefined && ++shown < end) bottom = bottomOfShown(rows[shown]!, view);
    if (bottom === undefined || bottom > SLIVER) end = middle;
    else first = shown + 1;
  }
  const row = rows.slice(first).find((candidate) => bottomOfShown(candidate, view) !== undefined);
  return row && topOf(row.element, view) < view.height ? row : undefined;
}

/** The lower edge of a row that takes up any place. */
function bottomOfShown({ element }: Row, view: View): number | undefined {
  const { bottom, height } = element.getBoundingClientRect();
  return height > 0 ? (bottom - view.top) / view.zoom : undefined;
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
  let scrolls: boolean | undefined;
  for (const child of childrenOf(parent)) {
    if (child instanceof HTMLSlotElement) {
      const inside = firstVisibleChild(child, view);
      if (inside) return inside;
      continue;
    }
    const box = child.getBoundingClientRect();
    if (box.height === 0 || (box.bottom - view.top) / view.zoom <= SLIVER) continue;
    if ((box.top - view.top) / view.zoom >= view.height) return undefined;
    scrolls ??= isScroller(parent);
    if (!scrolls && movesWithItsRow(child)) return child;
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

/** What is in it moves when it is scrolled, which is no layout shift. */
function isScroller(element: Element): boolean {
  const { overflowY } = getComputedStyle(element);
  return overflowY === 'auto' || overflowY === 'scroll';
}

/** Sticky, positioned and animated elements move for reasons that are no layout shift. */
function movesWithItsRow(element: Element): boolean {
  const { position, transform, translate } = getComputedStyle(element);
  const inFlow = position === 'static' || position === 'relative';
  return inFlow && transform === 'none' && (translate === 'none' || translate === '');
}
