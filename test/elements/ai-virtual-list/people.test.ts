import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { html } from 'lit';
import {
  createItems,
  mountList,
  painted,
  problemsOf,
  removeLists,
  renderLines,
  rowAt,
  rowOf,
  rowsOf,
  scrollInSteps,
  still,
  takeErrors,
  topIn,
  until,
  VIEW_HEIGHT,
  type Item,
  type List,
} from './support.js';

/** Every tenth row has a button. */
const renderWithButton = (item: Item, index: number) =>
  html`<div class="row" data-id=${item.id}>
    ${Array.from({ length: item.lines }, (_, line) => html`<div class="line">${item.id} line ${line}</div>`)}
    ${index % 10 === 0 ? html`<button>${item.id}</button>` : ''}
  </div>`;

const ordered = (list: List) => {
  const indexes = rowsOf(list).map((row) => Number(row.getAttribute('aria-posinset')));
  return indexes.every((index, place) => place === 0 || index > indexes[place - 1]!);
};

/** What the browser does with a selection whose focus is in this node. */
function copyFrom(target: Element): ClipboardEvent {
  const event = new ClipboardEvent('copy', {
    clipboardData: new DataTransfer(),
    bubbles: true,
    composed: true,
    cancelable: true,
  });
  target.dispatchEvent(event);
  return event;
}

