import {
  type FieldValue,
  isSameValue,
  readField,
  reportChange,
  valueFor,
  writeField,
} from './field-value.js';
import { fieldsOf, type FormField } from './form-fields.js';
import type { FormTouches } from './form-touches.js';

type Arguments = Readonly<Record<string, unknown>>;

/** What came of the arguments of a call: names of fields, in the order of the arguments. */
export interface FillReport {
  readonly filled: readonly string[];
  /** The user has changed them. */
  readonly kept: readonly string[];
  /** Not fields that a model may fill in. */
  readonly refused: readonly string[];
  /** Fields that do not take the value of their argument. */
  readonly unfit: readonly string[];
}

/**
 * Fills in a form with the arguments of one call: with what is certain of them while they arrive, and then with all
 * of them. What the user has changed it leaves alone. To be closed.
 */
export class FormFill {
  readonly form: HTMLFormElement;
  /** What the user does in the form. */
  readonly #touches: FormTouches;
  #close: () => void = () => undefined;
  /** The first value of each field that was written. */
  readonly #before = new Map<string, FieldValue>();
  /** The value that each field was last meant to have. The page may have made something else of it. */
  readonly #meant = new Map<string, FieldValue>();
  /** What the page has made of it. Undefined until the page has had its time. */
  #left: ReadonlyMap<string, FieldValue> | undefined;
  /** Texts that the page has not been told are complete. */
  readonly #growing = new Set<string>();
  /** What is being written. One thing after the other. */
  #work = Promise.resolve();
  /** The arguments as they were shown last. */
  readonly #shown = new Map<string, { readonly argument: unknown; readonly isGrowing: boolean }>();
  /** A preview that waits until the one before is written. */
  #next: { readonly args: Arguments; readonly growing: unknown } | undefined;
  readonly #refused: string[] = [];
  readonly #unfit: string[] = [];

  /** Fulfils when the fill is closed. */
  readonly closed = new Promise<void>((resolve) => {
    this.#close = resolve;
  });

  constructor(form: HTMLFormElement, touches: FormTouches) {
    this.form = form;
    this.#touches = touches;
  }

  /** Whether there is anything to take back. */
  get hasWritten(): boolean {
    return this.#before.size > 0;
  }

  /** As it stands: what the user does later counts. */
  get report(): FillReport {
    const isTouched = (name: string): boolean => this.#touches.has(name);
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
   * number or a choice can be another one. Undefined: it may be any of them.
   */
  preview(args: Arguments, growing: unknown): void {
    const isDue = this.#next !== undefined;
    this.#next = { args, growing };
    if (!isDue) void this.#afterwards(() => this.#show());
  }

  /** Writes all arguments. What a preview wrote beyond them is taken back. Fulfils when the page has seen all of it. */
  fill(args: Arguments): Promise<void> {
    this.#next = undefined;
    return this.#afterwards(async () => {
      for (const [name, argument] of Object.entries(args)) {
        const field = fieldsOf(this.form).get(name);
        const value = field && valueFor(field, argument);
        if (field && value !== undefined) await this.#write(field, value, false);
        else (field ? this.#unfit : this.#refused).push(name);
      }
      for (const name of this.#meant.keys()) {
        if (Object.hasOwn(args, name) && !this.#unfit.includes(name)) continue;
        await this.#restore(name);
        this.#meant.delete(name);
      }
      this.#settle();
    });
  }

  /** Puts back what was there before, except in fields that the user, or the page, has changed since. */
  takeBack(): Promise<void> {
    this.#next = undefined;
    return this.#afterwards(async () => {
      for (const name of this.#before.keys()) {
        const field = fieldsOf(this.form).get(name);
        const isOurs = !this.#left || (field && isSameValue(this.#left.get(name), readField(field)));
        if (isOurs) await this.#restore(name);
      }
    });
  }

  /** The call has come to its end: the form is free for the next one. What was written can still be taken back. */
  close(): void {
    this.#close();
  }

  #afterwards(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work);
    return this.#work;
  }

  async #show(): Promise<void> {
    const { args = {}, growing } = this.#next ?? {};
    this.#next = undefined;
    for (const [name, argument] of Object.entries(args)) {
      const isGrowing = growing === undefined || name === growing;
      const shown = this.#shown.get(name);
      if (shown && shown.argument === argument && shown.isGrowing === isGrowing) continue;
      this.#shown.set(name, { argument, isGrowing });
      const field = fieldsOf(this.form).get(name);
      if (!field || (isGrowing && field.kind !== 'text')) continue;
      const value = valueFor(field, argument);
      if (value !== undefined) await this.#write(field, value, isGrowing);
    }
  }

  async #write(field: FormField, value: FieldValue, grows: boolean): Promise<void> {
    const { name, controls } = field;
    const wasMeant = isSameValue(this.#meant.get(name), value);
    // Last in the list: in the end they are in the order of the arguments.
    this.#meant.delete(name);
    this.#meant.set(name, value);
    const isGrown = !grows && this.#growing.delete(name);
    if (wasMeant && isGrown) await this.#act(name, () => reportChange(controls[0]));
    const held = readField(field);
    if (wasMeant || this.#touches.has(name) || isSameValue(held, value)) return;
    if (!this.#before.has(name)) this.#before.set(name, held);
    if (grows) this.#growing.add(name);
    await writeField(field, value, (step) => this.#act(name, step), grows);
  }

  async #restore(name: string): Promise<void> {
    const field = fieldsOf(this.form).get(name);
    const before = this.#before.get(name);
    if (!field || before === undefined) return;
    this.#growing.delete(name);
    if (isSameValue(readField(field), before)) return;
    await writeField(field, before, (step) => this.#act(name, step));
  }

  /**
   * Each step in a task of its own, as the user's would be. Frameworks render between tasks, and until then their
   * listeners go by what was there before: of two boxes that are checked in one task, Vue would know the second.
   */
  async #act(name: string, step: () => void): Promise<void> {
    if (this.#touches.has(name)) return;
    this.#touches.write(step);
    await nextTask();
  }

  #settle(): void {
    const fields = fieldsOf(this.form);
    this.#left = new Map(
      [...this.#before.keys()].flatMap((name) => {
        const field = fields.get(name);
        return field ? [[name, readField(field)]] : [];
      }),
    );
  }
}

/** Not by a timer: a page that is hidden has few of them. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
