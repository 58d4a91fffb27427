import { html, nothing, type TemplateResult } from 'lit';
import { meaningOf, type Strings, type ToolPart, type ToolState, visibleText } from '../../core/index.js';

/** What the user may do about a tool call. */
export interface ToolActions {
  /** Answers what the call waits with: whether it may run, or one of the endpoint's own options. */
  readonly approve: (id: string, answer: boolean | string) => void;
  /** Takes back what the call did. */
  readonly undo: (id: string) => void;
}

/** What a row needs beside the call. */
export interface ToolRowLook {
  /** Shows the arguments. */
  readonly content: Node;
  readonly strings: Strings;
  /** More of the message is to come. */
  readonly streaming: boolean;
  /** Undefined: there is nobody to tell. */
  readonly actions: ToolActions | undefined;
}

/**
 * A folded row with a tool's name and state; its arguments and its result stand inside. While it waits for the user it
 * is open, with the question above what is about to run, and the answers beneath.
 */
export function toolTemplate(tool: ToolPart, look: ToolRowLook): TemplateResult {
  const { content, strings, actions } = look;
  const isAsked = tool.state === 'waiting';
  return html`<details part="tool" ?open=${isAsked}>
      <summary>${visibleText(tool.name)} · ${stateText(tool, look)}</summary>
      ${isAsked ? html`<p>${questionText(tool.approval, strings)}</p>` : nothing}
      <pre role="group" aria-label=${strings.toolArguments} tabindex=${isAsked ? '0' : nothing}>
${content}</pre>
      ${isAsked && actions ? answersTemplate(tool, strings, actions) : nothing}
      ${
        'result' in tool
          ? html`<pre role="group" aria-label=${strings.toolResult}>
${visibleText(readable(tool.result))}</pre>`
          : nothing
      }
    </details>
    ${
      tool.canUndo && actions
        ? html`<button
            type="button"
            class="undo"
            aria-label=${`${strings.undo}: ${visibleText(tool.name)}`}
            @click=${(event: Event) => {
              keepFocus(event);
              actions.undo(tool.id);
            }}
          >
            ${strings.undo}
          </button>`
        : nothing
    }`;
}

function questionText(approval: ToolPart['approval'], { toolQuestion }: Strings): string {
  return visibleText(approval?.message ?? toolQuestion);
}

function stateText({ state }: ToolPart, { strings, streaming }: ToolRowLook): string {
  const texts: Record<ToolState, string> = {
    preparing: streaming ? strings.toolPreparing : strings.toolIncomplete,
    waiting: strings.toolAsks,
    running: strings.toolRunning,
    done: strings.toolDone,
    refused: strings.toolRefused,
    failed: strings.toolFailed,
  };
  return texts[state];
}

function answersTemplate(
  { id, name, approval }: ToolPart,
  strings: Strings,
  { approve }: ToolActions,
): TemplateResult {
  const options = approval?.options?.length ? approval.options : undefined;
  const answers: readonly (readonly [answer: boolean | string, label: string])[] = options?.map(
    (option) => [option, optionLabel(option, strings)] as const,
  ) ?? [
    [true, strings.approve],
    [false, strings.refuse],
  ];
  return html`<div
    class="answers"
    role="group"
    aria-label=${strings.toolAsksFor(visibleText(name))}
    aria-description=${questionText(approval, strings)}
  >
    ${answers.map(
      ([answer, label]) =>
        html`<button
          type="button"
          @click=${(event: Event) => {
            keepFocus(event);
            approve(id, answer);
          }}
        >
          ${label}
        </button>`,
    )}
  </div>`;
}

/** Yes and no are said in the reader's language, whatever the endpoint calls them. */
function optionLabel(option: string, strings: Strings): string {
  const meaning = meaningOf(option);
  return meaning ? strings[meaning] : visibleText(option);
}

/** The button goes when it was pressed; focus must not fall to the page. Undo stands behind the row, the others in it. */
function keepFocus({ currentTarget }: Event): void {
  if (!(currentTarget instanceof HTMLElement)) return;
  const row = currentTarget.closest('details') ?? currentTarget.previousElementSibling;
  row?.querySelector('summary')?.focus();
}

/** A value as people read it: text as it is, anything else as JSON with indents. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value, null, 2) ?? '';
  } catch {
    // Nested deeper than the stack: from an endpoint, whose results have no limit but their length.
    return '…';
  }
}
