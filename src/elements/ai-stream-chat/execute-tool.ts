import type { ToolDescriptor, ToolRequest } from '../../core/index.js';
import { warnOnce } from '../shared/warn-once.js';

/** A tool of the page, in the shape of a WebMCP tool. */
export interface Tool extends ToolDescriptor {
  /** Answers by itself: what it returns, or a promise of it, goes to the model. */
  readonly execute?: (
    args: Readonly<Record<string, unknown>>,
    context: { readonly signal: AbortSignal },
  ) => unknown;
}

/** Runs the tool that a call names, if the page has given it an `execute`. Undefined: nobody answers. */
export function executeTool(
  tools: readonly Tool[],
  { name, args }: ToolRequest,
  signal: AbortSignal,
): Promise<unknown> | undefined {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool?.execute) return undefined;
  if ('confirm' in tool && tool.confirm) {
    warnOnce(
      `confirm:${name}`,
      `the tool ${name} wants to be confirmed, which is not possible yet: it is not run`,
    );
    return undefined;
  }
  return Promise.resolve(tool.execute(args, { signal }));
}
