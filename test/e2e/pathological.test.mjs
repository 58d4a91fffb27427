// Texts made to be slow, through the whole chat: streamed by a server, read in the worker, shown in the page.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { buildText, OWN_CASES } from '../support/pathological.ts';
import { launch, listen, openPage, trace } from './support.mjs';

/** Milliseconds of processor time: on a busy machine a task takes longer, for want of a processor. */
const LONGEST_TASK = 200;
/** Bytes by which the heap of the page may have grown when the text is shown. */
const MAX_GROWTH = 64 * 1024 * 1024;
/** Milliseconds between two clicks, so that they are no load themselves. */
const CLICK_INTERVAL = 50;
/** Characters in one event. */
const DELTA = 4000;

const given = new URL('../../../shared/conformance/pathological-a.json', import.meta.url);
const cases = [...OWN_CASES];
if (existsSync(given)) cases.unshift(...JSON.parse(readFileSync(given, 'utf8')));
else console.log('pathological-a.json is missing: 21 cases skipped');

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Slow texts</title></head>
  <body><button id="button">click</button><ai-stream-chat src="/api" style="block-size: 600px"></ai-stream-chat>
  <script type="module" src="/chat.js"></script></body></html>`;

function* eventsOf(text) {
  for (let from = 0; from < text.length; from += DELTA) {
    yield `data: ${JSON.stringify({ delta: text.slice(from, from + DELTA) })}\n\n`;
  }
  yield 'data: [DONE]\n\n';
}

/** Runs in the page. */
function countClicks() {
  globalThis.clicks = { answered: 0, longest: 0 };
  document.querySelector('#button').addEventListener('click', ({ timeStamp }) => {
    globalThis.clicks.answered += 1;
    globalThis.clicks.longest = Math.max(globalThis.clicks.longest, performance.now() - timeStamp);
  });
}

/** Runs in the page: asks once, and waits until the answer is painted. Gives how it ended. */
async function ask() {
  const chat = document.querySelector('ai-stream-chat');
  performance.mark('frame');
  await chat.send('Go on');
  await chat.settled;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  performance.mark('end');
  return chat.messages.at(-1).status;
}

/** Runs in the page: what is shown of the newest message. */
function newest() {
  const chat = document.querySelector('ai-stream-chat');
  const { id } = chat.messages.at(-1);
  return [...chat.shadowRoot.querySelectorAll('ai-stream-message')].find(({ messageId }) => messageId === id)
    ?.renderedHtml;
}

describe('a text made to be slow', () => {
  let browser;
  let site;
  let text = '';

  before(async () => {
    const script = await readFile(new URL('../../dist/ai-stream-chat.js', import.meta.url));
    browser = await launch();
    site = await listen(
      createServer(async (request, response) => {
        if (request.url === '/chat.js') {
          response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
        } else if (request.url === '/api') {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          // The page may leave in the middle.
          await pipeline(Readable.from(eventsOf(text)), response).catch(() => {});
        } else response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
      }),
    );
  });

  after(async () => {
    await browser?.close();
    await site?.stop();
  });

  /** Clicks again and again until `answer` is there. Gives how often. */
  async function clickUntil(answer, page) {
    const { x, y } = await page.locator('#button').boundingBox();
    const shown = new AbortController();
    void answer.finally(() => shown.abort());
    let clicks = 0;
    for (; !shown.signal.aborted; clicks += 1) {
      await page.mouse.click(x + 5, y + 5);
      await setTimeout(CLICK_INTERVAL);
    }
    return clicks;
  }

  for (const { name, segments } of cases) {
    it(`holds nothing up: ${name}`, { timeout: 300_000 }, async (context) => {
      const { page, problems, close } = await openPage(browser, site.url);
      await page.waitForFunction(() => customElements.get('ai-stream-chat'));
      const devtools = await page.context().newCDPSession(page);
      const heap = async () => {
        await devtools.send('HeapProfiler.collectGarbage');
        return (await devtools.send('Runtime.getHeapUsage')).usedSize;
      };
      text = 'First, *one* answer.';
      await page.evaluate(ask);
      await page.evaluate(countClicks);
      const heapBefore = await heap();

      text = buildText(segments);
      let clicked = 0;
      const { longestTask } = await trace(browser, async () => {
        const answer = page.evaluate(ask);
        clicked = await clickUntil(answer, page);
        assert.equal(await answer, 'complete');
      });
      const growth = (await heap()) - heapBefore;
      const { answered, longest } = await page.evaluate(() => globalThis.clicks);

      text = 'And *then* the next.';
      await page.evaluate(ask);
      const next = await page.evaluate(newest);
      await close();

      context.diagnostic(
        `longest task ${Math.round(longestTask)} ms, ${clicked} clicks, answered after ${Math.round(longest)} ms`,
      );
      assert.equal(next, '<p>And <em>then</em> the next.</p>\n');
      assert.deepEqual(problems, []);
      assert.equal(answered, clicked);
      assert.ok(growth < MAX_GROWTH, `the heap grows by ${growth} bytes`);
      assert.ok(longestTask < LONGEST_TASK, `a task of ${longestTask} ms`);
    });
  }
});
