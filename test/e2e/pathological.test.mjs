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
import { launch, listen, openPage } from './support.mjs';

/** Milliseconds: of the longest task of the page, and until a click is answered. */
const LONGEST_TASK = 200;
const LONGEST_ANSWER = 200;
/** Bytes by which the heap of the page may have grown when the text is shown. */
const MAX_GROWTH = 64 * 1024 * 1024;
/** A busy machine makes any task long: the best of so many runs counts. */
const RUNS = 4;
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
function measure() {
  globalThis.tasks = [];
  globalThis.answers = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.tasks.push(duration);
  }).observe({ type: 'longtask' });
  document.querySelector('#button').addEventListener('click', ({ timeStamp }) => {
    globalThis.answers.push(performance.now() - timeStamp);
  });
}

/** Runs in the page: asks once, and waits until the answer is painted. */
async function ask() {
  const chat = document.querySelector('ai-stream-chat');
  await chat.send('Go on');
  await chat.settled;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const { id, status } = chat.messages.at(-1);
  const element = [...chat.shadowRoot.querySelectorAll('ai-stream-message')].find(
    ({ messageId }) => messageId === id,
  );
  return { status, html: element?.renderedHtml.slice(0, 500) ?? 'not in view' };
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

  async function run(segments) {
    const { page, problems, close } = await openPage(browser, site.url);
    await page.waitForFunction(() => customElements.get('ai-stream-chat'));
    const devtools = await page.context().newCDPSession(page);
    const heap = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize;
    };
    text = 'First, *one* answer.';
    await page.evaluate(ask);
    await page.evaluate(measure);
    const heapBefore = await heap();

    text = buildText(segments);
    const { x, y } = await page.locator('#button').boundingBox();
    const shown = new AbortController();
    const answer = page.evaluate(ask).finally(() => shown.abort());
    while (!shown.signal.aborted) {
      await page.mouse.click(x + 5, y + 5);
      await setTimeout(CLICK_INTERVAL);
    }
    const { status } = await answer;
    const { tasks, answers } = await page.evaluate(() => ({
      tasks: globalThis.tasks,
      answers: globalThis.answers,
    }));
    // Last, because collecting garbage is a long task itself.
    const growth = (await heap()) - heapBefore;

    text = 'And *then* the next.';
    const next = await page.evaluate(ask);
    await close();
    return {
      status,
      next: next.html,
      problems,
      growth,
      task: Math.round(Math.max(0, ...tasks)),
      answer: Math.round(Math.max(0, ...answers)),
    };
  }

  for (const { name, segments } of cases.filter(
    (c) => !process.env.ONLY || new RegExp(process.env.ONLY).test(c.name),
  )) {
    it(`holds nothing up: ${name}`, { timeout: 300_000 }, async (context) => {
      let task = Infinity;
      let answer = Infinity;
      for (let left = RUNS; left > 0; left -= 1) {
        const result = await run(segments);
        assert.equal(result.status, 'complete');
        assert.match(result.next, /<p>And <em>then<\/em> the next\.<\/p>/);
        assert.deepEqual(result.problems, []);
        assert.ok(result.growth < MAX_GROWTH, `the heap grows by ${result.growth} bytes`);
        task = Math.min(task, result.task);
        answer = Math.min(answer, result.answer);
        if (task < LONGEST_TASK && answer < LONGEST_ANSWER) break;
      }
      context.diagnostic(`longest task ${task} ms, a click is answered after ${answer} ms at the latest`);
      assert.ok(task < LONGEST_TASK, `a task of ${task} ms`);
      assert.ok(answer < LONGEST_ANSWER, `a click that is answered after ${answer} ms`);
    });
  }
});
