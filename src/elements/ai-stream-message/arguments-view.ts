import { oncePerFrame } from '../shared/frame.js';

/** Shows the arguments of one tool call while they arrive. The DOM is written once per frame, and only added to. */
export class ArgumentsView {
  readonly node = document.createTextNode('');
  #unshown = '';
  readonly #showLater = oncePerFrame(() => this.show());

  append(delta: string): void {
    this.#unshown += delta;
    this.#showLater();
  }

  /** Shows this text instead of all there was. */
  replace(text: string): void {
    this.#unshown = '';
    if (this.node.data !== text) this.node.data = text;
  }

  /** Shows at once what else the next frame would. */
  show(): void {
    if (this.#unshown === '') return;
    this.node.appendData(this.#unshown);
    this.#unshown = '';
  }
}
