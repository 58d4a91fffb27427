import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { StreamError, type ResponseInfo, type StreamEvent } from '../../../src/core/index.js';
import type { PlatformSocketConstructor } from '../../../src/core/transport/event-socket.js';
import { MAX_QUEUED_CHARS } from '../../../src/core/transport/socket-inbox.js';
import type { ClientMessage } from '../../../src/core/transport/transport.js';
import { createWebSocketTransport } from '../../../src/core/transport/websocket-transport.js';
import { readSeed } from '../../support/random.js';
import { createTransport, DONE, requestTo, run, START, textOf } from '../../support/socket-run.js';
import { serveSockets, type Peer, type SocketServer } from '../../support/socket-server.js';
import { atRandomPlaces, byteByByte, whole, type Split } from '../../support/wire.js';

let server: SocketServer | undefined;
let listener: Server | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
  listener?.close();
  listener = undefined;
});

/** A server that does the same with every socket. */
async function serve(attend: (peer: Peer) => unknown): Promise<string> {
  server = await serveSockets(attend);
  return server.url;
}

/** The server's end of the only socket. */
function onlyPeer(): Peer {
  const [peer, ...others] = server?.peers ?? [];
  assert.ok(peer);
  assert.equal(others.length, 0);
  return peer;
}

async function listen(on: Server): Promise<number> {
  listener = on;
  on.listen(0, '127.0.0.1');
  await once(on, 'listening');
  return (on.address() as AddressInfo).port;
}

function text(content: string): { type: 'text'; content: string } {
  return { type: 'text', content };
}

function errorOf(events: readonly StreamEvent[]): Extract<StreamEvent, { type: 'error' }> | undefined {
  return events.find((event) => event.type === 'error');
}

describe('a run over a WebSocket', { timeout: 30_000 }, () => {
  it('asks with the fields of the body, and gives the events of the answer', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, text('Hel'), text('lo'), DONE);
    });
    const events = await run(requestTo(`${url}?key=k#here`, { body: '{"model":"m","messages":[]}' }));
    assert.deepEqual(events, [START, text('Hel'), text('lo'), { ...DONE, origin: 'stop' }]);
    assert.deepEqual(onlyPeer().received, [{ model: 'm', messages: [], type: 'run' }]);
    assert.equal(onlyPeer().path, '/chat?key=k');
  });

  it('lets no field of the body change what kind of message it is', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(DONE);
    });
    await run(requestTo(url, { body: '{"type":"cancel"}' }));
    assert.equal(onlyPeer().received[0]?.type, 'run');
  });

  it('without a body asks all the same, at an address of its own scheme', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(DONE);
    });
    const request = requestTo(url.replace('http:', 'ws:'), { method: 'GET', body: undefined });
    assert.equal((await run(request)).length, 1);
    assert.deepEqual(onlyPeer().received, [{ type: 'run' }]);
  });

  it('asks for the rest of an answer by what is known of it', async () => {
    const url = await serve(async (peer) => {
      await peer.next('resume');
      peer.send({ ...text('rest'), seq: 8 }, DONE);
    });
    const resume = { streamId: 's1', lastEventId: '7' };
    const events = await run(requestTo(url, { body: '{"model":"m"}', resume }));
    assert.equal(textOf(events), 'rest');
    assert.deepEqual(onlyPeer().received, [{ model: 'm', type: 'resume', ...resume }]);
  });

  it('takes the result of a tool to the endpoint while the answer goes on', async () => {
    const call = { type: 'tool_call', id: 'c1', name: 'add', args: { a: 1 } };
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, call);
      const { result } = await peer.next('tool_result');
      peer.send(text(`It is ${String(result)}.`), DONE);
    });
    let send: (message: ClientMessage) => void = () => assert.fail('there is no channel');
    const events = await run(requestTo(url), {
      onChannel: (channel) => {
        send = channel;
      },
      onEvent: ({ type }) => {
        if (type === 'tool_call') send({ type: 'tool_result', id: 'c1', result: 2, isError: false });
      },
    });
    assert.equal(textOf(events), 'It is 2.');
    assert.deepEqual(onlyPeer().received[1], { type: 'tool_result', id: 'c1', result: 2, isError: false });
  });

  it('reads binary messages as UTF-8', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.socket.send(Buffer.from(JSON.stringify(text('👍🏽 ä'))), { binary: true });
      peer.send(DONE);
    });
    assert.equal(textOf(await run(requestTo(url))), '👍🏽 ä');
  });

  it('leaves what is no JSON to the decoder, and goes on', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, text('before'));
      peer.socket.send('{this is no JSON');
      peer.send(text(' and after'), DONE);
    });
    const events = await run(requestTo(url));
    assert.equal(textOf(events), 'before and after');
    assert.equal(errorOf(events)?.code, 'protocol');
  });

  it('tells its observer of the head, and of the bytes of every message', async () => {
    const messages = [{ type: 'ack_window', size: 9 }, { type: 'ping' }, text('ä'), DONE];
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(...messages);
    });
    let head: ResponseInfo | undefined;
    let bytes = 0;
    const observer = {
      onResponse: (response: ResponseInfo) => {
        head = response;
      },
      onBytes: (length: number) => {
        bytes += length;
      },
    };
    await run(requestTo(url), { observer });
    assert.deepEqual(
      [head?.url, head?.status, head?.contentType, head?.headers.get('x')],
      [url.replace('http:', 'ws:'), 101, '', null],
    );
    assert.equal(bytes, Buffer.byteLength(messages.map((message) => JSON.stringify(message)).join('')));
  });

  it('gives an answer of 1,000 events whole', async () => {
    const words = Array.from({ length: 1000 }, (_, index) => `${index} `);
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, ...words.map((word, seq) => ({ ...text(word), seq })), DONE);
    });
    const events = await run(requestTo(url));
    assert.equal(textOf(events), words.join(''));
    assert.equal(events.length, 1002);
  });

  const seed = readSeed();
  const splits: [string, Split][] = [
    ['whole', whole],
    ['byte by byte', byteByByte],
    [`in random pieces (TEST_SEED=${seed})`, atRandomPlaces(7, seed)],
  ];
  for (const [how, split] of splits) {
    it(`gives the same events when messages arrive ${how}`, async () => {
      const url = await serve(async (peer) => {
        await peer.next('run');
        for (const message of [START, text('👍🏽 Grüße'), text('\n'), DONE]) {
          const pieces = split(Buffer.from(JSON.stringify(message)));
          pieces.forEach((piece, index) => {
            peer.socket.send(piece, { binary: false, fin: index === pieces.length - 1 });
          });
        }
      });
      assert.deepEqual(await run(requestTo(url)), [
        START,
        text('👍🏽 Grüße'),
        text('\n'),
        { ...DONE, origin: 'stop' },
      ]);
    });
  }
});

