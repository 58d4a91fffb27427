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
    const index = createSizeIndex([10, 20, 0, 30]);
    const found = [-5, 0, 9, 10, 29, 30, 59, 60, 1000].map((offset) => index.find(offset));
    assert.deepEqual(found, [0, 0, 0, 1, 1, 3, 3, 3, 3]);
  });

  it('has exactly the sums that adding gives, through 10,000 random operations', () => {
    const { seed, next, below } = createRandom();
    console.log(`seed ${seed}`);
    const index = createSizeIndex();
    let model: number[] = [];
    const size = (): number => below(64 * 400) / 64;
    for (let step = 0; step < 10_000; step += 1) {
      const choice = next();
      if (choice < 0.5) {
        const added = size();
        index.push(added);
        model.push(added);
      } else if (choice < 0.98) {
        if (model.length === 0) continue;
        const at = below(model.length);
        model[at] = size();
        index.set(at, model[at]!);
      } else {
        model = Array.from({ length: below(300) }, size);
        index.rebuild(model);
      }
      const end = below(model.length + 1);
      assert.equal(index.count, model.length);
      assert.equal(index.total, sum(model));
      assert.equal(index.prefix(end), sum(model, end));
      if (model.length === 0) continue;
      const offset = next() * index.total;
      const found = index.find(offset);
      assert.ok(sum(model, found) <= offset);
      if (found < model.length - 1) assert.ok(sum(model, found + 1) > offset);
    }
  });
});
