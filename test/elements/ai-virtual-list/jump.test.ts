import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import {
  createItems,
  mountList,
  painted,
  pastEnd,
  problemsOf,
  removeLists,
  rowAt,
  rowsOf,
  scrollEnd,
  scrollInSteps,
  still,
  takeErrors,
  topIn,
  until,
  VIEW_HEIGHT,
  visibleRows,
} from './support.js';

describe('<ai-virtual-list> scrollToIndex()', () => {
  afterEach(() => {
    removeLists();
    expect(takeErrors()).to.deep.equal([]);
  });

  it('lands on unmeasured rows of 100,000, and stays there', async () => {
    const list = await mountList({ items: createItems(100_000) });
    for (const index of [99_990, 50_000, 3, 77_777, 99_999, 0, 31_415]) {
      list.scrollToIndex(index);
      for (let frame = 0; frame < 5; frame += 1) {
        await painted();
        const row = rowAt(list, index)!;
        // The last screen of items cannot go to the top: it ends where the list does.
        const top = list.atEnd ? topIn(list, row) : 0;
        expect(topIn(list, row), `${index}, frame ${frame}`).to.be.within(top - 1, top + 1);
        expect(problemsOf(list)).to.deep.equal([]);
      }
      if (index < 99_900) expect(topIn(list, rowAt(list, index))).to.be.within(-1, 1);
    }
    expect(rowsOf(list).length).to.be.below(300);
  });

  it('forgets the End key that was pressed before', async () => {
    const list = await mountList({ items: createItems(1000) });
    list.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true, cancelable: true }));
    list.scrollToIndex(500);
    await still(list);
    list.scrollTop += 50;
    await scrollEnd(list);
    expect(list.range.last).to.be.below(600);
  });

  it('leaves the End key to a page that takes it after the list has seen it', async () => {
    const list = await mountList({ items: createItems(1000) });
    list.parentElement!.addEventListener('keydown', (event) => event.preventDefault(), { once: true });
    list.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true, cancelable: true }));
    list.scrollTop += 50;
    await scrollEnd(list);
    expect(list.range.last).to.be.below(100);
  });

  it('is at its very start at the end of a travel that the Home key began', async () => {
    const list = await mountList({ items: createItems(1000) });
    list.scrollToIndex(500);
    await still(list);
    list.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true, cancelable: true }));
    // As after a travel of the browser, while which rows above had turned out taller than they were thought to be.
    list.scrollTop = 300;
    await scrollEnd(list);
    expect(topIn(list, rowAt(list, 0))).to.be.within(-1, 1);
    expect(list.scrollTop).to.equal(0);
  });

  it('aligns the row with the start, the center and the end', async () => {
    const list = await mountList({ items: createItems(1000) });
    for (const index of [500, 900, 20]) {
      list.scrollToIndex(index, { align: 'start' });
      await painted();
      expect(topIn(list, rowAt(list, index))).to.be.within(-1, 1);
      list.scrollToIndex(index, { align: 'center' });
      await painted();
      const row = rowAt(list, index)!;
      expect(topIn(list, row) * 2 + row.offsetHeight - VIEW_HEIGHT).to.be.within(-2, 2);
      list.scrollToIndex(index, { align: 'end' });
      await painted();
      expect(pastEnd(list, rowAt(list, index))).to.be.within(-1, 1);
    }
  });

  it('goes as far as there is something to see at either end', async () => {
    const list = await mountList({ items: createItems(200) });
    list.scrollToIndex(199);
    await painted();
    expect(pastEnd(list)).to.be.within(-1, 1);
    list.scrollToIndex(0, { align: 'end' });
    await painted();
    expect(topIn(list, rowAt(list, 0))).to.be.within(-1, 1);
    list.scrollToIndex(5000);
    await painted();
    expect(list.range.last).to.equal(199);
    list.scrollToIndex(-3);
    await painted();
    expect(list.range.first).to.equal(0);
    list.scrollToIndex(Number.NaN);
    await painted();
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('counts items set a moment before', async () => {
    const list = await mountList({ items: createItems(5) });
    list.items = createItems(800);
    list.scrollToIndex(400);
    expect(topIn(list, rowAt(list, 400))).to.be.within(-1, 1);
  });

  it('counts before the list is in the document', async () => {
    const list = await mountList();
    const parent = list.parentElement!;
    list.remove();
    await painted();
    list.items = createItems(800);
    await list.updateComplete;
    list.scrollToIndex(400);
    parent.append(list);
    await painted();
    expect(topIn(list, rowAt(list, 400))).to.be.within(-1, 1);
  });

  for (const align of ['start', 'center', 'end'] as const) {
    it(`keeps its target at the ${align} while rows around it grow, until the reader scrolls`, async () => {
      const list = await mountList({ items: createItems(1000) });
      list.scrollToIndex(500, { align });
      await painted();
      const row = rowAt(list, 500)!;
      const top = topIn(list, row);
      for (const other of [499, 498, 501]) {
        const block = document.createElement('div');
        block.style.height = '77px';
        rowAt(list, other)!.append(block);
        await painted();
        expect(topIn(list, row), `beside ${other}`).to.be.within(top - 1, top + 1);
      }
      await scrollInSteps(list, -100, 50);
      expect(topIn(list, row) - top).to.be.within(99, 101);
    });
  }

  it('keeps its target for 60 frames while all rows before it get another height', async () => {
    const list = await mountList({ items: createItems(100_000) });
    for (const [index, align] of [
      [77_770, 'start'],
      [12_340, 'center'],
      [50_050, 'end'],
    ] as const) {
      list.scrollToIndex(index, { align });
      const row = rowAt(list, index)!;
      const top = topIn(list, row);
      for (let frame = 0; frame < 60; frame += 1) {
        const before = rowsOf(list).slice(0, rowsOf(list).indexOf(row));
        expect(before.length).to.be.above(0);
        for (const other of before) {
          other.querySelector<HTMLElement>('.row')!.style.paddingBlockEnd = `${(frame * 37) % 90}px`;
        }
        await painted();
        expect(topIn(list, row), `${index}, frame ${frame}`).to.be.within(top - 1, top + 1);
      }
    }
  });

  it('keeps its target when rows render late', async () => {
    const list = await mountList({ items: createItems(1000) });
    list.renderItem = (item) => {
      const element = document.createElement('div');
      void Promise.resolve().then(() => {
        element.style.height = `${item.lines * 20}px`;
      });
      return element;
    };
    for (const index of [500, 20, 900]) {
      list.scrollToIndex(index, { align: 'end' });
      await painted();
      expect(pastEnd(list, rowAt(list, index)), `${index}`).to.be.within(-1, 1);
      await still(list);
      expect(pastEnd(list, rowAt(list, index)), `${index}`).to.be.within(-1, 1);
      expect(rowsOf(list).length).to.be.below(100);
    }
  });

  it('scrolls smoothly and lands on its target, near and far', async () => {
    const list = await mountList({ items: createItems(1000) });
    for (const index of [5, 700, 690, 30]) {
      list.scrollToIndex(index, { behavior: 'smooth' });
      const places = new Set<number>();
      await until(() => {
        const top = topIn(list, rowAt(list, index));
        places.add(top);
        return Math.abs(top) <= 1;
      }, `row ${index}`);
      expect(places.size, `places on the way to ${index}`).to.be.above(4);
      await still(list);
      expect(topIn(list, rowAt(list, index)), `${index}`).to.be.within(-1, 1);
    }
  });

  it('ends a smooth scroll where the list ends', async () => {
    const list = await mountList({ items: createItems(100) });
    list.scrollToIndex(99, { behavior: 'smooth', room: true });
    await until(() => list.atEnd, 'the end');
    await still(list);
    list.scrollTop -= 3000;
    await still(list);
    expect(list.range.last).to.be.below(95);
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('leaves a smooth scroll for where the page takes the list meanwhile', async () => {
    const list = await mountList({ items: createItems(1000) });
    list.scrollToIndex(700);
    await still(list);
    list.scrollToIndex(705, { behavior: 'smooth' });
    await painted(3);
    list.scrollTop -= 5000;
    await still(list);
    expect(list.range.last).to.be.below(690);
  });

  it('has rows in view wherever its thumb is dragged to, where one row is taller than hundreds of others', async () => {
    const short = createItems(2000).map(({ id }) => ({ id, lines: 1 }));
    const list = await mountList({ items: [...short, { id: 'tall', lines: 400 }], pin: 'end' });
    await still(list);
    // As while the thumb is held: the scroll does not end.
    const held = new AbortController();
    window.addEventListener('scrollend', (event) => event.stopImmediatePropagation(), {
      signal: held.signal,
      capture: true,
    });
    const problems: string[] = [];
    for (let place = 19; place > 0; place -= 1) {
      list.scrollTop = (list.scrollHeight * place) / 20;
      await painted(2);
      problems.push(...problemsOf(list).map((problem) => `${place} of 20: ${problem}`));
    }
    held.abort();
    expect(problems).to.deep.equal([]);
  });

  describe('in a list of 60,000,000 px', () => {
    const items = createItems(100_000);
    const mountTall = () =>
      mountList({ items, estimateSize: () => 600, renderItem: (item) => `${item.id}\n`.repeat(20) });

    it('never is higher than browsers can scroll', async () => {
      const list = await mountTall();
      expect(list.scrollHeight).to.be.within(3_900_000, 4_100_000);
    });

    it('reaches the first and the last row by index', async () => {
      const list = await mountTall();
      list.scrollToIndex(99_999);
      await still(list);
      expect(pastEnd(list, rowAt(list, 99_999))).to.be.within(-1, 1);
      list.scrollToIndex(0);
      await still(list);
      expect(topIn(list, rowAt(list, 0))).to.be.within(-1, 1);
    });

    it('reaches the first and the last row by the scrollbar, and every part between', async () => {
      const list = await mountTall();
      list.scrollTop = list.scrollHeight;
      await still(list);
      expect(list.atEnd).to.equal(true);
      expect(pastEnd(list, rowAt(list, 99_999))).to.be.within(-1, 1);
      for (const share of [0.25, 0.5, 0.75]) {
        list.scrollTop = list.scrollHeight * share;
        await still(list);
        expect(list.range.first / items.length).to.be.within(share - 0.02, share + 0.02);
        expect(problemsOf(list)).to.deep.equal([]);
      }
      list.scrollTop = 0;
      await still(list);
      expect(topIn(list, rowAt(list, 0))).to.be.within(-1, 1);
    });

    it('shows rows wherever the scrollbar leads, far into rows much smaller than they were thought to be', async () => {
      const list = await mountTall();
      for (let position = 1; position < 10; position += 1) {
        list.scrollTop = position * 371_113;
        await painted();
        expect(problemsOf(list), `position ${position}`).to.deep.equal([]);
        await still(list);
      }
    });

    it('reaches the first and the last row by keys', async () => {
      const list = await mountTall();
      list.focus();
      await sendKeys({ press: 'End' });
      await until(() => Math.abs(pastEnd(list, rowAt(list, 99_999))) <= 1, 'the last row');
      await sendKeys({ press: 'Home' });
      await until(() => Math.abs(topIn(list, rowAt(list, 0))) <= 1, 'the first row');
      expect(list.scrollTop).to.equal(0);
    });

    it('moves its rows by 1 px when the reader scrolls by 1 px', async () => {
      const list = await mountTall();
      for (const index of [300, 50_000, 99_900]) {
        list.scrollToIndex(index);
        await still(list);
        for (const step of [1, -1]) {
          const row = visibleRows(list)[1]!;
          const top = topIn(list, row);
          list.scrollTop += step;
          await still(list);
          // Millions of px away, Firefox gives rects to the nearest quarter of a pixel.
          expect(top - topIn(list, row), `${index}`).to.be.within(step - 0.3, step + 0.3);
        }
      }
    });
  });
});
