/** What a browser fills in for the user alone: cards, codes, passwords that are shown as text. */
const SECRET_AUTOCOMPLETE = /(?:^|\s)(?:cc-\S+|one-time-code|(?:current|new)-password)(?:\s|$)/i;

/** Names under which frameworks keep what proves that a request comes from their own page. */
const REQUEST_TOKEN_NAME = /csrf|xsrf|^_token$|authenticity_token|requestverificationtoken/i;

/** Whether the user cannot change a control either. */
export function isLocked(control: Element): boolean {
  return control.matches(':disabled, [readonly]');
}

/**
 * Whether a control is none of the model's business: it is never offered, never written, and its value is never read
 * to the model. Password, hidden and file inputs are of no kind that could be written, and need no rule.
 */
export function isDenied(control: Element): boolean {
  return (
    SECRET_AUTOCOMPLETE.test(control.getAttribute('autocomplete') ?? '') ||
    REQUEST_TOKEN_NAME.test(control.getAttribute('name') ?? '') ||
    isKeptOut(control)
  );
}

/** Whether an element or one around it, also outside its shadow root, is inert or bears `data-ai-deny`. */
export function isKeptOut(element: Element): boolean {
  if (element.closest('[data-ai-deny], [inert]')) return true;
  const root = element.getRootNode();
  return root instanceof ShadowRoot && isKeptOut(root.host);
}
