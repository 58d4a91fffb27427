import { html, LitElement, type PropertyValues, render, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import {
  createPagedItems,
  FAILED,
  type IndexRange,
  type ItemPosition,
  type ItemSource,
  type PagedItems,
  PENDING,
} from '../../core/index.js';
import { oneOf } from '../shared/attributes.js';
import {
  LoadErrorEvent,
  PinChangeEvent,
  RangeChangeEvent,
  ReachEndEvent,
  ReachStartEvent,
  type ListEventMap,
  type ListRange,
} from '../shared/events/list-events.js';
import { warnOnce } from '../shared/warn-once.js';
import { listStyles } from './ai-virtual-list.styles.js';
import { createPlaceholder } from './placeholder.js';
import { RowKeeper } from './row-keeper.js';
import { RowRenderer } from './row-renderer.js';
import { ScrollDriver } from './scroll-driver.js';
import type { ScrollAlign } from './scroll-position.js';
import { TabGuide } from './tab-guide.js';
import { Viewport } from './viewport.js';

/** Where a list stands when its items grow. */
export type ListPin = 'start' | 'end';

/** How `scrollToIndex` goes where. */
export interface ScrollToIndexOptions {
  /** Which part of the view the item goes to. Default `start`. */
  readonly align?: ScrollAlign;
  /** `smooth` scrolls visibly, unless the reader prefers reduced motion. Default `auto`: at once. */
  readonly behavior?: ScrollBehavior;
  /** CSS px that the item is put below that place. Default 0. */
  readonly offset?: number;
  /**
   * Whether it gets there even where too little comes after it: the list is made longer by what is missing. Default
   * false.
   */
  readonly room?: boolean;
}

function defaultKey(item: unknown, index: number): unknown {
  const id: unknown = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
  return id ?? index;
}

/**
 * A list of any length that has only the rows in view in the document. It keeps the reader in place whatever
 * happens to the rows above, and with `pin="end"` it follows its end until the reader scrolls away.
 *
 * The list is the scroller and needs a height: its own, or that of its parent, which it fills. Rows are children of
 * the list, in the same document or shadow tree, so the page's stylesheet reaches them (`ai-virtual-list > *`).
 * Space them by padding, not margin.
 *
 * A list is a `list` of `listitem`s for assistive technology. With `role="feed"` or `role="log"` its rows are
 * `article`s. `aria-setsize` and `aria-posinset` count all items. The row with the focus stays mounted, and so do the
 * rows of a selection; the Tab key leads on to rows that are not mounted yet.
 *
 * @element ai-virtual-list
 * @fires {RangeChangeEvent} range_change - Other items are mounted than before. `detail`: `{first, last}`.
 * @fires {ReachStartEvent} reach_start - Less than one view is left before the first item: time to load earlier ones.
 * @fires {ReachEndEvent} reach_end - Less than one view is left behind the last item: time to load later ones.
 * @fires {PinChangeEvent} pin_change - The list began to follow its end, or the reader left it. `detail`: `{pinned}`.
 * @fires {LoadErrorEvent} load_error - The source could not give some items. `detail`: `{start, end, error}`.
 * @slot - Where the list puts its rows. Not for the page's own elements.
 * @csspart spacer - The two boxes that stand for the rows not mounted, before and behind those that are.
 */
export class AiVirtualListElement<Item = unknown> extends LitElement {
  static override styles = listStyles;

  /** The data. Set another array to change it; what has the same key keeps its row, and the reader their place. */
  @property({ attribute: false }) items: readonly Item[] = [];

  /** A key that stays with its item: compared with `Object.is`, and unique. Default: `item.id`, or else the index. */
  @property({ attribute: false }) keyOf: (item: Item, index: number) => unknown = defaultKey;

  /**
   * What a row shows: a Lit template, a `Node`, or text. Called again when the item is another; and when its index is,
   * unless the function has no parameter for it (one with a default is none).
   */
  @property({ attribute: false }) renderItem: (item: Item, index: number) => unknown = String;

  /** The height of an item not yet seen, in CSS px. Default: the average of those seen; at first, 64. */
  @property({ attribute: false }) estimateSize: ((item: Item, index: number) => number) | undefined =
    undefined;

  /**
   * Instead of `items`: gives them when they come into view. Placeholders stand in their place until then, and where
   * `load` failed, with a button. Only what is in view and some pages around are kept. Set another object with the
   * same `load`, one of its own, when `count` is another.
   */
  @property({ attribute: false }) source: ItemSource<Item> | undefined = undefined;

  /** What an item says, for a selection that is copied with rows which are not mounted. Default: the text of its row. */
  @property({ attribute: false }) textOf: ((item: Item, index: number) => string) | undefined = undefined;

  /** `off`: all rows are mounted, whatever their number. Anything else is `on`, the default. */
  @property() windowing: 'on' | 'off' = 'on';

  /** Of the button in place of an item that could not be loaded. */
  @property({ attribute: 'retry-label' }) retryLabel = 'Try again';

  readonly #rows = new RowRenderer(this);
  readonly #keeper = new RowKeeper(this, this.#rows);
  #paged: PagedItems | undefined;
  readonly #viewport = new Viewport(this, this.#rows, {
    estimate: (index) => this.#estimate(index),
    rowListener: {
      added: (row) => this.#driver.observe(row),
      dropped: (row) => this.#driver.unobserve(row),
    },
    keeper: this.#keeper,
    report: {
      rangeChanged: (range) => {
        this.#guide.update();
        this.#paged?.use(range);
        this.dispatchEvent(new RangeChangeEvent(inclusive(range)));
      },
      startReached: () => this.dispatchEvent(new ReachStartEvent()),
      endReached: () => this.dispatchEvent(new ReachEndEvent()),
      // For the chat alone, so it goes no further than to the list's own listeners.
      endShown: () => this.dispatchEvent(new Event('end_shown')),
      pinChanged: (pinned) => this.dispatchEvent(new PinChangeEvent(pinned)),
    },
  });
  readonly #guide = new TabGuide({
    host: this,
    rows: this.#rows,
    show: (index, step) =>
      this.#viewport.scrollTo({ index, align: step === 1 ? 'start' : 'end', offset: 0 }, false),
  });
  readonly #driver = new ScrollDriver(this, {
    rows: this.#rows,
    viewport: this.#viewport,
    keeper: this.#keeper,
    guide: this.#guide,
    textOf: (index) => this.#textAt(index),
  });
  #pin: ListPin = 'start';

  /** `end`: stick to the end until the reader scrolls away. Anything else is `start`, the default. */
  @property()
  get pin(): ListPin {
    return this.#pin;
  }

  set pin(value: ListPin | null) {
    if (value !== null && value !== 'start' && value !== 'end') {
      warnOnce('unknown-pin', `pin="${String(value)}" is taken as "start". Set "start" or "end".`);
    }
    this.#pin = value === 'end' ? 'end' : 'start';
  }

  /** The mounted items: indexes of the first and the last one. In an empty list `first` is 0 and `last` is -1. */
  get range(): ListRange {
    return inclusive(this.#rows.range);
  }

  /** Whether the list stands at its end, within a pixel. */
  get atEnd(): boolean {
    return this.#viewport.atEnd;
  }

  /**
   * Brings an item into view and keeps it in its place until the reader scrolls, whatever size the rows around it
   * turn out to have. An index outside the list means the nearest one in it.
   */
  scrollToIndex(
    index: number,
    { align = 'start', behavior = 'auto', offset = 0, room = false }: ScrollToIndexOptions = {},
  ): void {
    this.#flush();
    const smooth = behavior === 'smooth' && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#viewport.scrollTo({ index, align, offset, room }, smooth);
  }

  /** Whether the list follows its end. */
  get following(): boolean {
    return this.#viewport.following;
  }

  /** Whether the end of the last item is in view, or above it; the event `end_shown` tells of a change. */
  get endShown(): boolean {
    return this.#viewport.endShown;
  }

  /** Where the reader is: the first item in view, and its upper edge in CSS px below that of the view. */
  get place(): ItemPosition | undefined {
    return this.#viewport.place;
  }

  /** Goes to the end; with `pin="end"` the list follows it again. */
  scrollToEnd(): void {
    this.#flush();
    this.#viewport.scrollToEnd();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // As an attribute, not by internals: checkers that read the DOM would report every row as one without a list.
    if (!this.hasAttribute('role')) this.setAttribute('role', 'list');
    // A scroller must be reachable by keyboard; not every engine makes it so.
    if (!this.hasAttribute('tabindex')) this.tabIndex = 0;
    if (this.hasUpdated) this.#connect();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // An element that is moved is connected again before this runs.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#driver.disconnect();
      this.#paged?.stop();
    });
  }

  protected override render(): TemplateResult {
    return html`<div class="guide" tabindex="0" hidden></div>
      <div part="spacer"></div>
      <slot></slot>
      <div part="spacer"></div>
      <div class="guide" tabindex="0" hidden></div>
      <div class="strut"></div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('pin')) this.#viewport.setFollowsEnd(this.pin === 'end');
    if (changed.has('windowing')) {
      this.#viewport.setWhole(oneOf('windowing', this.windowing, ['on', 'off']) === 'off');
    }
    const names = ['items', 'keyOf', 'renderItem', 'source'] as const;
    if (names.some((name) => changed.has(name))) this.#updateRows(changed.get('source'));
  }

  protected override firstUpdated(): void {
    if (this.isConnected) this.#connect();
  }

  #connect(): void {
    const [before, after] = this.renderRoot.querySelectorAll<HTMLElement>('[part=spacer]');
    const [guideBefore, guideAfter] = this.renderRoot.querySelectorAll<HTMLElement>('.guide');
    const strut = this.renderRoot.querySelector<HTMLElement>('.strut');
    if (!before || !after || !strut || !guideBefore || !guideAfter) return;
    this.#driver.connect({ before, after, strut }, { before: guideBefore, after: guideAfter });
    this.#paged?.use(this.#rows.range);
  }

  #updateRows(previous: ItemSource<Item> | undefined): void {
    const { items, keyOf, renderItem, source } = this;
    if (!source) {
      this.#paged?.stop();
      this.#paged = undefined;
      this.#viewport.update({
        items,
        keyOf: keyOf as (item: unknown, index: number) => unknown,
        renderItem: renderItem as (item: unknown, index: number) => unknown,
      });
      return;
    }
    if (this.#paged && previous && givesSameItems(previous, source)) this.#paged.resize(source);
    else if (!this.#paged || previous) {
      this.#paged?.stop();
      this.#paged = createPagedItems(source, {
        changed: () => this.#viewport.refreshItems(),
        failed: (range, error) => this.dispatchEvent(new LoadErrorEvent(range, error)),
      });
    }
    this.#viewport.update({
      items: this.#paged,
      renderItem: (item, index) => this.#renderLoaded(item, index),
    });
    this.#paged.use(this.#rows.range);
  }

  #renderLoaded(item: unknown, index: number): unknown {
    if (item !== PENDING && item !== FAILED) return this.renderItem(item as Item, index);
    const load = (): void => {
      // The button goes; what it is replaced by may have nothing to focus.
      this.focus({ preventScroll: true });
      this.#paged?.retry();
    };
    const retry = { label: this.retryLabel, load };
    return createPlaceholder(this.#viewport.sizeOf(index), item === FAILED ? retry : undefined);
  }

  #textAt(index: number): string {
    const item = this.#rows.itemAt(index);
    if (item === PENDING || item === FAILED) return '';
    if (this.textOf) return this.textOf(item as Item, index);
    const row = document.createElement('div');
    render(this.#rows.contentOf(index), row);
    return row.textContent.trim();
  }

  /** What was set a moment ago counts for a method called now. */
  #flush(): void {
    if (this.isUpdatePending && this.isConnected) this.performUpdate();
  }

  #estimate(index: number): number | undefined {
    const item = this.#rows.itemAt(index);
    if (item === PENDING || item === FAILED) return undefined;
    return this.estimateSize?.(item as Item, index);
  }
}

/** A method that two objects have from their class says nothing of what each of them gives. */
function givesSameItems(one: ItemSource, other: ItemSource): boolean {
  return Object.hasOwn(one, 'load') && Object.hasOwn(other, 'load') && one.load === other.load;
}

function inclusive({ first, last }: IndexRange): ListRange {
  return { first, last: last - 1 };
}

declare global {
  interface HTMLElementTagNameMap {
    'ai-virtual-list': AiVirtualListElement;
  }
  // eslint-disable-next-line typescript/no-empty-object-type -- merged into the DOM's own map
  interface HTMLElementEventMap extends ListEventMap {}
}
