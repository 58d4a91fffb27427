import { isRecord } from '../model/json.js';
import { FORBIDDEN_KEYS } from './forbidden-keys.js';
import { createPartialJson } from './partial-json.js';
import { DEFAULT_TOOL_LIMITS, type ToolLimits } from './tool-limits.js';

/** The arguments of a call for the page, or, for the model, what is wrong with them. */
export type ArgumentsReading =
  { readonly args: Readonly<Record<string, unknown>> } | { readonly error: string };

type ArgumentLimits = Pick<ToolLimits, 'maxArgumentChars' | 'maxArgumentDepth' | 'maxArgumentKeys'>;

/** Thrown and caught in here: the arguments are beyond a limit. */
class LimitError extends Error {}

/** What the model is told of arguments that are too long. */
export function tooLong({ maxArgumentChars }: Pick<ToolLimits, 'maxArgumentChars'>): string {
  return `The arguments are longer than ${maxArgumentChars} characters. Call the tool with less.`;
}

/**
 * The arguments of a tool call as page code gets them: a deep copy without the keys that pollute prototypes,
 * frozen all the way down, so that what was shown, approved and dispatched is one and the same.
 *
 * @param args parsed JSON, or the raw text where it is none
 * @param argsText the JSON text as it came; empty where only the parsed arguments came
 */
export function readArguments(
  args: unknown,
  argsText = '',
  limits: ArgumentLimits = DEFAULT_TOOL_LIMITS,
): ArgumentsReading {
  if (argsText.length > limits.maxArgumentChars) return { error: tooLong(limits) };
  if (!isRecord(args)) return { error: describe(args) };
  try {
    const frozen = createFreezer(limits)(args, 1) as Readonly<Record<string, unknown>>;
    const isLong = argsText === '' && JSON.stringify(args).length > limits.maxArgumentChars;
    return isLong ? { error: tooLong(limits) } : { args: frozen };
  } catch (error) {
    if (error instanceof LimitError) return { error: error.message };
    throw error;
  }
}

/** Whether a value can be copied, and shown as text, without leaving the stack. */
export function isTooDeep(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return maxDepth === 0 || Object.values(value).some((inner) => isTooDeep(inner, maxDepth - 1));
}

function describe(args: unknown): string {
  const json = createPartialJson();
  const isObject = typeof args === 'string' && /^\s*\{/.test(args);
  if (isObject) json.push(args);
  if (isObject && json.state === 'open') {
    return 'The arguments are incomplete: their JSON text ends in the middle. Call the tool again.';
  }
  return 'The arguments are not a JSON object. Send an object of named arguments.';
}

function createFreezer({ maxArgumentDepth, maxArgumentKeys }: ArgumentLimits) {
  let keys = 0;

  function count(added: number): void {
    keys += added;
    if (keys > maxArgumentKeys) {
      throw new LimitError(
        `The arguments have more than ${maxArgumentKeys} fields. Call the tool with less.`,
      );
    }
  }

  return function freeze(value: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (depth > maxArgumentDepth) {
      throw new LimitError(`The arguments are nested more than ${maxArgumentDepth} deep. Make them flatter.`);
    }
    if (Array.isArray(value)) {
      count(value.length);
      return Object.freeze(value.map((item) => freeze(item, depth + 1)));
    }
    const fields = Object.entries(value);
    count(fields.length);
    const kept = fields.filter(([key]) => !FORBIDDEN_KEYS.has(key));
    return Object.freeze(Object.fromEntries(kept.map(([key, inner]) => [key, freeze(inner, depth + 1)])));
  };
}
