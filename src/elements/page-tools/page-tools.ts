import type { Tool, ToolContext, ToolProvider } from '../ai-stream-chat/execute-tool.js';
import { isKeptOut } from './field-rules.js';
import { fieldsOf } from './form-fields.js';
import { FormFill } from './form-fill.js';
import { declined, type FormResult, resultOf } from './form-result.js';
import { schemaOf } from './form-schema.js';
import { submitForm } from './form-submission.js';
import { isSubmittable } from './form-validation.js';
import { watchModelContext } from './model-context.js';

/** What a tool may be called: https://webmachinelearning.github.io/webmcp/ */
const TOOL_NAME = /^[\w.-]{1,128}$/;

type Preview = Parameters<ToolProvider['preview']>[0];

/**
 * The tools of the page itself: its forms that bear `toolname` and `tooldescription`, in open shadow roots too, and
 * what it registered with the browser's model context. To be closed.
 */
export class PageTools implements ToolProvider {
  readonly #stop = new AbortController();
  readonly #nativeTools = watchModelContext(this.#stop.signal);
  readonly #question: (form: string) => string;
  /** Fills that go on, by the id of their call. */
  readonly #fills = new Map<string, FormFill>();

  /** `question`: what the user is asked before the form of this name is submitted. */
  constructor(question: (form: string) => string) {
    this.#question = question;
  }

  get tools(): readonly Tool[] {
    const forms = [...toolForms(document)];
    // The browser lists forms as well, those that are kept out included.
    const names = new Set(forms.map(nameOf));
    return [
      ...[...firstByName(forms)].map(([name, form]) => this.#toolOf(name, form)),
      ...this.#nativeTools().filter(({ name }) => !names.has(name)),
    ];
  }

  preview({ id, name, args, path }: Preview): void {
    const form = this.#fills.get(id)?.form ?? findForm(name);
    if (!form || this.#otherFill(id, form)) return;
    // Where much is new at once the path is that of all of it.
    this.#open(id, form).preview(args, path[0] ?? Object.keys(args).at(-1));
  }

  cancel(id: string): void {
    void this.#fills
      .get(id)
      ?.takeBack()
      .then(() => this.#close(id));
  }

  /** Nothing is offered, and nothing goes on, any more. */
  close(): void {
    this.#stop.abort();
    for (const id of this.#fills.keys()) this.#close(id);
  }

  #toolOf(name: string, form: HTMLFormElement): Tool {
    return {
      name,
      description: form.getAttribute('tooldescription') ?? '',
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
    const { callId, signal } = context;
    try {
      const form = this.#fills.get(callId)?.form ?? findForm(name);
      if (!form) throw new Error(`The form ${name} is not on the page any more.`);
      for (let other = this.#otherFill(callId, form); other; other = this.#otherFill(callId, form)) {
        await Promise.race([other.closed, aborted(signal)]);
        signal.throwIfAborted();
      }
      const fill = this.#open(callId, form);
      await fill.fill(args);
      if (signal.aborted) await fill.takeBack();
      signal.throwIfAborted();
      if (fill.hasWritten) context.offerUndo(() => void fill.takeBack());
      const filled = resultOf(form, fill.report);
      const asks = filled.status === 'filled' && isSubmittable(form) && form.hasAttribute('toolautosubmit');
      if (!asks) return filled;
      const isApproved = await context.approve(this.#question(form.getAttribute('tooltitle') || name));
      const result = resultOf(form, fill.report);
      return isApproved ? await submitted(form, result, signal) : { ...result, ...declined };
    } finally {
      this.#close(callId);
    }
  }

  #open(id: string, form: HTMLFormElement): FormFill {
    const fill = this.#fills.get(id) ?? new FormFill(form);
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

/** Submits what the user approved, unless the user has made it invalid since. */
async function submitted(
  form: HTMLFormElement,
  result: FormResult,
  signal: AbortSignal,
): Promise<FormResult> {
  signal.throwIfAborted();
  if (result.status !== 'filled') return result;
  const submission = submitForm(form);
  if (!submission) return { ...result, message: 'Filled in. The page does not let it be submitted yet.' };
  const answer = await Promise.race([submission.answer, aborted(signal)]).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The page refused the form: ${reason}`, { cause });
  });
  signal.throwIfAborted();
  const isAnswered = answer !== undefined;
  return { ...result, status: 'submitted', message: 'Submitted.', ...(isAnswered && { result: answer }) };
}

function nameOf(form: HTMLFormElement): string {
  return form.getAttribute('toolname') ?? '';
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
    if (element instanceof HTMLFormElement && element.matches('[toolname][tooldescription]')) yield element;
    // What stands in a message is the model's own.
    if (element.shadowRoot && !element.localName.startsWith('ai-stream-'))
      yield* toolForms(element.shadowRoot);
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
