import createDOMPurify, { type Config, type DOMPurify } from 'dompurify';
import { trustedTypesPolicy } from './trusted-types.js';

/** Elements that markdown makes, and the inline tags the worker lets pass. Nothing else reaches the page. */
const TAGS = (
  'a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i img input kbd li mark ol p pre s strong sub sup table tbody td ' +
  'th thead tr u ul'
).split(' ');

const ATTRIBUTES = 'href title src alt align start class type checked disabled'.split(' ');

/**
 * What a host lets through that trusts its backend with HTML: elements that only structure text. Nothing that loads,
 * runs, takes input, is a frame, or has a parser of its own.
 */
const HTML_TAGS = (
  'abbr address article aside bdi bdo big caption center cite col colgroup dd details dfn div dl dt figcaption figure ' +
  'footer header hgroup ins main nav q rp rt ruby samp search section small span strike summary tfoot time tt var wbr'
).split(' ');

const HTML_ATTRIBUTES =
  'cite colspan datetime dir headers height id lang open reversed rowspan scope span valign value width'.split(
    ' ',
  );

const CONFIG = createConfig(TAGS, ATTRIBUTES);
const HTML_CONFIG = createConfig([...TAGS, ...HTML_TAGS], [...ATTRIBUTES, ...HTML_ATTRIBUTES]);

/**
 * String in, fragment out. None of the options that past bypasses needed: no hooks, no in-place work, no
 * functions, no templates (docs/decisions/0003-worker-then-sanitizer.md).
 */
function createConfig(
  tags: readonly string[],
  attributes: readonly string[],
): Config & { RETURN_DOM_FRAGMENT: true } {
  return Object.freeze({
    ALLOWED_TAGS: [...tags],
    ALLOWED_ATTR: [...attributes],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true as const,
  });
}

// A private instance: hooks that the host page adds to its own copy do not reach this one.
let purifier: DOMPurify | undefined;
// One object for all calls: DOMPurify reads a configuration anew that is not the one of the call before.
let config: typeof CONFIG = CONFIG;
let htmlConfig: typeof CONFIG = HTML_CONFIG;

/**
 * The DOM of model HTML, cleaned. `keepsHtml`: raw HTML of the text is in it, which may be nothing but what is not
 * allowed. Throws where DOMPurify cannot work, so that text is never lost silently.
 */
export function sanitize(html: string, keepsHtml = false): DocumentFragment {
  if (!purifier) {
    purifier = createDOMPurify(window);
    // With null it makes no policy of its own either.
    const TRUSTED_TYPES_POLICY = trustedTypesPolicy() as Config['TRUSTED_TYPES_POLICY'];
    config = Object.freeze({ ...CONFIG, TRUSTED_TYPES_POLICY });
    htmlConfig = Object.freeze({ ...HTML_CONFIG, TRUSTED_TYPES_POLICY });
  }
  const fragment = purifier.sanitize(html, keepsHtml ? htmlConfig : config);
  // Under Trusted Types without its policy DOMPurify answers with null or nothing (security.md, section 3).
  if (!fragment || (!keepsHtml && !fragment.hasChildNodes() && html.trim() !== '')) {
    throw new Error(
      'DOMPurify returned nothing. If the page enforces Trusted Types, allow the policy "ai-stream-chat".',
    );
  }
  return fragment;
}
