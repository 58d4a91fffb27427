// What the runs of a failing network keep to besides the cases: where the rest is asked for, what is refused, and that
// nothing is left behind.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { streamEvents } from '../../src/core/index.js';
import { announceWait, hurryAnnouncedWaits, runFaults } from '../support/fault-run.js';
import { startFaultServer, type Connection } from '../support/fault-server.js';

const words = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `t${from + index} `).join('');

const start = (streamId: string): Buffer =>
  Buffer.from(`data: ${JSON.stringify({ type: 'start', streamId })}\n\n`);

describe('a run over a failing network', { timeout: 60_000 }, () => {
  it('asks at the address for resuming, by GET, with the id of the last event', async () => {
    const run = await runFaults([{ steps: ['send 1-7', 'reset'] }, { steps: ['send 8-20', 'end'] }], {
      streamId: 's1',
      resumePath: 'resume/{streamId}',
    });
    assert.equal(run.text, words(1, 20));
    const [, resumed] = run.requests;
    assert.equal(resumed?.method, 'GET');
    assert.match(resumed.path, /\/resume\/s1$/);
    assert.equal(resumed.lastEventId, '7');
    assert.equal(resumed.body, undefined);
  });

  it('asks again with the same body where there is no such address', async () => {
    const run = await runFaults([{ steps: ['send 1-7', 'reset'] }, { steps: ['send 8-20', 'end'] }]);
    assert.equal(run.requests[1]?.method, 'POST');
    assert.deepEqual(run.requests[1].body, run.requests[0]?.body);
  });

  it('refuses the rest of another answer', async () => {
    const run = await runFaults([
      { steps: [start('s1'), 'send 1-7', 'reset'] },
      { steps: [start('s2'), 'send 8-20', 'end'] },
    ]);
    assert.equal(run.text, words(1, 7));
    assert.equal(run.outcome.complete, false);
    assert.equal(run.done.length, 1);
  });

  it('asks once more for what a resumed answer left out', async () => {
    const run = await runFaults([
      { steps: ['send 1-7', 'reset'] },
      { steps: ['send 10-20', 'end'] },
      { steps: ['send 8-20', 'end'] },
    ]);
    assert.equal(run.text, words(1, 20));
    assert.equal(run.outcome.complete, true);
    assert.equal(run.requests[2]?.lastEventId, '7');
  });

  it('says so where what was left out stays away', async () => {
    const gap: Connection = { steps: ['send 10-20', 'end'] };
    const run = await runFaults([{ steps: ['send 1-7', 'reset'] }, gap, gap, gap, gap, gap, gap]);
    assert.ok(run.errors.some(({ code }) => code === 'protocol'));
    assert.notEqual(run.message?.status, 'complete');
    assert.equal(run.done.length, 1);
    assert.ok(run.text.startsWith(words(1, 7)));
  });

  it('keeps what had arrived where nothing tells how to go on', async () => {
    const unnumbered = Buffer.from(`data: ${JSON.stringify({ text: 'one ' })}\n\n`);
    const run = await runFaults([{ steps: [unnumbered, unnumbered, 'reset'] }, { steps: ['end'] }], {
      wire: 'plain-ids',
    });
    assert.equal(run.requests.length, 1, 'an answer that has begun is not asked for twice');
    assert.equal(run.text, 'one one ');
    assert.equal(run.message?.status, 'interrupted');
  });

  it('gives up after as many attempts as it may make', async () => {
    const run = await runFaults([], { beyond: { status: 503 }, stream: { maxRetries: 3 } });
    assert.equal(run.requests.length, 4);
    assert.equal(run.errors.length, 1);
    assert.equal(run.errors[0]?.status, 503);
    assert.deepEqual(
      run.reconnects.map(({ attempt }) => attempt),
      [1, 2, 3],
    );
    const delays = run.reconnects.map(({ delay }) => delay);
    for (const [index, most] of [500, 1000, 2000].entries()) {
      assert.ok(delays[index]! >= most / 2 && delays[index]! <= most, `waits ${delays.join(', ')} ms`);
    }
  });

  it('asks not at all for the same again after statuses that will stay', async () => {
    for (const status of [400, 403, 404, 405, 410, 413, 422]) {
      const run = await runFaults([{ status }]);
      assert.equal(run.requests.length, 1, `status ${status}`);
      assert.equal(run.errors[0]?.status, status);
      assert.equal(run.message?.status, 'failed');
    }
  });

  it('sends a new key with each question', async () => {
    const run = await runFaults([{ steps: ['toolCall 1', 'end'] }], { beyond: { steps: ['send 1', 'end'] } });
    const keys = run.requests.map(({ idempotencyKey }) => idempotencyKey);
    assert.equal(keys.length, 2);
    assert.notEqual(keys[0], keys[1]);
  });

  it('leaves no listener behind on the signal that stops it', async () => {
    const server = await startFaultServer();
    const stopHurrying = hurryAnnouncedWaits();
    try {
      const steps = Array.from({ length: 19 }, (_, index) => ({ steps: [`send ${index + 1}`, 'reset'] }));
      const script = await server.play([...steps, { steps: ['send 20', 'end'] }]);
      const { signal } = new AbortController();
      let most = 0;
      let text = '';
      for await (const event of streamEvents(script.url, { signal, idleTimeout: 5000, maxRetries: 19 })) {
        if (event.type === 'reconnect') announceWait(event.delay);
        if (event.type === 'text') text += event.content;
        most = Math.max(most, getEventListeners(signal, 'abort').length);
      }
      assert.equal(text, words(1, 20));
      assert.ok(most < 10, `${most} listeners at a time`);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    } finally {
      stopHurrying();
      await server.close();
    }
  });
});
