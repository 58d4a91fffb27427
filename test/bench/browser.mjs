// A browser, the pages it loads, and what can be measured of them.
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../support/browsers.mjs';
import { corpus } from './corpus.mjs';
import { traceWork } from './trace.mjs';

const here = new URL('./', import.meta.url);
const PAGE = `<!doctype html><meta charset="utf-8"><title>bench</title>
<style>body { margin: 0; font: 16px/1.5 sans-serif } #scroller { height: 100vh; overflow-y: scroll }</style>
<div id="scroller"><div id="root"></div></div><script type="module" src="/page.js"></script>`;
const LIST_PAGE = `<!doctype html><meta charset="utf-8"><title>bench of lists</title>
<style>body { margin: 0 } #host { width: 480px; height: 800px }</style>
<div id="host"></div><script type="module" src="/lists/page.js"></script>`;
/** Characters of each event of a streamed answer, and milliseconds between two. */
const ANSWER_PIECE = 100;
const ANSWER_INTERVAL = 16;

/** Only a page that is isolated may ask how much memory it takes. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** What is compared with is no dependency of the project: it is installed here, when it is missing or has changed. */
function installCompetitors() {
  const folder = fileURLToPath(new URL('competitors/', here));
  const installed = statSync(`${folder}node_modules/.package-lock.json`, { throwIfNoEntry: false });
  if (installed && installed.mtimeMs > statSync(`${folder}package-lock.json`).mtimeMs) return;
  console.log('Installing what the bench compares with.');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm ci failed in ${folder}.`);
}

/** The page's modules by path. Each contender is a module of its own, so that a page loads no other. */
async function bundlePage() {
  const { outputFiles } = await build({
    entryPoints: ['page.js', 'lists/page.js'].map((path) => fileURLToPath(new URL(path, here))),
    outbase: fileURLToPath(here),
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    format: 'esm',
    outdir: '/',
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['/dist/*'],
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

/** Streams 200 pieces of a text in the native dialect. */
async function answer(response, text) {
  response.writeHead(200, { ...ISOLATED, 'content-type': 'text/event-stream' });
  const write = (event) => response.write(`data: ${JSON.stringify(event)}\n\n`);
  write({ type: 'start', streamId: 'bench' });
  for (let piece = 0; piece < 200; piece += 1) {
    write({ type: 'text', content: text.slice(piece * ANSWER_PIECE, (piece + 1) * ANSWER_PIECE) });
    await new Promise((resolve) => setTimeout(resolve, ANSWER_INTERVAL));
  }
  write({ type: 'done', reason: 'stop', complete: true });
  response.end();
}

async function serve(modules) {
  const texts = new Map();
  const textOf = (kind, length) => {
    const key = `${kind} ${length}`;
    if (!texts.has(key)) texts.set(key, corpus(kind, length).slice(0, length));
    return texts.get(key);
  };
  const server = createServer(async (request, response) => {
    const send = (type, body) => response.writeHead(200, { ...ISOLATED, 'content-type': type }).end(body);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/') send('text/html', PAGE);
    else if (pathname === '/lists') send('text/html', LIST_PAGE);
    else if (pathname === '/answer') await answer(response, textOf('answer', 100_000));
    else if (pathname === '/text')
      send('text/plain; charset=utf-8', textOf(searchParams.get('kind'), Number(searchParams.get('length'))));
    else if (pathname === '/dist/ai-stream-chat.js')
      send('text/javascript', await readFile(new URL(`../..${pathname}`, here)));
    else if (modules.has(pathname)) send('text/javascript', modules.get(pathname));
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  return server;
}

const METRICS = {
  task: 'TaskDuration',
  script: 'ScriptDuration',
  layout: 'LayoutDuration',
  style: 'RecalcStyleDuration',
};

/** One page with one contender in it. */
class BenchPage {
  #page;
  #tracing;
  #byClock;
  #byProcessor;

  constructor(page, tracing, byClock, byProcessor) {
    this.#page = page;
    this.#tracing = tracing;
    this.#byClock = byClock;
    this.#byProcessor = byProcessor;
  }

  /** Calls a function of page.js. */
  call(name, ...args) {
    return this.#page.evaluate(([key, rest]) => globalThis.bench[key](...rest), [name, args]);
  }

  /** Where the text of a kind can be had. */
  static textUrl(kind, length) {
    return `/text?kind=${kind}&length=${length}`;
  }

  async #metrics(session) {
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  }

  /** Milliseconds of the main thread that `work` takes, by the clock and, as `cpu`, in processor time. */
  async costs(work) {
    const read = async () => [await this.#metrics(this.#byClock), await this.#metrics(this.#byProcessor)];
    const before = await read();
    await work();
    const after = await read();
    const spent = (index, name) => (after[index][name] - before[index][name]) * 1000;
    const costs = Object.fromEntries(Object.entries(METRICS).map(([key, name]) => [key, spent(0, name)]));
    const cpu = Object.fromEntries(Object.entries(METRICS).map(([key, name]) => [key, spent(1, name)]));
    return { ...costs, cpu };
  }

  /** What the threads of the page do during `work`; it has to set the marks of page.js. */
  trace(work) {
    return traceWork(this.#tracing, work);
  }

  /** Bytes on the heaps of the page's scripts and of its workers, after garbage is collected. */
  async memory() {
    // What finalizers let go of is garbage of the next time.
    await this.#byClock.send('HeapProfiler.collectGarbage');
    const { breakdown } = await this.#page.evaluate(() => performance.measureUserAgentSpecificMemory());
    const of = (scope) =>
      breakdown
        .filter(({ types, attribution }) => types.includes('JavaScript') && attribution[0]?.scope === scope)
        .reduce((sum, { bytes }) => sum + bytes, 0);
    return { page: of('Window'), worker: of('DedicatedWorkerGlobalScope') };
  }

  text(url) {
    return this.#page.evaluate(async (address) => (await fetch(address)).text(), url);
  }

  /** Throws where the contender does not show its text: what shows nothing costs nothing. */
  async checkShown(name) {
    const shown = await this.call('shown');
    if (shown < 0.5 || shown > 1.5) throw new Error(`${name} shows ${shown.toFixed(2)} of its text.`);
  }

  screenshot(path) {
    return this.#page.screenshot({ path });
  }
}

export const { textUrl } = BenchPage;

/** Opens a browser for the bench. */
export async function openBrowser() {
  installCompetitors();
  const server = await serve(await bundlePage());
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [
      ...chromiumArgs,
      // No contender may wait for a host that this machine does not reach.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      // Memory is measured when it is asked for, not at the next collection of garbage.
      '--enable-blink-features=ForceEagerMeasureMemory',
    ],
  });
  const tracing = await browser.newBrowserCDPSession();
  return {
    version: browser.version(),

    /** Runs `use` with a new page. */
    async withPage(use, path = '/') {
      const page = await browser.newPage({ viewport: { width: 900, height: 850 } });
      try {
        await page.goto(origin + path);
        await page.waitForFunction(() => 'bench' in globalThis);
        const byClock = await page.context().newCDPSession(page);
        await byClock.send('Performance.enable', { timeDomain: 'timeTicks' });
        const byProcessor = await page.context().newCDPSession(page);
        await byProcessor.send('Performance.enable', { timeDomain: 'threadTicks' });
        return await use(new BenchPage(page, tracing, byClock, byProcessor));
      } finally {
        await page.close();
      }
    },

    async close() {
      await browser.close();
      server.close();
    },
  };
}
