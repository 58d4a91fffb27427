import { expect } from '@open-wc/testing';
import { setViewport } from '@web/test-runner-commands';
import { createRandom } from '../../support/random.js';
import {
  createItems,
  mountList,
  nextTask,
  painted,
  pastEnd,
  problemsOf,
  removeLists,
  rowAt,
  rowsOf,
  scrollInSteps,
  spliced,
  still,
  takeErrors,
  topIn,
  until,
  VIEW_HEIGHT,
  visibleRows,
  type Item,
  type List,
} from './support.js';

// The acceptance cases that no other file of this folder has, at each pixel ratio. A row that is at the same place is
// so within 1 px: scroll positions snap to device pixels.

const SIZES = [1000, 10_000, 100_000];

/** How many items are looked at by how many device pixels a px has. */
const SIZES_BY_RATIO: ReadonlyMap<number, readonly number[]> = new Map([
  [1, SIZES],
  [1.25, [100_000]],
  [1.5, [1000]],
  [2, [100_000]],
  [3, [1000]],
]);

function grow(list: List): void {
  const last = list.items.at(-1) as Item;
  list.items = spliced(list.items, -1, 1, { ...last, lines: last.lines + 1 });
}

/** A row in view and where it is. */
function watch(list: List): { row: HTMLElement; top: number } {
  const row = visibleRows(list)[1]!;
  return { row, top: topIn(list, row) };
}

/** Scrolls frame by frame, and looks for rows that move otherwise than they are scrolled, and for blank parts. */
async function scrollAndLook(list: List, step: number, count: number): Promise<void> {
  for (let frame = 0; frame < count; frame += 1) {
    const { row, top } = watch(list);
    const before = list.scrollTop;
    list.scrollTop += step;
    const scrolled = list.scrollTop - before;
    await painted();
    if (row.isConnected) {
      expect(topIn(list, row) - (top - scrolled), `jump in frame ${frame}`).to.be.within(-1, 1);
    }
    expect(problemsOf(list), `frame ${frame}`).to.deep.equal([]);
  }
}

/** The first item from this index on that has so many lines, or more. */
function rowOfLines(list: List, lines: number, from: number): number {
  return list.items.findIndex((item, index) => index >= from && item.lines >= lines);
}

/**
 * Puts the upper edge of the view through a row, and lets something grow in the row above, at the end of that row and at
 * its start.
 */
async function growAround(list: List, index: number): Promise<void> {
  list.scrollToIndex(index);
  await painted();
  list.scrollTop += 30;
  await painted(2);
  const cut = rowAt(list, index)!.querySelector('.row')!;
  const line = cut.querySelectorAll('.line')[2]!;
  const places = {
    above: () => rowAt(list, index - 1)!.append(createBlock()),
    atEnd: () => cut.append(createBlock()),
    atStart: () => cut.prepend(createBlock()),
  };
  for (const [place, put] of Object.entries(places)) {
    const top = topIn(list, line);
    put();
    for (let frame = 0; frame < 2; frame += 1) {
      await painted();
      expect(topIn(list, line), `${place}, row ${index}, frame ${frame}`).to.be.within(top - 1, top + 1);
    }
  }
}

function createBlock(): HTMLElement {
  const element = document.createElement('div');
  element.style.height = '114px';
  return element;
}

async function setPixelRatio(deviceScaleFactor: number): Promise<void> {
  await setViewport({ width: 800, height: 800, deviceScaleFactor } as Parameters<typeof setViewport>[0]);
  await painted();
}

