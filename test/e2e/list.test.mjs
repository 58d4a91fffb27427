// The list of the demo under a real wheel, real keys, a real finger, a real scrollbar and a real printer.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createDemoServer } from '../../demo/server/server.mjs';
import { launch, listen, openPage } from './support.mjs';

let browser;
let demo;

before(async () => {
  browser = await launch({ ignoreDefaultArgs: ['--hide-scrollbars'] });
  demo = await listen(createDemoServer({ model: async function* noModel() {} }));
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Runs in the page: what is in view, and whether it has stood still for some frames. */
function installProbe() {
  const list = document.querySelector('ai-virtual-list');
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const numberOf = (row) => Number(row.querySelector('strong').textContent.replaceAll(',', ''));
  const edge = () => list.getBoundingClientRect().top + list.clientTop;
  const first = () => {
    const top = edge();
    const row = [...list.children].find((child) => child.getBoundingClientRect().bottom > top + 2);
    // Rows may have yet to come to where the browser has scrolled.
    return row
      ? { number: numberOf(row), top: row.getBoundingClientRect().top - top }
      : { number: undefined, top: NaN };
  };
  /** Px from the top of the view to the top of a row, or undefined where it is not mounted. */
  const topOf = (number) => {
    const row = [...list.children].find((child) => numberOf(child) === number);
    return row && row.getBoundingClientRect().top - edge();
  };
  async function still() {
    let same = 0;
    let last = '';
    for (let frames = 0; same < 12; frames += 1) {
      if (frames > 600) throw new Error('The list never stands still.');
      await frame();
      const { number, top } = first();
      const now = `${number} ${top.toFixed(1)}`;
      same = now === last && number !== undefined ? same + 1 : 0;
      last = now;
    }
  }
  globalThis.probe = { list, first, topOf, still };
}

async function openList(options) {
  // All of the list is in view: its scrollbar can be taken hold of anywhere.
  const viewport = { width: 1280, height: 1100 };
  const opened = await openPage(browser, `${demo.url}/list.html`, { viewport, ...options });
  const { page } = opened;
  await page.waitForFunction(() => document.querySelector('ai-virtual-list strong'));
  await page.evaluate(installProbe);
  await page.evaluate(() => {
    probe.list.scrollToIndex(50_000);
    return probe.still();
  });
  const box = await page.locator('ai-virtual-list').boundingBox();
  await page.mouse.move(box.x + 60, box.y + 100);
  return opened;
}

for (const deviceScaleFactor of [1, 1.25, 2]) {
  describe(`the list at ${deviceScaleFactor} device pixels to a px`, () => {
    it('travels what the wheel says, through rows not seen before', async () => {
      const { page, problems, close } = await openList({ deviceScaleFactor });
      const { number, top } = await page.evaluate(() => probe.first());
      for (let turn = 0; turn < 4; turn += 1) await page.mouse.wheel(0, -60);
      await page.waitForFunction(([row, at]) => probe.topOf(row) > at + 235, [number, top]);
      await page.evaluate(() => probe.still());
      const travelled = (await page.evaluate((row) => probe.topOf(row), number)) - top;
      assert.ok(Math.abs(travelled - 240) <= 2, `${travelled} px`);
      assert.deepEqual(problems, []);
      await close();
    });

    it('goes all the way while older rows come in', async () => {
      const { page, close } = await openList({ deviceScaleFactor });
      const { number, top } = await page.evaluate(() => probe.first());
      for (let turn = 0; turn < 4; turn += 1) {
        await page.mouse.wheel(0, -60);
        await page.locator('[data-add=before]').evaluate((button) => button.click());
      }
      await page.waitForFunction(([row, at]) => probe.topOf(row) > at + 235, [number, top]);
      await page.evaluate(() => probe.still());
      const travelled = (await page.evaluate((row) => probe.topOf(row), number)) - top;
      assert.ok(Math.abs(travelled - 240) <= 2, `${travelled} px`);
      await close();
    });
  });
}

describe('the list', () => {
  it('is led by the keys of the browser to both of its ends', async () => {
    const { page, close } = await openList();
    await page.locator('ai-virtual-list').focus();
    await page.keyboard.press('End');
    await page.waitForFunction(() => probe.topOf(100_000) !== undefined && probe.list.atEnd);
    await page.keyboard.press('PageUp');
    await page.waitForFunction(() => !probe.list.atEnd);
    await page.keyboard.press('Home');
    await page.waitForFunction(() => Math.abs(probe.topOf(1) ?? 9) < 2);
    await close();
  });

  it('is dragged by its scrollbar to any part', async () => {
    const { page, close } = await openList();
    await page.evaluate(() => {
      probe.list.scrollTop = probe.list.scrollHeight / 4;
      return probe.still();
    });
    const { number } = await page.evaluate(() => probe.first());
    assert.ok(number > 20_000 && number < 30_000, `row ${number}`);
    await close();
  });

  it('prints all of its rows', async () => {
    const { page, close } = await openList();
    await page.evaluate(() => {
      probe.list.items = probe.list.items.slice(0, 200);
      return probe.still();
    });
    const printed = page.evaluate(
      () =>
        new Promise((resolve) => {
          window.addEventListener('afterprint', () => resolve(probe.printed), { once: true });
          window.addEventListener('beforeprint', () => {
            probe.printed = probe.list.children.length;
          });
        }),
    );
    const file = await page.pdf();
    assert.equal(await printed, 200);
    const pages = file.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    assert.ok(pages > 5, `${pages} pages`);
    await page.waitForFunction(() => probe.list.children.length < 100);
    await close();
  });

  it('loads its rows when they come into view, and says where that failed', async () => {
    const { page, problems, close } = await openList();
    await page.locator('#source').check();
    await page.waitForFunction(() => probe.list.querySelectorAll('.list-row').length > 5);
    await page.locator('#offline').check();
    await page.locator('[data-go=end]').click();
    const again = page.getByRole('button', { name: 'Try again' }).first();
    await again.waitFor();
    await page.locator('#offline').uncheck();
    await again.click();
    await again.waitFor({ state: 'detached' });
    await page.waitForFunction(() => !probe.list.querySelector('[part=placeholder]'));
    assert.deepEqual(problems, []);
    await close();
  });
});

/** Runs in the page: shows 2,000 rows and their end, and lets the last one grow by a line in each frame. */
function streamIntoLastRow() {
  const { list } = probe;
  const { renderItem } = list;
  const lines = document.createElement('div');
  list.renderItem = (row) => {
    const element = renderItem(row);
    if (row.isGrowing) element.append(lines);
    return element;
  };
  const items = list.items.slice(0, 2000);
  list.items = [...items.slice(0, -1), { ...items.at(-1), isGrowing: true }];
  list.pin = 'end';
  // Where the row stood at the end that the reader leaves: the browser may have scrolled before it tells of a gesture.
  list.addEventListener('pin_change', () => {
    probe.left = list.clientHeight - list.lastElementChild.getBoundingClientRect().height;
  });
  const grow = () => {
    lines.append(Object.assign(document.createElement('p'), { textContent: 'One more line.' }));
    requestAnimationFrame(grow);
  };
  grow();
}

/** Runs in the page: the furthest that the first row in view moves within some frames. */
async function movedWithin(frames) {
  const { number, top } = probe.first();
  let furthest = 0;
  for (let frame = 0; frame < frames; frame += 1) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    furthest = Math.max(furthest, Math.abs(probe.topOf(number) - top));
  }
  return furthest;
}

/** Drags a finger down, as one who pulls down what is above. */
async function dragFinger(page, { x, y }, distance) {
  const devtools = await page.context().newCDPSession(page);
  const touch = (type, ...touchPoints) => devtools.send('Input.dispatchTouchEvent', { type, touchPoints });
  await touch('touchStart', { x, y });
  for (let moved = 10; moved <= distance; moved += 10) await touch('touchMove', { x, y: y + moved });
  await touch('touchEnd');
}

/** A scrollbar of nothing but a thumb: one of the system may have buttons at its ends. */
const THUMB = `
  ai-virtual-list::-webkit-scrollbar { width: 15px }
  ai-virtual-list::-webkit-scrollbar-thumb { min-height: 40px; background: gray }`;

/** Drags the thumb of the scrollbar by so many px, and does not let it go. */
async function dragThumb(page, from, distance) {
  await page.addStyleTag({ content: THUMB });
  const { x, y, width, height } = await page.locator('ai-virtual-list').boundingBox();
  await page.mouse.move(x + width - 5, y + height * from);
  await page.mouse.down();
  await page.mouse.move(x + width - 5, y + height * from + distance, { steps: 5 });
}

describe('the list while its last row grows in every frame', () => {
  /** How a reader leaves the end, and how far they get by it. */
  const gestures = [
    {
      title: 'three turns of the wheel',
      leave: async ({ mouse }) => {
        for (let turn = 0; turn < 3; turn += 1) await mouse.wheel(0, -40);
      },
      travels: 120,
    },
    {
      title: 'a finger that pulls down',
      leave: async (page) => {
        const { x, y } = await page.locator('ai-virtual-list').boundingBox();
        await dragFinger(page, { x: x + 60, y: y + 60 }, 200);
      },
    },
    { title: 'PageUp', leave: ({ keyboard }) => keyboard.press('PageUp') },
    { title: 'Home', leave: ({ keyboard }) => keyboard.press('Home') },
    { title: 'the thumb of the scrollbar', leave: (page) => dragThumb(page, 0.97, -120) },
  ];

  let opened;

  before(async () => {
    opened = await openList({ hasTouch: true });
    await opened.page.evaluate(streamIntoLastRow);
  });

  after(() => opened?.close());

  for (const { title, leave, travels } of gestures) {
    it(`lets its reader go at once, and does not pull them back: ${title}`, async () => {
      const { page, problems } = opened;
      await page.evaluate(() => probe.list.scrollToEnd());
      await page.waitForFunction(() => probe.list.following && probe.topOf(2000) < -200);
      await page.locator('ai-virtual-list').focus();
      await leave(page);
      await page.waitForFunction(
        (least) => !probe.list.following && !(probe.topOf(2000) - probe.left < least),
        (travels ?? 60) - 2,
      );
      await page.evaluate(() => probe.still());
      if (travels) {
        const travelled = await page.evaluate(() => probe.topOf(2000) - probe.left);
        assert.ok(Math.abs(travelled - travels) <= 2, `${travelled} px`);
      }
      const moved = await page.evaluate(movedWithin, 60);
      assert.ok(moved < 1, `pulled back by ${moved} px`);
      assert.equal(await page.evaluate(() => probe.list.following), false);
      assert.deepEqual(problems, []);
    });
  }
});

describe('the list, page by page', () => {
  it('goes as far by PageUp while older rows come in as without them', async () => {
    const { page, close } = await openList();
    await page.locator('ai-virtual-list').focus();
    const pageUp = async (meanwhile) => {
      await page.evaluate(() => probe.still());
      const { number, top } = await page.evaluate(() => probe.first());
      await page.keyboard.press('PageUp');
      await meanwhile();
      await page.waitForFunction(([row, at]) => probe.topOf(row) !== at, [number, top]);
      await page.evaluate(() => probe.still());
      return (await page.evaluate((row) => probe.topOf(row), number)) - top;
    };
    const alone = await pageUp(() => {});
    const accompanied = await pageUp(async () => {
      for (let time = 0; time < 3; time += 1) {
        await page.locator('[data-add=before]').evaluate((button) => button.click());
      }
    });
    assert.ok(alone > 200, `${alone} px`);
    assert.ok(Math.abs(accompanied - alone) <= 2, `${accompanied} px, not ${alone}`);
    await close();
  });
});

describe('the list of 60,000,000 px', () => {
  it('is dragged by its thumb to the last row and to the first', async () => {
    const { page, close } = await openList();
    await page.evaluate(() => {
      const { list } = probe;
      const { renderItem } = list;
      list.estimateSize = () => 600;
      list.renderItem = (row) => {
        const element = renderItem(row);
        element.style.minHeight = '600px';
        return element;
      };
      list.items = [...list.items].map(({ number }) => ({ number }));
      list.keyOf = ({ number }) => number;
      list.scrollToIndex(50_000);
      return probe.still();
    });
    await dragThumb(page, 0.5, 2000);
    await page.mouse.up();
    await page.waitForFunction(() => probe.list.atEnd && probe.topOf(100_000) !== undefined);
    await page.evaluate(() => {
      probe.list.scrollToIndex(50_000);
      return probe.still();
    });
    await dragThumb(page, 0.5, -2000);
    await page.mouse.up();
    await page.waitForFunction(() => Math.abs(probe.topOf(1) ?? 9) <= 1);
    await close();
  });
});

describe('the list that is left alone', () => {
  /** Milliseconds: here it is the time itself that is looked at. */
  const WHILE = 5000;

  it('has no script, no style and no layout to do', async () => {
    const { page, close } = await openList();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable');
    const work = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      const names = new Set(['LayoutCount', 'RecalcStyleCount', 'ScriptDuration']);
      return metrics.filter(({ name }) => names.has(name));
    };
    await page.evaluate(() => probe.still());
    const done = await work();
    await setTimeout(WHILE);
    assert.equal(done.length, 3);
    assert.deepEqual(await work(), done);
    await close();
  });
});

