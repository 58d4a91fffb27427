import { isRecord, jsonIn } from '../../core/index.js';
import type { Tool, ToolContext } from '../ai-stream-chat/execute-tool.js';
import { declined } from './form-result.js';

/** A tool as the browser lists it. Of WebMCP's draft (https://webmachinelearning.github.io/webmcp/) and Chromium 156. */
interface NativeTool {
  readonly name: string;
  readonly description: string;
  /** An object; JSON text in earlier drafts. */
  readonly inputSchema?: Readonly<Record<string, unknown>> | string;
  readonly annotations?: { readonly readOnlyHint?: boolean; readonly consequentialHint?: boolean };
  /** The frame whose page registered it. */
  readonly window?: Window;
}

interface ModelContext extends EventTarget {
  getTools?(): Promise<readonly NativeTool[]>;
  executeTool?(tool: NativeTool, input: object, options: { signal: AbortSignal }): Promise<unknown>;
}

/**
 * The tools that the page has registered with the browser's model context, kept up to date until `signal` fires.
 * Without such a context there are none. Those of frames are left out. Each asks the user first, unless it says that it
 * only reads.
 */
export function watchModelContext(signal: AbortSignal): () => readonly Tool[] {
  let tools: readonly Tool[] = [];
  const context =
    (document as { readonly modelContext?: ModelContext }).modelContext ??
    (navigator as { readonly modelContext?: ModelContext }).modelContext;
  if (!context?.getTools || !context.executeTool) return () => tools;
  const update = async (): Promise<void> => {
    const found = (await context.getTools?.()) ?? [];
    tools = found.flatMap((tool) =>
      tool.window === undefined || tool.window === window ? [toolOf(context, tool)] : [],
    );
  };
  const refresh = (): void => void update().catch(() => (tools = []));
  context.addEventListener('toolchange', refresh, { signal });
  refresh();
  return () => tools;
}

function toolOf(context: ModelContext, tool: NativeTool): Tool {
  const { name, description, annotations } = tool;
  const inputSchema = jsonIn(tool.inputSchema);
  const asks = !annotations?.readOnlyHint || annotations.consequentialHint === true;
  return {
    name,
    description,
    inputSchema: isRecord(inputSchema) ? inputSchema : undefined,
    execute: async (args, { approve, signal }: ToolContext) => {
      if (asks && !(await approve())) return declined;
      return jsonIn(await context.executeTool?.(tool, inputOf(args), { signal }));
    },
  };
}

/** Chromium takes the arguments as an object, earlier drafts as JSON text: this is both. */
function inputOf(args: Readonly<Record<string, unknown>>): object {
  const asText = { toString: () => JSON.stringify(args) };
  return Object.assign(Object.create(asText) as object, args);
}
