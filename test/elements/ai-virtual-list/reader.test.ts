import { expect } from '@open-wc/testing';
import {
  createItems,
  mountList,
  painted,
  pastEnd,
  problemsOf,
  removeLists,
  rowAt,
  rowOf,
  rowsOf,
  scrollInSteps,
  scrollToStart,
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

/** Does something, and looks for how far the element moved in any of the next frames. */
async function shiftOf(list: List, element: Element, action: () => void, frames = 12): Promise<number> {
  const before = topIn(list, element);
  let worst = 0;
  action();
  for (let frame = 0; frame < frames; frame += 1) {
    await painted();
    const shift = Math.abs(topIn(list, element) - before);
    // Not a number: it is no longer in the document.
    if (!(shift <= worst)) worst = shift;
  }
  return worst;
}

function block(height: number): HTMLElement {
  const element = document.createElement('div');
  element.style.height = `${height}px`;
  return element;
}

async function middleOf(count: number, properties: Partial<List> = {}): Promise<List> {
  const list = await mountList({ items: createItems(count), ...properties });
  list.scrollToIndex(count / 2);
  await still(list);
  await scrollInSteps(list, -230, 65);
  return list;
}

describe('<ai-virtual-list> keeps the reader in place', () => {
  afterEach(() => {
    removeLists();
    expect(takeErrors()).to.deep.equal([]);
  });

  for (const pin of ['start', 'end'] as const) {
    for (const position of [260, 0]) {
      it(`when 50 older items load, ${position} px from the start, pin="${pin}"`, async () => {
        const items = createItems(400);
        const list = await mountList({ items, pin });
        list.scrollToIndex(0);
        await still(list);
        await scrollInSteps(list, 300, 65);
        await scrollInSteps(list, position - 300, 65);
        expect(list.scrollTop).to.equal(position);
        const row = visibleRows(list)[1]!;
        const shift = await shiftOf(list, row, () => {
          list.items = [...createItems(50, 'older'), ...items];
        });
        expect(shift).to.be.below(1);
        expect(problemsOf(list)).to.deep.equal([]);
        await scrollToStart(list);
        expect(topIn(list, rowOf(list, 'older-0'))).to.equal(0);
      });
    }
  }

  it('writes no scroll position under a finger that rests', async () => {
    const list = await middleOf(1000);
    // Far higher than the rows seen so far: their estimates turn out to be wrong on the way.
    list.items = list.items.map((item, index) => (index < 490 ? { ...item, lines: 40 } : item));
    await still(list);
    const row = visibleRows(list)[0]!;
    row.dispatchEvent(touchEvent('touchstart', 100));
    await scrollInSteps(list, -3000);
    const position = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop')!;
    const writes: number[] = [];
    Object.defineProperty(list, 'scrollTop', {
      configurable: true,
      get: () => position.get!.call(list) as number,
      set: (top: number) => {
        writes.push(top);
        position.set!.call(list, top);
      },
    });
    list.dispatchEvent(new Event('scrollend'));
    expect(writes).to.deep.equal([]);
    row.dispatchEvent(touchEvent('touchend'));
    await until(() => writes.length > 0, 'what was left to do');
  });

  it('when older items load again and again at the very start', async () => {
    let items = createItems(60);
    const list = await mountList({ items, pin: 'end' });
    list.scrollToIndex(0);
    await still(list);
    for (let page = 0; page < 8; page += 1) {
      items = createItems(50, `page-${page}`).concat(items);
      const row = visibleRows(list)[0]!;
      const shift = await shiftOf(
        list,
        row,
        () => {
          list.items = items;
        },
        3,
      );
      expect(shift, `page ${page}`).to.be.below(1);
      list.scrollTop = 0;
      await still(list);
    }
    expect(topIn(list, rowOf(list, 'page-7-0'))).to.be.within(-1, 1);
  });

  it('when items are inserted and removed before and behind the view', async () => {
    const list = await middleOf(600);
    const steps: ((items: readonly Item[]) => readonly Item[])[] = [
      (items) => spliced(items, 100, 0, ...createItems(7, 'inserted')),
      (items) => spliced(items, 50, 90),
      (items) => spliced(items, 500, 10),
      (items) => items.slice(0, 300),
      (items) => items.slice(40),
      (items) => items.slice(150),
    ];
    for (const [step, change] of steps.entries()) {
      const row = visibleRows(list)[1]!;
      const shift = await shiftOf(
        list,
        row,
        () => {
          list.items = change(list.items);
        },
        4,
      );
      expect(shift, `step ${step}`).to.be.below(1);
      expect(problemsOf(list), `step ${step}`).to.deep.equal([]);
    }
  });

  it('when the row at the top is removed', async () => {
    const list = await middleOf(200);
    const [gone, next] = visibleRows(list);
    const index = Number(gone!.getAttribute('aria-posinset')) - 1;
    const shift = await shiftOf(list, next!, () => {
      list.items = spliced(list.items, index, 1);
    });
    expect(shift).to.be.below(1);
    expect(gone!.isConnected).to.equal(false);
  });

  it('when a mounted row above grows and shrinks', async () => {
    const list = await middleOf(600);
    const visible = visibleRows(list);
    const above = visible[0]!.previousElementSibling!;
    expect(pastEnd(list, above as HTMLElement)).to.be.below(-VIEW_HEIGHT + 1);
    const grown = block(114.5);
    expect(await shiftOf(list, visible[1]!, () => above.append(grown))).to.be.below(1);
    expect(await shiftOf(list, visible[1]!, () => grown.remove())).to.be.below(1);
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('when a row cut by the top edge grows inside, above the edge and below it', async () => {
    const list = await middleOf(600);
    for (let tries = 0; tries < 20; tries += 1) {
      const [cut] = visibleRows(list);
      if (topIn(list, cut) < -30 && pastEnd(list, cut) > 30 - VIEW_HEIGHT) break;
      await scrollInSteps(list, 17, 17);
    }
    const cut = visibleRows(list)[0]!.querySelector('.row')!;
    const line = [...cut.querySelectorAll('.line')].find((element) => topIn(list, element) >= 0)!;
    expect(topIn(list, cut)).to.be.below(-30);
    expect(await shiftOf(list, line, () => cut.prepend(block(114)))).to.be.below(1);
    expect(await shiftOf(list, line, () => cut.append(block(300)))).to.be.below(1);
  });

  it('when a row cut by the top edge grows inside its shadow root', async () => {
    const list = await mountList();
    list.renderItem = (item) => {
      const host = document.createElement('div');
      const root = host.attachShadow({ mode: 'open' });
      for (let line = 0; line < 30; line += 1)
        root.append(Object.assign(block(25), { id: `${item.id}-${line}` }));
      return host;
    };
    list.items = createItems(40);
    list.scrollToIndex(20);
    await still(list);
    await scrollInSteps(list, 210, 65);
    const root = rowAt(list, 20)!.firstElementChild!.shadowRoot!;
    const line = root.getElementById('item-20-10')!;
    expect(topIn(list, line)).to.be.within(0, 60);
    expect(await shiftOf(list, line, () => root.prepend(block(200)))).to.be.below(1);
  });

  it('when a sticky element is the first thing in view', async () => {
    const list = await mountList();
    list.renderItem = () => {
      const host = block(900);
      const bar = block(30);
      bar.style.position = 'sticky';
      bar.style.top = '0';
      host.append(bar);
      return host;
    };
    list.items = createItems(40);
    list.scrollToIndex(20);
    await still(list);
    const before = topIn(list, rowAt(list, 20));
    await scrollInSteps(list, 300, 50);
    expect(topIn(list, rowAt(list, 20)) - before).to.be.within(-301, -299);
  });

  for (const count of [600, 100_000]) {
    it(`when the width changes, with ${count} items`, async () => {
      const list = await mountList();
      list.renderItem = (item) => {
        const text = document.createElement('p');
        text.textContent = `${item.id} `.repeat(10 + item.lines * 12);
        return text;
      };
      list.items = createItems(count);
      list.scrollToIndex(count / 2);
      await still(list);
      await scrollInSteps(list, 120, 60);
      const row = visibleRows(list)[1]!;
      const frame = list.parentElement!;
      const inFirst = visibleRows(list)[0]!.firstElementChild!;
      for (const width of ['360px', '480px', '200px']) {
        const element = topIn(list, inFirst) >= 0 ? inFirst : row;
        const anchored = visibleRows(list)[0]!;
        const top = topIn(list, anchored.firstElementChild!);
        frame.style.width = width;
        for (let after = 0; after < 6; after += 1) {
          await painted();
          expect(topIn(list, anchored.firstElementChild!) - top, `${width} frame ${after}`).to.be.within(
            -1,
            1,
          );
        }
        expect(element.isConnected).to.equal(true);
        expect(problemsOf(list)).to.deep.equal([]);
      }
    });
  }

  it('when the width changes inside a row of five screens', async () => {
    const list = await mountList();
    list.renderItem = (item) =>
      Array.from({ length: 60 }, (_, number) => {
        const text = document.createElement('p');
        text.textContent = `${item.id} paragraph ${number} `.repeat(5);
        return text;
      });
    list.items = createItems(200);
    list.scrollToIndex(100);
    await still(list);
    await scrollInSteps(list, 1500, 300);
    const row = rowAt(list, 100)!;
    expect(row.offsetHeight).to.be.above(5 * VIEW_HEIGHT);
    const seen = [...row.children].find((text) => topIn(list, text) + text.clientHeight > 2)!;
    for (const width of [360, 480]) {
      const shift = await shiftOf(list, seen, () => (list.parentElement!.style.width = `${width}px`));
      expect(shift, `${width} px`).to.be.below(1);
    }
  });

  it('when older items come in the task in which the list is hidden', async () => {
    const list = await middleOf(600);
    const line = [...list.querySelectorAll('.line')].find((element) => topIn(list, element) > -10)!;
    const { textContent } = line;
    const top = topIn(list, line);
    list.hidden = true;
    list.items = [...createItems(50, 'older'), ...list.items];
    await painted(2);
    list.hidden = false;
    await painted(2);
    const again = [...list.querySelectorAll('.line')].find((element) => element.textContent === textContent);
    expect(topIn(list, again)).to.be.within(top - 1, top + 1);
  });

  it('when the page hides rows in it', async () => {
    const list = await middleOf(600);
    const rows = [...list.children] as HTMLElement[];
    const before = rows.findIndex(
      (row) => row.getBoundingClientRect().bottom > list.getBoundingClientRect().top,
    );
    rows[before - 1]!.style.display = 'none';
    await still(list);
    const seen = visibleRows(list)[1]!;
    const shift = await shiftOf(list, seen, () => {
      rows[before - 2]!.firstElementChild!.prepend(block(77));
    });
    expect(shift).to.be.below(1);
  });

  it('when the padding of all rows changes', async () => {
    const list = await middleOf(600);
    const sheet = document.createElement('style');
    list.before(sheet);
    for (const padding of [20, 3]) {
      const lines = [...list.querySelectorAll('.line')];
      const read = lines.find((line) => topIn(list, line) > -10)!;
      const shift = await shiftOf(list, read, () => {
        sheet.textContent = `ai-virtual-list > * { padding-block-start: ${padding}px }`;
      });
      expect(shift, `${padding} px`).to.be.below(1);
    }
  });

  it('when the list is moved within its document', async () => {
    const list = await middleOf(600);
    const row = visibleRows(list)[1]!;
    const top = topIn(list, row);
    const frame = document.createElement('div');
    frame.className = 'frame';
    list.parentElement!.append(frame);
    frame.append(list);
    expect(topIn(list, row)).to.be.within(top - 1, top + 1);
    expect(await shiftOf(list, row, () => undefined)).to.be.below(1);
    await scrollInSteps(list, -2000, 400);
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('when the list is taken out and put back later, with other items', async () => {
    const list = await middleOf(600);
    const row = visibleRows(list)[0]!;
    const top = topIn(list, row);
    const parent = list.parentElement!;
    list.remove();
    await painted(2);
    list.items = [...createItems(20, 'older'), ...list.items];
    await painted(2);
    parent.append(list);
    await painted();
    expect(topIn(list, row)).to.be.within(top - 1, top + 1);
    expect(problemsOf(list)).to.deep.equal([]);
    await scrollInSteps(list, 1500, 300);
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('when the list is hidden and shown again', async () => {
    const list = await middleOf(600);
    const row = visibleRows(list)[0]!;
    const top = topIn(list, row);
    const mounted = rowsOf(list).length;
    const frame = list.parentElement!;
    frame.style.display = 'none';
    await painted(3);
    expect(rowsOf(list)).to.have.length(mounted);
    frame.style.display = '';
    await painted();
    expect(topIn(list, row)).to.be.within(top - 1, top + 1);
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('at the end, when it is hidden, grows, and is shown again', async () => {
    const list = await mountList({ items: createItems(300), pin: 'end' });
    const frame = list.parentElement!;
    frame.style.display = 'none';
    await painted(2);
    list.items = [...list.items, ...createItems(30, 'later')];
    await painted(2);
    frame.style.display = '';
    await painted();
    expect(pastEnd(list, rowOf(list, 'later-29'))).to.be.within(-1, 1);
  });

  for (const scale of ['scale(0.8)', 'scale(1.25)']) {
    it(`when it is shown under ${scale}`, async () => {
      const list = await mountList({ items: createItems(600) });
      list.parentElement!.style.transform = scale;
      list.scrollToIndex(300);
      await still(list);
      await scrollInSteps(list, -130, 65);
      const visible = visibleRows(list);
      const shift = await shiftOf(list, visible[1]!, () =>
        visible[0]!.previousElementSibling!.append(block(114)),
      );
      expect(shift).to.be.below(1);
    });
  }
});
