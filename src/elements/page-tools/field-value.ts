import type { FormControl, FormField } from './form-fields.js';

/** The value of a field: text; whether it is checked; what of it is chosen, null: nothing. */
export type FieldValue = string | boolean | readonly string[] | null;

/** What a field holds. */
export function readField({ kind, controls }: FormField): FieldValue {
  const [control] = controls;
  const chosen = choicesOf(controls)
    .filter(isChosen)
    .map(({ value }) => value);
  if (kind === 'checkbox') return (control as HTMLInputElement).checked;
  if (kind === 'checkboxes' || kind === 'selectMultiple') return chosen;
  return kind === 'radio' || kind === 'select' ? (chosen[0] ?? null) : control.value;
}

/** Whether two values are the same. */
export function isSameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * An argument of a call as the value of its field, or undefined where the field cannot take it. Half a date, a number
 * out of a slider's range, or a choice that is not there (or that the user could not choose) is nothing.
 */
export function valueFor({ kind, controls }: FormField, argument: unknown): FieldValue | undefined {
  const [control] = controls;
  const isChoice = (value: unknown): value is string =>
    choicesOf(controls).some((choice) => choice.value === value && !choice.matches(':disabled'));
  switch (kind) {
    case 'checkbox':
      return typeof argument === 'boolean' ? argument : undefined;
    case 'checkboxes':
    case 'selectMultiple':
      return Array.isArray(argument) && argument.every(isChoice) ? argument : undefined;
    case 'radio':
    case 'select':
      return isChoice(argument) ? argument : undefined;
    default: {
      const isText = typeof argument === 'string' || typeof argument === 'number';
      const value = String(argument);
      return isText && (kind === 'text' || takes(control, value)) ? value : undefined;
    }
  }
}

/** Does one thing that a user would do, and waits until the page has seen it. */
export type Act = (step: () => void) => Promise<void>;

/**
 * Puts a value into a field as a user would, so that whoever listens for that knows of it. A text that is going to
 * grow has its `change` later, by `reportChange`.
 */
export async function writeField(
  field: FormField,
  value: FieldValue,
  act: Act,
  grows = false,
): Promise<void> {
  const [control] = field.controls;
  switch (field.kind) {
    case 'checkbox':
    case 'checkboxes':
    case 'radio':
      for (const box of field.controls as readonly HTMLInputElement[]) {
        const isWanted = field.kind === 'checkbox' ? value === true : includes(value, box.value);
        // A radio button goes off by another one of its group.
        const isLeft = field.kind === 'radio' && !isWanted && value !== null;
        if (box.checked !== isWanted && !isLeft) await act(() => toggle(box));
      }
      return;
    case 'select': {
      const select = control as HTMLSelectElement;
      const index = [...select.options].findIndex((option) => option.value === value);
      return act(() => {
        select.selectedIndex = index;
        report(control);
      });
    }
    case 'selectMultiple':
      return act(() => {
        for (const option of (control as HTMLSelectElement).options) {
          option.selected = includes(value, option.value);
        }
        report(control);
      });
    default:
      return act(() => {
        setNatively(control, 'value', value);
        reportInput(control, field.kind === 'text' ? String(value) : undefined);
        if (!grows) reportChange(control);
      });
  }
}

/** Tells the page that the value of a control is complete. */
export function reportChange(control: FormControl): void {
  control.dispatchEvent(new Event('change', { bubbles: true }));
}

function toggle(box: HTMLInputElement): void {
  // React listens for the click alone. It leaves the focus where it is.
  if (box.type !== 'radio' || !box.checked) box.click();
  // None was chosen before, which no click brings back.
  else {
    setNatively(box, 'checked', false);
    report(box);
  }
}

function report(control: FormControl): void {
  reportInput(control);
  reportChange(control);
}

function reportInput(control: FormControl, data?: string): void {
  const options = { bubbles: true, composed: true };
  control.dispatchEvent(
    data === undefined
      ? new Event('input', options)
      : new InputEvent('input', { ...options, inputType: 'insertReplacementText', data }),
  );
}

/** React watches a setter of its own on each element, and takes what goes through it for its own doing. */
function setNatively(control: FormControl, property: 'value' | 'checked', value: unknown): void {
  Reflect.set(Object.getPrototypeOf(control) as object, property, value, control);
}

function includes(value: FieldValue, own: string): boolean {
  return Array.isArray(value) ? value.includes(own) : value === own;
}

function choicesOf(controls: readonly FormControl[]): readonly (HTMLOptionElement | FormControl)[] {
  return controls.flatMap<HTMLOptionElement | FormControl>((control) =>
    control instanceof HTMLSelectElement ? [...control.options] : [control],
  );
}

function isChosen(choice: HTMLOptionElement | FormControl): boolean {
  return 'selected' in choice ? choice.selected : 'checked' in choice && choice.checked;
}

/** Asks a control of the same kind that nobody sees: the browser drops what is no date, and moves what is out of range. */
function takes(control: FormControl, value: string): boolean {
  const probe = control.cloneNode() as HTMLInputElement;
  probe.value = value;
  if (probe.type === 'range') return Number(probe.value) === Number(value);
  if (probe.type === 'color') return probe.value === value.toLowerCase();
  return probe.value !== '' || value === '';
}
