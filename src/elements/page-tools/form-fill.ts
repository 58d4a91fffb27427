import {
  type FieldValue,
  isSameValue,
  readField,
  reportChange,
  valueFor,
  writeField,
} from './field-value.js';
import { fieldsOf, type FormField } from './form-fields.js';

type Arguments = Readonly<Record<string, unknown>>;

/** What came of the arguments of a call: names of fields, in the order of the arguments. */
export interface FillReport {
  readonly filled: readonly string[];
  /** The user has changed them since the fill began. */
  readonly kept: readonly string[];
  /** Not fields that a model may fill in. */
  readonly refused: readonly string[];
  /** Fields that do not take the value of their argument. */
  readonly unfit: readonly string[];
}

/**
 * Fills in a form with the arguments of one call: with what is certain of them while they arrive, and then with all
 * of them. From its beginning it watches what the user does in the form, and leaves those fields alone. To be closed.
 */
export class FormFill {
  readonly form: HTMLFormElement;
  readonly #stop = new AbortController();
  /** The first value of each field that was written. */
  readonly #before = new Map<string, FieldValue>();
  /** The value that each field was last meant to have. The page may have made something else of it. */
  readonly #meant = new Map<string, FieldValue>();
  /** What the page has made of it. Undefined until the page has had its time. */
  #left: ReadonlyMap<string, FieldValue> | undefined;
  readonly #touched = new Set<string>();
  /** Texts that the page has not been told are complete. */
  readonly #growing = new Set<string>();
  #isWriting = false;
  readonly #refused: string[] = [];
  readonly #unfit: string[] = [];

  /** Fulfils when the fill is closed. */
  readonly closed = new Promise<void>((resolve) => {
    this.#stop.signal.addEventListener('abort', () => resolve());
  });

  constructor(form: HTMLFormElement) {
    this.form = form;
    // Not on the form: a control may stand elsewhere, and belong to it by its `form` attribute.
    const root = form.getRootNode();
    const options = { capture: true, signal: this.#stop.signal };
    root.addEventListener('input', this.#noteTouch, options);
    root.addEventListener('change', this.#noteTouch, options);
  }

  /** Whether there is anything to take back. */
  get hasWritten(): boolean {
    return this.#before.size > 0;
  }

  /** As it stands: what the user does later counts. */
  get report(): FillReport {
    const isTouched = (name: string): boolean => this.#touched.has(name);
    const named = [...this.#meant.keys(), ...this.#unfit];
    return {
      filled: [...this.#meant.keys()].filter((name) => !isTouched(name)),
      kept: named.filter(isTouched),
      refused: this.#refused,
      unfit: this.#unfit.filter((name) => !isTouched(name)),
    };
  }

  /**
   * Writes the arguments so far. Of `growing`, the one that is arriving, only text is written: a part of a date, a
   * number or a choice can be another one.
   */
  preview(args: Arguments, growing: unknown): void {
    const fields = fieldsOf(this.form);
    for (const [name, argument] of Object.entries(args)) {
      const field = fields.get(name);
      const isGrowing = name === growing;
      if (!field || (isGrowing && field.kind !== 'text')) continue;
      const value = valueFor(field, argument);
      if (value !== undefined) this.#write(field, value, isGrowing);
    }
  }

  /** Writes all arguments. What a preview wrote beyond them is taken back. */
  fill(args: Arguments): void {
    const fields = fieldsOf(this.form);
    for (const [name, argument] of Object.entries(args)) {
      const field = fields.get(name);
      const value = field && valueFor(field, argument);
      if (field && value !== undefined) this.#write(field, value, false);
      else (field ? this.#unfit : this.#refused).push(name);
    }
    for (const name of this.#meant.keys()) {
      if (Object.hasOwn(args, name) && !this.#unfit.includes(name)) continue;
      this.#restore(fields.get(name));
      this.#meant.delete(name);
    }
  }

  /** The page has had its time to make something of what was written: taking back begins from what is there now. */
  settle(): void {
    const fields = fieldsOf(this.form);
    this.#left = new Map(
      [...this.#before.keys()].flatMap((name) => {
        const field = fields.get(name);
        return field ? [[name, readField(field)]] : [];
      }),
    );
  }

  /** Puts back what was there before, except in fields that the user, or the page, has changed since. */
  takeBack(): void {
    const fields = fieldsOf(this.form);
    for (const name of this.#before.keys()) {
      const field = fields.get(name);
      const isOurs = !this.#left || (field && isSameValue(this.#left.get(name), readField(field)));
      if (isOurs) this.#restore(field);
    }
  }

  /** Nothing more is written, and the user is not watched any more. */
  close(): void {
    this.#stop.abort();
  }

  #write(field: FormField, value: FieldValue, grows: boolean): void {
    const { name } = field;
    const wasMeant = isSameValue(this.#meant.get(name), value);
    // Last in the list: in the end they are in the order of the arguments.
    this.#meant.delete(name);
    this.#meant.set(name, value);
    if (this.#touched.has(name)) return;
    const isGrown = !grows && this.#growing.delete(name);
    if (wasMeant && isGrown) this.#asOurs(() => reportChange(field));
    if (wasMeant) return;
    const held = readField(field);
    if (isSameValue(held, value)) return;
    if (!this.#before.has(name)) this.#before.set(name, held);
    if (grows) this.#growing.add(name);
    this.#asOurs(() => writeField(field, value, grows));
  }

  #restore(field: FormField | undefined): void {
    const before = field && this.#before.get(field.name);
    if (!field || before === undefined || this.#touched.has(field.name)) return;
    this.#growing.delete(field.name);
    if (!isSameValue(readField(field), before)) this.#asOurs(() => writeField(field, before));
  }

  #asOurs(work: () => void): void {
    this.#isWriting = true;
    try {
      work();
    } finally {
      this.#isWriting = false;
    }
  }

  /** Not only trusted events: a date picker, too, is used by the user, and speaks in events of its own making. */
  readonly #noteTouch = ({ target }: Event): void => {
    if (this.#isWriting || !(target instanceof Element) || !('form' in target)) return;
    if (target.form === this.form) this.#touched.add(target.getAttribute('name') ?? '');
  };
}
