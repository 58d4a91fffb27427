/** How blocks that stand in an element are grouped, by the element's name. */
interface Grouping {
  readonly wrapper: 'div' | 'span';
  /** Blocks to a wrapper. */
  readonly blocks: number;
  /** UTF-16 units of HTML from which on a wrapper takes no more. Default: any number. */
  readonly chars?: number;
}

/**
 * Layout of an element walks all its children, so a long message is a sequence of wrappers, and full ones are left
 * out of layout while they are out of view. Rows have none: between a table and its rows nothing may stand.
 */
const GROUPINGS: Readonly<Record<string, Grouping>> = {
  div: { wrapper: 'div', blocks: 32 },
  blockquote: { wrapper: 'div', blocks: 32 },
  li: { wrapper: 'div', blocks: 32 },
  ul: { wrapper: 'div', blocks: 256 },
  ol: { wrapper: 'div', blocks: 256 },
  // Stretches of one text, a few thousand characters each.
  code: { wrapper: 'span', blocks: 1 },
  // One line for layout, which takes time by the square of what is in it where it has no spaces.
  p: { wrapper: 'span', blocks: 8, chars: 4096 },
};

/**
 * Wrappers to an outer one, of those behind the first so many. What layout skips is still asked for at every frame
 * whether it has come into view, but for what stands in something else that is skipped.
 */
const WRAPPERS_TO_AN_OUTER = 16;

/** An element in which blocks stand, grouped in wrappers that only layout knows. */
export class BlockPlace {
  readonly element: Element;
  readonly #grouping: Grouping | undefined;
  /** Where the next new block goes. */
  #group: Element | undefined;
  #inGroup = 0;
  #groups = 0;
  /** Where the next wrapper goes: the element itself, or an outer wrapper in it. */
  #outer: Element;
  #chars = 0;
  #count = 0;
  /** Nodes that stand here already and are not yet any block's. */
  #unclaimed: ChildNode[];

  constructor(element: Element, unclaimed: ChildNode[] = []) {
    this.element = element;
    this.#outer = element;
    this.#grouping = GROUPINGS[element.localName];
    this.#unclaimed = unclaimed;
    // What stands here already must not move into a wrapper: a selection in it would be lost.
    if (unclaimed.length > 0) this.#group = element;
  }

  /** Takes over the nodes for a new block of `count` nodes, of which the last is `last`, as far as there are any. */
  claim(count: number, last: Node | null): ChildNode[] {
    const claimed = this.#unclaimed.splice(0, count);
    const text = claimed.at(-1);
    if (text instanceof Text && last instanceof Text && claimed.length === count) {
      if (text.data.length > last.data.length && text.data.startsWith(last.data)) {
        this.#unclaimed.unshift(text.splitText(last.data.length));
      }
    }
    return claimed;
  }

  /** Removes what no block has taken over. */
  removeUnclaimed(): void {
    for (const node of this.#unclaimed.splice(0)) node.remove();
  }

  /** The parent of the next new block, which is `chars` of HTML long. New blocks always come last. */
  next(chars: number): Element {
    if (!this.#grouping) return this.element;
    const { wrapper, blocks, chars: room = Infinity } = this.#grouping;
    if (!this.#group || this.#inGroup === blocks || this.#chars >= room) {
      if (this.#groups > 0 && this.#groups % WRAPPERS_TO_AN_OUTER === 0)
        this.#outer = appendWrapper(this.element, wrapper);
      const group = appendWrapper(this.#outer, wrapper);
      if (this.element instanceof HTMLOListElement) continueNumbers(group, this.element, this.#count);
      this.#group = group;
      this.#groups += 1;
      this.#inGroup = 0;
      this.#chars = 0;
    }
    this.#inGroup += 1;
    this.#chars += chars;
    this.#count += 1;
    return this.#group;
  }
}

function appendWrapper(parent: Element, name: Grouping['wrapper']): HTMLElement {
  const wrapper = document.createElement(name);
  wrapper.setAttribute('data-chunk', '');
  parent.append(wrapper);
  return wrapper;
}

/** What layout may skip counts for itself: its numbers start where those before it end. */
function continueNumbers(wrapper: HTMLElement, { start }: HTMLOListElement, count: number): void {
  wrapper.style.counterReset = `list-item ${start + count - 1}`;
}
