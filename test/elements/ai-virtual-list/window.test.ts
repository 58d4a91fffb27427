import { expect } from '@open-wc/testing';
import { html } from 'lit';
import {
  createItems,
  listen,
  mountList,
  painted,
  pastEnd,
  problemsOf,
  removeLists,
  rowAt,
  rowOf,
  rowsOf,
  scrollInSteps,
  spliced,
  still,
  takeErrors,
  topIn,
  VIEW_HEIGHT,
  type Item,
  type List,
} from './support.js';

describe('<ai-virtual-list> window', () => {
  afterEach(() => {
    removeLists();
    expect(takeErrors()).to.deep.equal([]);
  });

  for (const pin of ['start', 'end'] as const) {
    for (const count of [10, 10_000, 100_000]) {
      it(`mounts only what is in view of ${count} items, at the ${pin}`, async () => {
        const list = await mountList({ items: createItems(count), pin });
        expect(rowsOf(list).length).to.be.within(Math.min(count, 5), 300);
        expect(problemsOf(list)).to.deep.equal([]);
        if (pin === 'end') expect(pastEnd(list)).to.be.within(-1, 1);
        else expect(topIn(list, rowAt(list, 0))).to.equal(0);
      });
    }
  }

  it('shows nothing of no items, and one item at the top', async () => {
    const list = await mountList({ items: [], pin: 'end' });
    expect(rowsOf(list)).to.have.length(0);
    expect(list.range).to.deep.equal({ first: 0, last: -1 });
    expect(list.scrollHeight).to.equal(VIEW_HEIGHT);
    list.items = createItems(1);
    await painted();
    expect(list.range).to.deep.equal({ first: 0, last: 0 });
    expect(topIn(list, rowAt(list, 0))).to.equal(0);
    list.items = [];
    await painted();
    expect(rowsOf(list)).to.have.length(0);
    expect(list.scrollHeight).to.equal(VIEW_HEIGHT);
  });

  it('has no gap, no overlap and no jump while the reader scrolls through unmeasured rows', async () => {
    const list = await mountList({ items: createItems(10_000) });
    list.scrollToIndex(5000);
    await still(list);
    for (const step of [-90, 90, -500]) {
      for (let frame = 0; frame < 25; frame += 1) {
        const before = new Map(rowsOf(list).map((row) => [row, topIn(list, row)]));
        const scrolled = list.scrollTop;
        list.scrollTop += step;
        const distance = list.scrollTop - scrolled;
        await painted();
        expect(problemsOf(list)).to.deep.equal([]);
        const stayed = rowsOf(list).find(
          (row) => before.has(row) && Math.abs(topIn(list, row)) < VIEW_HEIGHT,
        );
        const moved = topIn(list, stayed) - before.get(stayed!)!;
        expect(moved + distance, `step ${step}, frame ${frame}`).to.be.within(-1, 1);
      }
      await still(list);
    }
    expect(rowsOf(list).length).to.be.below(300);
  });

  it('keeps the browser from keeping the place, which would do it twice', async () => {
    if (!CSS.supports('overflow-anchor', 'none')) return;
    const list = await mountList({ items: createItems(10) });
    expect(getComputedStyle(list).getPropertyValue('overflow-anchor')).to.equal('none');
  });

  it('renders a template, a node and a text', async () => {
    const list = await mountList();
    const node = document.createElement('b');
    list.renderItem = (item) => [html`<i>${item.id}</i>`, node, 'text'][item.lines];
    list.items = [0, 1, 2].map((lines) => ({ id: `${lines}`, lines }));
    await painted();
    expect(rowAt(list, 0)?.querySelector('i')?.textContent).to.equal('0');
    expect(rowAt(list, 1)?.firstElementChild).to.equal(node);
    expect(rowAt(list, 2)?.textContent).to.equal('text');
  });

  it('renders again only the rows whose item is another', async () => {
    const items = createItems(8);
    const rendered: string[] = [];
    const list = await mountList({
      items,
      renderItem: (item: Item) => {
        rendered.push(item.id);
        return item.id;
      },
    });
    rendered.length = 0;
    list.items = spliced(items, 3, 1, { id: 'item-3', lines: 9 });
    await painted();
    expect(rendered).to.deep.equal(['item-3']);
  });

  it('renders rows again that have moved, for a function that takes the index', async () => {
    const items = createItems(5);
    const rendered: string[] = [];
    const note = (item: Item): string => {
      rendered.push(item.id);
      return item.id;
    };
    const list = await mountList({ items, renderItem: note });
    rendered.length = 0;
    list.items = [...createItems(1, 'first'), ...items];
    await painted();
    expect(rendered).to.deep.equal(['first-0']);
    list.renderItem = (item, index) => `${index}: ${note(item)}`;
    await painted();
    rendered.length = 0;
    list.items = items;
    await painted();
    expect(rendered).to.deep.equal(items.map(({ id }) => id));
    expect(rowsOf(list)[0]!.textContent).to.equal('0: item-0');
  });

  it('keeps the element of a key while it is mounted, whatever comes before it', async () => {
    const items = createItems(20);
    const list = await mountList({ items, pin: 'end' });
    const row = rowOf(list, 'item-18');
    expect(row?.isConnected).to.equal(true);
    list.items = [...createItems(30, 'older'), ...items];
    await painted();
    expect(rowOf(list, 'item-18')).to.equal(row);
    expect(row?.getAttribute('aria-posinset')).to.equal('49');
    list.items = [
      ...createItems(5, 'other'),
      ...spliced(items.slice(10), 2, 6, ...items.slice(14, 18), ...items.slice(12, 14)),
    ];
    await painted();
    expect(rowOf(list, 'item-18')).to.equal(row);
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('sees what the page has done to its own array, once a copy of that is set', async () => {
    const items = createItems(40);
    const list = await mountList({ items, pin: 'end' });
    const row = rowOf(list, 'item-38');
    items.unshift(...createItems(3, 'older'));
    list.items = [...items];
    await painted();
    expect(rowOf(list, 'item-38')).to.equal(row);
    expect(row?.getAttribute('aria-posinset')).to.equal('42');
  });

  it('keeps the rows of items without keys, whatever comes before them', async () => {
    const words = ['alpha', 'beta', 'gamma'];
    const list = await mountList({ items: words as unknown as List['items'], renderItem: String });
    const rows = rowsOf(list);
    list.items = ['omega', ...words] as unknown as List['items'];
    await painted();
    expect(rowsOf(list).slice(1)).to.deep.equal(rows);
  });

  it('shows the new items when all are replaced', async () => {
    const list = await mountList({ items: createItems(500) });
    list.scrollToIndex(250);
    await still(list);
    list.items = createItems(300, 'new');
    await painted();
    expect(topIn(list, rowOf(list, 'new-0'))).to.equal(0);
    expect(problemsOf(list)).to.deep.equal([]);
    expect(rowOf(list, 'item-250')).to.equal(undefined);
  });

  it('survives keys that stand twice', async () => {
    const short = (count: number) => createItems(count).map(({ id }) => ({ id, lines: 1 }));
    const list = await mountList({ items: [...short(5), ...short(5)] });
    list.items = [...short(3), ...short(7), ...short(2)];
    await painted();
    expect(rowsOf(list)).to.have.length(12);
    expect(problemsOf(list)).to.deep.equal([]);
  });

  it('tells what is mounted, and when an end comes near', async () => {
    const list = await mountList();
    const told = listen(list);
    list.items = createItems(1000);
    await painted();
    expect(told[0]).to.deep.equal({ type: 'range_change', detail: list.range });
    expect(told.map(({ type }) => type)).to.deep.equal(['range_change', 'reach_start']);
    told.length = 0;
    list.scrollToIndex(500);
    await still(list);
    expect(told.every(({ type }) => type === 'range_change')).to.equal(true);
    expect(told.at(-1)?.detail).to.deep.equal(list.range);
    expect(list.range.first).to.be.below(500);
    expect(list.range.last).to.be.above(500);
    told.length = 0;
    list.scrollToIndex(980);
    await still(list);
    await scrollInSteps(list, 2000);
    expect(list.atEnd).to.equal(true);
    expect(told.filter(({ type }) => type === 'reach_end')).to.have.length(1);
    list.scrollToIndex(3);
    await still(list);
    expect(told.filter(({ type }) => type === 'reach_start')).to.have.length(1);
  });

  it('asks for more again when what came did not take the reader away from the start', async () => {
    const items = createItems(3);
    const list = await mountList({ items, pin: 'end' });
    const told = listen(list);
    list.items = [...createItems(2, 'older'), ...items];
    await painted();
    expect(told.filter(({ type }) => type === 'reach_start')).to.have.length(1);
  });

  it('is a list of list items, or a feed of articles', async () => {
    const list = await mountList({ items: createItems(50) });
    expect(rowsOf(list).every((row) => row.getAttribute('role') === 'listitem')).to.equal(true);
    await expect(list).to.be.accessible();
    const feed = document.createElement('ai-virtual-list');
    feed.setAttribute('role', 'feed');
    feed.items = createItems(3);
    list.replaceWith(feed);
    await painted();
    expect([...feed.children].map((row) => row.getAttribute('role'))).to.deep.equal(Array(3).fill('article'));
    await expect(feed).to.be.accessible();
  });

  it('counts properties set before it is upgraded', async () => {
    const frame = document.createElement('div');
    frame.style.height = '300px';
    document.body.append(frame);
    const list = document.createElement('ai-late-list') as HTMLElementTagNameMap['ai-virtual-list'];
    list.items = ['one', 'two'];
    list.pin = 'end';
    frame.append(list);
    const { AiVirtualListElement } = await import('../../../src/list.js');
    customElements.define('ai-late-list', class extends AiVirtualListElement {});
    await painted();
    expect(list.textContent?.replaceAll(/\s/g, '')).to.equal('onetwo');
    expect(list.pin).to.equal('end');
    frame.remove();
  });

  it('takes a pin it does not know for "start", and says so once', async () => {
    const { warn } = console;
    const warnings: unknown[] = [];
    console.warn = (text: unknown) => warnings.push(text);
    const list = await mountList();
    for (let round = 0; round < 2; round += 1) {
      list.setAttribute('pin', 'botom');
      await painted();
      expect(list.pin).to.equal('start');
      list.setAttribute('pin', 'end');
      expect(list.pin).to.equal('end');
    }
    list.removeAttribute('pin');
    expect(list.pin).to.equal('start');
    console.warn = warn;
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain('botom');
  });

  it('does nothing while nothing happens', async () => {
    const list = await mountList({ items: createItems(1000), pin: 'end' });
    // What is put right at the end of a scroll may be a scroll of its own, which has an end.
    for (let scroll = 0; scroll < 3; scroll += 1) await still(list);
    const told = listen(list);
    const mutations: MutationRecord[] = [];
    const observer = new MutationObserver((records) => mutations.push(...records));
    const everything = { childList: true, attributes: true, characterData: true, subtree: true };
    observer.observe(list, everything);
    observer.observe(list.shadowRoot!, everything);
    const frames: FrameRequestCallback[] = [];
    const { requestAnimationFrame: original } = window;
    window.requestAnimationFrame = (callback) => {
      frames.push(callback);
      return original(callback);
    };
    await new Promise((resolve) => {
      let left = 20;
      const next = (): unknown => ((left -= 1) < 0 ? resolve(undefined) : original(next));
      next();
    });
    window.requestAnimationFrame = original;
    observer.disconnect();
    expect(frames).to.have.length(0);
    expect(mutations).to.have.length(0);
    expect(told).to.have.length(0);
  });
});
