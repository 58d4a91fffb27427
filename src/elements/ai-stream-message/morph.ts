import { originalOf, takeOriginal } from './originals.js';

/**
 * Makes the children from `from` on, `count` of them, equal to `wanted` with the smallest change: nodes that are
 * alike stay, text grows at its end. So a selection, and the reader's place in it, survive an update.
 *
 * Returns the nodes that stand there now.
 */
export function morphNodes(parent: Node, current: readonly ChildNode[], wanted: Node): ChildNode[] {
  const next = [...wanted.childNodes];
  const after = current.at(-1)?.nextSibling ?? null;
  const result: ChildNode[] = [];
  for (const [index, node] of next.entries()) {
    const old = current[index];
    if (old && alike(old, node)) {
      morphNode(old, node);
      result.push(old);
    } else {
      if (old) old.replaceWith(node);
      else parent.insertBefore(node, after);
      result.push(node);
    }
  }
  for (const extra of current.slice(next.length)) extra.remove();
  return result;
}

function alike(a: Node, b: Node): boolean {
  if (a.nodeName !== b.nodeName) return false;
  if (!(a instanceof Element && b instanceof Element)) return a.nodeType === b.nodeType;
  const part = a.getAttribute('part');
  // What stands for an image is that image's for good: it may have been loaded.
  return part === b.getAttribute('part') && (part !== 'image' || isSameImage(a, b));
}

function isSameImage(a: Element, b: Element): boolean {
  return originalOf(a)?.isEqualNode(originalOf(b) ?? null) ?? false;
}

function morphNode(old: ChildNode, node: ChildNode): void {
  if (old instanceof CharacterData && node instanceof CharacterData) {
    if (old.data === node.data) return;
    if (node.data.startsWith(old.data)) old.appendData(node.data.slice(old.data.length));
    else old.data = node.data;
  } else if (old instanceof Element && node instanceof Element) {
    takeOriginal(old, node);
    morphAttributes(old, node);
    morphNodes(old, [...old.childNodes], node);
  }
}

function morphAttributes(old: Element, node: Element): void {
  for (const name of old.getAttributeNames()) {
    if (!node.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const name of node.getAttributeNames()) {
    const value = node.getAttribute(name) ?? '';
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}