for (const [ratio, sizes] of SIZES_BY_RATIO) {
  describe(`<ai-virtual-list> at ${ratio} device pixels to a px`, () => {
    let list: List;

    before(async function () {
      await setPixelRatio(ratio);
      // Not every driver can set it.
      if (devicePixelRatio !== ratio) this.skip();
    });

    after(() => setPixelRatio(1));

    afterEach(() => {
      removeLists();
      expect(takeErrors()).to.deep.equal([]);
    });

    for (const count of sizes) {
      describe(`with ${count} items`, () => {
        // All the frames of a case once, where there is most to go wrong; elsewhere enough of them.
        const isThorough = ratio === 1 && count === 100_000;
        const framesOf = (few: number, all: number): number => (isThorough ? all : few);

        beforeEach(async () => {
          list = await mountList({ items: createItems(count), pin: 'end' });
        });

        it('begins at its end, and has a bounded number of rows', () => {
          expect(Math.abs(pastEnd(list))).to.be.below(1);
          expect(list.range.last).to.equal(count - 1);
          expect(rowsOf(list).length).to.be.below(80);
          expect(list.scrollHeight).to.be.below(4_100_000);
        });

        it('is at its end in every frame while an answer grows', async () => {
          for (let frame = 0; frame < 40; frame += 1) {
            grow(list);
            await painted();
            expect(Math.abs(pastEnd(list)), `frame ${frame}`).to.be.below(1);
          }
        });

        it('leaves a reader above a growing answer where they are', async () => {
          await scrollInSteps(list, -1500, 500);
          const { row, top } = watch(list);
          for (let frame = 0; frame < 30; frame += 1) {
            grow(list);
            await painted();
            expect(topIn(list, row), `frame ${frame}`).to.be.within(top - 1, top + 1);
          }
        });

        it('has no jump, no blank part and no seam upwards, slowly and fast', async () => {
          await scrollAndLook(list, -100, framesOf(30, 120));
          await scrollAndLook(list, -640, framesOf(20, 40));
        });

        it('has none downwards from the middle', async () => {
          list.scrollToIndex(Math.floor(count / 2));
          await painted(2);
          await scrollAndLook(list, 100, framesOf(30, 120));
          await scrollAndLook(list, 640, framesOf(20, 40));
        });

        it('lands on random rows in the first frame, and stays there', async () => {
          const random = createRandom(count);
          for (const align of ['start', 'center', 'end'] as const) {
            for (let jump = 0; jump < 3; jump += 1) {
              const index = Math.floor(random() * count);
              list.scrollToIndex(index, { align });
              for (const frames of [1, 5]) {
                await painted(frames);
                const row = rowAt(list, index)!;
                const height = row.getBoundingClientRect().height;
                const room = VIEW_HEIGHT - height;
                const wanted = { start: 0, center: room / 2, end: room }[align];
                const isNearEdge = index < 10 || index > count - 10;
                if (!isNearEdge) expect(topIn(list, row) - wanted, `${align} ${index}`).to.be.within(-1, 1);
              }
            }
          }
        });

        it('keeps the reader in place when 50 items are put before all others, at the start and near it', async () => {
          for (const offset of [0, 260]) {
            list.scrollToIndex(0);
            await still(list);
            if (offset > 0) await scrollInSteps(list, offset, offset);
            const { row, top } = watch(list);
            list.items = [...createItems(50, `older-${offset}`), ...list.items];
            for (let frame = 0; frame < framesOf(5, 31); frame += 1) {
              await painted();
              expect(topIn(list, row), `${offset} px, frame ${frame}`).to.be.within(top - 1, top + 1);
            }
          }
        });

        it('keeps the reader in place when the width changes', async () => {
          list.scrollToIndex(Math.floor(count / 2));
          await still(list);
          await scrollInSteps(list, 40, 40);
          const line = [...visibleRows(list)[1]!.querySelectorAll('.line')][0]!;
          const top = topIn(list, line);
          for (const width of [360, 480]) {
            list.parentElement!.style.width = `${width}px`;
            await painted();
            expect(topIn(list, line), `${width} px`).to.be.within(top - 1, top + 1);
          }
        });

        it('keeps the reader in place when something grows above, within and at the end of the row at the top', async () => {
          for (let place = 0; place < 4; place += 1) {
            await growAround(list, rowOfLines(list, 3, Math.floor(count / 2) + place * 37));
          }
        });
      });
    }

    it('is at its end through growth and shrinkage of any size, and another height of the view', async () => {
      list = await mountList({ items: createItems(1000), pin: 'end' });
      const random = createRandom(20);
      const block = document.createElement('div');
      rowsOf(list).at(-1)!.append(block);
      for (let step = 0; step < 20; step += 1) {
        block.style.height = `${Math.floor(random() * 2000)}px`;
        if (step % 3 === 0) list.parentElement!.style.height = `${400 + Math.floor(random() * 200)}px`;
        await painted();
        expect(Math.abs(pastEnd(list)), `step ${step}`).to.be.below(1);
      }
    });

    it('takes 20 times 50 older items at the very start while an answer grows', async () => {
      list = await mountList({ items: createItems(1000), pin: 'end' });
      list.scrollToIndex(0);
      await still(list);
      const { row, top } = watch(list);
      for (let time = 0; time < 20; time += 1) {
        list.items = [...createItems(50, `older-${time}`), ...list.items];
        grow(list);
        await painted();
        expect(topIn(list, row), `time ${time}`).to.be.within(top - 1, top + 1);
      }
    });
  });
}

