/** What the number of an event says about it. */
export type SequenceVerdict =
  | { readonly kind: 'next' }
  /** It was here before: a replay. */
  | { readonly kind: 'seen' }
  /** The numbers from `first` to `last` are missing. */
  | { readonly kind: 'gap'; readonly first: number; readonly last: number };

/**
 * Follows the numbers of a stream's events. It starts anywhere, as a resumed stream does. Numbers that nobody
 * promised to grow by one (`promised`), and that were never seen to, may count something else: no gaps then.
 */
export function createSequence(): (seq: number, promised: boolean) => SequenceVerdict {
  let last: number | undefined;
  let growsByOne = false;
  return (seq, promised) => {
    const previous = last;
    if (previous !== undefined && seq <= previous) return { kind: 'seen' };
    last = seq;
    if (previous === undefined) return { kind: 'next' };
    if (seq === previous + 1) {
      growsByOne = true;
      return { kind: 'next' };
    }
    return growsByOne || promised ? { kind: 'gap', first: previous + 1, last: seq - 1 } : { kind: 'next' };
  };
}
