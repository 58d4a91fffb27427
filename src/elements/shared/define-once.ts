/**
 * Registers an element unless its tag is taken already, which is how a page survives two copies of the script.
 * Does nothing on a server.
 */
export function defineOnce(tag: string, element: CustomElementConstructor): void {
  if (!globalThis.customElements || customElements.get(tag)) return;
  customElements.define(tag, element);
}
