import { html, nothing, type TemplateResult } from 'lit';
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
  /** From now on the draft waits for the answer, or no longer does. */
  readonly onWait: (waits: boolean) => void;
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
  /** The draft is sent when the answer that is on its way is complete. */
  #waits = false;
  /** What stands in the field when it is made. */
  #firstDraft = '';

  constructor(options: ComposerOptions) {
    this.#options = options;
  }

  template({ disabled, placeholder, strings }: ComposerProperties): TemplateResult {
    const busy = this.#options.busy();
    // Sending is no submitting: a page in a sandbox without `allow-forms` gets no `submit` event.
    return html`<form part="composer" @submit=${preventDefault}>
      <slot name="composer-start"></slot>
      <textarea
        part="input"
        rows="1"
        aria-label=${strings.messageLabel}
        placeholder=${placeholder ?? strings.placeholder}
        .value=${this.#firstDraft}
        ?disabled=${disabled}
        @keydown=${this.#sendOnEnter}
        @input=${this.#changeDraft}
      ></textarea>
      <slot name="composer-end"></slot>
      <button
        type="button"
        class="send"
        part="send"
        ?hidden=${busy}
        ?disabled=${disabled}
        @click=${this.#sendDraft}
      >
        ${strings.send}
      </button>
      <button type="button" class="stop" part="stop" ?hidden=${!busy} @click=${this.#stop}>
        ${strings.stop}
      </button>
      ${busy && this.#waits ? this.#waitingTemplate(strings) : nothing}
    </form>`;
  }

  #waitingTemplate(strings: Strings): TemplateResult {
    return html`<p class="waiting">
      ${strings.waiting}
      <button type="button" aria-keyshortcuts="Escape" @click=${this.#keepDraft}>${strings.keepDraft}</button>
    </p>`;
  }

  /** The answer has ended. A draft that waited for it is sent, unless the answer failed: then it stays. */
  answerEnded(complete: boolean): void {
    const waited = this.#waits;
    this.#waits = false;
    if (waited && complete) this.#sendDraft();
  }

  /** Puts the cursor into the draft. */
  focus(options?: FocusOptions): void {
    this.#textarea?.focus(options);
  }

  /** What the user has written and not sent. */
  get draft(): string {
    return this.#textarea?.value ?? this.#firstDraft;
  }

  set draft(draft: string) {
    const textarea = this.#textarea;
    if (textarea) textarea.value = draft;
    else this.#firstDraft = draft;
    this.#fitDraft();
  }

  get #textarea(): HTMLTextAreaElement | null | undefined {
    return this.#options.root()?.querySelector('textarea');
  }

  readonly #sendDraft = (): void => {
    const textarea = this.#textarea;
    if (!textarea || !this.#options.send(textarea.value)) return;
    this.#waits = false;
    textarea.value = '';
    this.#fitDraft();
  };

  readonly #sendOnEnter = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.#waits) this.#setWaits(false);
    // Enter takes over what an input method proposes before it means anything else.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const value = this.#textarea?.value ?? '';
    const isForNow = event.ctrlKey || event.metaKey || !this.#options.busy();
    if (isForNow) this.#sendDraft();
    else if (value.trim() !== '') this.#setWaits(true);
  };

  #setWaits(waits: boolean): void {
    this.#waits = waits;
    this.#options.onWait(waits);
  }

  readonly #keepDraft = (): void => {
    this.#setWaits(false);
    // The button goes; focus must not fall to the page.
    this.focus();
  };

  /** Who writes on is not done: the draft is theirs to send. */
  readonly #changeDraft = (): void => {
    if (this.#waits) this.#setWaits(false);
    this.#fitDraft();
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

function preventDefault(event: Event): void {
  event.preventDefault();
}
