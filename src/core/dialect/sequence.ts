/** What the number of an event says about it. */
export type SequenceVerdict =
  | { readonly kind: 'next' }
  /** It was here before: a replay. */
  | { readonly kind: 'seen' }
  /** The numbers from `first` to `last` are missing. */
  | { readonly kind: 'gap'; readonly first: number; readonly last: number };

/** Follows the numbers of a stream's events. It starts anywhere, as a resumed stream does. */
export function createSequence(): (seq: number) => SequenceVerdict {
  let last: number | undefined;
  // Numbers that were never seen to grow by one may count something else; then there are no gaps in them.
  let growsByOne = false;
  return (seq) => {
    const previous = last;
    if (previous !== undefined && seq <= previous) return { kind: 'seen' };
    last = seq;
    if (previous === undefined) return { kind: 'next' };
    if (seq === previous + 1) {
      growsByOne = true;
      return { kind: 'next' };
    }
    return growsByOne ? { kind: 'gap', first: previous + 1, last: seq - 1 } : { kind: 'next' };
  };
}
