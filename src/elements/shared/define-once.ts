import { isServer } from 'lit';

/**
 * Registers an element, unless its tag is taken: the page may load the drop-in file and a bundle that has the
 * package in it. Does nothing on a server.
 */
export function defineOnce(tag: string, element: CustomElementConstructor): void {
  // Lit puts a registry of its own on the global object of a server, so its mere presence does not tell a browser.
  if (isServer || typeof customElements === 'undefined') return;
  if (!customElements.get(tag)) customElements.define(tag, element);
}
