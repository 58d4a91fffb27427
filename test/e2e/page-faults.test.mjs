// What happens to a page while its chat is being answered: the cases of faults that only a page can have.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../support/browsers.mjs';
import { PAGE_CASES, sharedCases } from '../support/fault-cases.js';
import { assertWhole, openChat, startPageServer, until, words } from './fault-page.mjs';
import { launch, trace } from './support.mjs';

let browser;
let server;
/** The chat of the test that is running. */
let chat;

before(async () => {
  browser = await launch();
  server = await startPageServer();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

async function open(connections, options) {
  chat = await openChat(browser, server, options);
  return chat.play(connections, options);
}

/** The steps of a case beside the project; its own words for them where there is none. */
function stepsOf(id, fallback) {
  return sharedCases.find((each) => each.id === id)?.connections ?? fallback;
}

/** One test for each of `PAGE_CASES`. */
const PAGE_TESTS = {
  async 'million-empty-events'() {
    const script = await open(stepsOf('million-empty-events', [{ steps: [String.raw`\n repeated 1e6`] }]), {
      attributes: { 'max-retries': '0' },
    });
    let result;
    const { longestTask } = await trace(browser, async () => {
      await chat.page.evaluate(() => performance.mark('frame'));
      await chat.send();
      result = await chat.result();
      await chat.page.evaluate(() => performance.mark('end'));
    });
    assert.equal(result.text, '');
    assert.equal(script.requests.length, 1);
    assert.ok(longestTask <= 200, `a task of ${longestTask} ms`);
  },

  async 'endless-stream'() {
    const script = await open(stepsOf('endless-stream', [{ steps: ['1 kB/s for 24 h'] }]));
    await chat.send();
    await chat.page.waitForFunction(() => answerText().length > 20_000);
    await chat.chat.evaluate((element) => element.stop());
    const result = await chat.now();
    // The network is fast: the answer may have come to its longest length before it was stopped.
    assert.ok(['idle', 'error'].includes(result.state), result.state);
    assert.ok(['aborted', 'failed'].includes(result.statuses[1]), result.statuses[1]);
    await script.over();
    assert.ok(script.requests[0].leftAt !== undefined, 'the request is aborted');
    await chat.close();

    const unstopped = await open(stepsOf('endless-stream', [{ steps: ['1 kB/s for 24 h'] }]));
    const devtools = await chat.context.newCDPSession(chat.page);
    async function heapAfter(characters) {
      await chat.page.waitForFunction((length) => answerText().length > length, characters);
      await devtools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await devtools.send('Runtime.getHeapUsage');
      return usedSize;
    }
    await chat.send();
    const early = await heapAfter(250_000);
    const late = await heapAfter(750_000);
    assert.ok(late - early < 64 * 2 ** 20, `${Math.round((late - early) / 2 ** 20)} MB more`);
    await chat.page.waitForFunction(() => record.ends.length > 0 || answerText().length > 4_000_000);
    const capped = await chat.now();
    assert.equal(capped.ends.length, 1, 'an answer has a longest length, and ends there');
    assert.equal(unstopped.requests.length, 1);
  },

  async 'offline-event'() {
    const script = await open(
      stepsOf('offline-event', [{ steps: ['send 1-7', 'go offline'] }, { steps: ['send 8-20', 'end'] }]),
      {
        async act(action) {
          assert.equal(action, 'go offline');
          await chat.context.setOffline(true);
          await chat.page.waitForFunction(() => record.states.at(-1) === 'reconnecting');
          // As long as two of its first waits: nothing is tried while the device is offline.
          await wait(1000);
          assert.equal(script.requests.length, 1);
          await chat.context.setOffline(false);
        },
      },
    );
    await chat.send();
    const result = await chat.result();
    assertWhole(result);
    assert.deepEqual(result.states, ['submitting', 'streaming', 'reconnecting', 'streaming', 'idle']);
    assert.equal(script.requests.length, 2);
    assert.equal(script.requests[1].lastEventId, '7');
  },

  async 'sleep-wake'() {
    const wakes = {
      'the clock jumps': async () => chat.page.clock.fastForward('01:00:00'),
      'the page is shown': async () => {
        await chat.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      },
    };
    for (const [name, wake] of Object.entries(wakes)) {
      const [first, ...rest] = stepsOf('sleep-wake', [
        { steps: ['send 1-7', 'clock jumps 1 h'] },
        { steps: ['send 8-20', 'end'] },
      ]);
      // The connection has died, and nobody has told.
      const script = await open([{ steps: [...first.steps, 'stall forever'] }, ...rest], {
        attributes: { 'idle-timeout': '0' },
        prepare: (page) => page.clock.install(),
        async act() {
          await wake();
          // The clock is looked at every few seconds, and a connection gets a few more to show that it lives.
          for (let second = 0; second < 20 && script.requests.length === 1; second += 1) {
            await chat.page.clock.runFor(1000);
          }
        },
      });
      await chat.send();
      await until(() => script.requests.length === 2);
      assertWhole(await chat.result());
      assert.equal(script.requests[1].lastEventId, '7', name);
      if (name !== Object.keys(wakes).at(-1)) await chat.close();
    }
  },

  async 'tab-hidden-10-min'() {
    async function setHidden(hidden) {
      await chat.page.evaluate((isHidden) => globalThis.setHidden(isHidden), hidden);
    }
    const script = await open(
      stepsOf('tab-hidden-10-min', [{ steps: ['hide', 'send 1-20 one a minute', 'end', 'show'] }]),
      {
        attributes: { 'idle-timeout': '150000' },
        async prepare(page) {
          await page.clock.install();
          // What Chromium does to pages hidden for five minutes: no frames, and timers once a minute.
          await page.addInitScript(() => {
            let hidden = false;
            const frames = [];
            const { requestAnimationFrame: frame, setTimeout: timeout } = globalThis;
            globalThis.requestAnimationFrame = (callback) =>
              hidden ? frames.push(callback) : frame(callback);
            globalThis.setTimeout = (callback, delay = 0, ...args) =>
              timeout(callback, hidden ? Math.max(delay, 60_000) : delay, ...args);
            Object.defineProperty(document, 'hidden', { get: () => hidden });
            Object.defineProperty(document, 'visibilityState', {
              get: () => (hidden ? 'hidden' : 'visible'),
            });
            globalThis.setHidden = (isHidden) => {
              hidden = isHidden;
              document.dispatchEvent(new Event('visibilitychange'));
              if (!hidden) for (const callback of frames.splice(0)) frame(callback);
            };
          });
        },
        async act(action) {
          if (action === 'hide') await setHidden(true);
          else if (action === 'one a minute') await chat.page.clock.fastForward(60_000);
        },
      },
    );
    await chat.send();
    await chat.page.waitForFunction(() => record.ends.length > 0, undefined, { polling: 100 });
    const hidden = await chat.now();
    assert.equal(hidden.text, words(1, 20));
    assert.deepEqual(hidden.ends, [{ reason: 'stop', complete: true }], 'the end is told while it is hidden');
    await setHidden(false);
    await chat.page.clock.resume();
    assertWhole(await chat.result());
    assert.equal(script.requests.length, 1);
  },

  async 'freeze-resume'() {
    let devtools;
    const script = await open(
      stepsOf('freeze-resume', [
        { steps: ['send 1-7', 'freeze', 'resume'] },
        { steps: ['send 8-20', 'end'] },
      ]),
      {
        async act(action, exchange) {
          devtools ??= await chat.context.newCDPSession(chat.page);
          if (action === 'freeze') await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
          else {
            // What happens to connections of a frozen page: they break, and it does not hear of it.
            exchange.reset();
            await wait(100);
            await devtools.send('Page.setWebLifecycleState', { state: 'active' });
          }
        },
      },
    );
    await chat.send();
    assertWhole(await chat.result());
    assert.equal(script.requests[1].lastEventId, '7');
  },

  async 'two-tabs'() {
    let other;
    const [{ steps }] = stepsOf('two-tabs', [{ steps: ['tab A send 1-7', 'tab B opens same thread'] }]);
    const attributes = { 'conversation-id': 'thread-1' };
    const script = await open([{ steps: [...steps, 'toolCall 1', 'send 8-20', 'end'] }], {
      attributes,
      beyond: { steps: ['end'] },
      async act(action) {
        assert.equal(action, 'tab B opens same thread');
        other = await openChat(browser, server, { context: chat.context });
        await other.play([{ steps: ['send 1-20', 'end'] }], { attributes });
        await other.send();
      },
    });
    await chat.send();
    const [first, second] = [await chat.result(), await other.result()];
    assertWhole(first);
    assertWhole(second);
    assert.deepEqual([first.calls, second.calls], [['call-1'], []]);
    assert.equal(script.requests.length, 2);
    await other.close();
  },

  async 'move-in-dom'() {
    const script = await open(
      stepsOf('move-in-dom', [
        { steps: ['send 1-7', 'move to other parent (moveBefore and append)', 'send 8-20', 'end'] },
      ]),
      {
        async act() {
          await chat.chat.evaluate(async (element) => {
            const [main, aside] = document.querySelectorAll('main, aside');
            aside.append(element);
            await new Promise((resolve) => requestAnimationFrame(resolve));
            if ('moveBefore' in main) main.moveBefore(element, null);
            else main.append(element);
            await new Promise((resolve) => requestAnimationFrame(resolve));
          });
        },
      },
    );
    await chat.send();
    assertWhole(await chat.result());
    assert.equal(script.requests.length, 1);
    assert.equal(script.requests[0].leftAt, undefined);
  },

  async 'src-change-mid-stream'() {
    const script = await open(
      stepsOf('src-change-mid-stream', [{ steps: ['send 1-7', 'src = other', 'send 8-20', 'end'] }]),
      {
        async act(_action, exchange) {
          const other = new URL('other', script.url).href;
          await chat.chat.evaluate((element, src) => {
            element.src = src;
          }, other);
          await Promise.race([exchange.left, wait(1000)]);
        },
      },
    );
    await chat.send();
    const result = await chat.result();
    assert.equal(result.text, words(1, 7), 'no event of the old stream is applied');
    assert.ok(script.requests[0].leftAt !== undefined, 'the old request is aborted');
  },

  async 'stop-mid-stream'() {
    const script = await open(
      stepsOf('stop-mid-stream', [{ steps: ['send 1-7', 'stop()', 'send 8-20', 'end'] }]),
      {
        async act() {
          await chat.chat.evaluate((element) => element.stop());
          await until(() => chat.script.requests[0].leftAt !== undefined);
        },
      },
    );
    await chat.send();
    await script.over();
    const result = await chat.result();
    assert.equal(result.text, words(1, 7));
    assert.equal(result.statuses[1], 'aborted');
    assert.deepEqual(result.ends, [{ reason: 'aborted', complete: false }]);
    assert.equal(script.requests.length, 1);
  },

  async 'worker-hangs'() {
    // Nothing of this size hangs any more, so the worker is given less time than any text takes.
    const pathological = `${'*a **a '.repeat(60_000)}b${' a** a*'.repeat(60_000)}`;
    const event = (content) => `data: ${JSON.stringify({ type: 'text', content })}\n\n`;
    await open([
      { steps: [Buffer.from(event(pathological)), 'end'] },
      { steps: [Buffer.from(event('**fine**')), 'end'] },
    ]);
    await chat.chat.evaluate((element) => (element.limits = { renderTimeout: 1 }));
    await chat.send();
    const result = await chat.result();
    // A megabyte in a message would bury the report.
    assert.ok(result.shown.trim() === pathological, 'it is shown as plain text');
    await chat.chat.evaluate((element) => (element.limits = {}));
    await chat.send();
    await chat.result();
    const html = await chat.chat.evaluate(
      (element) => [...element.shadowRoot.querySelectorAll('ai-stream-message')].at(-1).renderedHtml,
    );
    assert.match(html, /<strong>fine<\/strong>/);
  },

  async 'worker-answers-out-of-order'() {
    chat = await openChat(browser, server);
    const shown = await chat.page.evaluate(async () => {
      const message = document.createElement('ai-stream-message');
      document.querySelector('aside').append(message);
      // The first is some tenths of a second of work, and is being parsed when the second comes.
      message.content = '- a\n\n'.repeat(20_000);
      await new Promise((resolve) => setTimeout(resolve));
      message.content = '**newer**';
      await message.settled;
      // The worker has answered both when it answers a third, asked for after them.
      const third = document.createElement('ai-stream-message');
      document.querySelector('aside').append(third);
      third.content = 'third';
      await third.settled;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      return message.renderedHtml;
    });
    assert.equal(shown.trim(), '<p><strong>newer</strong></p>');
  },
};

describe('a page to which things happen', { timeout: 180_000 }, () => {
  it('has a test for each case of a page', () => {
    assert.deepEqual(Object.keys(PAGE_TESTS).toSorted(), [...PAGE_CASES].toSorted());
  });

  for (const [id, test] of Object.entries(PAGE_TESTS)) {
    it(id, { timeout: 60_000 }, async () => {
      chat = undefined;
      try {
        await test();
      } finally {
        await chat?.close();
      }
    });
  }

  it('goes on after it was put into the back-forward cache', { timeout: 60_000 }, async (context) => {
    const cached = await chromium.launch({
      executablePath: await findChromium(),
      args: chromiumArgs,
      // Playwright turns it off by default.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    try {
      chat = await openChat(cached, server);
      const { page } = chat;
      await page.evaluate(() => {
        addEventListener('pageshow', ({ persisted }) => {
          globalThis.wasCached = persisted;
        });
      });
      let left;
      const script = await chat.play(
        [{ steps: ['send 1-7', 'hide', 'stall forever'] }, { steps: ['send 8-20', 'end'] }],
        {
          act: (_action, exchange) => {
            left = exchange.left;
          },
        },
      );
      await chat.send();
      await until(() => left !== undefined);
      await page.goto(`${server.origin}/elsewhere`);
      await left;
      assert.equal(script.requests.length, 1);
      // Nothing is loaded, which page.goBack() would wait for.
      await page.evaluate(() => void setTimeout(() => history.back()));
      await until(() => page.url().endsWith('/page'));
      if (!(await page.evaluate(() => globalThis.wasCached))) return context.skip('the page was not kept');
      assertWhole(await chat.result());
      assert.equal(script.requests[1].lastEventId, '7');
    } finally {
      await cached.close();
      chat = undefined;
    }
    return undefined;
  });
});
