/** Schemes a link may have. Everything else keeps its text and loses its address. */
const LINK_SCHEMES = new Set(['http:', 'https:', 'mailto:']);

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
        // Not a `div`: an update that puts a table in the place of code must not find the frame of the code there.
        wrap(element, 'section', 'code').setAttribute('exportparts', 'code-header');
        break;
      case 'table':
        // It scrolls, also by the keyboard.
        wrap(element, 'div', 'table').setAttribute('tabindex', '0');
        break;
      case 'code':
        if (element.className.startsWith('language-math') && element.parentElement?.localName !== 'pre') {
          wrap(element, 'span', 'math');
        }
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
  if (input.getAttribute('type') !== 'checkbox') {
    input.remove();
    return;
  }
  input.setAttribute('disabled', '');
  labelTask(input);
}

/** What can stand in a line of text. */
const INLINE = new Set('a b br code del em i img input kbd mark s span strong sub sup u'.split(' '));

/** Makes the words behind the box of a task its label. */
function labelTask(box: Element): void {
  const label = document.createElement('label');
  label.setAttribute('data-chunk', '');
  box.replaceWith(label);
  for (
    let next = label.nextSibling;
    next && (!(next instanceof Element) || INLINE.has(next.localName));
    next = label.nextSibling
  )
    label.append(next);
  label.prepend(box);
}

/** Classes belong to the page's own look; the model may only name a language. */
function keepLanguageClass(element: Element): void {
  const names = element.getAttribute('class');
  if (names === null || /^language-\S+$/.test(names)) return;
  element.removeAttribute('class');
}

/** Puts an element that only groups around another. */
function wrap(element: Element, name: 'section' | 'div' | 'span', part: string): HTMLElement {
  const wrapper = document.createElement(name);
  wrapper.setAttribute('data-chunk', '');
  wrapper.setAttribute('part', part);
  element.replaceWith(wrapper);
  wrapper.append(element);
  return wrapper;
}
