import type { BlockPatch } from '../../core/index.js';
import { blockFragment } from './block-fragment.js';
import { BlockPlace } from './block-place.js';
import type { ContentPolicy } from './content-policy.js';
import { frameImage } from './image-frame.js';
import { LONGEST_TEXT, textPieces } from './long-text.js';
import { morphNodes } from './morph.js';

type Put = Extract<BlockPatch, { op: 'put' }>;
type Nest = Extract<BlockPatch, { op: 'nest' }>;
type Grow = Extract<BlockPatch, { op: 'grow' }>;
type Insert = Extract<BlockPatch, { op: 'insert' }>;
type Settle = Extract<BlockPatch, { op: 'settle' }>;

interface Block {
  nodes: readonly ChildNode[];
  /** The element its nodes stand in. */
  readonly parent: Element;
  /** Where the blocks in it stand, if it has any. */
  place: BlockPlace | undefined;
  readonly children: number[];
}

/** Wrappers marked in one frame: the layout of all that is in them is new. */
const MAX_MARKED = 2;

/** CSS px that a wrapper is taken for that has no layout yet. */
const HIDDEN_HEIGHT = 1500;

/** UTF-16 units of HTML and text put into the DOM after which layout is done before more are. */
const MAX_UNMEASURED = 4096;

function lengthOf(patch: BlockPatch | undefined): number {
  if (!patch) return 0;
  if ('html' in patch) return patch.html.length;
  return 'text' in patch ? patch.text.length : 0;
}

/** Puts block patches into the DOM under `root`. The only place where model HTML becomes nodes. */
export class BlockPatcher {
  readonly #root: Element;
  readonly #policy: () => ContentPolicy;
  readonly #blocks = new Map<number, Block>();
  #place: BlockPlace;
  #waiting: BlockPatch[] = [];
  #isBehind = false;
  /** Patches have come since those that others make void were left out. */
  #hasNew = false;
  /** Places whose nodes are being taken over by blocks. */
  #nested: BlockPlace[] = [];
  /** Wrappers in which nothing will change. They are marked when layout has seen them. */
  readonly #finished = new Set<HTMLElement>();

  constructor(root: Element, policy: () => ContentPolicy) {
    this.#root = root;
    this.#policy = policy;
    this.#place = new BlockPlace(root);
  }

  /** Takes patches, which `apply` then puts into the DOM. */
  add(patches: readonly BlockPatch[]): void {
    for (const patch of patches) this.#waiting.push(patch);
    this.#hasNew = true;
  }

