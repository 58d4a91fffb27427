import { html } from 'lit';
import type { AiVirtualListElement } from '../../../src/list.js';
import '../../../src/list.js';

/** An item of the tests: `lines` lines of 20.25 px, and 12.5 px of padding. */
export interface Item {
  readonly id: string;
  readonly lines: number;
}

export type List = AiVirtualListElement<Item>;

/** A copy of the items with some taken out, and others put in their place. */
export function spliced(items: readonly Item[], start: number, count: number, ...added: Item[]): Item[] {
  const copy = [...items];
  copy.splice(start, count, ...added);
  return copy;
}

export const VIEW_HEIGHT = 600;

/** Items of 1 to 9 lines, the same in each run. */
export function createItems(count: number, name = 'item'): Item[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${name}-${index}`,
    lines: 1 + ((index * 7919) % 9),
  }));
}

const STYLE = `
  .frame { width: 480px; height: ${VIEW_HEIGHT}px; font: 14px/20.25px sans-serif; }
  .row { padding: 6.25px 8px; }
  .line { min-height: 20.25px; }
`;

const mounted: HTMLElement[] = [];
const errors: string[] = [];
window.addEventListener('error', (event) => errors.push(event.message));
for (const level of ['warn', 'error'] as const) {
  const { [level]: print } = console;
  console[level] = (...values: unknown[]) => {
    const text = values.join(' ');
    if (!text.startsWith('Lit is in dev mode')) errors.push(`console.${level}: ${text}`);
    print(...values);
  };
}

/** What the page was told so far by `window.onerror`, "ResizeObserver loop" among it, and by warnings in its console. */
export function takeErrors(): string[] {
  return errors.splice(0);
}

export function renderLines(item: Item) {
  return html`<div class="row" data-id=${item.id}>
    ${Array.from({ length: item.lines }, (_, line) => html`<div class="line">${item.id} line ${line}</div>`)}
  </div>`;
}

/** A list in a frame of 480 x 600 px, after its first paint. */
export async function mountList(properties: Partial<List> = {}, parent = document.body): Promise<List> {
  const frame = document.createElement('div');
  frame.className = 'frame';
  const style = document.createElement('style');
  style.textContent = STYLE;
  frame.append(style);
  parent.append(frame);
  mounted.push(frame);
  const list = document.createElement('ai-virtual-list') as List;
  list.renderItem = renderLines;
  Object.assign(list, properties);
  frame.append(list);
  await painted(2);
  return list;
}

export function removeLists(): void {
  for (const frame of mounted.splice(0)) frame.remove();
}

const channel = new MessageChannel();
channel.port1.start();

/** Waits until the page has gone on to a task of its own. */
export async function nextTask(): Promise<void> {
  await new Promise<void>((resolve) => {
    channel.port1.addEventListener('message', () => resolve(), { once: true });
    channel.port2.postMessage(null);
  });
}

/** Waits until so many frames were painted. Rects read then are what was on screen. */
export async function painted(frames = 1): Promise<void> {
  for (let frame = 0; frame < frames; frame += 1) {
    await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    await nextTask();
  }
}

/** Waits for a condition, a frame at a time. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let frame = 0; frame < 600; frame += 1) {
    if (condition()) return;
    await painted();
  }
  throw new Error(`Never seen: ${what}`);
}

/** Where no event tells of the end of a scroll, the list waits for one: 150 ms, which is fewer frames than these. */
const STILL_FRAMES = 'onscrollend' in window ? 4 : 12;

/** Waits until the list has stood still for a few frames. */
export async function still(list: List): Promise<void> {
  let same = 0;
  let before = '';
  await until(() => {
    const now = rowsOf(list)
      .map((row) => `${row.getAttribute('aria-posinset')}:${row.getBoundingClientRect().top.toFixed(2)}`)
      .join();
    same = now === before ? same + 1 : 0;
    before = now;
    return same >= STILL_FRAMES;
  }, 'a list that stands still');
}

/** Waits until a scroll that has begun is over, for the browser and for the list. */
export async function scrollEnd(list: List): Promise<void> {
  if ('onscrollend' in list) {
    await new Promise((resolve) => list.addEventListener('scrollend', resolve, { once: true }));
  }
  await still(list);
}

/** An event of a finger at this place, or of none, made by hand: not every engine lets a page make touches. */
export function touchEvent(type: string, clientY?: number): Event {
  const touches = clientY === undefined ? [] : [{ identifier: 1, clientY }];
  return Object.assign(new Event(type, { bubbles: true, composed: true }), { touches });
}

/** Scrolls up until there is nothing above, as a reader does. */
export async function scrollToStart(list: List, step = 300): Promise<void> {
  await until(() => {
    const done = list.range.first === 0 && list.scrollTop === 0;
    list.scrollTop -= step;
    return done;
  }, 'the start');
  await still(list);
}

export function rowsOf(list: List): HTMLElement[] {
  return [...list.children] as HTMLElement[];
}

export function rowAt(list: List, index: number): HTMLElement | undefined {
  return rowsOf(list).find((row) => row.getAttribute('aria-posinset') === String(index + 1));
}

export function rowOf(list: List, id: string): HTMLElement | undefined {
  return list.querySelector(`[data-id="${id}"]`)?.parentElement ?? undefined;
}

/** Px below the upper edge of the list. */
export function topIn(list: List, element: Element | undefined): number {
  if (!element) return Number.NaN;
  return element.getBoundingClientRect().top - list.getBoundingClientRect().top;
}

/** Px below the lower edge of the list; 0 is exactly at the end. */
export function pastEnd(list: List, element: Element | undefined = rowsOf(list).at(-1)): number {
  if (!element) return Number.NaN;
  return element.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
}

/** The rows of which the reader sees something, in order. */
export function visibleRows(list: List): HTMLElement[] {
  return rowsOf(list).filter((row) => pastEnd(list, row) > 1 - heightOf(list) && startsInView(list, row));
}

/** Px of the viewport: 600 of the list's own, unless it is scaled or was made otherwise. */
function heightOf(list: List): number {
  return list.getBoundingClientRect().height;
}

function startsInView(list: List, row: HTMLElement): boolean {
  return topIn(list, row) < heightOf(list) - 1;
}

/** Scrolls as a reader does: many events, a frame apart. */
export async function scrollInSteps(list: List, distance: number, step = 90): Promise<void> {
  const sign = Math.sign(distance);
  for (let rest = Math.abs(distance); rest > 0; rest -= step) {
    list.scrollTop += sign * Math.min(step, rest);
    await painted();
  }
  await still(list);
}

/** Problems of what is on screen now: gaps and overlaps, rows out of order, parts of the view without a row. */
export function problemsOf(list: List): string[] {
  const problems: string[] = [];
  const rows = rowsOf(list);
  const indexes = rows.map((row) => Number(row.getAttribute('aria-posinset')) - 1);
  for (let row = 1; row < rows.length; row += 1) {
    if (indexes[row]! <= indexes[row - 1]!) problems.push(`row ${indexes[row]} is after ${indexes[row - 1]}`);
  }
  const visible = visibleRows(list);
  // The unit of layout; and millions of px away, rects are to the nearest float.
  const unit = 1 / 64 + list.scrollTop * 2 ** -23;
  for (let row = 1; row < visible.length; row += 1) {
    const [before, after] = [visible[row - 1]!, visible[row]!].map((element) => rows.indexOf(element));
    if (indexes[after!] !== indexes[before!]! + 1) problems.push(`no row after ${indexes[before!]}`);
    const gap = visible[row]!.getBoundingClientRect().top - visible[row - 1]!.getBoundingClientRect().bottom;
    if (Math.abs(gap) > unit) problems.push(`a gap of ${gap} px`);
  }
  const first = visible[0];
  const last = visible.at(-1);
  const count = list.source?.count ?? list.items.length;
  if (count > 0) {
    if (!first || (topIn(list, first) > 1 && first !== rowAt(list, 0))) problems.push('no row at the top');
    const end = count - 1;
    if (!last || (pastEnd(list, last) < -1 && last !== rowAt(list, end)))
      problems.push('no row at the bottom');
  }
  for (const row of rows) {
    if (row.getAttribute('aria-setsize') !== String(count)) problems.push('a wrong aria-setsize');
  }
  return problems;
}

export interface Told {
  readonly type: string;
  readonly detail: unknown;
}

/** Everything the list tells from now on. */
export function listen(list: List): Told[] {
  const told: Told[] = [];
  for (const type of ['range_change', 'reach_start', 'reach_end', 'pin_change']) {
    list.addEventListener(type, (event) => told.push({ type, detail: (event as CustomEvent).detail }));
  }
  return told;
}
