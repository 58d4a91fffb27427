/** Schemes a link may have. Everything else keeps its text and loses its address. */
const LINK_SCHEMES = new Set(['http:', 'https:', 'mailto:']);

/** Elements that get a wrapper, which scrolls when they are too wide, and the part that names it. */
const WRAPPED: Readonly<Record<string, string>> = { PRE: 'code', TABLE: 'table' };

/**
 * Applies to a sanitized fragment what a page must be able to rely on: no request without the user, no link to
 * anything but the web and mail, no control the model can shape. Adds the wrappers that parts need.
 */
export function applyContentPolicy(fragment: DocumentFragment, imageLabel: string): DocumentFragment {
  for (const element of fragment.querySelectorAll('*')) {
    switch (element.localName) {
      case 'a':
        if (!linkTarget(element)) element.removeAttribute('href');
        break;
      case 'img':
        element.replaceWith(imagePlaceholder(element, imageLabel));
        break;
      case 'input':
        checkboxOnly(element);
        break;
      case 'pre':
      case 'table':
        wrap(element);
        break;
      default:
    }
    keepLanguageClass(element);
  }
  return fragment;
}

/** The absolute address of a link, or undefined where it has none that may be followed. */
export function linkTarget(link: Element): URL | undefined {
  const href = link.getAttribute('href');
  if (href === null || !URL.canParse(href, document.baseURI)) return undefined;
  const url = new URL(href, document.baseURI);
  return LINK_SCHEMES.has(url.protocol) ? url : undefined;
}

/** An image of the model's is a request to wherever it likes: the reader gets its words instead. */
function imagePlaceholder(image: Element, label: string): HTMLElement {
  const placeholder = document.createElement('span');
  const alternative = image.getAttribute('alt') || label;
  placeholder.setAttribute('part', 'image');
  placeholder.setAttribute('role', 'img');
  placeholder.setAttribute('aria-label', alternative);
  placeholder.textContent = alternative;
  return placeholder;
}

/** The only control markdown has is the box of a task, which nobody can change. */
function checkboxOnly(input: Element): void {
  if (input.getAttribute('type') !== 'checkbox') input.remove();
  else input.setAttribute('disabled', '');
}

/** Classes belong to the page's own look; the model may only name a language. */
function keepLanguageClass(element: Element): void {
  const names = element.getAttribute('class');
  if (names === null || /^language-\S+$/.test(names)) return;
  element.removeAttribute('class');
}

function wrap(element: Element): void {
  const wrapper = document.createElement('div');
  wrapper.setAttribute('data-chunk', '');
  wrapper.setAttribute('part', WRAPPED[element.tagName] ?? '');
  element.replaceWith(wrapper);
  wrapper.append(element);
}
