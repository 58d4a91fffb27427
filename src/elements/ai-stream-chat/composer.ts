import { html, type TemplateResult } from 'lit';
import type { Strings } from '../../core/index.js';

/** What a composer needs of the chat it stands in. */
export interface ComposerOptions {
  /** Where the template is rendered; undefined until it is. */
  readonly root: () => ParentNode | undefined;
  /** Whether an answer is on its way: it is stopped before anything else is sent. */
  readonly busy: () => boolean;
  /** Sends a message. Returns false where nothing was sent: the draft stays. */
  readonly send: (text: string) => boolean;
  /** Stops the answer that is on its way. */
  readonly stop: () => void;
}

/** What a composer shows, beside the draft. */
export interface ComposerProperties {
  readonly disabled: boolean;
  readonly placeholder: string | undefined;
  readonly strings: Strings;
}

/** The form at the bottom of a chat. Its `<textarea>` owns the draft. */
export class Composer {
  readonly #options: ComposerOptions;

  constructor(options: ComposerOptions) {
    this.#options = options;
  }

  template({ disabled, placeholder, strings }: ComposerProperties): TemplateResult {
    const busy = this.#options.busy();
    return html`<form part="composer" @submit=${this.#sendDraft}>
      <slot name="composer-start"></slot>
      <textarea
        part="input"
        rows="1"
        aria-label=${strings.messageLabel}
        placeholder=${placeholder ?? strings.placeholder}
        ?disabled=${disabled}
        @keydown=${this.#sendOnEnter}
        @input=${this.#fitDraft}
      ></textarea>
      <slot name="composer-end"></slot>
      <button type="submit" class="send" part="send" ?hidden=${busy} ?disabled=${disabled}>
        ${strings.send}
      </button>
      <button type="button" class="stop" part="stop" ?hidden=${!busy} @click=${this.#stop}>
        ${strings.stop}
      </button>
    </form>`;
  }

  /** Puts the cursor into the draft. */
  focus(options?: FocusOptions): void {
    this.#textarea?.focus(options);
  }

  get #textarea(): HTMLTextAreaElement | null | undefined {
    return this.#options.root()?.querySelector('textarea');
  }

  readonly #sendDraft = (event: Event): void => {
    event.preventDefault();
    const textarea = this.#textarea;
    if (!textarea || !this.#options.send(textarea.value)) return;
    textarea.value = '';
    this.#fitDraft();
  };

  readonly #sendOnEnter = (event: KeyboardEvent): void => {
    // Enter takes over what an input method proposes before it means anything else.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!this.#options.busy()) this.#textarea?.form?.requestSubmit();
  };

  /** Browsers without `field-sizing` let the field grow by hand. */
  readonly #fitDraft = (): void => {
    const textarea = this.#textarea;
    if (!textarea || CSS.supports('field-sizing', 'content')) return;
    textarea.style.blockSize = 'auto';
    textarea.style.blockSize = `${textarea.scrollHeight + 2}px`;
  };

  readonly #stop = (): void => {
    this.#options.stop();
    // The button goes with the answer; focus must not fall to the page.
    this.focus();
  };
}