describe('a run over a WebSocket that is stopped', { timeout: 30_000 }, () => {
  async function serveEndless(): Promise<string> {
    return serve(async (peer) => {
      await peer.next('run');
      peer.send(START, text('a'));
    });
  }

  function types(): string[] {
    return onlyPeer().received.map(({ type }) => type);
  }

  it('is stopped at the endpoint, and its socket closed, while it waits for more', async () => {
    const url = await serveEndless();
    const controller = new AbortController();
    const events = await run(requestTo(url), {
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'text') setImmediate(() => controller.abort());
      },
    });
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'aborted', complete: false });
    assert.equal(errorOf(events), undefined);
    assert.equal(await onlyPeer().closed, 1000);
    assert.deepEqual(types(), ['run', 'cancel']);
  });

  it('is stopped at once, even while its consumer is busy', async () => {
    const url = await serveEndless();
    const controller = new AbortController();
    const events = await run(requestTo(url), {
      signal: controller.signal,
      onEvent: async ({ type }) => {
        if (type !== 'text') return;
        controller.abort();
        await onlyPeer().closed;
      },
    });
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'aborted', complete: false });
    assert.deepEqual(types(), ['run', 'cancel']);
  });

  it('gives no event after the stop, even of those that have arrived', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, text('a'), text('b'), DONE, { type: 'ping' });
    });
    const controller = new AbortController();
    const events = await run(requestTo(url), {
      signal: controller.signal,
      onEvent: async ({ type }) => {
        if (type !== 'text') return;
        await onlyPeer().next('pong');
        controller.abort();
      },
    });
    assert.equal(textOf(events), 'a');
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'aborted', complete: false });
  });

  it('is stopped at the endpoint when its consumer leaves the loop', async () => {
    const url = await serveEndless();
    for await (const { data } of createTransport().open(requestTo(url), new AbortController().signal)) {
      assert.equal(data, JSON.stringify(START));
      break;
    }
    assert.equal(await onlyPeer().closed, 1000);
    assert.deepEqual(types(), ['run', 'cancel']);
  });

  it('goes on at the endpoint when only the connection is given up', async () => {
    const url = await serveEndless();
    const controller = new AbortController();
    const reason = new StreamError('network', 'The device is offline.');
    const events = await run(requestTo(url), {
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'text') setImmediate(() => controller.abort(reason));
      },
    });
    assert.equal(errorOf(events)?.message, 'The device is offline.');
    assert.equal(await onlyPeer().closed, 1000);
    assert.deepEqual(types(), ['run']);
  });

  it('opens no socket when it was stopped before', async () => {
    const url = await serveEndless();
    const events = await run(requestTo(url), { signal: AbortSignal.abort() });
    assert.deepEqual(events, [{ type: 'done', reason: 'aborted', complete: false }]);
    assert.deepEqual(server?.peers, []);
  });

  it('ends when it is stopped before the socket is open', async () => {
    const controller = new AbortController();
    const port = await listen(createServer((socket) => socket.once('data', () => controller.abort())));
    const events = await run(requestTo(`ws://127.0.0.1:${port}/`), { signal: controller.signal });
    assert.deepEqual(events, [{ type: 'done', reason: 'aborted', complete: false }]);
  });
});

