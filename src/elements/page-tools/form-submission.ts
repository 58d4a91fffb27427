import { formMember } from './form-access.js';

/** What the page made of a submission. */
export interface Submission {
  /** What the page gave to `event.respondWith()`; undefined where it did not. */
  readonly answer: Promise<unknown> | undefined;
}

/**
 * Submits a form as its own button would: the page's `submit` handlers run, and where they do not prevent it the
 * browser sends the form. They get what WebMCP promises them: `event.agentInvoked`, and `event.respondWith(result)`
 * for what the model is to be told. Undefined where the form cannot be submitted as it stands.
 */
export function submitForm(form: HTMLFormElement): Submission | undefined {
  const button = [...formMember(form, 'elements')].find(
    (element): element is HTMLButtonElement | HTMLInputElement =>
      'type' in element && element.type === 'submit',
  );
  // Also by the fieldset around it.
  if (button?.matches(':disabled')) return undefined;
  let submission: Submission | undefined;
  // Before the handlers of the page, wherever they listen.
  const root = formMember(form, 'getRootNode')();
  const outermost = root === document ? window : root;
  const announce = (event: Event): void => {
    if (event.target !== form) return;
    let answer: Promise<unknown> | undefined;
    submission = {
      get answer() {
        return answer;
      },
    };
    Object.defineProperties(event, {
      agentInvoked: { value: true },
      respondWith: {
        value: (result: unknown) => {
          answer = Promise.resolve(result);
        },
      },
    });
  };
  outermost.addEventListener('submit', announce, true);
  formMember(form, 'requestSubmit')(button);
  outermost.removeEventListener('submit', announce, true);
  return submission;
}
