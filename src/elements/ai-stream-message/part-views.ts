import { callIndex, type DeltaEvent, type MessagePart, openPartIndex } from '../../core/index.js';
import { ArgumentsView } from './arguments-view.js';
import type { CodeBlocksOptions } from './code-blocks.js';
import type { ContentPolicy } from './content-policy.js';
import { type MarkdownSource, MarkdownView } from './markdown-view.js';
import { readable } from './tool-row.js';

/** What the views ask of the message. */
export interface PartViewsOptions extends CodeBlocksOptions, MarkdownSource {
  readonly policy: () => ContentPolicy;
}

/**
 * What shows the parts that grow: a view for each of them, at the index of its part. A view owns its nodes, so a
 * part grows without a render of the message.
 */
export class PartViews {
  readonly #options: PartViewsOptions;
  #parts: readonly MessagePart[] = [];
  #texts: (MarkdownView | undefined)[] = [];
  #arguments: (ArgumentsView | undefined)[] = [];

  constructor(options: PartViewsOptions) {
    this.#options = options;
  }

  /** The view of the text or the reasoning at this index. */
  text(index: number): MarkdownView | undefined {
    return this.#texts[index];
  }

  /** The view of the arguments of the tool call at this index. */
  arguments(index: number): ArgumentsView | undefined {
    return this.#arguments[index];
  }

  /** Shows these parts: what only grew is added to, the rest is shown anew. */
  show(parts: readonly MessagePart[]): void {
    const before = this.#parts;
    this.#parts = parts;
    for (const view of this.#texts.splice(parts.length)) view?.dispose();
    this.#arguments.splice(parts.length);
    for (const [index, part] of parts.entries()) {
      const old = before[index];
      if (part === old) continue;
      if (old && old.type !== part.type) this.#drop(index);
      if (part.type === 'text' || part.type === 'reasoning') {
        this.#showText(index, part, old?.type === part.type ? old.text : '');
      } else if (part.type === 'tool') {
        const view = (this.#arguments[index] ??= new ArgumentsView());
        view.replace(readable(part.args ?? part.argsText));
      }
    }
  }

  /** Shows parts of which one has grown by `delta`, and nothing else differs. */
  append(parts: readonly MessagePart[], delta: DeltaEvent): void {
    this.#parts = parts;
    if (delta.type !== 'tool_call_delta') {
      this.#texts[openPartIndex(parts)]?.append(delta.content);
      return;
    }
    const index = callIndex(parts, delta.id);
    const call = parts[index];
    // Complete arguments are shown parsed.
    if (call?.type === 'tool' && call.state === 'preparing') this.#arguments[index]?.append(delta.delta);
  }

  /** Nothing more is to come at the end of any text but the one at this index. */
  endAllBut(open: number | undefined): void {
    for (const [index, view] of this.#texts.entries()) {
      if (index !== open) view?.end();
    }
  }

  /** Fulfils when all that the parts say is in the DOM. */
  async settled(): Promise<void> {
    for (const view of this.#arguments) view?.show();
    await Promise.all(this.#texts.map((view) => view?.settled));
  }

  /** Lets go of what the worker holds for them. What is shown stays. */
  dispose(): void {
    for (const view of this.#texts) view?.dispose();
  }

  /** Goes on after `dispose()`. */
  resume(): void {
    for (const view of this.#texts) view?.resume();
  }

  /** Shows code and images anew, for texts or renderers that have changed. */
  refresh(): void {
    for (const view of this.#texts) view?.refresh();
  }

  /** Shows all texts anew, for other rules. */
  reread(): void {
    for (const view of this.#texts) view?.reread();
  }

  #showText(index: number, part: Extract<MessagePart, { text: string }>, shown: string): void {
    const view = (this.#texts[index] ??= this.#createText(index, part.type));
    if (part.text.startsWith(shown)) view.append(part.text.slice(shown.length));
    else view.replace(part.text);
  }

  #createText(index: number, type: 'text' | 'reasoning'): MarkdownView {
    return new MarkdownView({
      ...(type === 'text' ? { part: 'content' } : {}),
      ...this.#options,
      source: () => {
        const part = this.#parts[index];
        return part && 'text' in part ? part.text : '';
      },
    });
  }

  /** The part here is of another type now. */
  #drop(index: number): void {
    this.#texts[index]?.dispose();
    this.#texts[index] = undefined;
    this.#arguments[index] = undefined;
  }
}
