import type { Strings } from '../../core/index.js';
import { codeFrameStyles } from './code-frame.styles.js';
import { copyText } from './copy-text.js';
import { frameRoot } from './frame-root.js';

/** Milliseconds for which the button says that the code was copied. */
const COPIED_DURATION = 2000;

/** Characters of a language that are shown: the model may write what it likes there. */
const MAX_LABEL_LENGTH = 40;

let template: DocumentFragment | undefined;

/** Made once and cloned: an answer may have thousands of blocks of code. */
function createTemplate(): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const add = (parent: ParentNode, name: string, attributes: Readonly<Record<string, string>>): Element => {
    const element = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
    parent.append(element);
    return element;
  };
  const header = add(fragment, 'div', { class: 'header', part: 'code-header' });
  add(header, 'span', { id: 'language', dir: 'auto' });
  add(header, 'button', { type: 'button' });
  add(header, 'span', { class: 'status', role: 'status' });
  add(fragment, 'div', { class: 'rendered' });
  const scroller = { class: 'scroller', role: 'group', 'aria-labelledby': 'language', tabindex: '0' };
  add(add(fragment, 'div', scroller), 'slot', {});
  return fragment;
}

/**
 * Puts a header with the language and a button that copies around a block of code. It lives in a shadow root of the
 * element that groups the block, so the rendered content does not have it (docs/decisions/0014).
 */
export function frameCode(wrapper: Element, copy: (event: Event) => void): void {
  // The block may have been another one's a moment ago.
  if (wrapper.shadowRoot?.querySelector('.header')) return;
  const root = frameRoot(wrapper, codeFrameStyles);
  root.replaceChildren((template ??= createTemplate()).cloneNode(true));
  root.querySelector('button')?.addEventListener('click', copy);
}

/** Gives the header its texts. */
export function labelCode(root: ShadowRoot, language: string, strings: Strings): void {
  const button = root.querySelector('button');
  if (!button || copied.has(button)) return;
  setText(root.querySelector('#language'), language.slice(0, MAX_LABEL_LENGTH) || strings.code);
  setText(button, strings.copy);
  if (button.ariaLabel !== strings.copyCode) button.ariaLabel = strings.copyCode;
}

/** Buttons that say that the code was copied, and when they stop to. */
const copied = new WeakMap<Element, ReturnType<typeof setTimeout>>();

/** Copies `source`, and says so for a while at the button. */
export async function copyCode(button: HTMLElement, source: string, strings: Strings): Promise<void> {
  if (!(await copyText(source, button))) return;
  clearTimeout(copied.get(button));
  const show = (text: string, status: string): void => {
    setText(button, text);
    setText(button.nextElementSibling, status);
  };
  show(strings.copied, strings.copied);
  const timer = setTimeout(() => {
    copied.delete(button);
    show(strings.copy, '');
  }, COPIED_DURATION);
  copied.set(button, timer);
}

function setText(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}
