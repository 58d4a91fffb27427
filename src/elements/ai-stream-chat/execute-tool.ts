import type { ToolDescriptor, ToolRequest } from '../../core/index.js';
import { warnOnce } from '../shared/warn-once.js';

/** What a tool gets besides its arguments. */
export interface ToolContext {
  /** Fires when the run is stopped or the call timed out. */
  readonly signal: AbortSignal;
  readonly callId: string;
  /** Asks the user on the call's row; false: refused. `question` is shown above the arguments. Stopped: rejects with AbortError. */
  approve(question?: string): Promise<boolean>;
  /** Offers an Undo button on the call's row; called once when pressed, and then the button goes. */
  offerUndo(undo: () => void): void;
}

/** Tools that come from elsewhere than the `tools` property, as the forms of the page. */
export interface ToolProvider {
  /** What is on offer now. Read when a request is made. */
  readonly tools: readonly Tool[];
  /** Arguments so far of a call of one of these, at most once a frame. */
  preview(call: {
    readonly id: string;
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>>;
    readonly path: readonly (string | number)[];
  }): void;
  /** The call `id` is not going to be run: refused, stopped, or its arguments were no good. What `preview` did is taken back. */
  cancel(id: string): void;
}

/** A tool of the page, in the shape of a WebMCP tool. */
export interface Tool extends ToolDescriptor {
  /** Answers by itself: what it returns, or a promise of it, goes to the model. */
  readonly execute?: (args: Readonly<Record<string, unknown>>, context: ToolContext) => unknown;
}

/** Runs the tool that a call names, if the page has given it an `execute`. Undefined: nobody answers. */
export function executeTool(
  tools: readonly Tool[],
  { id, name, args }: ToolRequest,
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
  const context: ToolContext = {
    signal,
    callId: id,
    approve: async () => false,
    offerUndo: () => undefined,
  };
  return Promise.resolve(tool.execute(args, context));
}
