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
  // Not as members of the element: a form may have controls of these names.
  for (let node: Node | null = element; node; node = parentOf(node)) {
    if (node instanceof Element && Element.prototype.matches.call(node, '[data-ai-deny], [inert]'))
      return true;
  }
  return false;
}

/** What is around a node on the screen: what stands in a slot is inside of what is around the slot. */
function parentOf(node: Node): Node | null {
  const slot: unknown = node instanceof Element ? Reflect.get(Element.prototype, 'assignedSlot', node) : null;
  const parent = (slot ?? Reflect.get(Node.prototype, 'parentNode', node)) as Node | null;
  return parent ?? (node instanceof ShadowRoot ? node.host : null);
}
