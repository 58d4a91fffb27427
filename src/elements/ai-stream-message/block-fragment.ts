import { applyContentPolicy } from './content-policy.js';
import { sanitize } from './sanitizer.js';
import { simpleFragment } from './simple-fragment.js';

/** What rows and cells are nodes in only. */
const TABLE_CONTEXTS: Readonly<Record<string, readonly [before: string, after: string]>> = {
  tr: ['<table><tbody>', '</tbody></table>'],
  td: ['<table><tbody><tr>', '</tr></tbody></table>'],
  th: ['<table><tbody><tr>', '</tr></tbody></table>'],
};

function sanitizeInContext(html: string): DocumentFragment {
  const [, name = ''] = /^<(t[rdh])[ >]/.exec(html) ?? [];
  const [before, after] = TABLE_CONTEXTS[name] ?? [];
  if (before === undefined) return sanitize(html);
  const parent = sanitize(`${before}${html}${after}`).querySelector(name)?.parentNode;
  const fragment = document.createDocumentFragment();
  if (parent) fragment.append(...parent.childNodes);
  return fragment;
}

/** The nodes of a block's HTML, as they may stand in the page. */
export function blockFragment(html: string, imageLabel: string): DocumentFragment {
  const simple = simpleFragment(html);
  if (simple) return simple;
  const fragment = sanitizeInContext(html);
  fragment.normalize();
  return applyContentPolicy(fragment, imageLabel);
}
