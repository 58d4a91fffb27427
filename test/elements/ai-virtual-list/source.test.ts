import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import {
  createItems,
  mountList,
  nextTask,
  painted,
  removeLists,
  rowAt,
  scrollInSteps,
  still,
  takeErrors,
  topIn,
  until,
  VIEW_HEIGHT,
  visibleRows,
  type Item,
  type List,
} from './support.js';

const COUNT = 100_000;
const ITEMS = createItems(COUNT);

interface Request {
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal;
}

/** A source that answers in the next task, or when `open` is called, and what it was asked. */
function createSource(count = COUNT) {
  const source = {
    count,
    requests: [] as Request[],
    failing: false,
    /** Milliseconds. */
    latency: 0,
    gate: Promise.resolve(),
    open: () => {},
    hold() {
      source.gate = new Promise((resolve) => {
        source.open = resolve;
      });
    },
    async load(start: number, end: number, signal: AbortSignal): Promise<readonly Item[]> {
      source.requests.push({ start, end, signal });
      await nextTask();
      if (source.latency > 0) await new Promise((resolve) => setTimeout(resolve, source.latency));
      await source.gate;
      if (source.failing) throw new Error('The server is away.');
      return ITEMS.slice(start, end);
    },
  };
  return source;
}

const placeholders = (list: List) =>
  visibleRows(list).filter((row) => row.querySelector('[part=placeholder]')).length;

