/** A step of a path: a name behind a dot or at the start, or an index or a quoted name in brackets. */
const STEP = /(\.?)([^\s.[\]"']+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]/y;

/** One step of a path in a text. */
export interface PathStep {
  /** A number for an index in brackets. */
  readonly key: string | number;
  /** Whether a dot stands before it; undefined where it is in brackets. */
  readonly hasDot: boolean | undefined;
  /** Offset just behind it. */
  readonly end: number;
}

/** The step at an offset; undefined where there is none. */
export function stepAt(text: string, offset: number): PathStep | undefined {
  STEP.lastIndex = offset;
  const found = STEP.exec(text);
  if (!found) return undefined;
  const [step, dot, name, index, double, single] = found;
  const key = name ?? (double ?? single ?? '').replaceAll(/\\(.)/g, '$1');
  return {
    key: index === undefined ? key : Number(index),
    hasDot: name === undefined ? undefined : dot === '.',
    end: offset + step.length,
  };
}