describe('a WebSocket that fails', { timeout: 30_000 }, () => {
  it('cannot be opened where nobody listens', async () => {
    const port = await listen(createServer());
    listener?.close();
    const events = await run(requestTo(`http://127.0.0.1:${port}/`));
    const error = errorOf(events);
    assert.deepEqual([error?.code, error?.recoverable], ['network', true]);
    assert.match(error?.message ?? '', /^Cannot open a WebSocket to ws:\/\/127\.0\.0\.1:\d+\./);
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'error', complete: false });
  });

  it('cannot be opened where the server has none', async () => {
    const port = await listen(createHttpServer((_, response) => response.writeHead(404).end()));
    const error = errorOf(await run(requestTo(`http://127.0.0.1:${port}/`)));
    assert.deepEqual([error?.code, error?.recoverable], ['network', true]);
  });

  it('is given up when it does not open in time', async () => {
    const port = await listen(createServer((socket) => socket.resume()));
    const error = errorOf(await run(requestTo(`http://127.0.0.1:${port}/`, { idleTimeout: 50 })));
    assert.deepEqual([error?.code, error?.recoverable], ['timeout', true]);
  });

  it('breaks off with its server, and what had arrived stands', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, { type: 'tool_call_start', id: 'c', name: 'f' }, text('half'));
    });
    const events = await run(requestTo(url), {
      onEvent: ({ type }) => {
        if (type === 'text') onlyPeer().socket.terminate();
      },
    });
    assert.equal(textOf(events), 'half');
    const error = errorOf(events);
    assert.deepEqual([error?.code, error?.recoverable, error?.origin?.code], ['network', true, 1006]);
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'error', complete: false });
  });

  it('gives all that had arrived to a consumer that was busy when it broke off', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, text('a'), text('b'), text('c'));
      peer.socket.close(1011);
    });
    const events = await run(requestTo(url), {
      onEvent: ({ type }) => (type === 'start' ? onlyPeer().closed : undefined),
    });
    assert.equal(textOf(events), 'abc');
    assert.equal(errorOf(events)?.code, 'network');
  });

  const cases: [string, number, string, Partial<Extract<StreamEvent, { type: 'error' }>>][] = [
    ['policy', 1008, 'Sign in first.', { code: 'http', message: 'Sign in first.', recoverable: false }],
    ['no key', 4401, 'No key.', { code: 'http', message: 'No key.', status: 401, recoverable: false }],
    ['a refusal', 4403, '', { code: 'http', status: 403, recoverable: false }],
    [
      'unauthorized',
      3000,
      'Expired.',
      { code: 'http', message: 'Expired.', status: 401, recoverable: false },
    ],
    ['forbidden', 3003, 'Not you.', { code: 'http', message: 'Not you.', status: 403, recoverable: false }],
    ['a request too large', 1009, '', { code: 'limit', recoverable: false }],
    ['a restart', 1012, '', { code: 'network', recoverable: true }],
    ['too much to do', 1013, 'Busy.', { code: 'network', message: 'Busy.', recoverable: true }],
    ['going away', 1001, '', { code: 'network', recoverable: true }],
    ['an error of the server', 1011, 'Out of memory', { code: 'network', recoverable: true }],
    ['a code of its own', 4999, '', { code: 'network', recoverable: true }],
  ];
  for (const [what, code, reason, expected] of cases) {
    it(`with ${what} (${code}) says so`, async () => {
      const url = await serve(async (peer) => {
        await peer.next('run');
        peer.send(START, text('half'));
        peer.socket.close(code, reason);
      });
      const events = await run(requestTo(url));
      assert.equal(textOf(events), 'half');
      const error = errorOf(events);
      assert.equal(error?.origin?.code, code);
      assert.ok(error?.message);
      if (code === 1011) assert.match(error?.message ?? '', /close code 1011: Out of memory/);
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(error?.[key as keyof typeof error], value, key);
      }
    });
  }

  for (const code of [1000, undefined]) {
    it(`cleanly (${code ?? 'no code'}) without "done" leaves an answer that was cut`, async () => {
      const url = await serve(async (peer) => {
        await peer.next('run');
        peer.send(START, text('half'));
        peer.socket.close(code);
      });
      const events = await run(requestTo(url));
      assert.deepEqual(events, [START, text('half'), { type: 'done', reason: 'unknown', complete: false }]);
    });
  }
});

