import { formMember } from './form-access.js';
import type { FormControl, FormField } from './form-fields.js';

/** Why a field is not valid, as the model is told. */
export interface FieldProblem {
  readonly field: string;
  /**
   * What is wrong: for a person, in the language of the browser. Only of what the model itself has filled in: browsers
   * and pages quote what the field holds.
   */
  readonly message?: string;
  /** The attribute that is not met, as `required`, `pattern` or `max`; `value`: it does not go into the field at all. */
  readonly constraint: string;
  /** What the attribute says. */
  readonly limit?: string;
}

/** The attribute behind each flag of https://html.spec.whatwg.org/#validitystate */
const CONSTRAINTS: readonly (readonly [keyof ValidityState, string])[] = [
  ['valueMissing', 'required'],
  ['typeMismatch', 'type'],
  ['patternMismatch', 'pattern'],
  ['tooLong', 'maxlength'],
  ['tooShort', 'minlength'],
  ['rangeUnderflow', 'min'],
  ['rangeOverflow', 'max'],
  ['stepMismatch', 'step'],
  ['badInput', 'type'],
  ['customError', 'custom'],
];

/** A value that its field does not take. */
export function unfitProblem(field: string): FieldProblem {
  return { field, constraint: 'value', message: 'It does not take this value. See the schema.' };
}

/**
 * What the browser would say of each field that is not valid; of fields that are not `filled`, only why. Nothing
 * happens on the page: no `invalid` event, no focus. A form with `novalidate` checks itself when it is submitted, so nothing is said of it.
 */
export function validate(
  form: HTMLFormElement,
  fields: Iterable<FormField>,
  filled: readonly string[],
): FieldProblem[] {
  if (formMember(form, 'noValidate')) return [];
  return [...fields].flatMap(({ name, controls }) => {
    const control = controls.find(({ willValidate, validity }) => willValidate && !validity.valid);
    const found = control ? browserProblem(control) : lengthProblem(controls[0]);
    if (!found) return [];
    const { message, ...reason } = found;
    return [{ field: name, ...reason, ...(filled.includes(name) && { message }) }];
  });
}

/** Whether the browser would submit the form. Controls that are not the model's count as well. */
export function isSubmittable(form: HTMLFormElement): boolean {
  return formMember(form, 'noValidate') || !formMember(form, 'matches')(':invalid');
}

type Finding = Omit<FieldProblem, 'field'>;

function browserProblem(control: FormControl): Finding {
  const constraint = CONSTRAINTS.find(([flag]) => control.validity[flag])?.[1] ?? 'custom';
  const limit = control.getAttribute(constraint);
  return { constraint, message: control.validationMessage, ...(limit && { limit }) };
}

/** Browsers check lengths only of what the user has typed. */
function lengthProblem(control: FormControl): Finding | undefined {
  if (!('minLength' in control) || !control.willValidate) return undefined;
  const { length } = control.value;
  const { minLength, maxLength } = control;
  if (maxLength >= 0 && length > maxLength) {
    const message = `It takes at most ${maxLength} characters; these are ${length}.`;
    return { constraint: 'maxlength', message, limit: String(maxLength) };
  }
  if (length > 0 && length < minLength) {
    const message = `It takes at least ${minLength} characters; these are ${length}.`;
    return { constraint: 'minlength', message, limit: String(minLength) };
  }
  return undefined;
}
