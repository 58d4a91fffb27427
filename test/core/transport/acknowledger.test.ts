import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAcknowledger } from '../../../src/core/transport/acknowledger.js';
import { createRandom, readSeed } from '../../support/random.js';

/** What is acknowledged while `count` events with these numbers are taken one after the other. */
function acknowledged(size: number | undefined, numbers: readonly (number | undefined)[]): number[] {
  const sent: number[] = [];
  const acknowledger = createAcknowledger(
    () => size,
    (message) => {
      const { type, seq } = JSON.parse(message) as { type: string; seq: number };
      assert.equal(type, 'ack');
      sent.push(seq);
    },
  );
  for (const seq of numbers) {
    acknowledger.take(seq);
    acknowledger.acknowledge();
  }
  return sent;
}

describe('the acknowledgement of events', () => {
  it('comes once for half a window, and for every event where the window is one', () => {
    const numbers = Array.from({ length: 10 }, (_, seq) => seq);
    assert.deepEqual(acknowledged(1, numbers), numbers);
    assert.deepEqual(acknowledged(4, numbers), [1, 3, 5, 7, 9]);
    assert.deepEqual(acknowledged(5, numbers), [2, 5, 8]);
    assert.deepEqual(acknowledged(100, numbers), []);
  });

  it('does not come where the server has no window, or numbers nothing', () => {
    assert.deepEqual(acknowledged(undefined, [0, 1, 2, 3]), []);
    assert.deepEqual(acknowledged(2, [undefined, undefined, undefined]), []);
  });

  it('comes for what was taken before the window was known', () => {
    let size: number | undefined;
    const sent: string[] = [];
    const acknowledger = createAcknowledger(
      () => size,
      (message) => sent.push(message),
    );
    for (let seq = 0; seq < 4; seq += 1) {
      acknowledger.take(seq);
      acknowledger.acknowledge();
    }
    assert.deepEqual(sent, []);
    size = 4;
    acknowledger.acknowledge();
    assert.deepEqual(sent, ['{"type":"ack","seq":3}']);
  });

  const seed = readSeed();
  it(`never leaves a server waiting, whatever its window and its consumer's pace (TEST_SEED=${seed})`, () => {
    const random = createRandom(seed);
    for (let round = 0; round < 300; round += 1) {
      const size = 1 + Math.floor(random() * 20);
      const first = Math.floor(random() * 5);
      const count = Math.floor(random() * 200);
      let last = first - 1;
      const acknowledger = createAcknowledger(
        () => size,
        (message) => {
          last = (JSON.parse(message) as { seq: number }).seq;
        },
      );
      const arrived: number[] = [];
      let next = first;
      let taken = 0;
      while (taken < count) {
        const canSend = next < first + count && next - last <= size;
        assert.ok(canSend || arrived.length > 0, `stuck before ${next}, with ${last} acknowledged`);
        if (canSend && (arrived.length === 0 || random() < 0.7)) {
          arrived.push(next);
          next += 1;
        } else {
          acknowledger.take(arrived.shift());
          acknowledger.acknowledge();
          taken += 1;
        }
        assert.ok(arrived.length <= size);
      }
    }
  });
});
