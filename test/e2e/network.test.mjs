// The page about bad networks, with the network made bad for real.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createDemoServer } from '../../demo/server/server.mjs';
import { launch, listen, openPage } from './support.mjs';

const WORDS = Array.from({ length: 40 }, (_, index) => `word${index}`);

let browser;
let demo;
/** How often the model was asked. */
let asked = 0;
/** Lets the model say its last word. */
let release;
let isStopped;

/** Says its words, and the last one when the test lets it. */
const model = {
  name: 'test model',
  async *answer(_request, signal) {
    asked += 1;
    for (const word of WORDS.slice(0, -1)) {
      await setImmediate();
      yield { type: 'text', content: `${word} ` };
    }
    await release;
    isStopped = signal.aborted;
    yield { type: 'text', content: WORDS.at(-1) };
    yield { type: 'done', reason: 'stop', complete: true };
  },
};

before(async () => {
  browser = await launch();
  demo = await listen(createDemoServer({ model, reconnectDelay: 20 }));
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Opens the page, sets its network, and asks. */
async function ask({ transport = 'sse', breakEvery = 0 }) {
  const opened = await openPage(browser, `${demo.url}/network.html`);
  const { page } = opened;
  asked = 0;
  await page.getByLabel('Transport').selectOption(transport);
  if (breakEvery > 0) {
    await page.getByLabel('Break after events').fill(String(breakEvery));
    await page.keyboard.press('Tab');
    await page.getByText(`breaks after ${breakEvery} events`).waitFor();
  }
  await page.getByRole('textbox', { name: 'Message' }).fill('Say your words');
  await page.keyboard.press('Enter');
  return { ...opened, log: page.getByRole('log', { name: 'What happens' }) };
}

const lastOf = (page) => page.locator('ai-stream-message [part~="content"]').last();

async function checkAnswer(page) {
  await page.locator('ai-stream-chat').evaluate((chat) => chat.settled);
  assert.equal(await lastOf(page).innerText(), WORDS.join(' '));
  assert.equal(await page.getByRole('article').count(), 2);
  assert.equal(asked, 1);
}

describe('the page about bad networks', { timeout: 120_000 }, () => {
  it('shows an answer whole and once though its connection breaks after every 5 events', async () => {
    const { page, log, close } = await ask({ breakEvery: 5 });
    await log.getByText('complete (stop)').waitFor();
    await checkAnswer(page);
    const text = await log.innerText();
    // 42 events, 5 a connection; some may be lost with theirs and come again.
    const [, reconnects] = /reconnects: (\d+)/.exec(text);
    assert.ok(Number(reconnects) >= 8, text);
    assert.match(text, /streaming → reconnecting\nreconnecting → streaming\n/);
    assert.match(text, /bytes: \d+\n\s+first token: \d+ ms/);
    await close();
  });

  it('does so over a socket', async () => {
    const { page, log, close } = await ask({ transport: 'websocket', breakEvery: 15 });
    await log.getByText('complete (stop)').waitFor();
    await checkAnswer(page);
    assert.match(await log.innerText(), /reconnects: [2-9]/);
    await close();
  });

  for (const [button, count] of [
    ['Break it now', 1],
    ['Fall silent', 1],
  ]) {
    it(`goes on with an answer after "${button}"`, async () => {
      let speak;
      release = new Promise((resolve) => {
        speak = resolve;
      });
      const { page, log, close } = await ask({});
      await lastOf(page).getByText(WORDS.at(-2)).waitFor();
      await page.getByRole('button', { name: button }).click();
      await page.getByText(`Done: ${button}.`).waitFor();
      speak();
      await log.getByText('complete (stop)').waitFor();
      await checkAnswer(page);
      assert.match(await log.innerText(), new RegExp(`reconnects: ${count}\n`));
      assert.equal(isStopped, false);
      await close();
    });
  }

  it('waits out refusals', async () => {
    const { page, close } = await openPage(browser, `${demo.url}/network.html`);
    asked = 0;
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('Done: Refuse').waitFor();
    await page.getByRole('textbox', { name: 'Message' }).fill('Say your words');
    await page.keyboard.press('Enter');
    const log = page.getByRole('log', { name: 'What happens' });
    await log.getByText('complete (stop)').waitFor();
    await checkAnswer(page);
    assert.match(await log.innerText(), /reconnects: 2\n/);
    await close();
  });
});
