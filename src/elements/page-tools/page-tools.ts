import { aborted, jsonCopy } from '../../core/index.js';
import type { Tool, ToolContext, ToolProvider } from '../ai-stream-chat/execute-tool.js';
import { isKeptOut } from './field-rules.js';
import { readField } from './field-value.js';
import { formAttribute, formMember } from './form-access.js';
import { fieldsOf } from './form-fields.js';
import { FormFill } from './form-fill.js';
import { declined, type FormResult, resultOf } from './form-result.js';
import { schemaOf } from './form-schema.js';
import { submitForm } from './form-submission.js';
import { FormTouches } from './form-touches.js';
import { isSubmittable } from './form-validation.js';
import { watchModelContext } from './model-context.js';

/** What a tool may be called: https://webmachinelearning.github.io/webmcp/ */
const TOOL_NAME = /^[\w.-]{1,128}$/;

/** What the model is told of a call that has been stopped. */
const TAKEN_BACK = 'It was stopped before the form was sent. What was filled in has been taken back.';

type Preview = Parameters<ToolProvider['preview']>[0];

export interface PageToolsOptions {
  /** What the user is asked before the form of this name is submitted. */
  readonly question: (form: string) => string;
  /** Whether what is registered with the browser's model context is offered as well. Default: no. */
  readonly offersAll?: () => boolean;
}

/**
 * The tools of the page itself: its forms that bear `toolname` and `tooldescription`, in open shadow roots too, and,
 * where that is wanted, what is registered with the browser's model context. That holds forms in closed shadow roots,
 * too, with all of their fields, and nothing tells them from tools of page code. To be closed.
 */
export class PageTools implements ToolProvider {
  readonly #stop = new AbortController();
  readonly #nativeTools = watchModelContext(this.#stop.signal);
  readonly #question: (form: string) => string;
  readonly #offersAll: () => boolean;
  /** What the user has done in forms that were filled in since they spoke last. */
  readonly #touches = new Map<HTMLFormElement, FormTouches>();
  /** Fills that go on, by the id of their call. */
  readonly #fills = new Map<string, FormFill>();

  constructor({ question, offersAll = () => false }: PageToolsOptions) {
    this.#question = question;
    this.#offersAll = offersAll;
  }

