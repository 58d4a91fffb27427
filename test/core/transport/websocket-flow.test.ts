import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { MAX_QUEUED_CHARS } from '../../../src/core/transport/socket-inbox.js';
import type { ClientMessage } from '../../../src/core/transport/transport.js';
import { DONE, requestTo, run, START, textOf } from '../../support/socket-run.js';
import { serveSockets, type Peer, type SocketServer } from '../../support/socket-server.js';

let server: SocketServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(attend: (peer: Peer) => unknown): Promise<string> {
  server = await serveSockets(attend);
  return server.url;
}

function onlyPeer(): Peer {
  const [peer] = server?.peers ?? [];
  assert.ok(peer);
  return peer;
}

function receivedTypes(): string[] {
  return onlyPeer().received.map(({ type }) => type);
}

/** Sends `events`, numbered from 0, and never more than `size` beyond the one acknowledged last. */
async function sendWithin(peer: Peer, size: number, events: readonly object[]): Promise<void> {
  let acknowledged = -1;
  for (const [seq, event] of events.entries()) {
    while (seq - acknowledged > size) acknowledged = Number((await peer.next('ack')).seq);
    peer.send({ ...event, seq });
  }
}

describe('the window of a server', { timeout: 30_000 }, () => {
  for (const size of [1, 2, 7, 64]) {
    it(`of ${size} holds back an answer that is taken slowly, and lets all of it through`, async () => {
      const words = Array.from({ length: 300 }, (_, index) => `${index} `);
      const url = await serve(async (peer) => {
        peer.send({ type: 'ack_window', size });
        await peer.next('run');
        await sendWithin(peer, size, [
          START,
          ...words.map((content) => ({ type: 'text', content })),
          { ...DONE },
        ]);
      });
      let arrived = -1; // The window itself is a message as well.
      let taken = 0;
      let mostWaiting = 0;
      const events = await run(requestTo(url), {
        observer: { onBytes: () => (arrived += 1) },
        onEvent: async () => {
          taken += 1;
          // Gives the network a turn, so that as much arrives as the server is willing to send.
          await new Promise((resolve) => setImmediate(resolve));
          mostWaiting = Math.max(mostWaiting, arrived - taken);
        },
      });
      assert.equal(textOf(events), words.join(''));
      assert.equal(events.filter(({ type }) => type === 'error').length, 0);
      assert.ok(mostWaiting <= size, `${mostWaiting} events were waiting`);
    });
  }

  it('lets an answer through that is larger than all that may wait', async () => {
    const size = 4;
    const content = 'x'.repeat(1_000_000);
    const count = Math.ceil(MAX_QUEUED_CHARS / content.length) + 1;
    const url = await serve(async (peer) => {
      peer.send({ type: 'ack_window', size });
      await peer.next('run');
      await sendWithin(peer, size, [
        ...Array.from({ length: count }, () => ({ type: 'text', content })),
        DONE,
      ]);
    });
    let length = 0;
    const events = await run(requestTo(url), {
      onEvent: (event) => {
        if (event.type === 'text') length += event.content.length;
      },
    });
    assert.equal(length, count * content.length);
    assert.deepEqual(events.at(-1), { ...DONE, origin: 'stop' });
  });

  it('is acknowledged when the next event is asked for, not before; pings are answered meanwhile', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send({ type: 'ack_window', size: 1 }, { type: 'text', content: 'a', seq: 0 });
      await peer.next('ack');
      peer.send({ ...DONE, seq: 1 });
    });
    const events = await run(requestTo(url), {
      onEvent: async ({ type }) => {
        if (type !== 'text') return;
        onlyPeer().send({ type: 'ping' });
        await onlyPeer().next('pong');
        assert.deepEqual(receivedTypes(), ['run', 'pong']);
      },
    });
    assert.equal(textOf(events), 'a');
    assert.deepEqual(onlyPeer().received.slice(2), [{ type: 'ack', seq: 0 }]);
  });

  it('may be told of after the events that fill it', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send({ ...START, seq: 0 }, { type: 'text', content: 'a', seq: 1 });
      // The answer to a ping says that both have arrived.
      peer.send({ type: 'ping' });
      await peer.next('pong');
      peer.send({ type: 'ack_window', size: 2 });
      await peer.next('ack');
      peer.send({ ...DONE, seq: 2 });
    });
    assert.equal(textOf(await run(requestTo(url))), 'a');
  });

  it('is not acknowledged where there is none, or none that makes sense', async () => {
    for (const control of [[], [{ type: 'ack_window', size: 0 }], [{ type: 'ack_window', size: '4' }]]) {
      const url = await serve(async (peer) => {
        peer.send(...control);
        await peer.next('run');
        for (let seq = 0; seq < 50; seq += 1) peer.send({ type: 'text', content: 'a', seq });
        peer.send(DONE);
      });
      assert.equal(textOf(await run(requestTo(url))).length, 50);
      assert.equal(await onlyPeer().closed, 1000);
      assert.deepEqual(receivedTypes(), ['run']);
      await server?.close();
    }
  });
});

describe('a quiet WebSocket', { timeout: 30_000 }, () => {
  it('is kept as long as its server answers pings', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      // Four thirds of the idle timeout, and more.
      for (let round = 0; round < 5; round += 1) {
        await peer.next('ping');
        peer.send({ type: 'pong' });
      }
      peer.send({ type: 'text', content: 'at last' }, DONE);
    });
    const events = await run(requestTo(url, { idleTimeout: 900 }));
    assert.deepEqual(
      events.map(({ type }) => type),
      ['text', 'done'],
    );
  });

  it('counts as dropped when a ping is not answered, and its run is not stopped at the server', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, { type: 'text', content: 'half' });
      // The machine is up, and nobody reads.
      peer.socket.pause();
    });
    const events = await run(requestTo(url, { idleTimeout: 900 }));
    assert.equal(textOf(events), 'half');
    const error = events.find((event) => event.type === 'error');
    assert.deepEqual([error?.code, error?.recoverable], ['timeout', true]);
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'error', complete: false });
    onlyPeer().socket.resume();
    assert.equal(await onlyPeer().closed, 1000);
    assert.deepEqual(receivedTypes(), ['run', 'ping']);
  });

  it('is asked for a sign of life while its consumer is busy', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send({ type: 'text', content: 'a' }, DONE);
    });
    const events = await run(requestTo(url, { idleTimeout: 300 }), {
      onEvent: ({ type }) => (type === 'text' ? onlyPeer().next('ping') : undefined),
    });
    assert.equal(textOf(events), 'a');
  });

  it('answers no pings of a server that reads nothing', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send({ type: 'text', content: 'before' });
      await peer.next('tool_result');
      peer.send(
        { type: 'ping' },
        { type: 'ack_window', size: 1 },
        { type: 'text', content: 'after', seq: 0 },
      );
      await peer.next('ack');
      peer.send(DONE);
    });
    let send: (message: ClientMessage) => void = () => assert.fail('there is no channel');
    await run(requestTo(url), {
      onChannel: (channel) => {
        send = channel;
      },
      onEvent: (event) => {
        const { socket } = onlyPeer();
        if (event.type === 'text' && event.content === 'before') {
          socket.pause();
          // More than the system takes off the hands of a process.
          send({ type: 'tool_result', id: 'c1', result: 'x'.repeat(20_000_000), isError: false });
          onlyPeer().send({ type: 'ping' }, { type: 'step' });
        } else if (event.type === 'step') socket.resume();
      },
    });
    assert.deepEqual(receivedTypes(), ['run', 'tool_result', 'pong', 'ack']);
  });
});
