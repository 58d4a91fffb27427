import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diffKeys, indexAfter, type ListChange } from '../../../src/core/index.js';
import { createRandom } from './random.js';

function plain(change: ListChange | undefined) {
  return change && { ...change, sources: [...change.sources], targets: [...change.targets] };
}

describe('diffKeys', () => {
  const cases = [
    { title: 'nothing', before: 'abc', after: 'abc', expected: undefined },
    { title: 'an append', before: 'ab', after: 'abcd', expected: [2, [-1, -1], []] },
    { title: 'a prepend', before: 'ab', after: 'xyab', expected: [0, [-1, -1], []] },
    { title: 'an insertion', before: 'ab', after: 'axb', expected: [1, [-1], []] },
    { title: 'a removal', before: 'abc', after: 'ac', expected: [1, [], [-1]] },
    { title: 'a replacement', before: 'abc', after: 'axc', expected: [1, [-1], [-1]] },
    { title: 'a swap', before: 'abcd', after: 'acbd', expected: [1, [2, 1], [2, 1]] },
    { title: 'the first items', before: '', after: 'ab', expected: [0, [-1, -1], []] },
    { title: 'the end of all', before: 'ab', after: '', expected: [0, [], [-1, -1]] },
    { title: 'a key that is there twice', before: 'ab', after: 'bba', expected: [0, [1, -1, 0], [2, 0]] },
  ] as const;

  for (const { title, before, after, expected } of cases) {
    it(`sees ${title}`, () => {
      const change = plain(diffKeys([...before], [...after]));
      if (!expected) return assert.equal(change, undefined);
      const [start, sources, targets] = expected;
      assert.deepEqual(change, {
        start,
        deleteCount: targets.length,
        sources: [...sources],
        targets: [...targets],
      });
    });
  }

  it('tells of every old item where it is, through random changes', () => {
    const { seed, below } = createRandom();
    console.log(`seed ${seed}`);
    let before: number[] = [];
    for (let round = 0; round < 500; round += 1) {
      const after = before.filter(() => below(6) > 0);
      for (let insertion = below(4); insertion > 0; insertion -= 1) {
        after.splice(below(after.length + 1), 0, round * 10 + insertion);
      }
      if (below(4) === 0 && after.length > 1) after.push(after.splice(below(after.length), 1)[0]!);
      const change = diffKeys(before, after);
      for (const [index, key] of before.entries()) {
        assert.equal(change ? indexAfter(change, index) : index, after.indexOf(key));
      }
      before = after.slice(-40);
    }
  });
});
