import { originalOf } from './originals.js';

/** What the content policy has put something else in the place of. */
const CHANGED = 'a, input, [part="image"]';

/** The HTML of rendered content as it was sanitized: without what the page's rules have made of it since. */
export function renderedHtml(content: Element): string {
  // In a document that loads nothing: an image is asked for when it gets its address, wherever it stands.
  const inert = document.implementation.createHTMLDocument();
  const copy = inert.importNode(content, true);
  const copies = [...copy.querySelectorAll(CHANGED)];
  for (const [index, element] of content.querySelectorAll(CHANGED).entries()) {
    const changed = copies[index];
    const original = originalOf(element);
    if (!original || !changed) continue;
    const unchanged = inert.importNode(original);
    if (original.localName === 'a') unchanged.append(...changed.childNodes);
    changed.replaceWith(unchanged);
  }
  for (const group of copy.querySelectorAll('[data-chunk]')) group.replaceWith(...group.childNodes);
  return copy.innerHTML;
}
