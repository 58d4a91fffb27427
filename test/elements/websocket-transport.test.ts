import { expect } from '@open-wc/testing';
import {
  createDialectDecoder,
  runPipeline,
  type RunRequest,
  type StreamEvent,
  type Transport,
} from '../../src/core/index.js';
import type { TransportObserver } from '../../src/core/transport/transport.js';
import { createWebSocketTransport } from '../../src/core/transport/websocket-transport.js';
import { endpoint, until } from './support.js';

interface RunOptions {
  signal?: AbortSignal;
  onChannel?: TransportObserver['onChannel'];
  onEvent?: (event: StreamEvent) => unknown;
}

/** Asks the endpoint of test/support/socket-endpoint.mjs for one of its answers. */
async function run(
  transport: Transport,
  src: string,
  want: string,
  { signal = new AbortController().signal, onChannel, onEvent }: RunOptions = {},
): Promise<StreamEvent[]> {
  const request: RunRequest = {
    url: new URL(src, location.href).href,
    method: 'POST',
    headers: {},
    body: JSON.stringify({ want }),
    credentials: 'same-origin',
    idleTimeout: 60_000,
  };
  const listening: Transport = {
    name: transport.name,
    open: (asked, stop, own) => transport.open(asked, stop, { ...own, ...(onChannel && { onChannel }) }),
  };
  const events: StreamEvent[] = [];
  const decoder = createDialectDecoder('native');
  for await (const event of runPipeline(request, { transport: listening, decoder, signal })) {
    events.push(event);
    await onEvent?.(event);
  }
  return events;
}

function textOf(events: readonly StreamEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.content : '')).join('');
}

/** What the server has received with a key: message types, and the close code, of each socket. */
async function socketsOf(key: string): Promise<(string | number)[][]> {
  const response = await fetch(`/endpoint/socket-log?key=${encodeURIComponent(key)}`);
  return (await response.json()) as (string | number)[][];
}

describe("a run over the browser's WebSocket", () => {
  let transport: Transport;
  let src: string;
  let key: string;

  beforeEach(() => {
    transport = createWebSocketTransport();
    ({ src, key } = endpoint('socket'));
  });

  it('gives the whole answer of a server that waits for acknowledgements, twice on one socket', async () => {
    const numbers = Array.from({ length: 300 }, (_, index) => `${index} `).join('');
    for (let round = 0; round < 2; round += 1) {
      const events = await run(transport, src, 'numbers');
      expect(textOf(events)).to.equal(numbers);
      expect(events.at(-1)).to.include({ type: 'done', reason: 'stop', complete: true });
    }
    const sockets = await socketsOf(key);
    expect(sockets).to.have.length(1);
    expect(sockets[0]?.filter((type) => type === 'run')).to.have.length(2);
  });

  it('takes the result of a tool to the server while the answer goes on', async () => {
    let answer = (): void => {};
    const events = await run(transport, src, 'tool', {
      onChannel: (send) => {
        answer = () => send({ type: 'tool_result', id: 'c1', result: 2, isError: false });
      },
      onEvent: ({ type }) => {
        if (type === 'tool_call') answer();
      },
    });
    expect(textOf(events)).to.equal('It is 2.');
  });

  it('reads binary messages', async () => {
    expect(textOf(await run(transport, src, 'binary'))).to.equal('👍🏽 ä');
  });

  it('is stopped at the server', async () => {
    const controller = new AbortController();
    const events = await run(transport, src, 'hang', {
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'text') controller.abort();
      },
    });
    expect(events.at(-1)).to.deep.equal({ type: 'done', reason: 'aborted', complete: false });
    const [socket] = await until(async () => {
      const sockets = await socketsOf(key);
      return sockets[0]?.includes(1000) ? sockets : undefined;
    });
    expect(socket).to.deep.equal(['run', 'cancel', 1000]);
  });

  it('keeps what had arrived when the connection breaks', async () => {
    const events = await run(transport, src, 'drop');
    expect(textOf(events)).to.equal('half');
    expect(events.find(({ type }) => type === 'error')).to.include({ code: 'network', recoverable: true });
  });

  it('shows why the server refuses it', async () => {
    const [error] = await run(transport, src, 'refuse');
    expect(error).to.include({ code: 'http', status: 401, message: 'Sign in first.', recoverable: false });
  });

  it('says when there is no socket at an address', async () => {
    const [error] = await run(transport, '/endpoint/no-socket', 'numbers');
    expect(error).to.include({ code: 'network', recoverable: true });
  });
});
