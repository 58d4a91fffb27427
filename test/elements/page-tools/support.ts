import type { ToolContext } from '../../../src/elements/ai-stream-chat/execute-tool.js';
import type { FormResult } from '../../../src/elements/page-tools/form-result.js';
import { PageTools } from '../../../src/elements/page-tools/page-tools.js';
import { createPartialJson } from '../../../src/core/tools/partial-json.js';

const places: Element[] = [];

/** Puts HTML on the page. Gone after the test, by `clearPage`. */
export function show(html: string): HTMLElement {
  const place = document.createElement('div');
  place.innerHTML = html;
  document.body.append(place);
  places.push(place);
  return place;
}

/** A form tool of the name `form` that holds this. */
export function showForm(html: string, attributes = ''): HTMLFormElement {
  return show(`<form toolname="form" tooldescription="A form." ${attributes}>${html}</form>`).querySelector(
    'form',
  )!;
}

export function clearPage(): void {
  for (const place of places.splice(0)) place.remove();
}

/** What a call asked of the chat, and the answers it gets. */
export interface Asked {
  readonly context: ToolContext;
  readonly questions: (string | undefined)[];
  undo: (() => void) | undefined;
  abort(): void;
}

export function ask(callId = 'call', approve: () => boolean | Promise<boolean> = () => true): Asked {
  const stop = new AbortController();
  const questions: (string | undefined)[] = [];
  const asked: Asked = {
    questions,
    undo: undefined,
    abort: () => stop.abort(),
    context: {
      signal: stop.signal,
      callId,
      approve: async (question) => {
        questions.push(question);
        return approve();
      },
      offerUndo: (undo) => {
        asked.undo = undo;
      },
    },
  };
  return asked;
}

export function pageTools(): PageTools {
  return new PageTools({ question: (form) => `Submit ${form}?` });
}

/** A result with all lists, so that tests need not ask for them. */
export type FullResult = Required<FormResult>;

/** Calls a tool with all of its arguments at once. */
export function run(
  tools: PageTools,
  name: string,
  args: Record<string, unknown>,
  asked = ask(),
): Promise<FullResult> {
  const tool = tools.tools.find((candidate) => candidate.name === name);
  if (!tool?.execute) throw new Error(`There is no tool ${name}.`);
  return Promise.resolve(tool.execute(args, asked.context) as Promise<FullResult>);
}

/** Calls the tool `form` with arguments that arrive in these pieces of JSON text. */
export async function runInPieces(
  tools: PageTools,
  pieces: readonly string[],
  asked = ask(),
): Promise<FullResult> {
  const schema = tools.tools.find(({ name }) => name === 'form')?.inputSchema;
  const json = createPartialJson({ schema });
  for (const piece of pieces) {
    json.push(piece);
    const change = json.take();
    if (!change) continue;
    const args = change.value as Record<string, unknown>;
    tools.preview({ id: asked.context.callId, name: 'form', args, path: change.path });
  }
  return run(tools, 'form', JSON.parse(pieces.join('')), asked);
}

/** What a form would send, with all of its controls. */
export function valuesOf(form: HTMLFormElement): Record<string, FormDataEntryValue[]> {
  const values: Record<string, FormDataEntryValue[]> = {};
  for (const [name, value] of new FormData(form)) (values[name] ??= []).push(value);
  return values;
}

/** Types into a control as the user would, as far as the page can tell. */
export function type(control: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  control.value = text;
  control.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, data: text }));
}