describe('<ai-virtual-list> for people', () => {
  let list: List;

  beforeEach(async () => {
    list = await mountList({ items: createItems(1000), renderItem: renderWithButton });
    await still(list);
  });

  afterEach(() => {
    getSelection()!.removeAllRanges();
    removeLists();
    expect(takeErrors()).to.deep.equal([]);
  });

  it('keeps the row with the focus, and leads on from it', async () => {
    const button = rowOf(list, 'item-10')!.querySelector('button')!;
    button.focus();
    await painted();
    list.scrollTop += 100 * VIEW_HEIGHT;
    await still(list);
    expect(list.range.first).to.be.above(300);
    expect(document.activeElement).to.equal(button);
    expect(ordered(list)).to.equal(true);
    await sendKeys({ press: 'Tab' });
    await until(() => document.activeElement?.textContent === 'item-20', 'the next button');
    expect(topIn(list, document.activeElement!)).to.be.within(0, VIEW_HEIGHT);
  });

  it('takes the row with the focus back into its place', async () => {
    const button = rowOf(list, 'item-10')!.querySelector('button')!;
    button.focus();
    list.scrollTop += 50 * VIEW_HEIGHT;
    await still(list);
    list.scrollToIndex(10);
    await still(list);
    expect(document.activeElement).to.equal(button);
    expect(topIn(list, button.closest<HTMLElement>('[role=listitem]')!)).to.be.within(-1, 1);
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('brings the focused row into view when the browser scrolls to it', async () => {
    const button = rowOf(list, 'item-10')!.querySelector('button')!;
    button.focus();
    list.scrollTop += 50 * VIEW_HEIGHT;
    await still(list);
    button.scrollIntoView();
    await still(list);
    expect(list.range.first).to.be.below(11);
    expect(topIn(list, button)).to.be.within(-10, VIEW_HEIGHT);
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('lets the row go when the focus has gone', async () => {
    rowOf(list, 'item-10')!.querySelector('button')!.focus();
    list.scrollTop += 50 * VIEW_HEIGHT;
    await still(list);
    (document.activeElement as HTMLElement).blur();
    await scrollInSteps(list, 3 * VIEW_HEIGHT, VIEW_HEIGHT);
    expect(rowOf(list, 'item-10')).to.equal(undefined);
  });

  it('leads the Tab key through rows that are not mounted yet, to either side', async () => {
    list.focus();
    const visited: (string | null)[] = [];
    for (let step = 0; step < 6; step += 1) {
      await sendKeys({ press: 'Tab' });
      await until(
        () =>
          document.activeElement?.localName === 'button' &&
          document.activeElement.textContent !== visited.at(-1),
        `button ${step}`,
      );
      visited.push(document.activeElement!.textContent);
    }
    expect(visited).to.deep.equal(['item-0', 'item-10', 'item-20', 'item-30', 'item-40', 'item-50']);
    await sendKeys({ down: 'Shift' });
    await sendKeys({ press: 'Tab' });
    await sendKeys({ up: 'Shift' });
    await until(() => document.activeElement?.textContent === 'item-40', 'the button before');
  });

  it('moves nothing when the Tab key passes it by', async () => {
    list.renderItem = renderLines;
    list.scrollToIndex(500);
    await still(list);
    const outside = document.createElement('button');
    list.before(outside);
    // With nothing behind it the focus would leave the page.
    list.after(document.createElement('button'));
    outside.focus();
    const { scrollTop } = list;
    const stops: (Element | null)[] = [];
    for (let step = 0; step < 2; step += 1) {
      await sendKeys({ press: 'Tab' });
      await painted(2);
      stops.push(list.contains(document.activeElement) ? list.shadowRoot!.activeElement : document.body);
      expect(list.scrollTop).to.equal(scrollTop);
    }
    expect(stops).to.deep.equal([null, document.body]);
  });

  it('moves nothing when a guide gets the focus', async () => {
    list.renderItem = (item) => html`<button data-id=${item.id}>${item.id}</button>`;
    list.scrollToIndex(500);
    await still(list);
    const guides = list.shadowRoot!.querySelectorAll<HTMLElement>('.guide');
    for (const guide of guides) {
      list.querySelector<HTMLElement>('[data-id=item-505]')!.focus();
      const { scrollTop } = list;
      expect(guide.hidden).to.equal(false);
      guide.focus();
      expect(['item-504', 'item-506']).to.include(document.activeElement!.textContent);
      expect(list.scrollTop).to.equal(scrollTop);
    }
    (document.activeElement as HTMLElement).blur();
    for (const guide of guides) expect(guide.hidden).to.equal(true);
  });

  it('keeps the focus when the row that has it is taken away', async () => {
    rowOf(list, 'item-10')!.querySelector('button')!.focus();
    list.items = [];
    await painted();
    expect(document.activeElement).to.equal(list);
  });

  it('keeps the rows of a selection, in order, and copies the whole of it', async () => {
    const first = rowOf(list, 'item-3')!.querySelectorAll('.line')[0]!.firstChild!;
    getSelection()!.setBaseAndExtent(first, 0, first, 4);
    for (let step = 0; step < 20; step += 1) {
      list.scrollTop += VIEW_HEIGHT;
      await painted();
      getSelection()!.extend(rowsOf(list).at(-1)!, 1);
    }
    await still(list);
    const indexes = rowsOf(list).map((row) => Number(row.getAttribute('aria-posinset')) - 1);
    const count = indexes.at(-1)! - 3;
    expect(count).to.be.above(40);
    expect(indexes.slice(0, count)).to.deep.equal(Array.from({ length: count }, (_, place) => place + 3));
    const text = getSelection()!.toString();
    for (let index = 3; index < indexes.at(-1)!; index += 1) expect(text).to.contain(`item-${index} line 0`);
  });

  it('copies the rows that a selection spans and that are not mounted', async () => {
    const start = rowOf(list, 'item-3')!.querySelector('.line')!.firstChild!;
    getSelection()!.setBaseAndExtent(start, 0, start, 4);
    list.scrollToIndex(600);
    await still(list);
    getSelection()!.extend(rowAt(list, 600)!, 1);
    const event = copyFrom(rowAt(list, 600)!);
    expect(event.defaultPrevented).to.equal(true);
    const rows = event.clipboardData!.getData('text/plain').split('\n\n');
    expect(rows.map((text) => /item-\d+/.exec(text)?.[0])).to.deep.equal(
      Array.from({ length: 598 }, (_, place) => `item-${place + 3}`),
    );
  });

  it('leaves a selection of mounted rows to the browser', () => {
    getSelection()!.selectAllChildren(rowOf(list, 'item-1')!);
    expect(copyFrom(rowOf(list, 'item-1')!).defaultPrevented).to.equal(false);
  });

  it('leaves a selection that goes beyond the list to the browser', async () => {
    const behind = document.createElement('p');
    behind.textContent = 'Behind the list.';
    list.after(behind);
    const start = rowOf(list, 'item-3')!.querySelector('.line')!.firstChild!;
    getSelection()!.setBaseAndExtent(start, 0, behind.firstChild!, 6);
    list.scrollToIndex(600);
    await still(list);
    expect(copyFrom(behind).defaultPrevented).to.equal(false);
  });

  for (const index of [0, 500]) {
    it(`is selected whole, and nothing else, by the keys that select everything, at row ${index}`, async () => {
      list.scrollToIndex(index);
      await still(list);
      list.focus();
      await sendKeys({ down: 'Control' });
      await sendKeys({ press: 'a' });
      await sendKeys({ up: 'Control' });
      const event = copyFrom(list.parentElement!);
      const rows = event.clipboardData!.getData('text/plain').split('\n\n');
      expect(rows.map((text) => /item-\d+/.exec(text)?.[0])).to.deep.equal(list.items.map(({ id }) => id));
    });
  }

  it('mounts all rows of a short list after a while, and of any list with windowing="off"', async () => {
    list.items = createItems(50, 'short');
    await until(() => rowsOf(list).length === 50, 'fifty rows');
    expect(problemsOf(list)).to.deep.equal([]);
    list.items = createItems(1000, 'long');
    await until(() => rowsOf(list).length < 100, 'a window');
    list.windowing = 'off';
    await until(() => rowsOf(list).length === 1000, 'a thousand rows');
    list.windowing = 'on';
    await until(() => rowsOf(list).length < 100, 'a window again');
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('mounts what is to be printed, and takes it away again', async () => {
    list.items = createItems(200, 'printed');
    await painted(2);
    window.dispatchEvent(new Event('beforeprint'));
    expect(rowsOf(list).length).to.equal(200);
    expect(ordered(list)).to.equal(true);
    window.dispatchEvent(new Event('afterprint'));
    await until(() => rowsOf(list).length < 100, 'a window');
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('leaves the keys that scroll, and the wheel, to the browser', () => {
    const options = { bubbles: true, composed: true, cancelable: true };
    const gestures = [
      ...['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', ' '].map(
        (key) => new KeyboardEvent('keydown', { ...options, key }),
      ),
      new KeyboardEvent('keydown', { ...options, key: ' ', shiftKey: true }),
      new WheelEvent('wheel', { ...options, deltaY: 100 }),
      new WheelEvent('wheel', { ...options, deltaY: -100 }),
      new PointerEvent('pointerdown', options),
    ];
    for (const target of [list, rowOf(list, 'item-10')!.querySelector('button')!]) {
      for (const gesture of gestures) {
        expect(target.dispatchEvent(gesture), gesture.type).to.equal(true);
      }
    }
  });

  it('has rows in their order, with their places, and no live region', async () => {
    await scrollInSteps(list, 900, 300);
    expect(ordered(list)).to.equal(true);
    expect(list.querySelector('[aria-live]:not([aria-live=off])')).to.equal(null);
  });
});
