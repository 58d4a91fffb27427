// A list of messages beside others: what each change costs the main thread, and what the reader sees of it.
import { median, most, round } from './results.mjs';

/** What page.js does to a list. */
const TASKS = ['scroll', 'fast scroll', 'pinned', 'reading', 'prepend', 'resize', 'jump'];
/** With every row in the document, more than this take minutes and gigabytes. */
const MAX_PLAIN = 10_000;
/** Px that a reader takes for no movement: scroll positions snap to device pixels. */
const STILL = 1;
/** How many times the best of the others a change may cost. */
const TARGET = 1.1;
const CHAT_TARGET = 1.1;
/** Answers to warm up with, before one is measured. */
const WARM_UPS = 1;

async function measure(browser, name, count, frames) {
  return browser.withPage(async (page) => {
    await page.call('load', name, count);
    const { cpu } = await page.costs(() => page.call('mount'));
    const { offEnd, elements } = await page.call('state');
    const results = [{ task: 'mount', cost: cpu.task, blank: 0, moved: offEnd, elements }];
    for (const task of TASKS) {
      await page.call('prepare', task);
      const costs = await page.costs(() => page.call('run', task, frames, false));
      await page.call('prepare', task);
      const seen = await page.call('run', task, frames, true);
      results.push({ task, cost: costs.cpu.task, ...seen });
    }
    return results;
  }, '/lists');
}

/** Milliseconds of processor time of the main thread that a streamed answer takes in a chat of so many messages. */
async function measureChat(browser, count) {
  return browser.withPage(async (page) => {
    await page.call('createChat', count);
    for (let answer = 0; answer < WARM_UPS; answer += 1) await page.call('ask');
    const { cpu } = await page.costs(() => page.call('ask'));
    return cpu.task;
  }, '/lists');
}

/** Rows of milliseconds of processor time, blank frames and pixels of movement, by number of items, change and list. */
export async function measureLists(browser, { counts, lists, reps, frames }, checks) {
  const rows = [];
  for (const count of counts) {
    const present = lists.filter((name) => name !== 'plain' || count <= MAX_PLAIN);
    const runs = new Map(present.map((name) => [name, []]));
    for (let rep = 0; rep < reps; rep += 1) {
      // In another order each time: the machine has other work, too.
      for (const name of rep % 2 === 0 ? present : present.toReversed())
        runs.get(name).push(await measure(browser, name, count, frames));
    }
    const tasks = runs.get(present[0])[0].map(({ task }) => task);
    for (const [index, task] of tasks.entries()) {
      const of = (name, key) => runs.get(name).map((run) => run[index][key]);
      const found = present.map((list) => ({
        count,
        task,
        list,
        ms: round(median(of(list, 'cost'))),
        blank: most(of(list, 'blank')),
        moved: round(most(of(list, 'moved').map((px) => px ?? Infinity))),
        ...(task === 'mount' && { elements: of(list, 'elements')[0] }),
      }));
      rows.push(...found);
      for (const row of found) console.log(JSON.stringify(row));
      checkTask(found, checks);
    }
  }
  const chats = new Map([1, 10_000].map((count) => [count, []]));
  for (let rep = 0; rep < Math.max(3, reps); rep += 1) {
    for (const [count, times] of chats) times.push(await measureChat(browser, count));
  }
  for (const [count, times] of chats)
    rows.push({ count, task: 'answer', list: 'chat', ms: round(median(times)) });
  const [one, many] = [...chats.values()].map(median);
  checks.atMost(
    CHAT_TARGET,
    many / one,
    'an answer in a chat of 10,000 messages, times one in a chat of one',
  );
  return rows;
}

/** The others count where they do what is asked: nothing costs less than a list that shows nothing. */
function checkTask(found, checks) {
  const own = found.find(({ list }) => list === 'element');
  if (!own) return;
  const name = `${own.task}, ${own.count} items`;
  const others = found.filter(
    ({ list, blank, moved }) => list !== 'element' && blank === 0 && moved <= 2 * STILL,
  );
  // Where none of them does it there is nothing to compare with.
  if (others.length > 0) {
    const best = Math.min(...others.map(({ ms }) => ms));
    checks.atMost(TARGET, own.ms / best, `${name}: times the best of the others that do it`);
  }
  checks.atMost(0, own.blank, `${name}: blank frames`);
  checks.atMost(STILL, own.moved, `${name}: px of movement`);
}
