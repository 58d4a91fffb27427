import { adoptStyles, html, render } from 'lit';
import type { Strings } from '../../core/index.js';
import { copyText } from './copy-text.js';
import { codeFrameStyles } from './code-frame.styles.js';

/** Milliseconds for which the button says that the code was copied. */
const COPIED_DURATION = 2000;

/** Characters of a language that are shown: the model may write what it likes there. */
const MAX_LABEL_LENGTH = 40;

export interface CodeFrameOptions {
  readonly language: string;
  readonly strings: Strings;
  /** The code as it is now. */
  readonly source: () => string;
}

/**
 * What stands around a block of code: a header with its language and a button that copies it. It lives in a shadow
 * root of the element that groups the block, so the rendered content does not have it (docs/decisions/0014).
 */
export class CodeFrame {
  /** For the page to show something else than the code. While it is empty, the code is shown. */
  readonly rendered = document.createElement('div');
  readonly #root: ShadowRoot;
  #options: CodeFrameOptions;
  #isCopied = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(wrapper: HTMLElement, options: CodeFrameOptions) {
    this.#options = options;
    this.rendered.className = 'rendered';
    // The block may have been another one's a moment ago.
    this.#root = wrapper.shadowRoot ?? wrapper.attachShadow({ mode: 'open' });
    adoptStyles(this.#root, [codeFrameStyles]);
    this.#render();
  }

  update(options: CodeFrameOptions): void {
    const { language, strings } = this.#options;
    this.#options = options;
    if (options.language !== language || options.strings !== strings) this.#render();
  }

  #render(): void {
    const { language, strings } = this.#options;
    const label = language.slice(0, MAX_LABEL_LENGTH) || strings.code;
    render(
      html`<div class="header" part="code-header">
          <span id="language" dir="auto">${label}</span>
          <button type="button" aria-label=${strings.copyCode} @click=${this.#copy}>
            ${this.#isCopied ? strings.copied : strings.copy}
          </button>
          <span class="status" role="status">${this.#isCopied ? strings.copied : ''}</span>
        </div>
        ${this.rendered}
        <div class="scroller" role="group" aria-labelledby="language" tabindex="0"><slot></slot></div>`,
      this.#root,
    );
  }

  readonly #copy = async (event: Event): Promise<void> => {
    if (!(await copyText(this.#options.source(), event.currentTarget as HTMLElement))) return;
    clearTimeout(this.#timer);
    this.#show(true);
    this.#timer = setTimeout(() => this.#show(false), COPIED_DURATION);
  };

  #show(isCopied: boolean): void {
    this.#isCopied = isCopied;
    this.#render();
  }
}
