// What a message costs while it streams, in one run and so comparable. docs/benchmarks.md says what the columns are.
//
//   npm run bench
//   npm run bench -- --quick
//   npm run bench -- --parts cost,giants --kinds mixed --sizes 10000,1000000 --contenders floor,element --reps 3
//
// Prints tables and what the targets say, and writes test/bench/results.json.
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';
import { measureCost } from './cost.mjs';
import { measureGiants } from './giants.mjs';
import { measureHalfOpen } from './half-open.mjs';
import { measureLists } from './lists.mjs';
import { measureMemory } from './memory.mjs';
import { Checks } from './results.mjs';
import { measureTasks } from './tasks.mjs';

const FULL = {
  parts: 'cost,tasks,giants,memory,half-open,list',
  kinds: 'mixed,answer,tables-lists',
  giants: 'fence,list,table,paragraph,quote,fence-in-item,details',
  sizes: '10000,100000,1000000',
  contenders: 'floor,element,element in place,naive,deep-chat,streamdown,streaming-markdown',
  lists: 'element,virtua,lit-virtualizer,tanstack,plain',
  counts: '1000,10000,100000',
  reps: '3',
  frames: '80',
};
const QUICK = {
  kinds: 'mixed',
  giants: 'fence,paragraph',
  sizes: '10000,100000',
  counts: '1000,10000',
  reps: '1',
  frames: '20',
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    ...Object.fromEntries(Object.keys(FULL).map((name) => [name, { type: 'string' }])),
  },
});
const options = { ...FULL, ...(values.quick && QUICK), ...values };
const list = (text) => text.split(',').map((entry) => entry.trim());
const [kinds, giants, contenders] = [options.kinds, options.giants, options.contenders].map(list);
const sizes = list(options.sizes)
  .map(Number)
  .toSorted((one, other) => one - other);
const [reps, frames] = [Number(options.reps), Number(options.frames)];

const PARTS = {
  cost: (browser, checks) => {
    const compared = contenders.filter((name) => name !== 'element in place');
    return measureCost(browser, { kinds, sizes, contenders: compared, reps, frames }, checks);
  },
  tasks: (browser, checks) =>
    // Twice the frames: the longest of a few is soon found.
    measureTasks(browser, { kinds, sizes, contenders, reps, frames: 2 * frames }, checks),
  giants: (browser, checks) => measureGiants(browser, { giants, sizes, reps, frames }, checks),
  memory: (browser, checks) => {
    const texts = kinds.filter((kind) => kind !== 'tables-lists');
    return measureMemory(browser, { kinds: texts, reps }, checks);
  },
  list: (browser, checks) => {
    const counts = list(options.counts).map(Number);
    return measureLists(browser, { counts, lists: list(options.lists), reps, frames }, checks);
  },
  'half-open': (_browser, checks) => measureHalfOpen({ size: values.quick ? 200_000 : 2_000_000 }, checks),
};

const checks = new Checks();
const tables = {};
const start = performance.now();
const browser = await openBrowser();
try {
  for (const part of list(options.parts)) {
    if (!(part in PARTS))
      throw new Error(`There is no part "${part}". The parts are: ${Object.keys(PARTS).join(', ')}`);
    console.log(`\n== ${part}`);
    tables[part] = await PARTS[part](browser, checks);
  }
} finally {
  await browser.close();
}
for (const [part, rows] of Object.entries(tables)) {
  console.log(`\n${part}`);
  console.table(rows);
}
checks.print();
const minutes = ((performance.now() - start) / 60_000).toFixed(1);
console.log(`${minutes} minutes, Chromium ${browser.version}, ${availableParallelism()} processors`);
const results = {
  chromium: browser.version,
  processors: availableParallelism(),
  ...options,
  targets: checks.list,
};
await writeFile(
  new URL('results.json', import.meta.url),
  `${JSON.stringify({ ...results, tables }, null, 2)}\n`,
);
