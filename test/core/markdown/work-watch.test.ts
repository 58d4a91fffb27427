import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EngineRequest } from '../../../src/core/markdown/protocol.js';
import { createWorkWatch } from '../../../src/core/markdown/work-watch.js';

const append = (stream: number): EngineRequest => ({ type: 'append', stream, delta: 'text' });
const tokenize = (code: number): EngineRequest => ({ type: 'tokenize', code, language: 'js', text: 'a' });
const done = (stream: number, taken: number, hasMore = false) => ({
  type: 'done' as const,
  update: { stream, patches: [], received: 4, ended: false, hasMore, plain: false },
  tokens: [],
  taken,
});
const tokens = (code: number, taken: number) => ({
  type: 'done' as const,
  update: undefined,
  tokens: [{ code, tokens: [] }],
  taken,
});

describe('the watch over a worker', () => {
  it('follows streams in the order in which they were asked for', () => {
    const watch = createWorkWatch(
      () => 60_000,
      () => {},
    );
    watch.asked([append(1), append(2)]);
    watch.asked([append(1), append(3)]);
    assert.equal(watch.workingOn, 1);
    watch.answered(done(1, 2));
    assert.equal(watch.workingOn, 2);
    watch.answered(done(2, 2));
    watch.answered(done(3, 2));
    assert.equal(watch.workingOn, undefined);
    watch.stop();
  });

  it('puts a stream that has more to do behind those that had come by then, and before later ones', () => {
    const watch = createWorkWatch(
      () => 60_000,
      () => {},
    );
    watch.asked([append(1)]);
    watch.asked([append(2)]);
    watch.asked([append(3)]);
    watch.answered(done(1, 2, true));
    assert.equal(watch.workingOn, 2);
    watch.answered(done(2, 3));
    assert.equal(watch.workingOn, 1);
    watch.answered(done(1, 3));
    assert.equal(watch.workingOn, 3);
    watch.stop();
  });

  it('keeps in mind what came for a stream after the work on it had begun', () => {
    const watch = createWorkWatch(
      () => 60_000,
      () => {},
    );
    watch.asked([append(1)]);
    watch.asked([append(1)]);
    watch.answered(done(1, 1));
    assert.equal(watch.workingOn, 1);
    watch.answered(done(1, 2));
    assert.equal(watch.workingOn, undefined);
    watch.stop();
  });

  it('takes no time for a hang in which the worker was not ready yet', { timeout: 20_000 }, async () => {
    let hung = 0;
    await new Promise<void>((resolve) => {
      const watch = createWorkWatch(
        () => 20,
        () => {
          hung = performance.now();
          resolve();
        },
      );
      watch.asked([append(1)]);
      setTimeout(() => {
        assert.equal(hung, 0);
        watch.begin();
      }, 200);
    });
    assert.ok(hung > 0);
  });

  it('suspects code only when no stream is waited for, and nothing that is given up', () => {
    const watch = createWorkWatch(
      () => 60_000,
      () => {},
    );
    watch.asked([tokenize(7), append(1), tokenize(8)]);
    assert.equal(watch.workingOn, 1);
    watch.asked([{ type: 'dispose', stream: 1 }]);
    assert.equal(watch.workingOn, 7);
    watch.answered(tokens(7, 2));
    assert.equal(watch.workingOn, 8);
    watch.asked([{ type: 'forget_code', code: 8 }]);
    assert.equal(watch.workingOn, undefined);
    watch.stop();
  });
});
