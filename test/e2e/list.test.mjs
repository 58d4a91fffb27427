// The list of the demo under a real wheel, real keys and a real printer.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createDemoServer } from '../../demo/server/server.mjs';
import { launch, listen, openPage } from './support.mjs';

let browser;
let demo;

before(async () => {
  browser = await launch();
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
  const first = () => {
    const { top } = list.getBoundingClientRect();
    const row = [...list.children].find((child) => child.getBoundingClientRect().bottom > top + 2);
    return { number: numberOf(row), top: row.getBoundingClientRect().top - top };
  };
  /** Px from the top of the view to the top of a row, or undefined where it is not mounted. */
  const topOf = (number) => {
    const row = [...list.children].find((child) => numberOf(child) === number);
    return row && row.getBoundingClientRect().top - list.getBoundingClientRect().top;
  };
  async function still() {
    let same = 0;
    let last = '';
    while (same < 12) {
      await frame();
      const { number, top } = first();
      const now = `${number} ${top.toFixed(1)}`;
      same = now === last ? same + 1 : 0;
      last = now;
    }
  }
  globalThis.probe = { list, first, topOf, still };
}

async function openList(options) {
  const opened = await openPage(browser, `${demo.url}/list.html`, options);
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
      assert.ok(Math.abs(travelled - 240) <= 5, `${travelled} px`);
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