describe('<ai-virtual-list> with a source', () => {
  let list: List;
  let source: ReturnType<typeof createSource>;

  beforeEach(async () => {
    source = createSource();
    list = await mountList({ source });
    await until(() => visibleRows(list).length > 0 && placeholders(list) === 0, 'the first items');
    await still(list);
  });

  afterEach(() => {
    removeLists();
    expect(takeErrors()).to.deep.equal([]);
  });

  it('loads what is in view and a page around it, and counts all of it', () => {
    expect(rowAt(list, 0)!.textContent).to.contain('item-0 line 0');
    expect(rowAt(list, 0)!.getAttribute('aria-setsize')).to.equal(String(COUNT));
    expect(source.requests.map(({ start, end }) => [start, end])).to.deep.equal([
      [0, 50],
      [50, 100],
    ]);
  });

  it('shows placeholders where it has nothing yet, and then the items, without moving the first one', async () => {
    source.hold();
    list.scrollToIndex(50_000);
    await painted(3);
    expect(placeholders(list)).to.be.above(0);
    expect(rowAt(list, 50_000)!.querySelector('[aria-busy=true]')).not.to.equal(null);
    source.open();
    const top = topIn(list, rowAt(list, 50_000));
    expect(top).to.be.within(-1, 1);
    await until(() => placeholders(list) === 0, 'the items');
    await painted(2);
    expect(topIn(list, rowAt(list, 50_000))).to.be.within(-1, 1);
    expect(rowAt(list, 50_000)!.textContent).to.contain('item-50000 line 0');
  });

  it('is read for 20 screens without a placeholder, and no page is asked for twice, where the server takes 40 ms', async () => {
    const { length } = source.requests;
    source.latency = 40;
    let last = 0;
    for (let step = 0; step < 300; step += 1) {
      list.scrollTop += 40;
      await painted();
      expect(placeholders(list), `step ${step}`).to.equal(0);
      last = list.range.last;
    }
    const touched = Math.ceil(last / 50);
    expect(touched).to.be.above(2);
    expect(source.requests.length).to.be.within(length, Math.ceil(touched * 1.2) + 1);
    expect(new Set(source.requests.map(({ start }) => start)).size).to.equal(source.requests.length);
  });

  it('aborts what is out of the way before it has come', async () => {
    source.hold();
    list.scrollToIndex(20_000);
    await painted();
    list.scrollToIndex(70_000);
    await painted();
    const far = source.requests.filter(({ start }) => start >= 19_000 && start < 21_000);
    expect(far.map(({ signal }) => signal.aborted)).to.deep.equal(far.map(() => true));
    expect(far.length).to.be.above(0);
    source.open();
    await until(() => placeholders(list) === 0, 'the items');
    expect(rowAt(list, 70_000)!.textContent).to.contain('item-70000');
  });

  it('gives back a row of known height without any movement', async () => {
    const row = visibleRows(list)[3]!;
    const index = Number(row.getAttribute('aria-posinset')) - 1;
    const top = topIn(list, row);
    list.scrollToIndex(80_000);
    await until(() => placeholders(list) === 0, 'the items far away');
    list.scrollToIndex(0);
    await painted();
    expect(topIn(list, rowAt(list, index))).to.be.within(top - 1, top + 1);
    await until(() => placeholders(list) === 0, 'the first items again');
    expect(topIn(list, rowAt(list, index))).to.be.within(top - 1, top + 1);
  });

  it('says what failed, and loads it when the reader asks for it', async () => {
    const failures: { start: number; end: number; error: unknown }[] = [];
    list.addEventListener('load_error', ({ detail }) => failures.push(detail));
    source.failing = true;
    list.scrollToIndex(30_000);
    const button = () => rowAt(list, 30_000)?.querySelector('button');
    await until(() => Boolean(button()), 'the button');
    const failure = failures.find(({ start }) => start === 30_000);
    expect(failure).to.deep.include({ end: 30_050 });
    expect((failure!.error as Error).message).to.equal('The server is away.');
    expect(button()!.textContent).to.equal('Try again');
    source.failing = false;
    button()!.click();
    await until(() => placeholders(list) === 0, 'the items');
    expect(topIn(list, rowAt(list, 30_000))).to.be.within(-1, 1);
  });

  it('keeps what it has when the same source has more', async () => {
    const { load, requests } = source;
    const loaded = requests.length;
    list.source = { count: COUNT + 10, load };
    await painted(2);
    expect(placeholders(list)).to.equal(0);
    expect(requests.length).to.equal(loaded);
    expect(rowAt(list, 0)!.getAttribute('aria-setsize')).to.equal(String(COUNT + 10));
  });

  it('takes another object of the same class for another source', async () => {
    class Names {
      readonly count = 100;
      readonly name: string;
      constructor(name: string) {
        this.name = name;
      }
      load(start: number, end: number): Item[] {
        return createItems(end, this.name).slice(start);
      }
    }
    list.source = new Names('one');
    await until(() => rowAt(list, 0)!.textContent!.includes('one-0'), 'the first source');
    list.source = new Names('two');
    await until(() => rowAt(list, 0)!.textContent!.includes('two-0'), 'the second source');
  });

  it('keeps the focus when the reader asks for it again by keyboard', async () => {
    source.failing = true;
    list.scrollToIndex(30_000);
    const button = () => rowAt(list, 30_000)?.querySelector('button');
    await until(() => Boolean(button()), 'the button');
    source.failing = false;
    button()!.focus();
    await sendKeys({ press: 'Enter' });
    await until(() => placeholders(list) === 0, 'the items');
    expect(document.activeElement).to.equal(list);
  });

  it('copies nothing in place of items that are not here', async () => {
    source.failing = true;
    const start = rowAt(list, 0)!;
    getSelection()!.setBaseAndExtent(start, 0, start, 1);
    list.scrollToIndex(300);
    await until(() => Boolean(rowAt(list, 300)?.querySelector('button')), 'the button');
    getSelection()!.extend(rowAt(list, 300)!, 1);
    const event = new ClipboardEvent('copy', {
      clipboardData: new DataTransfer(),
      bubbles: true,
      cancelable: true,
    });
    rowAt(list, 300)!.dispatchEvent(event);
    getSelection()!.removeAllRanges();
    const rows = event.clipboardData!.getData('text/plain').split('\n\n');
    expect(rows.map((text) => /item-\d+/.exec(text)?.[0])).to.deep.equal(
      ITEMS.slice(0, 100).map(({ id }) => id),
    );
  });

  it('shows items again after it has had a source', async () => {
    list.source = undefined;
    list.items = ITEMS.slice(0, 20);
    await painted(2);
    expect(visibleRows(list)[0]!.textContent).to.contain('item-0');
    expect(rowAt(list, 0)!.getAttribute('aria-setsize')).to.equal('20');
  });

  it('never has a part of the view without a row in fast flights', async () => {
    for (let step = 0; step < 30; step += 1) {
      list.scrollTop += 4 * VIEW_HEIGHT;
      await painted();
      const rows = visibleRows(list);
      expect(topIn(list, rows[0]), `step ${step}`).to.be.below(1);
    }
    await scrollInSteps(list, -90);
  });
});
