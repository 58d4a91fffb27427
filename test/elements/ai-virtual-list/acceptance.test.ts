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
  VIEW_HEIGHT,
  visibleRows,
  type Item,
  type List,
} from './support.js';

// The acceptance cases that no other file of this folder has, at each pixel ratio. A row that is at the same place is
// so within 1 px: scroll positions snap to device pixels.

const SIZES = [1000, 10_000, 100_000];

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

async function setPixelRatio(deviceScaleFactor: number): Promise<void> {
  await setViewport({ width: 800, height: 800, deviceScaleFactor } as Parameters<typeof setViewport>[0]);
  await painted();
}

for (const ratio of [1, 1.25, 2]) {
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

    for (const count of SIZES) {
      describe(`with ${count} items`, () => {
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
          await scrollAndLook(list, -100, 30);
          await scrollAndLook(list, -640, 20);
        });

        it('has none downwards from the middle', async () => {
          list.scrollToIndex(Math.floor(count / 2));
          await painted(2);
          await scrollAndLook(list, 100, 30);
          await scrollAndLook(list, 640, 20);
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
            for (let frame = 0; frame < 5; frame += 1) {
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

        it('keeps the reader in place when something grows above, within and below the row at the top', async () => {
          for (let place = 0; place < 4; place += 1) {
            list.scrollToIndex(Math.floor(count / 2) + place * 37);
            await still(list);
            await scrollInSteps(list, 30, 30);
            const cut = visibleRows(list)[0]!;
            const before = rowAt(list, Number(cut.getAttribute('aria-posinset')) - 2);
            const seen = visibleRows(list)[1]!;
            for (const target of [before, cut.firstElementChild]) {
              const top = topIn(list, seen);
              const block = document.createElement('div');
              block.style.height = '114px';
              target?.prepend(block);
              await painted();
              expect(topIn(list, seen), `place ${place}`).to.be.within(top - 1, top + 1);
            }
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

  it('is what a plain list would be, after each of 300 random changes', async function () {
    this.timeout(60_000);
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = createRandom(seed);
    const list = await mountList({ items: createItems(2000), pin: 'end' });
    const below = (limit: number) => Math.floor(random() * limit);
    let made = 0;
    const changes: (() => void)[] = [
      () => (list.items = [...list.items, ...createItems(1 + below(3), `end-${(made += 1)}`)]),
      () => (list.items = [...createItems(1 + below(30), `start-${(made += 1)}`), ...list.items]),
      () => (list.items = spliced(list.items, below(list.items.length - 10), below(10))),
      () =>
        (list.items = spliced(
          list.items,
          below(list.items.length),
          below(3),
          ...createItems(below(4), `mid-${(made += 1)}`),
        )),
      () => {
        const index = below(2) === 0 ? list.range.first + below(10) : below(list.items.length);
        const item = list.items[index];
        if (item) list.items = spliced(list.items, index, 1, { ...item, lines: 1 + below(20) });
      },
      () => (list.scrollTop += below(1200) - 600),
      () => list.scrollToIndex(below(list.items.length)),
      () => list.scrollToEnd(),
      () => (list.parentElement!.style.width = `${300 + below(300)}px`),
      () => {
        const { parentElement } = list;
        list.remove();
        parentElement!.append(list);
      },
    ];
    for (let step = 0; step < 300; step += 1) {
      const which = below(changes.length);
      changes[which]!();
      await painted(1 + below(2));
      const name = `seed ${seed}, step ${step}, change ${which}`;
      expect(problemsOf(list), name).to.deep.equal([]);
      const rows = rowsOf(list);
      expect(rows.length, name).to.be.below(300);
      for (const row of rows) {
        const item = list.items[Number(row.getAttribute('aria-posinset')) - 1]!;
        expect(row.querySelector('.row')!.getAttribute('data-id'), name).to.equal(item.id);
        const height = Math.max(1, item.lines) * 20.25 + 12.5;
        expect(row.getBoundingClientRect().height, name).to.be.within(height - 0.5, Infinity);
      }
    }
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
    for (let frame = 0; frame < 60; frame += 1) {
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
    list.parentElement!.style.display = 'none';
    await painted(2);
    list.parentElement!.style.display = '';
    await painted(2);
    await nextTask();
    expect(topIn(list, row)).to.be.within(top - 1, top + 1);
  });
});
