import type { ToolContext, ToolDescriptor, ToolRequest } from '../../core/index.js';
import type { ArgumentPreview } from '../shared/argument-previews.js';

export type { ToolContext } from '../../core/index.js';

/** A tool of the page, in the shape of a WebMCP tool. */
export interface Tool extends ToolDescriptor {
  /** Answers by itself: what it returns, or a promise of it, goes to the model. */
  readonly execute?: (args: Readonly<Record<string, unknown>>, context: ToolContext) => unknown;
  /** The user is shown what is about to run, and asked, before anything of the page hears of a call. Default: false. */
  readonly confirm?: boolean;
}

/** Tools that come from elsewhere than the `tools` property, as the forms of the page. */
export interface ToolProvider {
  /** What is on offer now. Read when a request is made. */
  readonly tools: readonly Tool[];
  /** The user has said something: whatever comes now is another matter. */
  begin(): void;
  /** Arguments so far of a call of one of these, at most once a frame. */
  preview(call: ArgumentPreview): void;
  /** The call `id` is not going to be run: refused, stopped, or its arguments were no good. What `preview` did is taken back. */
  cancel(id: string): void;
}

/** Runs a tool, if the page has given it an `execute`. Undefined: nobody answers. */
export function executeTool(
  tool: Tool | undefined,
  { args }: ToolRequest,
  context: ToolContext,
): Promise<unknown> | undefined {
  return tool?.execute && Promise.resolve(tool.execute(args, context));
}
