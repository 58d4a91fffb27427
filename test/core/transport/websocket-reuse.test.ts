import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { WebSocket } from 'ws';
import type { ClientMessage, Transport } from '../../../src/core/transport/transport.js';
import { MAX_KEPT_SOCKETS, SOCKET_KEPT_TIME } from '../../../src/core/transport/socket-pool.js';
import { createTransport, DONE, requestTo, run, START, textOf } from '../../support/socket-run.js';
import { serveSockets, type Peer, type SocketServer } from '../../support/socket-server.js';

let server: SocketServer | undefined;
let transport: Transport;

beforeEach(() => {
  transport = createTransport();
});

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(attend: (peer: Peer, index: number) => unknown): Promise<string> {
  server = await serveSockets(attend);
  return server.url;
}

/** The server's end of the socket that was opened at this place. */
function peerAt(index: number): Peer {
  const peer = server?.peers[index];
  assert.ok(peer);
  return peer;
}

function typesAt(index: number): string[] {
  return peerAt(index).received.map(({ type }) => type);
}

function text(content: string): { type: 'text'; content: string } {
  return { type: 'text', content };
}

/** Answers every run on a socket: with its number there, from 0. */
async function answerAll(peer: Peer): Promise<void> {
  for (let round = 0; ; round += 1) {
    await peer.next('run');
    peer.send(START, text(`answer ${round}`), DONE);
  }
}

async function ask(url: string): Promise<string> {
  return textOf(await run(requestTo(url), { transport }));
}

// These come first: a clock that is stopped does not stop the timers that earlier tests have left running.
describe('the time for which a socket is kept', { timeout: 30_000 }, () => {
  afterEach(() => mock.timers.reset());

  it('is half a minute', async () => {
    const url = await serve(answerAll);
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    await ask(url);
    mock.timers.tick(SOCKET_KEPT_TIME - 1);
    assert.equal(await ask(url), 'answer 1');
    mock.timers.tick(SOCKET_KEPT_TIME);
    assert.equal(await peerAt(0).closed, 1000);
    assert.equal(await ask(url), 'answer 0');
    assert.deepEqual(typesAt(0), ['run', 'run']);
  });

  it('is over after a sleep of the device, in which no timer runs', async () => {
    const url = await serve(answerAll);
    mock.timers.enable({ apis: ['Date'] });
    await ask(url);
    mock.timers.setTime(SOCKET_KEPT_TIME);
    assert.equal(await ask(url), 'answer 0');
    assert.equal(server?.peers.length, 2);
  });
});

