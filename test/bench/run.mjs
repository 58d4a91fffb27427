// What a frame costs the main thread while a message streams, in one run and so comparable:
//
//   npm run bench
//   node test/bench/run.mjs --kinds mixed,table --sizes 10000,1000000 --reps 3 --frames 80 --per-frame 100
//
// The floor is the same text as plain blocks (page.js). Prints a table and writes test/bench/results.json.
import { createServer } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../support/browsers.mjs';
import { corpus, kinds } from './corpus.mjs';

const { values } = parseArgs({
  options: {
    kinds: { type: 'string', default: 'mixed,answer,tables-lists' },
    sizes: { type: 'string', default: '10000,100000,1000000' },
    contenders: { type: 'string', default: 'floor,element,naive' },
    reps: { type: 'string', default: '3' },
    frames: { type: 'string', default: '80' },
    'per-frame': { type: 'string', default: '100' },
  },
});
const frames = Number(values.frames);
const perFrame = Number(values['per-frame']);
const reps = Number(values.reps);
const wantedKinds = values.kinds === 'all' ? kinds : values.kinds.split(',');
const wantedSizes = values.sizes.split(',').map(Number);
const contenders = values.contenders.split(',');
/** Re-rendering a megabyte for each frame takes minutes; one run says enough. */
const SLOW = { contender: 'naive', size: 500_000, frames: 5 };

const root = new URL('../../', import.meta.url);
const { outputFiles } = await build({
  entryPoints: [new URL('page.js', import.meta.url).pathname],
  bundle: true,
  write: false,
  format: 'esm',
  external: ['/dist/*'],
});
const PAGE = `<!doctype html><meta charset="utf-8"><title>bench</title>
<style>body { margin: 0; font: 16px/1.5 sans-serif } #scroller { height: 100vh; overflow-y: scroll }</style>
<div id="scroller"><div id="root"></div></div><script type="module" src="/page.js"></script>`;

let text = '';
const server = createServer(async (request, response) => {
  const send = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/') send('text/html', PAGE);
  else if (pathname === '/page.js') send('text/javascript', outputFiles[0]?.text);
  else if (pathname === '/text') send('text/plain; charset=utf-8', text);
  else if (pathname === '/dist/ai-stream-chat.js')
    send('text/javascript', await readFile(new URL(`.${pathname}`, root)));
  else response.writeHead(404).end();
});
await new Promise((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(undefined));
});
const address = server.address();
const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
const browser = await chromium.launch({ executablePath: await findChromium(), args: chromiumArgs });

const METRICS = {
  task: 'TaskDuration',
  script: 'ScriptDuration',
  layout: 'LayoutDuration',
  style: 'RecalcStyleDuration',
};

async function measure(contender, kind, size) {
  const isSlow = contender === SLOW.contender && size > SLOW.size;
  const count = isSlow ? SLOW.frames : frames;
  const page = await browser.newPage({ viewport: { width: 900, height: 850 } });
  try {
    await page.goto(origin);
    await page.waitForFunction(() => 'bench' in globalThis);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'timeTicks' });
    const length = size + count * perFrame;
    await page.evaluate(
      ([name, total, left]) => globalThis.bench.prepare(name, '/text', total, left),
      [contender, length, count * perFrame],
    );
    const read = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    };
    const before = await read();
    const longest = await page.evaluate(([n, each]) => globalThis.bench.run(n, each), [count, perFrame]);
    const after = await read();
    const perFrameCosts = Object.fromEntries(
      Object.entries(METRICS).map(([key, name]) => [key, ((after[name] - before[name]) * 1000) / count]),
    );
    await session.send('HeapProfiler.collectGarbage');
    return { contender, kind, size, ...perFrameCosts, longest, heap: (await read()).JSHeapUsedSize };
  } finally {
    await page.close();
  }
}

const median = (numbers) =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? NaN;
const results = [];
const rows = [];
for (const kind of wantedKinds) {
  for (const size of wantedSizes) {
    text = corpus(kind, size + frames * perFrame);
    const runs = [];
    for (let rep = 0; rep < reps; rep += 1) {
      // In another order each time: the machine has other work, too.
      const order = rep % 2 === 0 ? contenders : contenders.toReversed();
      for (const contender of order) {
        if (contender === SLOW.contender && size > SLOW.size && rep > 0) continue;
        runs.push(await measure(contender, kind, size));
      }
    }
    results.push(...runs);
    const of = (contender, key) =>
      median(runs.filter((run) => run.contender === contender).map((run) => run[key]));
    const task = (contender) => of(contender, 'task');
    const row = { kind, size };
    for (const contender of contenders) row[contender] = Number(task(contender).toFixed(2));
    row['element/floor'] = Number((task('element') / task('floor')).toFixed(2));
    row['naive/element'] = Number((task('naive') / task('element')).toFixed(1));
    for (const key of ['script', 'layout', 'style']) row[key] = Number(of('element', key).toFixed(2));
    row.longest = Math.round(of('element', 'longest'));
    row['heap MB'] = Number((of('element', 'heap') / 1e6).toFixed(1));
    rows.push(row);
    console.log(JSON.stringify(row));
  }
}
await browser.close();
server.close();

for (const kind of wantedKinds) {
  const [first, last] = [rows.find((row) => row.kind === kind), rows.findLast((row) => row.kind === kind)];
  if (first && last && first !== last)
    console.log(
      `${kind}: a frame at ${last.size} costs ${(last.element / first.element).toFixed(2)} of one at ${first.size}`,
    );
}
console.log(
  'Milliseconds of the main thread per frame, medians; script, layout, style, longest task, heap: of the element.',
);
console.table(rows);
const file = new URL('results.json', import.meta.url);
await writeFile(file, `${JSON.stringify({ frames, perFrame, reps, rows, results }, null, 2)}\n`);
