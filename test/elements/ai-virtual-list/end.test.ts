import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import {
  createItems,
  listen,
  mountList,
  nextTask,
  painted,
  pastEnd,
  problemsOf,
  removeLists,
  rowsOf,
  scrollInSteps,
  spliced,
  still,
  takeErrors,
  topIn,
  touchEvent,
  until,
  VIEW_HEIGHT,
  visibleRows,
  type Item,
  type List,
} from './support.js';

/** One more line in the last item, as an answer that is being written. */
function grow(list: List): void {
  const last = list.items.at(-1) as Item;
  list.items = spliced(list.items, -1, 1, { ...last, lines: last.lines + 1 });
}

/** What a turn of the wheel comes to: the event, and then the scroll. */
function wheel(list: List, deltaY: number): void {
  list.dispatchEvent(new WheelEvent('wheel', { deltaY, bubbles: true, composed: true }));
  list.scrollTop += deltaY;
}

describe('<ai-virtual-list pin="end">', () => {
  let list: List;

  beforeEach(async () => {
    list = await mountList({ items: createItems(1000), pin: 'end' });
    await still(list);
  });

  afterEach(() => {
    removeLists();
    expect(takeErrors()).to.deep.equal([]);
  });

  it('is at its end in every frame while the last row grows', async () => {
    const told = listen(list);
    for (let frame = 0; frame < 100; frame += 1) {
      grow(list);
      await painted();
      expect(Math.abs(pastEnd(list)), `frame ${frame}`).to.be.below(1);
      expect(problemsOf(list)).to.deep.equal([]);
    }
    expect(list.atEnd).to.equal(true);
    expect(told.some(({ type }) => type === 'pin_change')).to.equal(false);
  });

  it('is at its end in every frame when rows grow by themselves, and shrink', async () => {
    const block = document.createElement('div');
    visibleRows(list).at(-1)!.append(block);
    for (const height of [1, 700, 2000, 300, 0, 90, 1500, 0]) {
      block.style.height = `${height}px`;
      await painted();
      expect(Math.abs(pastEnd(list)), `${height} px`).to.be.below(1);
      expect(problemsOf(list)).to.deep.equal([]);
    }
  });

  it('follows its end through content that shrinks, is laid out, and grows again before the list is told', async () => {
    const told = listen(list);
    const block = document.createElement('div');
    block.style.height = '300px';
    visibleRows(list).at(-1)!.append(block);
    await painted();
    for (const height of [300, 299, 310, 200, 900, 900]) {
      block.style.height = '1px';
      expect(block.offsetHeight).to.equal(1);
      // A task of its own: what scrolled meanwhile is told at the next frame.
      await nextTask();
      block.style.height = `${height}px`;
      await painted(2);
      expect(Math.abs(pastEnd(list)), `${height} px`).to.be.below(1);
    }
    expect(told.some(({ type }) => type === 'pin_change')).to.equal(false);
  });

  it('is as long as its content when the reader has left the end and rows shrink', async () => {
    const block = document.createElement('div');
    block.style.height = '500px';
    visibleRows(list).at(-1)!.append(block);
    await painted();
    await scrollInSteps(list, -60, 60);
    block.remove();
    await painted(2);
    expect(pastEnd(list)).to.be.within(-1, 1);
    expect(list.atEnd).to.equal(true);
  });

  it('is at its end in every frame when the view gets another height or width', async () => {
    const frame = list.parentElement!;
    for (const [property, value] of [
      ['height', '400px'],
      ['height', '560px'],
      ['width', '200px'],
      ['height', '300px'],
      ['width', '480px'],
    ] as const) {
      frame.style[property] = value;
      await painted();
      expect(Math.abs(pastEnd(list)), `${property} ${value}`).to.be.below(1);
    }
  });

  it('follows items that are added, one and many', async () => {
    for (const count of [1, 3, 400]) {
      list.items = [...list.items, ...createItems(count, `added-${count}`)];
      await painted();
      expect(Math.abs(pastEnd(list)), `${count} more`).to.be.below(1);
      expect(problemsOf(list)).to.deep.equal([]);
    }
  });

  it('follows from the first item on, when the list did not fill its view', async () => {
    list.items = createItems(1, 'first');
    await painted();
    // There is nowhere to go, so it does not count as leaving.
    wheel(list, -100);
    expect(topIn(list, rowsOf(list)[0])).to.equal(0);
    for (let frame = 0; frame < 60; frame += 1) {
      grow(list);
      await painted();
    }
    expect(Math.abs(pastEnd(list))).to.be.below(1);
    expect(list.scrollTop).to.be.above(0);
  });

  it('leaves the end at the first turn of the wheel, and does not pull the reader back', async () => {
    const told = listen(list);
    wheel(list, -40);
    expect(told.filter(({ type }) => type === 'pin_change')).to.deep.equal([
      { type: 'pin_change', detail: { pinned: false } },
    ]);
    await painted();
    wheel(list, -40);
    await painted();
    const row = visibleRows(list)[0]!;
    const top = topIn(list, row);
    expect(pastEnd(list)).to.be.within(79, 81);
    for (let frame = 0; frame < 30; frame += 1) {
      grow(list);
      await painted();
      expect(topIn(list, row), `frame ${frame}`).to.be.within(top - 1, top + 1);
    }
    expect(list.atEnd).to.equal(false);
  });

  it('stays with a reader who is inside the growing row', async () => {
    list.items = spliced(list.items, -1, 1, { id: 'item-999', lines: 80 });
    await painted();
    await scrollInSteps(list, -300, 60);
    const line = rowsOf(list).at(-1)!.querySelectorAll('.line')[60]!;
    const top = topIn(list, line);
    expect(top).to.be.within(0, VIEW_HEIGHT);
    for (let frame = 0; frame < 30; frame += 1) {
      grow(list);
      await painted();
      expect(topIn(list, line), `frame ${frame}`).to.be.within(top - 1, top + 1);
    }
  });

  for (const distance of [1, 30, 120]) {
    it(`leaves the end when it is scrolled by ${distance} px without a gesture`, async () => {
      const told = listen(list);
      list.scrollTop -= distance;
      await painted();
      const pins = told.filter(({ type }) => type === 'pin_change');
      expect(pins).to.deep.equal([{ type: 'pin_change', detail: { pinned: false } }]);
      expect(pastEnd(list)).to.be.within(distance - 0.5, distance + 0.5);
    });

    it(`leaves the end when it is scrolled by ${distance} px while an answer grows`, async () => {
      list.scrollTop -= distance;
      const row = rowsOf(list).at(-1)!;
      const top = topIn(list, row);
      for (let frame = 0; frame < 10; frame += 1) {
        grow(list);
        await painted();
        expect(topIn(list, row), `frame ${frame}`).to.be.within(top - 1, top + 1);
      }
    });
  }

  it('stays where it is when it is told to follow no more while it is hidden', async () => {
    const frame = list.parentElement!;
    frame.style.display = 'none';
    await painted(2);
    list.pin = 'start';
    await painted();
    frame.style.display = '';
    await painted(2);
    expect(Math.abs(pastEnd(list))).to.be.below(1);
  });

  it('has no gap above the end after it was hidden before it could come to rest', async () => {
    const frame = list.parentElement!;
    for (let wait = 1; wait < 5; wait += 1) {
      list.items = [...list.items, ...createItems(1, `more-${wait}`)];
      await painted(wait);
      frame.style.display = 'none';
      await painted(2);
      frame.style.display = '';
      await painted(2);
      list.scrollTop -= 750;
      await painted(2);
      expect(problemsOf(list), `${wait} frames`).to.deep.equal([]);
      list.scrollToEnd();
      await painted();
    }
  });

  it('leaves the end for what the page brings into view', async () => {
    const told = listen(list);
    const row = rowsOf(list).find((element) => topIn(list, element) < -20)!;
    row.scrollIntoView({ block: 'start' });
    grow(list);
    await painted();
    expect(topIn(list, row)).to.be.within(-1, 1);
    expect(told.filter(({ type }) => type === 'pin_change')).to.have.length(1);
  });

  it('leaves the end at PageUp, and comes back with the End key', async () => {
    list.focus();
    const told = listen(list);
    const pins = () => told.filter(({ type }) => type === 'pin_change').map(({ detail }) => detail);
    await sendKeys({ press: 'PageUp' });
    await until(() => !list.atEnd, 'a page up');
    expect(pins()).to.deep.equal([{ pinned: false }]);
    await still(list);
    await sendKeys({ press: 'End' });
    await until(() => list.atEnd, 'the end');
    await painted();
    expect(pins()).to.deep.equal([{ pinned: false }, { pinned: true }]);
  });

  it('leaves the end at a finger that pulls down', () => {
    const told = listen(list);
    list.dispatchEvent(touchEvent('touchstart', 100));
    list.dispatchEvent(touchEvent('touchmove', 90));
    expect(told).to.have.length(0);
    list.dispatchEvent(touchEvent('touchmove', 95));
    expect(told).to.deep.equal([{ type: 'pin_change', detail: { pinned: false } }]);
  });

  it('leaves the wheel to a scroller inside a row, as long as that has somewhere to go', async () => {
    const inner = document.createElement('div');
    inner.style.cssText = 'height: 60px; overflow: auto';
    inner.append(Object.assign(document.createElement('div'), { style: 'height: 300px' }));
    visibleRows(list).at(-1)!.append(inner);
    await painted();
    const told = listen(list);
    const turn = () =>
      inner.dispatchEvent(new WheelEvent('wheel', { deltaY: -10, bubbles: true, composed: true }));
    inner.scrollTop = 50;
    turn();
    expect(told).to.have.length(0);
    inner.scrollTop = 0;
    turn();
    expect(told).to.have.length(1);
  });

  it('leaves keys to a field the reader types in', async () => {
    const field = document.createElement('textarea');
    visibleRows(list).at(-1)!.append(field);
    field.focus();
    await painted();
    const told = listen(list);
    await sendKeys({ press: 'ArrowUp' });
    await sendKeys({ press: 'Home' });
    expect(told.filter(({ type }) => type === 'pin_change')).to.have.length(0);
  });

  it('follows again only when the reader has scrolled to the very end', async () => {
    const told = listen(list);
    const pins = () => told.filter(({ type }) => type === 'pin_change').map(({ detail }) => detail);
    await scrollInSteps(list, -200, 50);
    list.scrollTop += 197;
    await still(list);
    expect(pastEnd(list)).to.be.within(2, 4);
    grow(list);
    await painted();
    expect(pastEnd(list)).to.be.above(20);
    expect(pins()).to.deep.equal([{ pinned: false }]);
    await scrollInSteps(list, 40, 40);
    expect(pins()).to.deep.equal([{ pinned: false }, { pinned: true }]);
    grow(list);
    await painted();
    expect(Math.abs(pastEnd(list))).to.be.below(1);
  });

  it('follows again after scrollToEnd()', async () => {
    list.scrollToIndex(10);
    await still(list);
    const told = listen(list);
    list.scrollToEnd();
    expect(Math.abs(pastEnd(list))).to.be.below(1);
    expect(told.filter(({ type }) => type === 'pin_change')).to.deep.equal([
      { type: 'pin_change', detail: { pinned: true } },
    ]);
    grow(list);
    await painted();
    expect(Math.abs(pastEnd(list))).to.be.below(1);
  });

  it('tells nothing when the page turns following on and off', async () => {
    list.scrollToIndex(500);
    await still(list);
    const told = listen(list);
    list.pin = 'start';
    await painted();
    list.pin = 'end';
    await painted();
    expect(Math.abs(pastEnd(list))).to.be.below(1);
    expect(told.filter(({ type }) => type === 'pin_change')).to.have.length(0);
  });

  it('does not follow with pin="start"', async () => {
    list.pin = 'start';
    await painted();
    list.scrollToEnd();
    await still(list);
    await scrollInSteps(list, -50, 50);
    await scrollInSteps(list, 60, 60);
    expect(list.atEnd).to.equal(true);
    grow(list);
    grow(list);
    await painted();
    expect(list.atEnd).to.equal(false);
  });
});
