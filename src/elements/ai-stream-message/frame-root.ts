import { adoptStyles, type CSSResult } from 'lit';

/** The shadow root around a block, with these styles and nothing in it yet. */
export function frameRoot(wrapper: Element, styles: CSSResult): ShadowRoot {
  const root = wrapper.shadowRoot ?? wrapper.attachShadow({ mode: 'open' });
  adoptStyles(root, [styles]);
  return root;
}

/** Where the page's renderer shows something else than the block. While it is empty, the block is shown. */
export function renderedPlace(wrapper: Element | null): HTMLElement | undefined {
  return wrapper?.shadowRoot?.querySelector<HTMLElement>('.rendered') ?? undefined;
}
