/** Keys that reach an object's prototype when somebody copies the arguments carelessly. */
export const FORBIDDEN_KEYS: ReadonlySet<unknown> = new Set(['__proto__', 'constructor', 'prototype']);
