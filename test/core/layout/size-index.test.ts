import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSizeIndex } from '../../../src/core/index.js';
import { createRandom } from './random.js';

function sum(sizes: readonly number[], end = sizes.length): number {
  let total = 0;
  for (let index = 0; index < end; index += 1) total += sizes[index]!;
  return total;
}

describe('createSizeIndex', () => {
  it('is empty at first', () => {
    const index = createSizeIndex();
    assert.equal(index.count, 0);
    assert.equal(index.total, 0);
    assert.equal(index.find(10), 0);
  });

  it('finds the item an offset falls into', () => {
    const index = createSizeIndex();
    index.rebuild(Float64Array.of(10, 20, 0, 30));
    const found = [-5, 0, 9, 10, 29, 30, 59, 60, 1000].map((offset) => index.find(offset));
    assert.deepEqual(found, [0, 0, 0, 1, 1, 3, 3, 3, 3]);
  });

  it('counts another fallback for what is not known', () => {
    const index = createSizeIndex(10);
    index.grow('end', 4);
    index.set(1, 100);
    assert.equal(index.total, 130);
    index.fallback = 50;
    assert.deepEqual([index.total, index.prefix(3), index.get(0), index.average], [250, 200, 50, 100]);
    assert.deepEqual([index.find(49), index.find(50), index.find(150)], [0, 1, 2]);
    assert.deepEqual([index.isKnown(0), index.isKnown(1), index.isKnown(4)], [false, true, false]);
    index.forget();
    assert.deepEqual([index.total, index.prefix(2), index.isKnown(1)], [200, 100, false]);
    assert.ok(Number.isNaN(index.average));
  });

  it('has exactly the sums that adding gives, through 10,000 random operations', () => {
    const { seed, next, below } = createRandom();
    console.log(`seed ${seed}`);
    const index = createSizeIndex(64);
    let model: number[] = [];
    const size = (): number => (below(3) === 0 ? Number.NaN : below(64 * 400) / 64);
    const counted = (): number[] => model.map((value) => (Number.isNaN(value) ? index.fallback : value));
    for (let step = 0; step < 10_000; step += 1) {
      const choice = next();
      if (choice < 0.3) {
        const unknown = Array<number>(below(9)).fill(Number.NaN);
        const edge = below(2) === 0 ? 'start' : 'end';
        index.grow(edge, unknown.length);
        model = edge === 'start' ? [...unknown, ...model] : [...model, ...unknown];
      } else if (choice < 0.9) {
        if (model.length === 0) continue;
        const at = below(model.length);
        model[at] = below(64 * 400) / 64;
        index.set(at, model[at]);
      } else if (choice < 0.98) {
        index.fallback = 1 + below(300);
      } else {
        model = Array.from({ length: below(300) }, size);
        index.rebuild(Float64Array.from(model));
      }
      const sizes = counted();
      const end = below(sizes.length + 1);
      assert.equal(index.count, sizes.length);
      assert.equal(index.total, sum(sizes));
      assert.equal(index.prefix(end), sum(sizes, end));
      assert.deepEqual([...index.range(0, index.count)], model);
      if (sizes.length === 0) continue;
      const offset = next() * index.total;
      const found = index.find(offset);
      assert.ok(sum(sizes, found) <= offset);
      if (found < sizes.length - 1) assert.ok(sum(sizes, found + 1) > offset);
    }
  });
});
