// The longest frame and the longest task at every speed: as fast as one reads, as fast as models are, all at once.
import { textUrl } from './browser.mjs';
import { median, most, round, sizeName } from './results.mjs';

/** Characters for a frame: 420, 1200 and 6000 a second. */
const READING_SPEED = 7;
const SPEEDS = [READING_SPEED, 20, 100];
/** Milliseconds. */
const FRAME = 16.7;
const LONG_TASK = 50;

/** By contender, the speeds at which text is streamed, and whether all of it also comes at once. */
const PLANS = {
  floor: { speeds: [READING_SPEED], bursts: [] },
  element: { speeds: SPEEDS, bursts: ['at once', 'pasted'] },
  'element in place': { speeds: [100], bursts: ['at once'] },
};

async function measureSpeeds(browser, contender, kind, size, frames) {
  const { speeds } = PLANS[contender];
  const total = size + speeds.reduce((sum, speed) => sum + speed * frames, 0);
  return browser.withPage(async (page) => {
    await page.call('create', contender, textUrl(kind, total));
    await page.call('fill', size);
    const results = [];
    for (const speed of speeds)
      results.push({
        way: `${speed * 60}/s`,
        ...(await page.trace(() => page.call('stream', frames, speed))),
      });
    return results;
  });
}

async function measureBurst(browser, contender, kind, size, way) {
  return browser.withPage(async (page) => {
    await page.call('create', contender, textUrl(kind, size));
    const trace = await page.trace(() => page.call('burst', way === 'pasted'));
    await page.checkShown(contender);
    return { way, ...trace };
  });
}

/** Rows of milliseconds, by contender, size and way: the worst of all runs, and the middle of their worst. */
export async function measureTasks(browser, { kinds, sizes, contenders, reps, frames }, checks) {
  const rows = [];
  const [kind] = kinds;
  for (const size of sizes) {
    for (const contender of Object.keys(PLANS).filter((name) => contenders.includes(name))) {
      const runs = [];
      for (let rep = 0; rep < reps; rep += 1) {
        runs.push(...(await measureSpeeds(browser, contender, kind, size, frames)));
        for (const way of PLANS[contender].bursts)
          runs.push(await measureBurst(browser, contender, kind, size, way));
      }
      for (const way of new Set(runs.map((run) => run.way))) {
        const of = (key) => runs.filter((run) => run.way === way).map((run) => run[key]);
        const row = {
          kind,
          size,
          contender,
          way,
          'longest task': round(most(of('longestTask'))),
          'median of longest': round(median(of('longestTask'))),
          'longest by the clock': round(most(of('longestByClock'))),
          // A text that comes at once has no frames of its own.
          ...(way.endsWith('/s') && { 'longest frame': round(most(of('longestFrame'))) }),
        };
        rows.push(row);
        console.log(JSON.stringify(row));
      }
    }
  }
  for (const row of rows.filter(({ contender }) => contender !== 'floor')) {
    const name = `ms at ${sizeName(row.size)}, ${row.way}, ${row.contender}`;
    if (row.way === `${READING_SPEED * 60}/s`)
      checks.atMost(FRAME, row['longest frame'], `longest frame in ${name}`);
    checks.atMost(LONG_TASK, row['longest task'], `longest task in ${name}`);
  }
  return rows;
}