  /**
   * Works on what waits until `deadline`, a time as `performance.now()` gives it. Returns whether all of it is in the
   * DOM.
   */
  apply(deadline: number): boolean {
    this.#markFinished();
    const patches = this.#hasNew ? withoutRepeated(this.#waiting) : this.#waiting;
    this.#hasNew = false;
    let done = 0;
    let chars = 0;
    // At least one, or a frame that begins late would get nowhere.
    do {
      const patch = patches[done];
      this.#applyOne(patch);
      chars += lengthOf(patch);
      if (chars < MAX_UNMEASURED) continue;
      // Layout may take longer than the changes: it is done now, so that its time counts.
      void this.#root.clientHeight;
      chars = 0;
    } while (++done < patches.length && performance.now() < deadline);
    this.#waiting = patches.slice(done);
    this.#isBehind = this.#waiting.length > 0;
    if (this.#isBehind) return false;
    for (const place of this.#nested.splice(0)) place.removeUnclaimed();
    return true;
  }

  /** Whether the last `apply` has left some of what had come to another frame. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Whether another frame has work even if no more patches come. */
  get wantsFrame(): boolean {
    return this.#waiting.length > 0 || this.#finished.size > 0;
  }

  /** Forgets the patches that wait. */
  stop(): void {
    this.#waiting = [];
  }

  /** Lets go of what it knows of the blocks: nothing will change any more. */
  end(): void {
    this.#blocks.clear();
  }

  #applyOne(patch: BlockPatch | undefined): void {
    switch (patch?.op) {
      case 'put':
        this.#put(patch);
        break;
      case 'grow':
        this.#grow(patch);
        break;
      case 'insert':
        this.#insert(patch);
        break;
      case 'nest':
        this.#nested.push(this.#nest(patch));
        break;
      case 'remove':
        for (const node of this.#blocks.get(patch.id)?.nodes ?? []) node.remove();
        this.#forget(patch.id);
        break;
      case 'settle':
        this.#settle(patch);
        break;
      default:
    }
  }

  clear(): void {
    this.#root.replaceChildren();
    this.#blocks.clear();
    this.#waiting = [];
    this.#nested = [];
    this.#finished.clear();
    this.#place = new BlockPlace(this.#root);
  }

  #put(put: Put): Block {
    const fragment = blockFragment(put.html, this.#policy());
    const images = imagesIn(fragment);
    const block = this.#putNodes(put, fragment);
    this.#frame(images);
    return block;
  }

  #frame(images: Iterable<HTMLElement>): void {
    // Those that are there already have stayed.
    for (const image of images) if (this.#root.contains(image)) frameImage(image, this.#policy);
  }

  #putNodes({ id, html, within }: Put, fragment: DocumentFragment): Block {
    const block = this.#blocks.get(id);
    if (block) {
      for (const child of block.children.splice(0)) this.#forget(child);
      block.place = undefined;
      block.nodes = morphNodes(block.parent, block.nodes, fragment);
      return block;
    }
    const place = this.#placeOf(within);
    const parent = place.next(html.length);
    const claimed = place.claim(fragment.childNodes.length, fragment.lastChild);
    const added: Block = {
      nodes: morphNodes(parent, claimed, fragment),
      parent,
      place: undefined,
      children: [],
    };
    this.#blocks.set(id, added);
    if (within !== undefined) this.#blocks.get(within)?.children.push(id);
    return added;
  }

  #nest({ place: name, ...shell }: Nest): BlockPlace {
    const known = this.#blocks.get(shell.id);
    const block = known ?? this.#put({ ...shell, op: 'put' });
    const element = find(block.nodes, name) ?? this.#root;
    // What the shell itself has in there is its own; the rest becomes blocks.
    const own = find([...blockFragment(shell.html, this.#policy()).childNodes], name)?.childNodes.length ?? 0;
    block.place = new BlockPlace(element, known ? [...element.childNodes].slice(own) : []);
    return block.place;
  }

  #grow({ id, text, path }: Grow): void {
    const nodes = this.#blocks.get(id)?.nodes ?? [];
    const parent = lastElement(nodes, path);
    let last: Node | null | undefined = parent ? parent.lastChild : nodes.at(-1);
    // Long text stands in pieces.
    while (last instanceof Element && last.hasAttribute('data-chunk')) last = last.lastChild;
    const length = text.length + (last instanceof Text ? last.length : 0);
    if (length > LONGEST_TEXT && parent) parent.append(...textPieces(text));
    else if (last instanceof Text) last.appendData(text);
    else parent?.append(text);
  }

  #insert({ id, html, path }: Insert): void {
    const parent = lastElement(this.#blocks.get(id)?.nodes ?? [], path);
    const fragment = blockFragment(html, this.#policy());
    const images = imagesIn(fragment);
    const { firstChild } = fragment;
    if (firstChild instanceof Text && parent?.lastChild instanceof Text) {
      parent.lastChild.appendData(firstChild.data);
      firstChild.remove();
    }
    parent?.append(fragment);
    this.#frame(images);
  }

  #forget(id: number): void {
    for (const child of this.#blocks.get(id)?.children ?? []) this.#forget(child);
    this.#blocks.delete(id);
  }

  #placeOf(within: number | undefined): BlockPlace {
    return (within === undefined ? undefined : this.#blocks.get(within)?.place) ?? this.#place;
  }

  /** Wrappers that cannot change any more may be skipped by layout; the one that grows never. */
  #settle({ before }: Settle): void {
    const added: HTMLElement[] = [];
    for (
      let open = this.#blocks.get(before - 1)?.parent;
      open?.hasAttribute('data-chunk');
      open = open.parentElement ?? undefined
    ) {
      for (
        let group = open.previousElementSibling;
        group instanceof HTMLElement && isWrapper(group) && !this.#finished.has(group);
        group = group.previousElementSibling
      )
        added.push(group);
    }
    for (const group of added.toReversed()) this.#finished.add(group);
  }

  /**
   * A wrapper that layout skips must be as high as it was, or the reader would see everything below it jump. Its
   * height is read before anything is written, so that reading it costs no layout of its own.
   */
  #markFinished(): void {
    const finished = [...this.#finished]
      .slice(0, MAX_MARKED)
      .map((group) => ({ group, height: group.offsetHeight }));
    for (const { group, height } of finished) {
      this.#finished.delete(group);
      // Not by a rule for an attribute: the style of all that is in the wrapper would be computed again.
      group.style.containIntrinsicBlockSize = `auto ${height || HIDDEN_HEIGHT}px`;
      group.style.contentVisibility = 'auto';
    }
  }
}

/** Whether it only groups, and layout may not skip it yet. */
function isWrapper({ dataset, style }: HTMLElement): boolean {
  return 'chunk' in dataset && style.contentVisibility !== 'auto';
}

function imagesIn(fragment: DocumentFragment): Iterable<HTMLElement> {
  return fragment.querySelectorAll<HTMLElement>('[part="image"]');
}

/** The patches without those a later one makes void: a block that a batch puts several times is touched once. */
function withoutRepeated(patches: readonly BlockPatch[]): BlockPatch[] {
  const last = new Map<number, number>();
  const parents = new Set<number>();
  for (const [index, patch] of patches.entries()) {
    if (patch.op === 'put') last.set(patch.id, index);
    if (patch.op === 'nest') parents.add(patch.id);
  }
  return patches.filter((patch, index) => {
    if (patch.op !== 'put' && patch.op !== 'grow' && patch.op !== 'insert') return true;
    return parents.has(patch.id) || index >= (last.get(patch.id) ?? 0);
  });
}

/** The first element of this name in nodes. */
function find(nodes: readonly Node[], name: string): Element | undefined {
  for (const node of nodes) {
    if (!(node instanceof Element)) continue;
    const found = node.localName === name ? node : node.querySelector(name);
    if (found) return found;
  }
  return undefined;
}

/** The last element of the last name of the path, in the last one of the name before it, and so on. */
function lastElement(nodes: readonly ChildNode[], [first, ...names]: readonly string[]): Element | undefined {
  let element: Element | undefined;
  for (const node of nodes.toReversed()) if (first && !element) element = ownOrInside(node, first);
  for (const name of names) element = lastInside(element, name);
  return element;
}

/** The last element of this name directly in an element, or in what only groups there. */
function lastInside(parent: Element | undefined, name: string): Element | undefined {
  for (let node = parent?.lastElementChild; node; node = node.previousElementSibling) {
    const found = ownOrInside(node, name);
    if (found) return found;
  }
  return undefined;
}

function ownOrInside(node: Node, name: string): Element | undefined {
  if (!(node instanceof Element)) return undefined;
  if (node.localName === name) return node;
  return node.hasAttribute('data-chunk') ? lastInside(node, name) : undefined;
}
