import { formMember } from './form-access.js';

/**
 * The fields of a form that the user has changed, by name, from the first call for the form to the user's next message:
 * what they put right after one call stands in the next. To be closed.
 */
export class FormTouches {
  readonly #form: HTMLFormElement;
  readonly #stop = new AbortController();
  readonly #names = new Set<string>();
  #isWriting = false;

  constructor(form: HTMLFormElement) {
    this.#form = form;
    // Not on the form: a control may stand elsewhere, and belong to it by its `form` attribute.
    const root = formMember(form, 'getRootNode')();
    const options = { capture: true, signal: this.#stop.signal };
    root.addEventListener('input', this.#note, options);
    root.addEventListener('change', this.#note, options);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Does something that is not the user's doing. */
  write(step: () => void): void {
    this.#isWriting = true;
    try {
      step();
    } finally {
      this.#isWriting = false;
    }
  }

  /** The user is not watched any more. */
  close(): void {
    this.#stop.abort();
  }

  /** Not only trusted events: a date picker, too, is used by the user, and speaks in events of its own making. */
  readonly #note = ({ target }: Event): void => {
    if (this.#isWriting || !(target instanceof Element) || !('form' in target)) return;
    if (target.form === this.#form) this.#names.add(target.getAttribute('name') ?? '');
  };
}
