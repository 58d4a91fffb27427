import { createPartialJson, type JsonKey, type PartialJson, type ToolPart } from '../../core/index.js';
import { completeLimits, type Limits } from './limits.js';
import { oncePerFrame } from './frame.js';

/** The arguments of a call while they arrive. */
export interface ArgumentPreview {
  readonly id: string;
  readonly name: string;
  /** As far as they are certain: nothing in them is taken back. Deep-frozen. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Where all that is new since the last time stands: one field, or what holds several. Empty: the arguments. */
  readonly path: readonly JsonKey[];
}

export interface ArgumentPreviewsOptions {
  readonly limits: () => Partial<Limits>;
  /** JSON Schema of the arguments of a tool, where it is known. Default: none is. */
  readonly schemaOf?: (name: string) => unknown;
  readonly onPreview: (preview: ArgumentPreview) => void;
}

interface Followed {
  readonly name: string;
  readonly json: PartialJson;
  /** The text that was read. */
  text: string;
  /** UTF-16 units that are told again: nothing is shown before as much has come. */
  readonly known: number;
  /** The frame in which it was shown last, by the time of its document. */
  frame?: CSSNumberish | null;
}

/** Follows the arguments of calls, and tells of each of them once per frame at most. */
export class ArgumentPreviews {
  readonly #options: ArgumentPreviewsOptions;
  readonly #calls = new Map<string, Followed>();
  readonly #showLater = oncePerFrame(() => {
    for (const [id, call] of this.#calls) this.#show(id, call);
  });

  constructor(options: ArgumentPreviewsOptions) {
    this.#options = options;
  }

  /** The call as it is now. `delta`: all that is new is this, at the end of its arguments. */
  follow({ id, name, argsText }: ToolPart, delta?: string): void {
    let call = this.#calls.get(id);
    if (call?.text === argsText) return;
    // An answer that is told again may say something else.
    const goesOn = call && (delta !== undefined || argsText.startsWith(call.text));
    if (!call || !goesOn) {
      call = { name, json: this.#createJson(name), text: '', known: call?.text.length ?? 0 };
      this.#calls.set(id, call);
      delta = undefined;
    }
    call.json.push(delta ?? argsText.slice(call.text.length));
    call.text = argsText;
    this.#showLater();
  }

  /** No more is to come: what was not shown is, unless this frame has shown some of it already. */
  finish(id: string): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (call && call.frame !== document.timeline.currentTime) this.#show(id, call);
  }

  /** Follows none of the calls any more. */
  clear(): void {
    this.#calls.clear();
  }

  #createJson(name: string): PartialJson {
    const { maxArgumentChars, maxArgumentDepth, maxArgumentKeys } = completeLimits(this.#options.limits());
    return createPartialJson({
      schema: this.#options.schemaOf?.(name),
      maxChars: maxArgumentChars,
      maxDepth: maxArgumentDepth,
      maxKeys: maxArgumentKeys,
    });
  }

  #show(id: string, call: Followed): void {
    if (call.text.length < call.known) return;
    const { value, path } = call.json.take() ?? {};
    if (!path || typeof value !== 'object' || value === null || Array.isArray(value)) return;
    call.frame = document.timeline.currentTime;
    this.#options.onPreview({ id, name: call.name, args: value as ArgumentPreview['args'], path });
  }
}