describe('the memory of the list', () => {
  const MEGABYTE = 1_000_000;

  /** Bytes after garbage is collected: of scripts, and of scripts, nodes and typed arrays together. */
  async function bytesOf(devtools) {
    await devtools.send('HeapProfiler.collectGarbage');
    const heap = await devtools.send('Runtime.getHeapUsage');
    const { usedSize: script, embedderHeapUsedSize: nodes, backingStorageSize: arrays } = heap;
    return { script, all: script + nodes + arrays };
  }

  it('is 8 MB at most for 100,000 rows whose items are there', async (context) => {
    const { page, close } = await openList();
    const devtools = await page.context().newCDPSession(page);
    await page.evaluate(() => {
      const { list } = probe;
      const { items, keyOf, renderItem } = list;
      Object.assign(probe, { settings: { items, keyOf, renderItem }, parent: list.parentElement });
      list.items = [];
      return probe.list.updateComplete;
    });
    const empty = await bytesOf(devtools);
    await page.evaluate(async () => {
      Object.assign(probe.list, probe.settings);
      await probe.list.updateComplete;
      await probe.still();
    });
    const added = (await bytesOf(devtools)).all - empty.all;
    context.diagnostic(`${added} bytes`);
    assert.ok(added > 100_000, `${added} bytes`);
    assert.ok(added <= 8 * MEGABYTE, `${added} bytes`);
    await close();
  });

  it('is 4 MB at most when 200 screens of a source have been read', async (context) => {
    const { page, close } = await openList();
    const devtools = await page.context().newCDPSession(page);
    await page.evaluate(() => {
      probe.list.items = [];
      return probe.list.updateComplete;
    });
    const empty = await bytesOf(devtools);
    const screens = await page.evaluate(async () => {
      const { list } = probe;
      const load = async (start, end) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        // Nobody else keeps what was loaded.
        return Array.from({ length: end - start }, (_, index) => ({ number: start + index + 1 }));
      };
      list.source = { count: 100_000, load };
      const isLoaded = () => list.querySelector('strong') && !list.querySelector('[part=placeholder]');
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      let seen = 0;
      for (; seen < 200; seen += 1) {
        do await frame();
        while (!isLoaded());
        list.scrollTop += list.clientHeight;
      }
      return { seen, first: list.range.first };
    });
    const full = await bytesOf(devtools);
    const added = full.script - empty.script;
    context.diagnostic(`${added} bytes, ${full.all - empty.all} with nodes and arrays`);
    assert.ok(screens.first > 1000, `row ${screens.first}`);
    assert.ok(added <= 4 * MEGABYTE, `${added} bytes`);
    await close();
  });
});

describe('the list for readers who prefer less motion', () => {
  it('is where it was told to go in the next frame, however smoothly', async () => {
    const { page, close } = await openList({ reducedMotion: 'reduce' });
    const tops = await page.evaluate(async () => {
      const seen = [];
      for (const index of [49_990, 10]) {
        probe.list.scrollToIndex(index, { behavior: 'smooth' });
        await new Promise((resolve) => requestAnimationFrame(resolve));
        seen.push(probe.topOf(index + 1));
      }
      return seen;
    });
    for (const top of tops) assert.ok(Math.abs(top) < 1, `${top} px`);
    await close();
  });
});