describe('<ai-virtual-list> through anything', () => {
  afterEach(() => {
    removeLists();
    expect(takeErrors()).to.deep.equal([]);
  });

  it('is at its end, and leaves readers where they are, in each of 300 frames in which an answer grows', async () => {
    const pinned = await Promise.all(
      SIZES.map((count) => mountList({ items: createItems(count), pin: 'end' })),
    );
    const items = spliced(createItems(100_000), -1, 1, { id: 'item-99999', lines: 80 });
    const above = await mountList({ items, pin: 'end' });
    const inside = await mountList({ items, pin: 'end' });
    await scrollInSteps(above, -3000, 500);
    await scrollInSteps(inside, -300, 60);
    const lines = [above, inside].map((list) => {
      const seen = [...list.querySelectorAll('.line')].find((line) => topIn(list, line) > 100)!;
      return { list, seen, top: topIn(list, seen) };
    });
    expect(rowsOf(inside).at(-1)!.contains(lines[1]!.seen)).to.equal(true);
    for (let frame = 0; frame < 300; frame += 1) {
      pinned.forEach(grow);
      grow(above);
      inside.items = above.items;
      await painted();
      for (const list of pinned) expect(Math.abs(pastEnd(list)), `frame ${frame}`).to.be.below(1);
      for (const { list, seen, top } of lines) {
        expect(topIn(list, seen), `frame ${frame}`).to.be.within(top - 1, top + 1);
      }
    }
  });

  it('keeps the reader in place at 20 places, where the estimate of half of the rows is their height', async () => {
    const heightOf = ({ lines }: Item) => lines * 20.25 + 12.5;
    const list = await mountList({ items: createItems(10_000), estimateSize: heightOf });
    const isExact = (index: number) => Number.isInteger(heightOf(list.items[index]!));
    let exact = 0;
    for (let place = 0, index = 5000; place < 20; place += 1) {
      do index = rowOfLines(list, 3, index + 1);
      while (isExact(index) !== (place % 2 === 0));
      exact += Number(isExact(index));
      await growAround(list, index);
      index += 60;
    }
    expect(exact).to.equal(10);
  });

  it('is what a plain list would be, and small, after each of 1,000 random changes', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = createRandom(seed);
    const below = (limit: number) => Math.floor(random() * Math.max(1, limit));
    let made = 0;
    const add = (list: List, at: number, count: number) =>
      (list.items = spliced(list.items, at, 0, ...createItems(count, `made-${(made += 1)}`)));
    const changes: ((list: List) => unknown)[] = [
      (list) => add(list, list.items.length, 1 + below(3)),
      (list) => add(list, 0, 1 + below(30)),
      (list) => add(list, below(list.items.length), 1 + below(4)),
      (list) => (list.items = spliced(list.items, below(list.items.length - 10), below(10))),
      (list) => {
        const index = below(2) === 0 ? list.range.first + below(10) : below(list.items.length);
        const item = list.items[index];
        if (item) list.items = spliced(list.items, index, 1, { ...item, lines: 1 + below(20) });
      },
      (list) => (list.scrollTop += below(1200) - 600),
      (list) => (list.scrollTop = below(list.scrollHeight)),
      (list) => list.scrollToIndex(below(list.items.length)),
      (list) => list.scrollToEnd(),
      (list) => (list.parentElement!.style.width = `${300 + below(300)}px`),
      (list) => (list.parentElement!.style.height = `${300 + below(300)}px`),
      (list) => list.parentElement!.append(list),
      (list) => {
        const { style } = list.parentElement!;
        style.display = 'none';
        void painted().then(() => (style.display = ''));
      },
    ];
    // Several lists beside each other: what takes the time are the frames.
    const lists = await Promise.all(
      [100, 2000, 10_000, 50_000].map((count) => mountList({ items: createItems(count), pin: 'end' })),
    );
    for (let step = 0; step < 250; step += 1) {
      const whiches = lists.map((list) => {
        const which = below(changes.length);
        changes[which]!(list);
        return which;
      });
      await painted(2);
      for (const [place, list] of lists.entries()) {
        const name = `seed ${seed}, step ${step}, list ${place}, change ${whiches[place]}`;
        expect(problemsOf(list), name).to.deep.equal([]);
        const rows = rowsOf(list);
        expect(rows.length, name).to.be.below(300);
        expect(list.querySelectorAll('*').length, name).to.be.below(3000);
        for (const row of rows) {
          const item = list.items[Number(row.getAttribute('aria-posinset')) - 1]!;
          expect(row.querySelector('.row')!.getAttribute('data-id'), name).to.equal(item.id);
          const height = item.lines * 20.25 + 12.5;
          expect(row.getBoundingClientRect().height, name).to.be.within(height - 0.5, height + 0.5);
        }
      }
    }
  });

  it('is what its source gives, after each of 200 random changes while pages come, go and fail', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = createRandom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const items = createItems(3000);
    let isAway = false;
    const load = async (start: number, end: number): Promise<readonly Item[]> => {
      for (let tasks = below(30); tasks > 0; tasks -= 1) await nextTask();
      if (isAway) throw new Error('The server is away.');
      return items.slice(start, end);
    };
    const list = await mountList({ source: { count: 2000, load } });
    const buttons = () => [...list.querySelectorAll('button')];
    const retry = () => buttons()[0]?.click();
    const changes: (() => void)[] = [
      () => (isAway = !isAway),
      retry,
      () => list.scrollToIndex(below(list.source!.count)),
      () => list.scrollToEnd(),
      () => (list.scrollTop += below(1200) - 600),
      () => (list.scrollTop += below(8000) - 4000),
      () => (list.parentElement!.style.width = `${300 + below(300)}px`),
      () => (list.source = { count: 1900 + below(1000), load }),
    ];
    const check = (name: string) => {
      expect(problemsOf(list), name).to.deep.equal([]);
      for (const row of rowsOf(list)) {
        if (row.querySelector('[part=placeholder]')) continue;
        const { id } = items[Number(row.getAttribute('aria-posinset')) - 1]!;
        expect(row.querySelector('.row')!.getAttribute('data-id'), name).to.equal(id);
      }
    };
    for (let step = 0; step < 200; step += 1) {
      const which = below(changes.length);
      changes[which]!();
      await painted();
      check(`seed ${seed}, step ${step}, change ${which}`);
    }
    isAway = false;
    await until(() => {
      retry();
      return !list.querySelector('[part=placeholder]');
    }, `everything, seed ${seed}`);
    check(`seed ${seed}, at last`);
  });

  it('writes no scroll position while a scroll goes on through rows not seen before', async () => {
    const list = await mountList({ items: createItems(10_000), pin: 'end' });
    list.scrollToIndex(5000);
    await still(list);
    await scrollInSteps(list, -30, 30);
    let writes = 0;
    const { get, set } = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop')!;
    Object.defineProperty(list, 'scrollTop', {
      configurable: true,
      get: () => get!.call(list) as number,
      set(value: number) {
        writes += 1;
        set!.call(list, value);
      },
    });
    // Without an end it is one scroll.
    const endless = new AbortController();
    window.addEventListener('scrollend', (event) => event.stopImmediatePropagation(), {
      signal: endless.signal,
      capture: true,
    });
    for (let frame = 0; frame < 120; frame += 1) {
      list.scrollBy({ top: -100, behavior: 'instant' });
      await painted();
    }
    endless.abort();
    expect(writes).to.equal(0);
    delete (list as { scrollTop?: number }).scrollTop;
    expect(list.range.last).to.be.below(4990);
  });

  it('is at the same place after its page was hidden from it, in one task', async () => {
    const list = await mountList({ items: createItems(1000) });
    list.scrollToIndex(500);
    await still(list);
    await scrollInSteps(list, 33, 33);
    const { row, top } = watch(list);
    const { scrollHeight } = list;
    list.parentElement!.style.display = 'none';
    await painted(2);
    list.parentElement!.style.display = '';
    await painted(2);
    await nextTask();
    expect(topIn(list, row)).to.be.within(top - 1, top + 1);
    expect(list.scrollHeight, 'no row is taken for empty').to.be.closeTo(scrollHeight, 2);
  });
});
