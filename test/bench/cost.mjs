// What a frame costs the main thread while 100 characters come with each, beside the floor and beside others.
import { textUrl } from './browser.mjs';
import { median, round, sizeName } from './results.mjs';

const PER_FRAME = 100;
/** The others are measured up to here: of a longer text they take a second for each frame. */
const COMPARED_SIZE = 100_000;
const COMPARED_KINDS = new Set(['mixed', 'answer']);
const OWN = new Set(['floor', 'element']);
/** How often one of the others may fail to show its text. */
const ATTEMPTS = 3;

/** By contender: how many times what the element costs it has to cost at least, and for which texts. */
const ADVANTAGES = {
  naive: [15, ['mixed']],
  'deep-chat': [12, ['mixed']],
  // It is at its best where there are no definitions: those make one block of the whole text.
  streamdown: [4, ['mixed', 'answer']],
  'streaming-markdown': [1.2, ['mixed']],
};

async function measure(browser, contender, ...text) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await measureOnce(browser, contender, ...text);
    } catch (error) {
      if (OWN.has(contender) || attempt === ATTEMPTS) throw error;
      console.log(`Again: ${error.message}`);
    }
  }
}

async function measureOnce(browser, contender, kind, size, frames) {
  return browser.withPage(async (page) => {
    await page.call('create', contender, textUrl(kind, size + frames * PER_FRAME));
    await page.call('fill', size);
    const { task, cpu } = await page.costs(() => page.call('stream', frames, PER_FRAME));
    await page.checkShown(contender);
    return {
      task: cpu.task / frames,
      script: cpu.script / frames,
      layout: (cpu.layout + cpu.style) / frames,
      clock: task / frames,
    };
  });
}

/** Rows of milliseconds of processor time per frame, by text, size and contender. */
export async function measureCost(browser, { kinds, sizes, contenders, reps, frames }, checks) {
  const rows = [];
  for (const kind of kinds) {
    for (const size of sizes) {
      const present = contenders.filter(
        (name) => OWN.has(name) || (size <= COMPARED_SIZE && COMPARED_KINDS.has(kind)),
      );
      const runs = new Map(present.map((name) => [name, []]));
      for (let rep = 0; rep < reps; rep += 1) {
        // In another order each time: the machine has other work, too.
        for (const name of rep % 2 === 0 ? present : present.toReversed())
          runs.get(name).push(await measure(browser, name, kind, size, frames));
      }
      const of = (name, key) => median((runs.get(name) ?? []).map((run) => run[key]));
      for (const name of present) {
        const row = { kind, size, contender: name };
        for (const key of ['task', 'script', 'layout']) row[key] = round(of(name, key));
        row['× floor'] = round(of(name, 'task') / of('floor', 'task'));
        row['× element'] = round(of(name, 'task') / of('element', 'task'));
        row['by the clock'] = round(of(name, 'clock'));
        row['× floor, by the clock'] = round(of(name, 'clock') / of('floor', 'clock'));
        rows.push(row);
        console.log(JSON.stringify(row));
      }
    }
  }
  checkCost(rows, kinds, sizes, checks);
  return rows;
}

function checkCost(rows, kinds, sizes, checks) {
  const find = (kind, size, contender) =>
    rows.find((row) => row.kind === kind && row.size === size && row.contender === contender);
  for (const kind of kinds) {
    for (const size of sizes) {
      const row = find(kind, size, 'element');
      const target = kind === 'tables-lists' ? 2 : 1.5;
      const name = `a frame at ${sizeName(size)}, ${kind}, times the floor`;
      checks.atMost(target, row?.['× floor'], name);
      // As the target was set: processor time leaves out what both wait for, most of all the compositor.
      checks.atMost(target, row?.['× floor, by the clock'], `${name}, by the clock`);
    }
    const [first, last] = [find(kind, sizes[0], 'element'), find(kind, sizes.at(-1), 'element')];
    const growth = first === last ? NaN : last?.task / first?.task;
    const name = `a frame at ${sizeName(sizes.at(-1))}, ${kind}, times one at ${sizeName(sizes[0])}`;
    checks.atMost(1.2, growth, name);
  }
  for (const [contender, [target, texts]] of Object.entries(ADVANTAGES)) {
    for (const kind of texts) {
      const row = find(kind, COMPARED_SIZE, contender);
      checks.atLeast(target, row?.['× element'], `${contender} at ${sizeName(COMPARED_SIZE)}, ${kind}`);
    }
  }
}
