// What a long answer leaves on the page's heap beyond its DOM, and what the page and its worker keep of it when its
// element has gone.
import { textUrl } from './browser.mjs';
import { median, round, sizeName } from './results.mjs';

const SIZE = 1_000_000;
const TOKEN = 4;
const PER_FRAME = 10_000;
const WARM_UP = 100_000;
/** In multiples of the text. */
const MAX_HELD = 3;
/** What a message may leave when it has gone and another one like it had gone before: no caches, nothing compiled. */
const MAX_KEPT = 0.2;

/** Bytes of the text as a string: V8 takes one for each character where none is beyond Latin-1, or else two. */
const bytesOf = (text) => text.length * (/^[\0-\xFF]*$/.test(text) ? 1 : 2);

/** What the heaps of page and worker hold at each stage, in multiples of the text. */
async function measure(browser, kind) {
  const url = textUrl(kind, SIZE);
  const { bytes, html, ...stages } = await browser.withPage(async (page) => {
    // What is compiled and cached at the first message is of no message.
    await page.call('create', 'element', textUrl(kind, WARM_UP));
    await page.call('streamAll', TOKEN, PER_FRAME);
    await page.call('finish');
    await page.call('remove');
    const before = await page.memory();

    await page.call('create', 'element', url);
    await page.call('fill', SIZE);
    const open = await page.memory();
    await page.call('remove');
    const once = await page.memory();
    await page.call('create', 'element', url);
    await page.call('fill', SIZE);
    await page.call('remove');
    const twice = await page.memory();

    await page.call('create', 'element', url);
    await page.call('streamAll', TOKEN, PER_FRAME);
    const streamed = await page.memory();
    await page.call('finish');
    await page.checkShown('element');
    const finished = await page.memory();
    const shown = await page.call('html');
    await page.call('remove');
    const removed = await page.memory();
    return {
      bytes: bytesOf(await page.text(url)),
      html: shown,
      before,
      open,
      once,
      twice,
      streamed,
      finished,
      removed,
    };
  });
  // The same nodes without anybody who knows of them: what they take of the heap is theirs.
  const nodes = await browser.withPage(async (page) => {
    await page.call('create', 'floor');
    const before = await page.memory();
    await page.call('showHtml', html);
    return (await page.memory()).page - before.page;
  });
  const { before, open, once, twice, streamed, finished, removed } = stages;
  const held = (memory, scope) => (memory[scope] - before[scope]) / bytes;
  const left = (scope, memory, earlier) => (memory[scope] - earlier[scope]) / bytes;
  return {
    streaming: held(streamed, 'page') - nodes / bytes,
    finished: held(finished, 'page') - nodes / bytes,
    removed: left('page', removed, twice),
    'worker, streaming': held(open, 'worker'),
    'worker, finished': held(finished, 'worker'),
    'worker, removed': left('worker', twice, once),
    nodes: nodes / bytes,
  };
}

/** Rows of multiples of the text, by kind of text. */
export async function measureMemory(browser, { kinds, reps }, checks) {
  const rows = [];
  for (const kind of kinds) {
    const runs = [];
    for (let rep = 0; rep < reps; rep += 1) runs.push(await measure(browser, kind));
    const row = { kind, size: SIZE };
    for (const key of Object.keys(runs[0])) row[key] = round(median(runs.map((run) => run[key])));
    rows.push(row);
    console.log(JSON.stringify(row));
    const name = `times a text of ${sizeName(SIZE)}, ${kind}`;
    checks.atMost(MAX_HELD, row.finished, `heap of the page beyond the DOM, ${name}`);
    checks.atMost(MAX_KEPT, row.removed, `heap of the page when the element has gone, ${name}`);
    checks.atMost(MAX_KEPT, row['worker, removed'], `heap of the worker when the element has gone, ${name}`);
  }
  return rows;
}
