import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEventCounter } from '../../../src/core/dialect/event-counter.js';

function numbersOf(...ids: string[]): (number | undefined)[] {
  const count = createEventCounter();
  return ids.map((id) => count({ framing: 'sse', event: '', data: '', id, closed: true }));
}

describe('the number of an event by its id', () => {
  it('is there from the beginning where ids begin at 0 or 1', () => {
    assert.deepEqual(numbersOf('1', '2', '4', '3'), [1, 2, 4, 3]);
    assert.deepEqual(numbersOf('0', '1'), [0, 1]);
  });

  it('is there after three steps of one where ids begin elsewhere', () => {
    assert.deepEqual(numbersOf('41', '42', '43', '44', '47'), [undefined, undefined, 43, 44, 47]);
  });

  it('is not there for an event that has no id of its own', () => {
    assert.deepEqual(numbersOf('1', '1', '2', '2'), [1, undefined, 2, undefined]);
  });

  it('is not there where ids are something else than a count', () => {
    assert.deepEqual(numbersOf('7', '30', '31', '32', '33'), Array(5).fill(undefined));
    assert.deepEqual(numbersOf('1', 'a', '2', '3'), [1, undefined, undefined, undefined]);
    assert.deepEqual(numbersOf('0', '128', '129', '130'), [0, undefined, undefined, undefined]);
  });

  it('is not there for what comes behind a replay that was dropped', () => {
    assert.deepEqual(numbersOf('1', '2', '', '2', '3'), [1, 2, undefined, undefined, 3]);
  });
});
