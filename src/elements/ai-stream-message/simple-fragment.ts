const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** Elements that nothing has to be done about: no attributes, no place where they alone may stand, no wrapper. */
const NAMES = new Set(
  'b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i kbd li mark ol p s strong sub sup td th tr u ul'.split(
    ' ',
  ),
);

const VOID_NAMES = new Set(['br', 'hr']);

const PIECE = /<(\/?)([a-z\d]+)>|[^<]+|</g;

/** The text that HTML without markup stands for; undefined where the HTML parser has more to say about it. */
function plainText(html: string): string | undefined {
  if (/[\0\r]/.test(html)) return undefined;
  let isPlain = true;
  const text = html.replaceAll(/&[^;]*;?/g, (entity) => {
    isPlain &&= entity in ENTITIES;
    return ENTITIES[entity] ?? entity;
  });
  return isPlain ? text : undefined;
}

/**
 * The nodes of HTML that has nothing in it but well-nested elements without attributes that any text may have, and
 * text; undefined for all other. Most of what a stream brings is of this kind, and made in a tenth of the time that
 * the HTML parser and the sanitizer take.
 */
export function simpleFragment(html: string): DocumentFragment | undefined {
  const fragment = document.createDocumentFragment();
  let parent: Node = fragment;
  for (const [piece, slash, name] of html.matchAll(PIECE)) {
    if (name === undefined) {
      const text = piece === '<' ? undefined : plainText(piece);
      if (text === undefined) return undefined;
      parent.appendChild(document.createTextNode(text));
    } else if (!NAMES.has(name)) return undefined;
    else if (slash === '') {
      const element = parent.appendChild(document.createElement(name));
      if (!VOID_NAMES.has(name)) parent = element;
    } else if (parent instanceof Element && parent.localName === name) parent = parent.parentNode ?? fragment;
    else return undefined;
  }
  return parent === fragment ? fragment : undefined;
}
