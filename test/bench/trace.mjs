// Traces what a page's threads do. `tdur` is the processor time of a task: on a machine with other
// work a task also waits for its turn, which no page can help.

const TASK = 'ThreadControllerImpl::RunTask';
const CATEGORIES = ['toplevel', 'blink.user_timing'];
const milliseconds = (microseconds) => microseconds / 1000;

function tasksOf(events, pid, tid) {
  const tasks = events
    .filter((event) => event.name === TASK && event.ph === 'X' && event.pid === pid && event.tid === tid)
    .toSorted((one, other) => one.ts - other.ts);
  let end = 0;
  // A loop within a task has tasks of its own, whose time is in the outer one.
  return tasks.filter(({ ts, dur }) => {
    const isOuter = ts >= end;
    if (isOuter) end = ts + dur;
    return isOuter;
  });
}

const total = (tasks) => tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0);
const longest = (numbers) => milliseconds(numbers.reduce((most, number) => Math.max(most, number), 0));

/**
 * What was done between the first mark `frame` of the page and its mark `end`, in milliseconds: the longest task and
 * the longest frame (all tasks from the one that began a frame until the next frame) of the main thread, both in
 * processor time, the longest task by the clock, and the processor time of all workers together.
 */
function readTrace(events) {
  const marks = events
    .filter(({ cat }) => cat?.includes('blink.user_timing'))
    .toSorted((one, other) => one.ts - other.ts);
  const frames = marks.filter(({ name }) => name === 'frame');
  const end = marks.findLast(({ name }) => name === 'end');
  const [first] = frames;
  if (!first || !end) throw new Error('The trace has no marks of the page.');
  const { pid, tid } = first;
  const isDuring = ({ ts, dur }) => ts + dur >= first.ts && ts <= end.ts;
  const tasks = tasksOf(events, pid, tid).filter(isDuring);
  if (tasks.length === 0) throw new Error('The trace has no tasks of the page.');

  const costs = [];
  let next = 0;
  for (const task of tasks) {
    // Several marks in one task are one frame.
    if (next < frames.length && task.ts + task.dur >= frames[next].ts) costs.push(0);
    while (next < frames.length && task.ts + task.dur >= frames[next].ts) next += 1;
    costs[costs.length - 1] += task.tdur ?? 0;
  }
  const workers = events.filter(
    ({ name, pid: process, args }) =>
      name === 'thread_name' && process === pid && args.name.startsWith('DedicatedWorker'),
  );
  const ofWorkers = workers.flatMap((worker) => tasksOf(events, pid, worker.tid).filter(isDuring));
  return {
    longestTask: longest(tasks.map(({ tdur = 0 }) => tdur)),
    longestFrame: longest(costs),
    longestByClock: longest(tasks.map(({ dur }) => dur)),
    worker: milliseconds(total(ofWorkers)),
  };
}

/**
 * What the threads of a page do during `work`, which sets the marks: see `readTrace`. `tracing`: a CDP session of the
 * browser.
 */
export async function traceWork(tracing, work) {
  const events = [];
  const collect = ({ value }) => events.push(...value);
  tracing.on('Tracing.dataCollected', collect);
  await tracing.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES },
  });
  await work();
  const complete = new Promise((resolve) => {
    tracing.once('Tracing.tracingComplete', resolve);
  });
  await tracing.send('Tracing.end');
  await complete;
  tracing.off('Tracing.dataCollected', collect);
  return readTrace(events);
}
