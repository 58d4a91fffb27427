import type { FieldKind, FormControl, FormField } from './form-fields.js';

type Schema = Readonly<Record<string, unknown>>;

const DATE_HINT = "Dates MUST be provided in 'YYYY-MM-DD' format.";
const DAY = '[0-9]{4}-(0[1-9]|1[0-2])';
const MINUTE = '([01][0-9]|2[0-3]):[0-5][0-9]';
/** As HTML has it: https://html.spec.whatwg.org/#valid-floating-point-number */
const FLOAT = /^-?(?:\d+|\d*\.\d+)(?:e[-+]?\d+)?$/i;

/**
 * The JSON Schema of a form's fields, as Chromium 156 derives it for WebMCP (`--enable-features=WebMCP`), its habits
 * included: regular expressions in `format`, and no `minLength`, which validation tells.
 */
export function schemaOf(fields: Iterable<FormField>): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const field of fields) {
    properties[field.name] = propertyOf(field);
    if (field.controls.some((control) => control.required)) required.push(field.name);
  }
  return { type: 'object', properties, required };
}

function propertyOf({ kind, controls }: FormField): Schema {
  const [control] = controls;
  const description = controls.length === 1 ? descriptionOf(control) : '';
  const schema = SCHEMAS[kind](controls);
  if (control.type === 'date') {
    return { ...schema, description: description ? `${description} (${DATE_HINT})` : DATE_HINT };
  }
  return description ? { ...schema, description } : schema;
}

const SCHEMAS: Readonly<Record<FieldKind, (controls: FormField['controls']) => Schema>> = {
  text: ([control]) => ({ type: 'string', ...patternOf(control) }),
  token: ([control]) => ({ type: 'string', format: formatOf(control) }),
  number: ([control]) => ({ type: 'number', ...rangeOf(control) }),
  checkbox: () => ({ type: 'boolean' }),
  radio: (controls) => choiceOf(controls.map(checkable)),
  checkboxes: (controls) => listOf(choiceOf(controls.map(checkable))),
  select: ([control]) => choiceOf(optionsOf(control)),
  selectMultiple: ([control]) => listOf(choiceOf(optionsOf(control))),
};

interface Choice {
  readonly value: string;
  readonly title: string | undefined;
}

function checkable(control: FormControl): Choice {
  return { value: control.value, title: labelOf(control) || undefined };
}

function optionsOf(control: FormControl): Choice[] {
  return [...(control as HTMLSelectElement).options].map(({ value, textContent }) => ({
    value,
    title: textContent,
  }));
}

function choiceOf(choices: readonly Choice[]): Schema {
  return {
    type: 'string',
    anyOf: choices.map(({ value, title }) => ({
      type: 'string',
      const: value,
      ...(title !== undefined && { title }),
    })),
    enum: choices.map(({ value }) => value),
  };
}

function listOf(items: Schema): Schema {
  return { type: 'array', items, uniqueItems: true };
}

function descriptionOf(control: FormControl): string {
  return (
    control.getAttribute('toolparamdescription') ||
    labelOf(control) ||
    (control.getAttribute('aria-description') ?? '')
  );
}

function labelOf(control: FormControl): string {
  return [...(control.labels ?? [])].map((label) => ownText(label).trim()).join('; ');
}

/** The text of a label without that of the control inside it. */
function ownText(label: HTMLLabelElement): string {
  const texts = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
  let text = '';
  while (texts.nextNode()) {
    const { currentNode } = texts;
    if (!currentNode.parentElement?.closest('select, textarea')) text += currentNode.nodeValue ?? '';
  }
  return text;
}

function patternOf(control: FormControl): Schema | undefined {
  const pattern = control instanceof HTMLInputElement ? control.getAttribute('pattern') : null;
  if (pattern === null) return undefined;
  try {
    RegExp(pattern, 'v');
    return { pattern };
  } catch {
    return undefined;
  }
}

function formatOf(control: FormControl): string {
  const { type, step } = control as HTMLInputElement;
  const seconds = float(step) ?? 60;
  const fraction = seconds < 1 ? '(\\.[0-9]{1,3})?' : '';
  const time = seconds > 0 && seconds < 60 ? `${MINUTE}(:[0-5][0-9]${fraction})?` : MINUTE;
  const formats: Readonly<Record<string, string>> = {
    date: 'date',
    time: `^${time}$`,
    'datetime-local': `^${DAY}-[0-9]{2}T${time}$`,
    month: `^${DAY}$`,
    week: '^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$',
    color: '^#[0-9a-zA-Z]{6}$',
  };
  return formats[type] ?? '';
}

function rangeOf(control: FormControl): Schema {
  const input = control as HTMLInputElement;
  const isRange = input.type === 'range';
  const minimum = float(input.min) ?? (isRange ? 0 : undefined);
  const ownMaximum = float(input.max) ?? (isRange ? 100 : undefined);
  const maximum = isRange ? Math.max(minimum ?? 0, ownMaximum ?? 0) : ownMaximum;
  const multipleOf = stepOf(input);
  return {
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(multipleOf !== undefined && { multipleOf }),
  };
}

/** The step of an input, where all that it allows are multiples of it. */
function stepOf({ type, step, min, defaultValue }: HTMLInputElement): number | undefined {
  if (type === 'number' && step.toLowerCase() === 'any') return undefined;
  const wanted = float(step) ?? 0;
  const size = wanted > 0 ? wanted : 1;
  const steps = (float(min) ?? float(defaultValue) ?? 0) / size;
  // Decimal fractions are not exact: -1.5 / 0.1 is -15 or so.
  return Math.abs(steps - Math.round(steps)) < 1e-9 ? size : undefined;
}

function float(text: string): number | undefined {
  return FLOAT.test(text) ? Number(text) : undefined;
}
