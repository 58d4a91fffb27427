// One open block that is the whole text: what a frame costs when it is long, beside when it is short.
import { textUrl } from './browser.mjs';
import { median, round, sizeName } from './results.mjs';

const PER_FRAME = 100;
/** How many times a frame of the short text one of the long text may cost, without layout. */
const MAX_GROWTH = 1.2;

/** All rows of a table are laid out for each frame: in sight, a megabyte of them would take minutes to get there. */
const HIDDEN_AT_FIRST = new Set(['table']);

async function measure(browser, kind, size, frames) {
  return browser.withPage(async (page) => {
    await page.call('create', 'element', textUrl(kind, size + 2 * frames * PER_FRAME));
    await page.call('fill', size, HIDDEN_AT_FIRST.has(kind));
    const { cpu } = await page.costs(() => page.call('stream', frames, PER_FRAME));
    const { worker } = await page.trace(() => page.call('stream', frames, PER_FRAME));
    await page.checkShown(kind);
    return {
      script: cpu.script / frames,
      layout: (cpu.layout + cpu.style) / frames,
      rest: (cpu.task - cpu.script - cpu.layout - cpu.style) / frames,
      worker: worker / frames,
    };
  });
}

/** Rows of milliseconds of processor time per frame, by kind of block and size. */
export async function measureGiants(browser, { giants, sizes, reps, frames }, checks) {
  const rows = [];
  const ends = [sizes[0], sizes.at(-1)];
  for (const kind of giants) {
    const medians = [];
    for (const size of ends) {
      const runs = [];
      for (let rep = 0; rep < reps; rep += 1) runs.push(await measure(browser, kind, size, frames));
      const row = { kind, size };
      for (const key of ['script', 'worker', 'layout', 'rest'])
        row[key] = round(median(runs.map((run) => run[key])));
      medians.push(median(runs.map(({ script, worker }) => script + worker)));
      rows.push(row);
      console.log(JSON.stringify(row));
    }
    const name = `script and worker of a ${kind} at ${sizeName(ends[1])}, times those at ${sizeName(ends[0])}`;
    checks.atMost(MAX_GROWTH, medians[1] / medians[0], name);
  }
  return rows;
}