describe('the limits of a WebSocket', { timeout: 30_000 }, () => {
  it('stop a message that is too long, and keep the events before it', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START, text('kept'), text('x'.repeat(200)), text('never'));
    });
    const events = await run(requestTo(url), { transport: createTransport({ maxFrameChars: 100 }) });
    assert.equal(textOf(events), 'kept');
    assert.deepEqual([errorOf(events)?.code, errorOf(events)?.recoverable], ['limit', false]);
    assert.match(errorOf(events)?.message ?? '', /longer than 100 characters/);
    assert.equal(await onlyPeer().closed, 1000);
    assert.deepEqual(
      onlyPeer().received.map(({ type }) => type),
      ['run', 'cancel'],
    );
  });

  it('count the characters of a binary message, not its bytes', async () => {
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.socket.send(Buffer.from(JSON.stringify(text('ä'.repeat(70)))), { binary: true });
      peer.send(DONE);
    });
    const events = await run(requestTo(url), { transport: createTransport({ maxFrameChars: 100 }) });
    assert.equal(textOf(events), 'ä'.repeat(70));
  });

  it('stop an endpoint that sends on while nothing is taken, and keep what is waiting', async () => {
    const content = 'x'.repeat(1_000_000);
    let sent = 0;
    const url = await serve(async (peer) => {
      await peer.next('run');
      peer.send(START);
      while (peer.socket.readyState === peer.socket.OPEN) {
        await new Promise<unknown>((resolve) => {
          peer.socket.send(JSON.stringify(text(content)), resolve);
        });
        sent += 1;
      }
    });
    let bytes = 0;
    const events = await run(requestTo(url), {
      observer: {
        onBytes: (length) => {
          bytes += length;
        },
      },
      onEvent: async ({ type }) => {
        if (type === 'start') await onlyPeer().next('cancel');
      },
    });
    assert.equal(errorOf(events)?.code, 'limit');
    assert.match(errorOf(events)?.message ?? '', /ack_window/);
    assert.equal(textOf(events).length, 17 * content.length);
    assert.ok(bytes <= MAX_QUEUED_CHARS + content.length + 100, String(bytes));
    assert.ok(sent >= 17);
  });
});

describe('a platform', () => {
  async function errorFor(url: string, transport = createTransport()): Promise<string> {
    const error = errorOf(await run(requestTo(url), { transport }));
    assert.deepEqual([error?.code, error?.recoverable], ['protocol', false]);
    return error?.message ?? '';
  }

  it('without a WebSocket says what to do', async () => {
    const platform = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
    Reflect.deleteProperty(globalThis, 'WebSocket');
    try {
      assert.match(await errorFor('ws://127.0.0.1:9/', createWebSocketTransport()), /"ws"/);
    } finally {
      if (platform) Object.defineProperty(globalThis, 'WebSocket', platform);
    }
  });

  it('that refuses even to try says why that may be', async () => {
    const transport = createTransport({
      WebSocket: function refuse() {
        throw new DOMException('Not from a page over https.', 'SecurityError');
      } as unknown as PlatformSocketConstructor,
    });
    assert.match(await errorFor('ws://127.0.0.1:9/', transport), /wss:/);
  });

  it('opens no socket to an address of another kind', async () => {
    for (const url of ['mailto:a@example.com', 'ftp://example.com/', 'no address']) {
      assert.match(await errorFor(url), /ws:, wss:, http: or https:/);
    }
  });
});
