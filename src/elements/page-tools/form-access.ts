/**
 * What a form itself has under this name. A control of the name `matches` or `elements` hides what the form has, as
 * named controls are properties of their form: https://html.spec.whatwg.org/#the-form-element
 */
export function formMember<Key extends keyof HTMLFormElement>(
  form: HTMLFormElement,
  key: Key,
): HTMLFormElement[Key] {
  const member: unknown = Reflect.get(HTMLFormElement.prototype, key, form);
  const isMethod = typeof member === 'function';
  return (isMethod ? member.bind(form) : member) as HTMLFormElement[Key];
}

/** An attribute of a form; null where it has none of this name. */
export function formAttribute(form: HTMLFormElement, name: string): string | null {
  return formMember(form, 'getAttribute')(name);
}
