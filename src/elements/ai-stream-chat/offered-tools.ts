import { type ToolContext, type ToolPart, type ToolRequest } from '../../core/index.js';
import { ArgumentPreviews } from '../shared/argument-previews.js';
import { ToolCallDeltaEvent, ToolCallEvent } from '../shared/events/stream-events.js';
import type { Limits } from '../shared/limits.js';
import { executeTool, type Tool, type ToolProvider } from './execute-tool.js';

export interface OfferedToolsOptions {
  /** Where the events of calls are dispatched. */
  readonly host: HTMLElement;
  /** Tools that come from elsewhere than the page's `tools`. Asked when a request is made. */
  readonly providers: () => readonly ToolProvider[];
  readonly limits: () => Partial<Limits>;
}

/** The tools that a request has offered, and what becomes of their calls on the page. */
export class OfferedTools {
  readonly #options: OfferedToolsOptions;
  /** By name, in the order of the offer. */
  #tools = new Map<string, Tool>();
  #owners = new Map<string, ToolProvider>();
  #isClosed = false;
  /** Calls that a provider has shown something of, and that nobody runs yet. */
  readonly #previewed = new Map<string, ToolProvider>();
  readonly #previews: ArgumentPreviews;

  constructor(options: OfferedToolsOptions) {
    this.#options = options;
    this.#previews = new ArgumentPreviews({
      limits: options.limits,
      schemaOf: (name) => this.#tools.get(name)?.inputSchema,
      onPreview: (preview) => {
        const { id, name } = preview;
        options.host.dispatchEvent(new ToolCallDeltaEvent(preview));
        const owner = this.#owners.get(name);
        if (!owner) return;
        this.#previewed.set(id, owner);
        owner.preview(preview);
      },
    });
  }

  /** The user has said something. */
  begin(): void {
    for (const provider of this.#options.providers()) provider.begin();
  }

  /** What a request offers: the page's own tools, and those of the providers with other names. */
  offer(own: readonly Tool[]): readonly Tool[] {
    this.#isClosed = own.length > 0;
    this.#tools = new Map(own.map((tool) => [tool.name, tool]));
    this.#owners = new Map();
    for (const provider of this.#options.providers()) {
      for (const tool of provider.tools) {
        if (this.#tools.has(tool.name)) continue;
        this.#tools.set(tool.name, tool);
        this.#owners.set(tool.name, provider);
      }
    }
    return [...this.#tools.values()];
  }

  /** The names that may be called; undefined where the page has named none: its listeners may know others. */
  get names(): readonly string[] | undefined {
    return this.#isClosed ? [...this.#tools.keys()] : undefined;
  }

  confirms(name: string): boolean {
    return this.#tools.get(name)?.confirm === true;
  }

  /** Hands a call to the page: to its listeners, then to the tool itself. Undefined: nobody took it. */
  call(call: ToolRequest, context: ToolContext): Promise<unknown> | undefined {
    const event = new ToolCallEvent(call);
    const goesOn = this.#options.host.dispatchEvent(event);
    const tool = goesOn && !event.answer ? this.#tools.get(call.name) : undefined;
    if (tool?.execute) this.#previewed.delete(call.id);
    else this.cancel(call.id);
    return event.answer ?? executeTool(tool, call, context);
  }

  /**
   * Shows the arguments of a call as far as they have come. `delta`: all that is new in them. Of what the user is to
   * confirm, the page hears nothing before they have.
   */
  preview(call: ToolPart, delta?: string): void {
    const isOffered = !this.#isClosed || this.#tools.has(call.name);
    const isOurs = call.by === 'client' && isOffered && !this.confirms(call.name);
    if (isOurs && call.state === 'preparing') this.#previews.follow(call, delta);
  }

  /** The arguments of a call are complete. */
  finishPreview(id: string): void {
    this.#previews.finish(id);
  }

  /** A call is not going to be run. */
  cancel(id: string): void {
    const provider = this.#previewed.get(id);
    this.#previewed.delete(id);
    provider?.cancel(id);
  }

  /** The answer has ended: calls that are not whole by now, as `isOpen` knows, are not going to be run. */
  end(isOpen: (id: string) => boolean): void {
    this.#previews.clear();
    for (const id of this.#previewed.keys()) {
      if (!isOpen(id)) this.cancel(id);
    }
  }
}
