/** How much of the page's tools a model may use. What is beyond a limit is refused with an error that it can read. */
export interface ToolLimits {
  /** Characters of the arguments of one call, as JSON text. Default: 1,048,576. */
  readonly maxArgumentChars: number;
  /** Objects and lists in each other in the arguments of one call, the outermost one included. Default: 64. */
  readonly maxArgumentDepth: number;
  /** Fields of objects and items of lists in the arguments of one call, at all depths. Default: 1000. */
  readonly maxArgumentKeys: number;
  /** Calls of the page's tools in one answer. Default: 32. */
  readonly maxToolCalls: number;
  /** Requests that one question may lead to by itself; then the user is asked. Default: 16. */
  readonly maxTurns: number;
  /** Milliseconds that a tool has for its answer, without the time in which the user is asked; 0: any. Default: 300,000. */
  readonly toolTimeout: number;
}

/** The limits where nobody says otherwise. */
export const DEFAULT_TOOL_LIMITS: ToolLimits = {
  maxArgumentChars: 1_048_576,
  maxArgumentDepth: 64,
  maxArgumentKeys: 1000,
  maxToolCalls: 32,
  maxTurns: 16,
  toolTimeout: 300_000,
};
