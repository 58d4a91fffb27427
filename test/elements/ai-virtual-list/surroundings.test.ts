import { expect } from '@open-wc/testing';
import { html } from 'lit';
import {
  createItems,
  mountList,
  painted,
  pastEnd,
  problemsOf,
  removeLists,
  renderLines,
  rowAt,
  rowsOf,
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

const PLACES: Readonly<Record<string, Partial<CSSStyleDeclaration>>> = {
  'zoomed out': { zoom: '0.8' },
  'zoomed in': { zoom: '1.25' },
  'in something scaled': { transform: 'scale(0.8)', transformOrigin: '0 0' },
};

/** A picture of this height, after the request that it takes. */
function picture(height: number): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="${height}"/>`;
  return URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
}

describe('<ai-virtual-list> in what is around it and in it', () => {
  afterEach(() => {
    removeLists();
    expect(takeErrors()).to.deep.equal([]);
  });

  for (const [place, style] of Object.entries(PLACES)) {
    describe(place, () => {
      let list: List;

      beforeEach(async () => {
        list = await mountList({ items: createItems(1000), pin: 'end' });
        Object.assign(list.parentElement!.style, style);
        await still(list);
      });

      it('is at its end in every frame while an answer grows', async () => {
        for (let frame = 0; frame < 20; frame += 1) {
          const last = list.items.at(-1) as Item;
          list.items = spliced(list.items, -1, 1, { ...last, lines: last.lines + 1 });
          await painted();
          expect(Math.abs(pastEnd(list)), `frame ${frame}`).to.be.below(1);
        }
      });

      it('has no jump upwards through rows not seen before, and takes older items at the start', async () => {
        list.scrollToIndex(500);
        await painted();
        const { height } = list.getBoundingClientRect();
        const zoom = height / VIEW_HEIGHT;
        for (let frame = 0; frame < 30; frame += 1) {
          const row = visibleRows(list)[1]!;
          const top = topIn(list, row);
          const before = list.scrollTop;
          list.scrollTop -= 100;
          const scrolled = (list.scrollTop - before) * zoom;
          await painted();
          if (row.isConnected) {
            expect(topIn(list, row) - (top - scrolled), `frame ${frame}`).to.be.within(-1, 1);
          }
          expect(problemsOf(list), `frame ${frame}`).to.deep.equal([]);
        }
        list.scrollToIndex(0);
        await still(list);
        list.scrollTop += 1;
        list.scrollTop = 0;
        await still(list);
        const row = visibleRows(list)[1]!;
        const top = topIn(list, row);
        list.items = [...createItems(50, 'older'), ...list.items];
        for (let frame = 0; frame < 5; frame += 1) {
          await painted();
          expect(topIn(list, row), `older, frame ${frame}`).to.be.within(top - 1, top + 1);
        }
      });

      it('lands on the row that is asked for, and stays there when older items come', async () => {
        list.scrollToIndex(500);
        await painted(2);
        const row = rowAt(list, 500)!;
        expect(topIn(list, row)).to.be.within(-1, 1);
        list.items = [...createItems(50, 'older'), ...list.items];
        for (let frame = 0; frame < 5; frame += 1) {
          await painted();
          expect(topIn(list, row), `frame ${frame}`).to.be.within(-1, 1);
        }
      });
    });
  }

  it('is at its end when pictures load, details open and close, and code gets shorter', async () => {
    const list = await mountList({ items: createItems(200), pin: 'end' });
    const last = rowsOf(list).at(-1)!;
    const image = new Image();
    last.append(image);
    const loaded = new Promise((resolve) => image.addEventListener('load', resolve));
    image.src = picture(350);
    await loaded;
    await painted();
    expect(Math.abs(pastEnd(list)), 'picture').to.be.below(1);

    const details = document.createElement('details');
    const code = document.createElement('pre');
    code.textContent = 'line\n'.repeat(30);
    details.append(code);
    last.append(details);
    for (const isOpen of [true, false, true]) {
      details.open = isOpen;
      await painted();
      expect(Math.abs(pastEnd(list)), `open: ${isOpen}`).to.be.below(1);
    }
    code.textContent = 'line\n'.repeat(20);
    await painted();
    expect(Math.abs(pastEnd(list)), 'shorter code').to.be.below(1);
  });

  it('is at its end in every frame while a font takes the place of another', async function () {
    const list = await mountList({ items: createItems(200), pin: 'end' });
    const text = document.createElement('p');
    text.style.font = '14px swapped, sans-serif';
    text.textContent = 'Words in a font that comes late. '.repeat(20);
    rowsOf(list).at(-1)!.append(text);
    await painted(2);
    const height = text.offsetHeight;
    const sheet = document.createElement('style');
    const names = ['DejaVu Sans', 'Liberation Sans', 'Open Sans', 'Noto Sans', 'Arial', 'Helvetica'];
    const sources = names.map((name) => `local("${name}")`).join();
    sheet.textContent = `@font-face { font-family: swapped; src: ${sources}; size-adjust: 250%; font-display: swap }`;
    list.before(sheet);
    const fonts = await document.fonts.load('14px swapped').catch(() => []);
    // A machine may have none of these fonts.
    if (fonts.length === 0) this.skip();
    for (let frame = 0; frame < 5; frame += 1) {
      await painted();
      expect(Math.abs(pastEnd(list)), `frame ${frame}`).to.be.below(1);
    }
    expect(text.offsetHeight).to.be.above(2 * height);
  });

  it('leaves the reader in place when pictures above them load', async () => {
    const list = await mountList({ items: createItems(1000) });
    list.scrollToIndex(500);
    await still(list);
    const image = new Image();
    rowAt(list, 499)!.append(image);
    await painted(2);
    const top = topIn(list, rowAt(list, 500));
    const loaded = new Promise((resolve) => image.addEventListener('load', resolve));
    image.src = picture(350);
    await loaded;
    for (let frame = 0; frame < 3; frame += 1) {
      await painted();
      expect(topIn(list, rowAt(list, 500)), `frame ${frame}`).to.be.within(top - 1, top + 1);
    }
  });

  it('keeps a row that plays something, and lets it go when it has ended', async () => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d')!.fillRect(0, 0, 10, 10);
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = canvas.captureStream(30);
    const list = await mountList({
      items: createItems(1000),
      renderItem: (item) => (item.id === 'item-3' ? html`${renderLines(item)}${video}` : renderLines(item)),
    });
    // It is no longer paused as soon as that is called, and stays so where nothing can decode it.
    video.play().catch(() => undefined);
    list.scrollToIndex(800);
    await still(list);
    expect(video.isConnected).to.equal(true);
    expect(video.paused).to.equal(false);
    expect(rowAt(list, 4)).to.equal(undefined);
    video.pause();
    list.scrollToIndex(300);
    await until(() => !video.isConnected, 'the row to go');
  });

  it('has its reader in place when a page comes back with other content', async () => {
    let extra = 0;
    const items = createItems(2000);
    const list = await mountList({
      source: {
        count: items.length,
        load: async (start, end) =>
          items.slice(start, end).map((item) => ({ ...item, lines: item.lines + extra })),
      },
    });
    const isLoaded = () => !list.querySelector('[aria-busy=true]');
    list.scrollToIndex(1000);
    await until(isLoaded, 'the items');
    await still(list);
    // More pages than are kept.
    for (let index = 0; index < 800; index += 100) {
      list.scrollToIndex(index);
      await painted();
      await until(isLoaded, `the items at ${index}`);
    }
    extra = 2;
    list.scrollToIndex(1000);
    await until(isLoaded, 'the items again');
    await painted(2);
    expect(topIn(list, rowAt(list, 1000))).to.be.within(-1, 1);
    expect(rowAt(list, 1000)!.querySelectorAll('.line').length).to.equal(items[1000]!.lines + 2);
  });

  it('stays on what was jumped to when pages come in another order, until the reader scrolls', async () => {
    const items = createItems(10_000);
    const waiting = new Map<number, () => void>();
    const list = await mountList({
      source: {
        count: items.length,
        load: async (start, end) => {
          if (start > 0) await new Promise<void>((resolve) => waiting.set(start, resolve));
          return items.slice(start, end);
        },
      },
    });
    list.scrollToIndex(5010);
    await until(() => waiting.size > 1, 'several pages to be asked for');
    for (const start of [...waiting.keys()].toSorted((one, other) => other - one)) {
      expect(topIn(list, rowAt(list, 5010)), `before ${start}`).to.be.within(-1, 1);
      waiting.get(start)!();
      await painted(2);
      expect(topIn(list, rowAt(list, 5010)), `after ${start}`).to.be.within(-1, 1);
    }
    list.scrollTop += 200;
    await still(list);
    expect(topIn(list, rowAt(list, 5010))).to.be.within(-201, -199);
  });
});
