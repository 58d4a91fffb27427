const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** Elements that load nothing. What markdown makes of them has each where the HTML parser would put it. */
const NAMES = new Set(
  (
    'a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i input kbd li mark ol p pre s strong sub sup table tbody td th ' +
    'thead tr u ul'
  ).split(' '),
);

const VOID_NAMES = new Set(['br', 'hr', 'input']);

const ALIGN = /^(?:left|center|right)$/;
const EMPTY = /^$/;

/** Attributes by element, with the values that have one meaning only, and nothing to be cleaned. */
const ATTRIBUTES: ReadonlyMap<string, RegExp> = new Map([
  ['a href', /^https?:\/\/[\w!#$%&()*+,./:;=?@~-]+$/],
  ['code class', /^language-[\w+#.-]+$/],
  ['input checked', EMPTY],
  ['input disabled', EMPTY],
  ['input type', /^checkbox$/],
  ['ol start', /^\d{1,9}$/],
  ['td align', ALIGN],
  ['th align', ALIGN],
]);

const PIECE = /<(\/?)([a-z\d]+)((?: [a-z]+="[^"<>]*")*)>|[^<]+|</g;
const ATTRIBUTE = /([a-z]+)="([^"]*)"/g;

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

/** An element with its attributes; undefined where one of them wants to be cleaned. */
function simpleElement(name: string, attributes: string): Element | undefined {
  const element = document.createElement(name);
  for (const [, attribute = '', html = ''] of attributes.matchAll(ATTRIBUTE)) {
    const value = plainText(html);
    if (value === undefined || !ATTRIBUTES.get(`${name} ${attribute}`)?.test(value)) return undefined;
    element.setAttribute(attribute, value);
  }
  return element;
}

/**
 * The nodes of HTML that has nothing in it but text, and well-nested elements and attributes that any text may have;
 * undefined for all other. Most of what a stream brings is of this kind, and made in a tenth of the time that the HTML
 * parser and the sanitizer take.
 */
export function simpleFragment(html: string): DocumentFragment | undefined {
  const fragment = document.createDocumentFragment();
  let parent: Node = fragment;
  let inLink = false;
  for (const [piece, slash, name, attributes = ''] of html.matchAll(PIECE)) {
    if (name === undefined) {
      const text = piece === '<' ? undefined : plainText(piece);
      if (text === undefined) return undefined;
      parent.appendChild(document.createTextNode(text));
    } else if (slash !== '') {
      if (!(parent instanceof Element) || parent.localName !== name || attributes !== '') return undefined;
      parent = parent.parentNode ?? fragment;
      inLink &&= name !== 'a';
    } else {
      // The HTML parser ends a link where another one begins.
      const isNested = inLink && name === 'a';
      const element = NAMES.has(name) && !isNested ? simpleElement(name, attributes) : undefined;
      if (!element) return undefined;
      inLink ||= name === 'a';
      parent.appendChild(element);
      if (!VOID_NAMES.has(name)) parent = element;
    }
  }
  return parent === fragment ? fragment : undefined;
}
