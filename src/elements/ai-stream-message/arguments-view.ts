import { visibleText } from '../../core/index.js';
import { oncePerFrame } from '../shared/frame.js';
import { LONGEST_TEXT, textPieces } from './long-text.js';

const HALF_PAIR = /[\uD800-\uDBFF]$/;

/**
 * Shows the arguments of one tool call while they arrive, with all that could not be seen in them made visible. The DOM
 * is written once per frame, and only added to; long text stands in pieces that are laid out by themselves.
 */
export class ArgumentsView {
  readonly node = document.createElement('span');
  /** What the next text is added to. */
  #last = new Text();
  /** What was shown as a whole; undefined when it has grown since. */
  #whole: string | undefined;
  #unshown = '';
  readonly #showLater = oncePerFrame(() => this.show());

  append(delta: string): void {
    this.#unshown += delta;
    this.#showLater();
  }

  /** Shows this text instead of all there was. */
  replace(text: string): void {
    this.#unshown = '';
    if (this.#whole === text) return;
    this.#whole = text;
    this.#last = new Text();
    this.node.replaceChildren();
    this.#add(visibleText(text));
  }

  /** Shows at once what else the next frame would. */
  show(): void {
    const half = HALF_PAIR.exec(this.#unshown)?.[0] ?? '';
    const text = this.#unshown.slice(0, this.#unshown.length - half.length);
    this.#unshown = half;
    if (text === '') return;
    this.#whole = undefined;
    this.#add(visibleText(text));
  }

  #add(text: string): void {
    if (text.length > LONGEST_TEXT) {
      this.node.append(...textPieces(text));
      this.#last = new Text();
      return;
    }
    if (this.#last.length + text.length > LONGEST_TEXT) {
      const [piece] = textPieces(text);
      if (piece) this.node.append(piece);
      this.#last = piece?.firstChild as Text;
      return;
    }
    this.#last.appendData(text);
    if (!this.#last.parentNode) this.node.append(this.#last);
  }
}
