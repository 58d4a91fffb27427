import type { IndexRange } from '../../core/index.js';

/** What a list tells. */
export interface ScrollReport {
  rangeChanged(range: IndexRange): void;
  startReached(): void;
  endReached(): void;
  pinChanged(pinned: boolean): void;
  endShown(shown: boolean): void;
}

/** How things stand. */
export interface ScrollFacts {
  readonly range: IndexRange;
  readonly pinned: boolean;
  /** Less than one view is left before the first item. */
  readonly nearStart: boolean;
  /** Less than one view is left behind the last item. */
  readonly nearEnd: boolean;
  /** The end of the last item is in view, or above it. */
  readonly endShown: boolean;
}

const NOTHING: ScrollFacts = {
  range: { first: 0, last: 0 },
  pinned: false,
  nearStart: false,
  nearEnd: false,
  endShown: true,
};

/** Tells each fact once: when it has become another. */
export class ScrollReporter {
  readonly #report: ScrollReport;
  #told = NOTHING;

  constructor(report: ScrollReport) {
    this.#report = report;
  }

  /** Takes facts as told already. */
  assume(facts: Partial<ScrollFacts>): void {
    this.#told = { ...this.#told, ...facts };
  }

  tell(facts: ScrollFacts): void {
    const told = this.#told;
    // Kept before anything is told: a listener may change the list.
    this.#told = facts;
    const { range, pinned, nearStart, nearEnd, endShown } = facts;
    if (range.first !== told.range.first || range.last !== told.range.last) this.#report.rangeChanged(range);
    if (pinned !== told.pinned) this.#report.pinChanged(pinned);
    if (endShown !== told.endShown) this.#report.endShown(endShown);
    if (nearStart && !told.nearStart) this.#report.startReached();
    if (nearEnd && !told.nearEnd) this.#report.endReached();
  }
}
