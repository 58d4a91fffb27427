import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diffItems, indexAfter, replaceBetween, type ListChange } from '../../../src/core/index.js';
import { createRandom } from './random.js';

function plain(change: ListChange | undefined) {
  return change && { ...change, sources: [...change.sources], targets: [...change.targets] };
}

const itself = (item: unknown): unknown => item;

describe('diffItems', () => {
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
      const change = plain(diffItems([...before], [...after], itself));
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

  it('finds by their keys items that have become others', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id }));
    const keyOf = (item: unknown): unknown => (item as { id: string }).id;
    assert.equal(diffItems([a, b, c], [a, { id: 'b' }, c], keyOf), undefined);
    assert.deepEqual(plain(diffItems([a, b, c], [a, c, { id: 'b' }], keyOf)), {
      start: 1,
      deleteCount: 2,
      sources: [2, 1],
      targets: [2, 1],
    });
  });

  it('asks for the keys of those items only that may be others than before', () => {
    const items = Array.from({ length: 10 }, (_, id) => ({ id }));
    const asked: number[] = [];
    const keyOf = ({ id }: { id: number }): unknown => asked.push(id);
    diffItems([], items, keyOf);
    diffItems(items, [{ id: 10 }, ...items], keyOf);
    diffItems(items, [...items, { id: 11 }], keyOf);
    diffItems(items, items.slice(0, 9), keyOf);
    assert.deepEqual(asked, []);
    diffItems(items, [...items.slice(0, 9), { id: 9 }], keyOf);
    assert.deepEqual(asked, [9, 9]);
  });

  it('asks each list by its own function', () => {
    const before = [{ id: 1 }, { id: 2 }];
    const after = [{ meta: { id: 2 } }, { meta: { id: 1 } }];
    const keyOf = (item: unknown): unknown => (item as (typeof after)[0]).meta.id;
    const keyOfBefore = (item: unknown): unknown => (item as (typeof before)[0]).id;
    const change = diffItems<unknown>(before, after, keyOf, keyOfBefore);
    assert.deepEqual(plain(change), { start: 0, deleteCount: 2, sources: [1, 0], targets: [1, 0] });
  });

  it('keeps items whose key is their place, when others come before them', () => {
    const change = diffItems(['one', 'two'], ['zero', 'one', 'two'], (_item, index) => index);
    assert.deepEqual(plain(change), { start: 0, deleteCount: 0, sources: [-1], targets: [] });
  });

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
      const change = diffItems(before, after, itself);
      for (const [index, key] of before.entries()) {
        assert.equal(change ? indexAfter(change, index) : index, after.indexOf(key));
      }
      before = after.slice(-40);
    }
  });
});

describe('replaceBetween', () => {
  it('puts new items in the place of all from a place on', () => {
    const expected = { start: 2, deleteCount: 1, sources: [-1, -1], targets: [-1] };
    assert.deepEqual(plain(replaceBetween(2, 3, 4)), expected);
    assert.equal(replaceBetween(3, 3, 3), undefined);
  });
});
