/** The mounted items: indexes of the first and the last one. In an empty list `first` is 0 and `last` is -1. */
export interface ListRange {
  readonly first: number;
  readonly last: number;
}

const PUBLIC: EventInit = { bubbles: true, composed: true };

/** `range_change`: other items are mounted than before. */
export class RangeChangeEvent extends CustomEvent<ListRange> {
  constructor(detail: ListRange) {
    super('range_change', { ...PUBLIC, detail });
  }
}

/** `reach_start`: less than one view is left before the first item. Once per approach, and again after items were put there. */
export class ReachStartEvent extends CustomEvent<null> {
  constructor() {
    super('reach_start', PUBLIC);
  }
}

/** `reach_end`: less than one view is left behind the last item. Once per approach, and again after items were put there. */
export class ReachEndEvent extends CustomEvent<null> {
  constructor() {
    super('reach_end', PUBLIC);
  }
}

/** `pin_change`: the list began to follow its end, or the reader left it. */
export class PinChangeEvent extends CustomEvent<{ readonly pinned: boolean }> {
  constructor(pinned: boolean) {
    super('pin_change', { ...PUBLIC, detail: { pinned } });
  }
}

/** `load_error`: the source could not give these items: `start` up to, not including, `end`. */
export class LoadErrorEvent extends CustomEvent<{
  readonly start: number;
  readonly end: number;
  readonly error: unknown;
}> {
  constructor({ first, last }: { readonly first: number; readonly last: number }, error: unknown) {
    super('load_error', { ...PUBLIC, detail: { start: first, end: last, error } });
  }
}

/** The events of `<ai-virtual-list>` by name. */
export interface ListEventMap {
  range_change: RangeChangeEvent;
  reach_start: ReachStartEvent;
  reach_end: ReachEndEvent;
  pin_change: PinChangeEvent;
  load_error: LoadErrorEvent;
}
