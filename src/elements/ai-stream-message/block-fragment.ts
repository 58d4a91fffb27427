import { applyContentPolicy, type ContentPolicy } from './content-policy.js';
import { breakLongText, LONGEST_TEXT } from './long-text.js';
import { sanitize } from './sanitizer.js';
import { simpleFragment } from './simple-fragment.js';

/** What rows and cells are nodes in only. */
const TABLE_CONTEXTS: Readonly<Record<string, readonly [before: string, after: string]>> = {
  tr: ['<table><tbody>', '</tbody></table>'],
  td: ['<table><tbody><tr>', '</tr></tbody></table>'],
  th: ['<table><tbody><tr>', '</tr></tbody></table>'],
};

/** What the policy is about: attributes (in text a quote is an entity), and what gets a wrapper. */
const NEEDS_POLICY = /="|<(?:pre|table)>/;

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
export function blockFragment(html: string, policy: ContentPolicy): DocumentFragment {
  // Raw HTML may be in a tangle, and a row or cell that stands alone is the model's: no part of a table is put alone.
  const simple = policy.html ? undefined : simpleFragment(html);
  const fragment = simple ?? (policy.html ? sanitize(html, true) : sanitizeInContext(html));
  if (!simple) fragment.normalize();
  if (!simple || NEEDS_POLICY.test(html)) applyContentPolicy(fragment, policy);
  if (html.length > LONGEST_TEXT) breakLongText(fragment);
  return fragment;
}