  get tools(): readonly Tool[] {
    const forms = [...toolForms(document)];
    const own = [...firstByName(forms)].map(([name, form]) => this.#toolOf(name, form));
    if (!this.#offersAll()) return own;
    // The browser lists forms as well, those that are kept out included.
    const names = new Set(forms.map(nameOf));
    return [...own, ...this.#nativeTools().filter(({ name }) => !names.has(name))];
  }

  preview({ id, name, args, path }: Preview): void {
    const form = this.#formOf(id, name);
    if (!form || this.#otherFill(id, form)) return;
    this.#open(id, form).preview(args, path[0] ?? lastOf(args));
  }

  cancel(id: string): void {
    void this.#fills
      .get(id)
      ?.takeBack()
      .then(() => this.#close(id));
  }

  begin(): void {
    for (const touches of this.#touches.values()) touches.close();
    this.#touches.clear();
  }

  /** Nothing is offered, and nothing goes on, any more. */
  close(): void {
    this.#stop.abort(new DOMException('The page has taken its forms back.', 'AbortError'));
    for (const id of this.#fills.keys()) this.#close(id);
    this.begin();
  }

  #toolOf(name: string, form: HTMLFormElement): Tool {
    return {
      name,
      description: formAttribute(form, 'tooldescription') ?? '',
      inputSchema: schemaOf(fieldsOf(form).values()),
      execute: (args, context) => this.#run(name, args, context),
    };
  }

  /** One fill of a form after the other: nothing may change between the user's approval and what was approved. */
  async #run(
    name: string,
    args: Readonly<Record<string, unknown>>,
    context: ToolContext,
  ): Promise<FormResult> {
    const { callId } = context;
    const signal = AbortSignal.any([context.signal, this.#stop.signal]);
    try {
      const form = this.#fills.get(callId)?.form ?? findForm(name);
      if (!form) throw new Error(`The form ${name} is not on the page any more.`);
      for (let other = this.#otherFill(callId, form); other; other = this.#otherFill(callId, form)) {
        await Promise.race([other.closed, aborted(signal)]);
        signal.throwIfAborted();
      }
      const fill = this.#open(callId, form);
      const isApproved = await this.#fillAndAsk(fill, name, args, { ...context, signal });
      const result = resultOf(form, fill.report);
      if (isApproved === undefined) return result;
      return isApproved ? await submitted(form, result, signal) : { ...result, ...declined };
    } finally {
      this.#close(callId);
    }
  }

  /** Whether the user lets the form be submitted; undefined where they are not to be asked. */
  async #fillAndAsk(
    fill: FormFill,
    name: string,
    args: Readonly<Record<string, unknown>>,
    { approve, offerUndo, signal }: ToolContext,
  ): Promise<boolean | undefined> {
    const { form } = fill;
    try {
      await fill.fill(args);
      signal.throwIfAborted();
      if (fill.hasWritten) offerUndo(() => void fill.takeBack());
      if (resultOf(form, fill.report).status !== 'filled' || !isSendable(form)) return undefined;
      const question = this.#question(formAttribute(form, 'tooltitle') || name);
      // What is sent is what was shown: if anything has changed meanwhile, whoever did it, the yes was to something else.
      for (;;) {
        const shown = contentOf(form);
        const isApproved = await Promise.race([approve(`${question}\n${shown}`.trim()), aborted(signal)]);
        signal.throwIfAborted();
        if (!isApproved) return false;
        if (!isSendable(form) || contentOf(form) === shown) return true;
      }
    } catch (cause) {
      await fill.takeBack();
      throw signal.aborted ? new DOMException(TAKEN_BACK, 'AbortError') : cause;
    }
  }

  /** The page is not looked through for each preview of a call that waits for another one of its form. */
  #formOf(id: string, name: string): HTMLFormElement | undefined {
    const own = this.#fills.get(id);
    if (own) return own.form;
    for (const { form } of this.#fills.values()) if (nameOf(form) === name) return form;
    return findForm(name);
  }

  #open(id: string, form: HTMLFormElement): FormFill {
    const touches = this.#touches.get(form) ?? new FormTouches(form);
    this.#touches.set(form, touches);
    const fill = this.#fills.get(id) ?? new FormFill(form, touches);
    this.#fills.set(id, fill);
    return fill;
  }

  #close(id: string): void {
    this.#fills.get(id)?.close();
    this.#fills.delete(id);
  }

  /** A fill of the same form for another call. */
  #otherFill(id: string, form: HTMLFormElement): FormFill | undefined {
    for (const [other, fill] of this.#fills) if (other !== id && fill.form === form) return fill;
    return undefined;
  }
}

/** Whether page and browser let a form be submitted, as it stands. */
function isSendable(form: HTMLFormElement): boolean {
  const isOffered = formMember(form, 'isConnected') && !isKeptOut(form);
  return isOffered && formAttribute(form, 'toolautosubmit') !== null && isSubmittable(form);
}

/** What the fields hold, for the user to judge: as JSON, so that no value looks like another field. */
function contentOf(form: HTMLFormElement): string {
  return [...fieldsOf(form).values()]
    .map((field) => ({ name: field.name, value: readField(field) }))
    .filter(({ value }) => value !== null && value !== '' && value !== false && String(value) !== '')
    .map(({ name, value }) => `${name}: ${JSON.stringify(value)}`)
    .join('\n');
}

/** Submits what the user approved, unless it has become invalid, or the page has changed its mind. */
async function submitted(
  form: HTMLFormElement,
  result: FormResult,
  signal: AbortSignal,
): Promise<FormResult> {
  if (result.status !== 'filled') return result;
  const submission = isSendable(form) ? submitForm(form) : undefined;
  if (!submission) return { ...result, message: 'Filled in. The page does not let it be submitted yet.' };
  const done: FormResult = { ...result, status: 'submitted', message: 'Submitted.' };
  const answer = await Promise.race([submission.answer, aborted(signal)]).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The page refused the form: ${reason}`, { cause });
  });
  // From here on it has been sent, whatever else happens: an error would have the model send it again.
  if (signal.aborted) return { ...done, message: 'Submitted. The run was stopped before the page answered.' };
  if (answer === undefined) return done;
  const copy = jsonCopy(answer);
  if (copy === undefined) return { ...done, message: 'Submitted. What the page answered cannot be told.' };
  return { ...done, result: copy };
}

/** The argument that came last; undefined where that is not known, as names that are numbers stand before all others. */
function lastOf(args: Preview['args']): string | undefined {
  const names = Object.keys(args);
  return /^\d/.test(names[0] ?? '') ? undefined : names.at(-1);
}

function nameOf(form: HTMLFormElement): string {
  return formAttribute(form, 'toolname') ?? '';
}

function findForm(name: string): HTMLFormElement | undefined {
  return firstByName(toolForms(document)).get(name);
}

/** The first form of each name, as in Chromium. */
function firstByName(forms: Iterable<HTMLFormElement>): Map<string, HTMLFormElement> {
  const byName = new Map<string, HTMLFormElement>();
  for (const form of forms) {
    const name = nameOf(form);
    if (TOOL_NAME.test(name) && !byName.has(name) && !isKeptOut(form)) byName.set(name, form);
  }
  return byName;
}

/** Looked for when they are needed: shadow roots that come later could not be watched anyway. */
function* toolForms(root: Document | ShadowRoot): Generator<HTMLFormElement> {
  for (const element of root.querySelectorAll('*')) {
    if (element instanceof HTMLFormElement) {
      if (formMember(element, 'matches')('[toolname][tooldescription]')) yield element;
      // What stands in a message is the model's own.
    } else if (element.shadowRoot && !element.localName.startsWith('ai-stream-')) {
      yield* toolForms(element.shadowRoot);
    }
  }
}
