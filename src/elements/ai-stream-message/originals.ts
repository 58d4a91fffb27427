/** Elements in the page, and what the sanitizer gave in their place. Without what is in it. */
const originals = new WeakMap<Element, Element>();

/** They stand in no page and load nothing. One for all: a document takes kilobytes. */
let inert: Document | undefined;

/** Notes what stood in the place of an element before the content policy changed it. */
export function keepOriginal(element: Element, original: Element): void {
  inert ??= document.implementation.createHTMLDocument();
  originals.set(element, inert.importNode(original));
}

/** What the sanitizer gave in the place of an element, if that was another. It loads nothing. */
export function originalOf(element: Element): Element | undefined {
  return originals.get(element);
}

/** `element` takes the place of `other`, which is alike. */
export function takeOriginal(element: Element, other: Element): void {
  const original = originals.get(other);
  if (original) originals.set(element, original);
}
