import { applyContentPolicy } from './content-policy.js';
import { breakLongText, LONGEST_TEXT } from './long-text.js';
import { sanitize } from './sanitizer.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** The text that HTML without markup stands for; undefined where it has any. */
function plainText(html: string): string | undefined {
  if (html.includes('<')) return undefined;
  let isPlain = true;
  const text = html.replaceAll(/&[^;]*;?/g, (entity) => {
    isPlain &&= entity in ENTITIES;
    return ENTITIES[entity] ?? entity;
  });
  return isPlain ? text : undefined;
}

/** Rows are nodes only inside of a table. */
function rows(html: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const body = sanitize(`<table><tbody>${html}</tbody></table>`).querySelector('tbody');
  if (body) fragment.append(...body.childNodes);
  return fragment;
}

/** The nodes of a block's HTML, as they may stand in the page. */
export function blockFragment(html: string, imageLabel: string): DocumentFragment {
  const text = plainText(html);
  if (text !== undefined) {
    const fragment = document.createDocumentFragment();
    // A line end at the start of code is text, which the HTML parser would drop; and no markup, no sanitizer.
    if (text !== '') fragment.append(text);
    return fragment;
  }
  const fragment = html.startsWith('<tr>') ? rows(html) : sanitize(html);
  fragment.normalize();
  applyContentPolicy(fragment, imageLabel);
  if (html.length > LONGEST_TEXT) breakLongText(fragment);
  return fragment;
}