describe('the socket of an answer that is complete', { timeout: 30_000 }, () => {
  it('takes the next request for its URL', async () => {
    const url = await serve(answerAll);
    for (let round = 0; round < 5; round += 1) assert.equal(await ask(url), `answer ${round}`);
    assert.equal(server?.peers.length, 1);
    assert.deepEqual(typesAt(0), ['run', 'run', 'run', 'run', 'run']);
  });

  it('takes the request that follows on the results of tools', async () => {
    const call = { type: 'tool_call', id: 'c1', name: 'f', args: {} };
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, call, { type: 'done', reason: 'tool_calls', complete: true });
      await peer.next('run');
      peer.send(START, text('thanks'), DONE);
    });
    await ask(url);
    assert.equal(await ask(url), 'thanks');
    assert.equal(server?.peers.length, 1);
  });

  it('takes none for another URL', async () => {
    const url = await serve(answerAll);
    await ask(`${url}?a`);
    assert.equal(await ask(`${url}?b`), 'answer 0');
    assert.deepEqual(
      server?.peers.map(({ path }) => path),
      ['/chat?a', '/chat?b'],
    );
  });

  it('takes none for the rest of an answer', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, DONE);
    });
    await ask(url);
    const resumed = run(requestTo(url, { resume: { streamId: 's1' } }), { transport });
    const next = await new Promise<Peer>((resolve) => {
      const find = (): void => {
        const peer = server?.peers[1];
        if (peer) resolve(peer);
        else setImmediate(find);
      };
      find();
    });
    await next.next('resume');
    next.send(text('rest'), DONE);
    assert.equal(textOf(await resumed), 'rest');
  });

  it('never carries two runs at once', async () => {
    let both = (): void => {};
    const asked = new Promise<void>((resolve) => {
      both = resolve;
    });
    const url = await serve(async (peer, index) => {
      await peer.next('run');
      peer.send(START);
      if (index === 1) both();
      await asked;
      peer.send(text(`answer ${index}`), DONE);
      await peer.next('run');
      peer.send(START, text(`again ${index}`), DONE);
    });
    assert.deepEqual(new Set(await Promise.all([ask(url), ask(url)])), new Set(['answer 0', 'answer 1']));
    // Of the two, one is kept.
    assert.match(await ask(url), /^again [01]$/);
    assert.equal(await Promise.race([peerAt(0).closed, peerAt(1).closed]), 1000);
    assert.equal(server?.peers.length, 2);
  });

  it('is forgotten when its server closes it', async () => {
    const url = await serve(async (peer, index) => {
      await peer.next('run');
      peer.send(START, text(`answer ${index}`), DONE);
      if (index === 0) peer.socket.close(1001);
    });
    assert.equal(await ask(url), 'answer 0');
    await peerAt(0).closed;
    assert.equal(await ask(url), 'answer 1');
  });

  it('is replaced without a word when it is found dead', async () => {
    const url = await serve(async (peer, index) => {
      await peer.next('run');
      peer.send(START, text(`answer ${index}`), DONE);
      await peer.next('run');
      peer.socket.terminate();
    });
    let heads = 0;
    const options = { transport, observer: { onResponse: () => (heads += 1) } };
    assert.equal(textOf(await run(requestTo(url), options)), 'answer 0');
    const events = await run(requestTo(url), options);
    assert.deepEqual(events, [START, text('answer 1'), { ...DONE, origin: 'stop' }]);
    assert.equal(heads, 2);
    assert.deepEqual([typesAt(0), typesAt(1)], [['run', 'run'], ['run']]);
  });

  it('is not replaced when it broke off after a sign of life', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, text('first'), DONE);
      await peer.next('run');
      peer.send({ type: 'ping' });
      await peer.next('pong');
      peer.socket.terminate();
    });
    await ask(url);
    const events = await run(requestTo(url), { transport });
    assert.deepEqual(
      events.map((event) => (event.type === 'error' ? event.code : event.type)),
      ['network', 'done'],
    );
    assert.equal(server?.peers.length, 1);
  });

  it('is not replaced when its first message is too long', async () => {
    transport = createTransport({ maxFrameChars: 100 });
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, text('first'), DONE);
      await peer.next('run');
      peer.send(text('x'.repeat(200)));
    });
    await ask(url);
    const [error] = await run(requestTo(url), { transport });
    assert.equal(error?.type === 'error' && error.code, 'limit');
    assert.equal(server?.peers.length, 1);
  });

  it('is not waited for while it is closing', async () => {
    const clients: WebSocket[] = [];
    transport = createTransport({
      WebSocket: class extends WebSocket {
        constructor(url: string) {
          super(url);
          clients.push(this);
        }
      },
    });
    const url = await serve(async (peer, index) => {
      await peer.next('run');
      peer.send(START, text(`answer ${index}`), DONE);
    });
    await ask(url);
    peerAt(0).socket.close(1001);
    // It never sees that the client has understood, so the connection stays half closed.
    peerAt(0).socket.pause();
    while (clients[0]?.readyState === WebSocket.OPEN) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(clients[0]?.readyState, WebSocket.CLOSING);
    assert.equal(await ask(url), 'answer 1');
    assert.equal(clients[0].readyState, WebSocket.CLOSING);
  });

  it('answers pings while nothing is going on', async () => {
    const url = await serve(answerAll);
    await ask(url);
    peerAt(0).send({ type: 'ping' });
    await peerAt(0).next('pong');
    assert.equal(await ask(url), 'answer 1');
  });

  it('keeps what it knows of the window of its server', async () => {
    const url = await serve(async (peer) => {
      peer.send({ type: 'ack_window', size: 1 });
      for (let round = 0; round < 2; round += 1) {
        await peer.next('run');
        peer.send({ ...START, seq: 0 });
        await peer.next('ack');
        peer.send({ ...text(`answer ${round}`), seq: 1 });
        await peer.next('ack');
        peer.send({ ...DONE, seq: 2 });
      }
    });
    await ask(url);
    assert.equal(await ask(url), 'answer 1');
    assert.equal(server?.peers.length, 1);
  });

  it(`is one of at most ${MAX_KEPT_SOCKETS} that are kept`, async () => {
    const url = await serve(answerAll);
    for (let index = 0; index <= MAX_KEPT_SOCKETS; index += 1) await ask(`${url}?key=${index}`);
    assert.equal(await peerAt(0).closed, 1000);
    assert.equal(await ask(`${url}?key=1`), 'answer 1');
  });
});

describe('a socket that is not used again', { timeout: 30_000 }, () => {
  it('is that of a run that was stopped', async () => {
    const url = await serve(async (peer, index) => {
      await peer.next('run');
      peer.send(START, text(`answer ${index}`), ...(index === 0 ? [] : [DONE]));
    });
    const controller = new AbortController();
    await run(requestTo(url), {
      transport,
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'text') controller.abort();
      },
    });
    assert.equal(await peerAt(0).closed, 1000);
    assert.equal(await ask(url), 'answer 1');
  });

  it('is that of an answer without "start": the next could not be told from what is left of it', async () => {
    const url = await serve(async (peer, index) => {
      await peer.next('run');
      peer.send(text(`answer ${index}`), DONE);
    });
    assert.equal(await ask(url), 'answer 0');
    assert.equal(await peerAt(0).closed, 1000);
    assert.deepEqual(typesAt(0), ['run']);
    assert.equal(await ask(url), 'answer 1');
  });
});

describe('what is left of a run', { timeout: 30_000 }, () => {
  it('does not reach the next one on its socket, whenever it arrives', async () => {
    const late = [text('late'), { type: 'usage', inputTokens: 1 }, DONE];
    const url = await serve(async (peer) => {
      await peer.next('run');
      // In one go with the end of the answer, …
      peer.send(START, text('first'), DONE, ...late);
      // … and after the next request.
      await peer.next('run');
      peer.send(...late, START, text('second'), DONE);
    });
    assert.equal(await ask(url), 'first');
    const events = await run(requestTo(url), { transport });
    assert.deepEqual(events, [START, text('second'), { ...DONE, origin: 'stop' }]);
    assert.equal(server?.peers.length, 1);
  });

  it('does not reach the server in the next one either', async () => {
    const url = await serve(answerAll);
    let send: (message: ClientMessage) => void = () => assert.fail('there is no channel');
    await run(requestTo(url), {
      transport,
      onChannel: (channel) => {
        send = channel;
      },
    });
    const result: ClientMessage = { type: 'tool_result', id: 'c1', result: 1, isError: false };
    send(result);
    await run(requestTo(url), {
      transport,
      onEvent: ({ type }) => {
        if (type === 'text') send(result);
      },
    });
    await ask(url);
    assert.deepEqual(typesAt(0), ['run', 'run', 'run']);
  });
});
