import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  createListLayout,
  diffItems,
  type ListChange,
  type ListLayout,
  MAX_CONTENT_SIZE,
  replaceBetween,
} from '../../../src/core/index.js';
import { createRandom } from './random.js';

function changeOf<Key>(before: readonly Key[], after: readonly Key[]): ListChange | undefined {
  return diffItems(before, after, (key) => key);
}

function layoutOf(sizes: readonly number[], estimate?: (index: number) => number | undefined): ListLayout {
  const layout = createListLayout(estimate);
  layout.apply(replaceBetween(0, 0, sizes.length)!);
  for (const [index, size] of sizes.entries()) layout.measure(index, size);
  return layout;
}

function grown(count: number, estimate?: (index: number) => number | undefined): ListLayout {
  const layout = createListLayout(estimate);
  layout.apply(replaceBetween(0, 0, count)!);
  return layout;
}

function sizesOf(layout: ListLayout): number[] {
  return Array.from({ length: layout.count }, (_, index) => layout.sizeOf(index));
}

describe('createListLayout', () => {
  it('takes items for 64 px until one is measured', () => {
    assert.deepEqual(sizesOf(grown(3)), [64, 64, 64]);
  });

  it('estimates by the average of what was measured', () => {
    const layout = grown(4);
    layout.measure(0, 100);
    layout.measure(1, 200);
    assert.equal(layout.refresh(), true);
    assert.deepEqual(sizesOf(layout), [100, 200, 150, 150]);
  });

  it('leaves its estimates alone while the average hardly moves', () => {
    const layout = grown(4);
    layout.measure(0, 66);
    assert.equal(layout.refresh(), false);
    assert.deepEqual(sizesOf(layout), [66, 64, 64, 64]);
  });

  it('follows a moving average even when items were appended in between', () => {
    const layout = grown(2);
    layout.measure(0, 200);
    layout.apply(replaceBetween(2, 2, 3)!);
    layout.refresh();
    assert.deepEqual(sizesOf(layout), [200, 200, 200]);
  });

  for (const useless of [Number.NaN, -5, 0, Number.POSITIVE_INFINITY, undefined]) {
    it(`takes the average where an estimate is ${useless}`, () => {
      assert.deepEqual(sizesOf(grown(2, () => useless)), [64, 64]);
    });
  }

  it('keeps the sizes of items that move, and estimates new ones', () => {
    const layout = layoutOf([10, 20, 30, 40], () => 5);
    layout.apply(changeOf(['a', 'b', 'c', 'd'], ['x', 'a', 'c', 'b', 'y', 'd'])!);
    assert.deepEqual(sizesOf(layout), [5, 10, 30, 20, 5, 40]);
  });

  it('estimates again all but the mounted items when their width has changed', () => {
    const layout = layoutOf([10, 20, 30, 40], (index) => index + 1);
    layout.reestimate({ first: 1, last: 3 });
    assert.deepEqual(sizesOf(layout), [1, 20, 30, 4]);
  });

  it('keeps what it has measured when the width has changed and nobody estimates anything', () => {
    const layout = layoutOf([10, 20, 30, 40]);
    layout.reestimate({ first: 1, last: 3 });
    assert.deepEqual(sizesOf(layout), [10, 20, 30, 40]);
  });

  it('does not take all items for as large as the one that is out of all proportion', () => {
    const layout = grown(1000);
    for (let index = 0; index < 9; index += 1) layout.measure(index, 50);
    layout.measure(9, 500_000);
    layout.refresh();
    assert.ok(layout.sizeOf(500) < 150, `${layout.sizeOf(500)} px`);
  });

  it('takes items for the average of small and large ones, where both are common', () => {
    const layout = grown(1000);
    for (let index = 0; index < 10; index += 1) layout.measure(index, index % 2 === 0 ? 100 : 700);
    layout.refresh();
    assert.equal(layout.sizeOf(500), 400);
  });

  it('asks for the estimates of some of many items, and takes the others for their average', () => {
    let asked = 0;
    const layout = grown(100_000, (index) => {
      asked += 1;
      // As in a conversation, where every second message is a long one.
      return index % 2 === 0 ? 100 : 500;
    });
    assert.ok(asked <= 100, `${asked} times`);
    assert.ok(Math.abs(layout.total / 30_000_000 - 1) < 0.1, `${layout.total} px`);
    assert.deepEqual([layout.sizeOf(70_000), layout.sizeOf(70_001)], [100, 500]);
    asked = 0;
    layout.reestimate({ first: 99_990, last: 100_000 });
    assert.ok(asked <= 100, `${asked} times, of another width`);
  });

  it('asks for the estimates of what comes near the view', () => {
    const layout = grown(100_000, (index) => (index < 50_000 ? 10 : 1000));
    const view = { height: 100, overscanBefore: 0, overscanAfter: 0 };
    assert.deepEqual(layout.windowAround({ index: 20_000, top: 0 }, view), { first: 20_000, last: 20_010 });
    assert.deepEqual(layout.windowAround({ index: 80_000, top: 0 }, view), { first: 80_000, last: 80_001 });
  });

  it('says whether a measured size is news', () => {
    const layout = grown(1);
    assert.equal(layout.measure(0, 64), false);
    assert.equal(layout.measure(0, 70.01), true);
    assert.equal(layout.measure(0, 70.015625), false);
  });

  it('gives the spacers the size of what they stand for', () => {
    const layout = layoutOf([10, 20, 30, 40]);
    assert.equal(layout.spacerBefore(2), 30);
    assert.equal(layout.spacerAfter(2), 70);
    assert.equal(layout.scale, 1);
  });

  it('scales spacers that a browser could not scroll', () => {
    const layout = grown(100_000, () => 600);
    assert.equal(layout.total, 60_000_000);
    assert.equal(layout.spacerBefore(50_000), MAX_CONTENT_SIZE / 2);
    assert.equal(layout.spacerAfter(0), MAX_CONTENT_SIZE);
  });

  describe('the window', () => {
    const view = { height: 100, overscanBefore: 40, overscanAfter: 20 };
    const layout = layoutOf(Array<number>(20).fill(20));
    const cases = [
      { title: 'around the first item', index: 0, top: 0, expected: [0, 6] },
      { title: 'around the last item', index: 19, top: 80, expected: [13, 20] },
      { title: 'around an item in the middle', index: 10, top: 0, expected: [8, 16] },
      { title: 'around an item above the view', index: 5, top: -60, expected: [5, 14] },
      { title: 'around an item below the view', index: 15, top: 160, expected: [5, 16] },
    ] as const;
    for (const { title, index, top, expected } of cases) {
      it(`covers the view and its overscan ${title}`, () => {
        const range = layout.windowAround({ index, top }, view);
        assert.deepEqual([range.first, range.last], expected);
      });
    }

    it('stays while the reader goes a little way', () => {
      const rows = { first: 8, last: 16, top: -40, bottom: 120 };
      for (const moved of [-10, 10, 19]) {
        const range = layout.windowFrom(
          { ...rows, top: rows.top + moved, bottom: rows.bottom + moved },
          view,
        );
        assert.deepEqual(range, { first: 8, last: 16 });
      }
    });

    it('moves on when the reader does', () => {
      const range = layout.windowFrom({ first: 8, last: 16, top: -140, bottom: 20 }, view);
      assert.deepEqual(range, { first: 11, last: 20 });
    });

    it('covers a tall view with more rows than it would mount for overscan', () => {
      const tiny = layoutOf(Array<number>(1000).fill(1));
      const range = tiny.windowAround({ index: 0, top: 0 }, { ...view, height: 500 });
      assert.deepEqual(range, { first: 0, last: 500 });
    });
  });

  describe('a scroll position in a spacer', () => {
    const layout = layoutOf(Array<number>(100).fill(50));
    const mounted = {
      first: 40,
      last: 50,
      spacerBefore: 2000,
      rows: 500,
      spacerAfter: 2500,
      viewHeight: 100,
    };

    for (const scrollTop of [0, 25, 1030, 1850, 2600, 3333, 4900]) {
      it(`stands for the item at ${scrollTop} px where nothing is scaled`, () => {
        const { index, top } = layout.itemAt({ ...mounted, scrollTop });
        assert.equal(index * 50 - top, scrollTop);
      });
    }

    it('reaches both ends where spacers are scaled', () => {
      const scaled = { ...mounted, spacerBefore: 200, spacerAfter: 250 };
      assert.deepEqual(layout.itemAt({ ...scaled, scrollTop: 0 }), { index: 0, top: 0 });
      assert.deepEqual(layout.itemAt({ ...scaled, scrollTop: 850 }), { index: 98, top: 0 });
    });
  });

  it('has exactly the sums that adding gives, after each of 10,000 random changes', () => {
    const { seed, below } = createRandom();
    console.log(`seed ${seed}`);
    const layout = createListLayout((index) => 20 + (index % 7));
    let keys: number[] = [];
    let made = 0;
    const known = new Map<number, number>();
    const more = (limit: number) => Array.from({ length: 1 + below(limit) }, () => (made += 1));
    const place = (beyond = 0) => below(Math.max(1, keys.length + beyond));
    const follow = (next: number[]) => {
      const change = changeOf(keys, next);
      if (change) layout.apply(change);
      keys = next;
    };
    const measure = (index: number, size: number) => {
      if (index >= keys.length) return;
      known.set(keys[index]!, size);
      layout.measure(index, size);
    };
    const changes = {
      append: () => follow([...keys, ...more(8)]),
      appendMany: () => follow([...keys, ...more(100)]),
      prepend: () => follow([...more(8), ...keys]),
      splice: () => follow(keys.toSpliced(place(1), below(12), ...more(4))),
      move: () => {
        const [moved] = keys.slice(place());
        const others = keys.filter((key) => key !== moved);
        follow(moved === undefined ? others : others.toSpliced(place(), 0, moved));
      },
      remove: () => follow(keys.filter(() => below(4) > 0)),
      cut: () => follow(keys.slice(-60)),
      measure: () => measure(place(), below(64 * 300) / 64),
      grow: () => {
        const index = place();
        if (index < keys.length) measure(index, layout.sizeOf(index) + below(64 * 40) / 64);
      },
      shrink: () => {
        const index = place();
        if (index < keys.length) measure(index, layout.sizeOf(index) * 0.5);
      },
      refresh: () => layout.refresh(),
      resize: () => {
        const first = place();
        const last = first + below(Math.max(1, keys.length - first));
        layout.reestimate({ first, last });
        for (const [index, key] of keys.entries()) if (index < first || index >= last) known.delete(key);
      },
    };
    const names = Object.keys(changes) as (keyof typeof changes)[];
    for (let step = 0; step < 10_000; step += 1) {
      const name = names[below(names.length)]!;
      changes[name]();
      const title = `${name} in step ${step}`;
      assert.equal(layout.count, keys.length, title);
      let offset = 0;
      for (const [index, key] of keys.entries()) {
        assert.equal(layout.offsetOf(index), offset, title);
        const size = known.get(key);
        if (size !== undefined) assert.equal(layout.sizeOf(index), Math.round(size * 64) / 64, title);
        offset += layout.sizeOf(index);
      }
      assert.equal(layout.total, offset, title);
    }
  });
});
