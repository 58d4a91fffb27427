import createDOMPurify, { type Config, type DOMPurify } from 'dompurify';
import { trustedTypesPolicy } from './trusted-types.js';

/** Elements that markdown makes, and the inline tags the worker lets pass. Nothing else reaches the page. */
const TAGS = (
  'a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i img input kbd li mark ol p pre s strong sub sup table tbody td ' +
  'th thead tr u ul'
).split(' ');

const ATTRIBUTES = 'href title src alt align start class type checked disabled'.split(' ');

/**
 * String in, fragment out. None of the options that past bypasses needed: no hooks, no in-place work, no
 * functions, no templates (docs/decisions/0003-worker-then-sanitizer.md).
 */
const CONFIG: Config & { RETURN_DOM_FRAGMENT: true } = Object.freeze({
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ATTRIBUTES,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
});

// A private instance: hooks that the host page adds to its own copy do not reach this one.
let purifier: DOMPurify | undefined;
// One object for all calls: DOMPurify reads a configuration anew that is not the one of the call before.
let config: typeof CONFIG = CONFIG;

/** The DOM of model HTML, cleaned. Throws where DOMPurify cannot work, so that text is never lost silently. */
export function sanitize(html: string): DocumentFragment {
  if (!purifier) {
    purifier = createDOMPurify(window);
    // With null it makes no policy of its own either.
    const TRUSTED_TYPES_POLICY = trustedTypesPolicy() as Config['TRUSTED_TYPES_POLICY'];
    config = Object.freeze({ ...CONFIG, TRUSTED_TYPES_POLICY });
  }
  const fragment = purifier.sanitize(html, config);
  // Under Trusted Types without its policy DOMPurify answers with null or nothing (security.md, section 3).
  if (!fragment || (!fragment.hasChildNodes() && html.trim() !== '')) {
    throw new Error(
      'DOMPurify returned nothing. If the page enforces Trusted Types, allow the policy "ai-stream-chat".',
    );
  }
  return fragment;
}
