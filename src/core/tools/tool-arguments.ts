/** Keys that reach an object's prototype when somebody copies the arguments carelessly. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The arguments of a tool call as page code gets them: a deep copy without the keys that pollute prototypes,
 * frozen all the way down, so that what was shown, approved and dispatched is one and the same.
 *
 * Returns undefined when `args` is not an object of named arguments.
 */
export function freezeArguments(args: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return undefined;
  return freezeValue(args) as Readonly<Record<string, unknown>>;
}

function freezeValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(freezeValue));
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (!FORBIDDEN_KEYS.has(key)) copy[key] = freezeValue(inner);
  }
  return Object.freeze(copy);
}
