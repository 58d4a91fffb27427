import { FORBIDDEN_KEYS } from '../../core/index.js';
import { isDenied, isLocked } from './field-rules.js';
import { formMember } from './form-access.js';

/** A control that a form tool can write to. */
export type FormControl = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/**
 * What kind of value a field takes: `text` may be anything; `token` is whole or nothing, as a date or a color; the
 * others are what their names say.
 */
export type FieldKind =
  'text' | 'token' | 'number' | 'checkbox' | 'checkboxes' | 'radio' | 'select' | 'selectMultiple';

/** The controls of a form that share a name, as one argument of its tool. */
export interface FormField {
  readonly name: string;
  readonly kind: FieldKind;
  /** More than one only with `radio` and `checkboxes`. */
  readonly controls: readonly [FormControl, ...FormControl[]];
}

const INPUT_KINDS: Readonly<Record<string, FieldKind>> = {
  text: 'text',
  search: 'text',
  tel: 'text',
  url: 'text',
  email: 'text',
  number: 'number',
  range: 'number',
  date: 'token',
  time: 'token',
  'datetime-local': 'token',
  month: 'token',
  week: 'token',
  color: 'token',
  checkbox: 'checkbox',
  radio: 'radio',
};

/**
 * The fields of a form that a model may fill in, in the order of the page. Which controls make a field is what
 * Chromium 156 does (`--enable-features=WebMCP`): controls that are disabled or read-only are passed over, and a name
 * that several controls share counts only where all of them are radio buttons or all are checkboxes.
 */
export function fieldsOf(form: HTMLFormElement): Map<string, FormField> {
  const groups = new Map<string, Element[]>();
  for (const element of formMember(form, 'elements')) {
    const name = element.getAttribute('name') ?? '';
    // What is left out of all arguments cannot be filled in.
    if (name === '' || FORBIDDEN_KEYS.has(name) || isLocked(element)) continue;
    const group = groups.get(name);
    if (group) group.push(element);
    else groups.set(name, [element]);
  }
  const fields = new Map<string, FormField>();
  for (const [name, group] of groups) {
    const kind = kindOf(group);
    if (!kind || group.some((control) => isDenied(control))) continue;
    fields.set(name, { name, kind, controls: group as [FormControl, ...FormControl[]] });
  }
  return fields;
}

function kindOf(group: readonly Element[]): FieldKind | undefined {
  const kinds = new Set(group.map(kindOfControl));
  const [kind] = kinds;
  if (kinds.size > 1) return undefined;
  if (group.length === 1) return kind;
  if (kind === 'checkbox') return 'checkboxes';
  return kind === 'radio' ? kind : undefined;
}

function kindOfControl(control: Element): FieldKind | undefined {
  if (control instanceof HTMLTextAreaElement) return 'text';
  if (control instanceof HTMLSelectElement) return control.multiple ? 'selectMultiple' : 'select';
  return control instanceof HTMLInputElement ? INPUT_KINDS[control.type] : undefined;
}
