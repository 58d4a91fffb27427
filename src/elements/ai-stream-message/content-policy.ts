import { type Strings, withoutOddText } from '../../core/index.js';
import { keepOriginal } from './originals.js';

/** What a message may show, and what it may ask for without a question. */
export interface ContentPolicy {
  readonly strings: Strings;
  /** Origins whose images are loaded at once. */
  readonly imageOrigins: ReadonlySet<string>;
  /** Origins that links lead to without a question, beside the page's own. */
  readonly linkOrigins: ReadonlySet<string>;
  /** Raw HTML of the text is kept. */
  readonly html: boolean;
}

/** Schemes a link may have. Everything else keeps its text and loses its address. */
const LINK_SCHEMES = new Set(['http:', 'https:', 'mailto:']);

/**
 * Applies to a sanitized fragment what a page must be able to rely on: no request without the user, no link to
 * anything but the web and mail, no control the model can shape. Adds the wrappers that parts need.
 */
export function applyContentPolicy(fragment: DocumentFragment, policy: ContentPolicy): DocumentFragment {
  cleanTexts(fragment);
  for (const element of fragment.querySelectorAll('*')) {
    if (!policy.html) keepLanguageClass(element);
    switch (element.localName) {
      case 'a':
        guardLink(element, policy);
        break;
      case 'img':
        element.replaceWith(imagePlaceholder(element, policy));
        break;
      case 'input':
        checkboxOnly(element, policy);
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
  }
  return fragment;
}

/** Whether the page lets a link be followed without a question. */
export function opensAtOnce(url: URL, { linkOrigins }: ContentPolicy): boolean {
  const { origin } = url;
  return origin !== 'null' && (origin === location.origin || linkOrigins.has(origin));
}

/** The absolute address of a link, or undefined where it has none that may be followed. */
export function linkAddress(address: string | null): URL | undefined {
  if (address === null || !URL.canParse(address, document.baseURI)) return undefined;
  const url = new URL(address, document.baseURI);
  return LINK_SCHEMES.has(url.protocol) ? url : undefined;
}

/** Where a link in the page leads. One that asks first has its address for a tooltip, as nothing loads that. */
export function linkTarget(link: Element): URL | undefined {
  return linkAddress(link.getAttribute('href') ?? link.getAttribute('title'));
}

/** The source keeps to the rules for odd text, but `&#xE0041;` becomes a character only here. */
function cleanTexts(fragment: DocumentFragment): void {
  const texts = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode as Text;
    const clean = withoutOddText(text.data);
    if (clean !== text.data) text.data = clean;
  }
}

/**
 * A link without `href` cannot be prefetched by rules of the page (speculation rules), which would tell its address
 * before anybody has followed it. Its text may not be turned around to look like another.
 */
function guardLink(link: Element, policy: ContentPolicy): void {
  const url = linkAddress(link.getAttribute('href'));
  if (!url) link.removeAttribute('href');
  keepOriginal(link, link);
  const texts = document.createTreeWalker(link, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode as Text;
    if (/\p{Bidi_Control}/u.test(text.data)) text.data = text.data.replaceAll(/\p{Bidi_Control}/gu, '');
  }
  link.removeAttribute('title');
  if (!url) return;
  if (opensAtOnce(url, policy)) {
    link.setAttribute('href', url.href);
    return;
  }
  link.removeAttribute('href');
  link.setAttribute('role', 'link');
  link.setAttribute('tabindex', '0');
  link.setAttribute('title', url.href);
}

/** An image of the model's is a request to wherever it likes: the reader gets its words instead. */
function imagePlaceholder(image: Element, { strings }: ContentPolicy): HTMLElement {
  const placeholder = document.createElement('span');
  placeholder.setAttribute('part', 'image');
  placeholder.textContent = withoutOddText(image.getAttribute('alt') ?? '') || strings.image;
  keepOriginal(placeholder, image);
  return placeholder;
}

/** The only control markdown has is the box of a task, which nobody can change. */
function checkboxOnly(input: Element, { strings }: ContentPolicy): void {
  if (input.getAttribute('type') !== 'checkbox') {
    input.remove();
    return;
  }
  keepOriginal(input, input);
  input.setAttribute('disabled', '');
  input.setAttribute('aria-label', input.hasAttribute('checked') ? strings.taskDone : strings.taskOpen);
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
