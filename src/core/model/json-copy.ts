/** What JSON makes something of by itself. A platform object would be `{}`, as if all were well. */
const PLAIN = /^\[object (?:Object|Array|String|Number|Boolean)\]$/;

/**
 * A value as JSON holds it, which no later change of the value reaches; undefined where JSON cannot hold it: functions,
 * cycles, big integers, and what a platform object, at any depth, would be.
 */
export function jsonCopy(value: unknown): unknown {
  try {
    const text = JSON.stringify(value, (_key, inner: unknown) => {
      const isLost =
        typeof inner === 'object' && inner !== null && !PLAIN.test(Object.prototype.toString.call(inner));
      if (isLost) throw new TypeError('JSON cannot hold this.');
      return inner;
    });
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
