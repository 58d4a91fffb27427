import type { FillReport } from './form-fill.js';
import { fieldsOf } from './form-fields.js';
import { type FieldProblem, isSubmittable, unfitProblem, validate } from './form-validation.js';

/**
 * What the model is told of a fill:
 * - `invalid`: fields are in the way, each with the reason. Another call with other values corrects them.
 * - `filled`: there is nothing more to fill in for the model. The user submits.
 * - `submitted`: the user approved, and the page's own handler ran.
 * - `declined`: the user refused to send it. What is filled in stays, and can be taken back.
 */
export interface FormResult {
  readonly status: 'invalid' | 'filled' | 'submitted' | 'declined';
  /** What follows from it. */
  readonly message: string;
  readonly filled?: readonly string[];
  readonly kept?: readonly string[];
  readonly refused?: readonly string[];
  readonly invalid?: readonly FieldProblem[];
  /** What the page gave to `event.respondWith()`. */
  readonly result?: unknown;
}

/** The user refused a call. */
export const declined: FormResult = {
  status: 'declined',
  message: 'The user refused. Do not try again unasked.',
};

const CORRECT = 'Not complete. Call the tool again with values that fit, or ask the user for them.';
const CHECK = 'Filled in. The user has to check it and to submit it.';
/** The model is not told which: a password, for example. */
const COMPLETE = 'Filled in. The user has to complete fields that are theirs alone, and to submit.';

/** What came of a fill, as the form stands now. */
export function resultOf(form: HTMLFormElement, { filled, kept, refused, unfit }: FillReport): FormResult {
  const invalid = [
    ...unfit.map(unfitProblem),
    ...validate(form, fieldsOf(form).values(), filled).filter(({ field }) => !unfit.includes(field)),
  ];
  const lists = { filled, ...(kept.length > 0 && { kept }), ...(refused.length > 0 && { refused }) };
  if (invalid.length > 0) return { status: 'invalid', message: CORRECT, ...lists, invalid };
  return { status: 'filled', message: isSubmittable(form) ? CHECK : COMPLETE, ...lists };
}
