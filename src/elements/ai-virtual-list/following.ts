import { indexAfter, type ListChange } from '../../core/index.js';
import { type Gesture, leadsUp } from './reader-gestures.js';
import type { ScrollTarget } from './scroll-position.js';

type State =
  | { readonly name: 'pinned' | 'free' }
  | { readonly name: 'locked' | 'gliding'; readonly target: ScrollTarget };

/** Where the list stands. */
export interface EndFacts {
  /** At the end of the content, within a pixel. */
  readonly atEnd: boolean;
  /** Above where the end was when it was last followed. A view that bounces back from below it has not left it. */
  readonly leftEnd: boolean;
}

const FREE: State = { name: 'free' };
const PINNED: State = { name: 'pinned' };

/**
 * Who decides where the list stands: the end of the content (`pinned`), the reader (`free`), or an item that was
 * jumped to and stays in its place until the reader scrolls (`locked`); `gliding` is a smooth scroll on its way to
 * such an item.
 *
 * The end is left at the reader's gesture, and only the very end, reached by scrolling down, brings it back. A band
 * of some pixels in which it comes back by itself would catch the reader again while content grows.
 */
export class Following {
  #state = FREE;
  #followsEnd = false;

  get pinned(): boolean {
    return this.#state.name === 'pinned';
  }

  get free(): boolean {
    return this.#state.name === 'free';
  }

  /** The item that keeps its place. */
  get locked(): ScrollTarget | undefined {
    return this.#state.name === 'locked' ? this.#state.target : undefined;
  }

  /** Whether the end is followed at all. */
  get followsEnd(): boolean {
    return this.#followsEnd;
  }

  set followsEnd(followsEnd: boolean) {
    this.#followsEnd = followsEnd;
    this.#state = followsEnd ? PINNED : FREE;
  }

  pin(): void {
    this.#state = PINNED;
  }

  lock(target: ScrollTarget): void {
    this.#state = { name: 'locked', target };
  }

  glide(target: ScrollTarget): void {
    this.#state = { name: 'gliding', target };
  }

  /** The item that a smooth scroll is on its way to. */
  get gliding(): ScrollTarget | undefined {
    return this.#state.name === 'gliding' ? this.#state.target : undefined;
  }

  /** A smooth scroll is over: where it went to is kept. */
  land(): void {
    if (this.#state.name === 'gliding') this.lock(this.#state.target);
  }

  /** A smooth scroll is over, and has not come to where it went. */
  loseTarget(): void {
    if (this.#state.name === 'gliding') this.#state = FREE;
  }

  /** The reader reaches for the list. `canGoUp`: there is something above the view. */
  gesture(gesture: Gesture, canGoUp: boolean): void {
    // At the very top there is nowhere to go, so the gesture leaves nothing.
    if (this.pinned && !(leadsUp(gesture) && canGoUp)) return;
    this.#state = FREE;
  }

  /** The reader, or the page, has scrolled. */
  scrolled(up: boolean, position: EndFacts): void {
    if (this.#state.name === 'gliding') return;
    if (this.#state.name === 'locked' || (this.pinned && position.leftEnd)) this.#state = FREE;
    if (this.#followsEnd && !up && position.atEnd) this.#state = PINNED;
  }

  /** The items have changed, to `count` of them. Where none is left of the old ones, the end is followed again. */
  change(change: ListChange, count: number): void {
    if ('target' in this.#state) {
      const { target } = this.#state;
      const index = indexAfter(change, target.index);
      this.#state = index < 0 ? FREE : { ...this.#state, target: { ...target, index } };
    }
    const allNew = change.sources.length === count && change.sources.every((source) => source < 0);
    if (allNew && this.#followsEnd) this.#state = PINNED;
  }
}
