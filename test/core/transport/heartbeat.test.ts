import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { createHeartbeat } from '../../../src/core/transport/heartbeat.js';

describe('a heartbeat', () => {
  let beats: number;
  const beat = (): void => {
    beats += 1;
  };

  beforeEach(() => {
    beats = 0;
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => mock.timers.reset());

  for (const [idleTimeout, silence] of [
    [30_000, 10_000],
    [60_000, 20_000],
    [600_000, 20_000],
  ] as const) {
    it(`comes after ${silence} ms of silence with an idle timeout of ${idleTimeout} ms`, () => {
      createHeartbeat(idleTimeout, beat).restart();
      mock.timers.tick(silence - 1);
      assert.equal(beats, 0);
      mock.timers.tick(1);
      assert.equal(beats, 1);
    });
  }

  it('comes once, and again only after something has arrived', () => {
    const heartbeat = createHeartbeat(60_000, beat);
    heartbeat.restart();
    mock.timers.tick(1_000_000);
    assert.equal(beats, 1);
    heartbeat.restart();
    mock.timers.tick(20_000);
    assert.equal(beats, 2);
  });

  it('is put off by what arrives, and does not come any more once it was stopped', () => {
    const heartbeat = createHeartbeat(60_000, beat);
    for (let arrival = 0; arrival < 10; arrival += 1) {
      heartbeat.restart();
      mock.timers.tick(19_999);
    }
    heartbeat.stop();
    mock.timers.tick(1_000_000);
    assert.equal(beats, 0);
  });

  it('never comes without an idle timeout', () => {
    createHeartbeat(0, beat).restart();
    mock.timers.tick(1_000_000);
    assert.equal(beats, 0);
  });
});
