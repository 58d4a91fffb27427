import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { ServerResponse } from 'node:http';
import {
  createDialectDecoder,
  createSseTransport,
  runPipeline,
  streamEvents,
  StreamError,
  type Decoder,
  type Frame,
  type PipelineObserver,
  type RunRequest,
  type StreamEvent,
  type Transport,
} from '../../src/core/index.js';
import { serve, type TestServer } from '../support/server.js';

let server: TestServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const request: RunRequest = {
  url: 'http://127.0.0.1:9/chat',
  method: 'POST',
  headers: {},
  credentials: 'same-origin',
  idleTimeout: 0,
};

interface Run {
  decoder?: Decoder;
  signal?: AbortSignal;
  observer?: PipelineObserver;
}

async function run(
  answer: (response: ServerResponse) => void,
  { decoder = createDialectDecoder('auto'), signal = new AbortController().signal, observer }: Run = {},
): Promise<StreamEvent[]> {
  server = await serve((_, response) => answer(response));
  const events: StreamEvent[] = [];
  const options = { transport: createSseTransport(), decoder, signal, observer };
  for await (const event of runPipeline({ ...request, url: server.url }, options)) events.push(event);
  return events;
}

describe('the pipeline', () => {
  it('gives the events of an answer, "done" last', async () => {
    const events = await run((response) => response.end('data: {"text":"a"}\n\ndata: [DONE]\n\n'));
    assert.deepEqual(events, [
      { type: 'text', content: 'a' },
      { type: 'done', reason: 'stop', complete: true, origin: 'done' },
    ]);
  });

  it('shows the head of an answer to the decoder, before the observer and the first frame', async () => {
    const seen: string[] = [];
    const inner = createDialectDecoder('plain');
    const decoder: Decoder = {
      unknownFrames: 0,
      onResponse: ({ headers }) => void seen.push(`decoder ${headers.get('x-kind')}`),
      decode(frame) {
        seen.push('frame');
        return inner.decode(frame);
      },
      finish: () => inner.finish(),
    };
    const answer = (response: ServerResponse): void => {
      response.setHeader('x-kind', 'a');
      response.end('data: [DONE]\n\n');
    };
    await run(answer, { decoder, observer: { onResponse: () => void seen.push('observer') } });
    assert.deepEqual(seen, ['decoder a', 'observer', 'frame']);
  });

  it('closes the connection once it gave "done", and reads no further', async () => {
    let closed: Promise<void> | undefined;
    const events = await run((response) => {
      closed = new Promise((resolve) => {
        response.on('close', resolve);
      });
      response.write('data: {"type":"done"}\n\ndata: {"text":"late"}\n\n');
    });
    assert.equal(events.length, 1);
    await closed;
  });

  it('gives an error and then "done" when the connection breaks, and no half tool call', async () => {
    const chunk = {
      choices: [{ delta: { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }] } }],
    };
    let breakOff = (): void => {};
    const events = await run(
      (response) => {
        breakOff = () => response.destroy();
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      },
      { observer: { onFrame: () => breakOff() } },
    );
    assert.deepEqual(
      events.map(({ type }) => type),
      ['tool_call_start', 'tool_call_delta', 'error', 'done'],
    );
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'error', complete: false });
  });

  it('passes on all that an HTTP error says', async () => {
    const [error] = await run((response) => {
      response.writeHead(429, { 'retry-after': '3' }).end('{"error":{"message":"Slow","code":"rate"}}');
    });
    assert.deepEqual(error, {
      type: 'error',
      code: 'http',
      message: 'Slow',
      recoverable: true,
      retryAfter: 3000,
      status: 429,
      origin: { code: 'rate' },
    });
  });

  it('ends an abort without an error', async () => {
    const controller = new AbortController();
    const events = await run((response) => response.write('data: {"text":"a"}\n\n'), {
      signal: controller.signal,
      observer: { onFrame: () => setImmediate(() => controller.abort()) },
    });
    assert.deepEqual(events, [
      { type: 'text', content: 'a' },
      { type: 'done', reason: 'aborted', complete: false },
    ]);
  });

  it('tells its observer of every frame, for its id', async () => {
    const ids: string[] = [];
    await run((response) => response.end('id: 1\ndata: {"text":"a"}\n\nid: 2\ndata: {"text":"b"}\n\n'), {
      observer: { onFrame: ({ id }) => ids.push(id) },
    });
    assert.deepEqual(ids, ['1', '2']);
  });

  it('does not throw when a transport or a decoder does', async () => {
    const frame: Frame = { framing: 'sse', event: '', data: 'a', id: '', closed: true };
    const open = async function* (): AsyncGenerator<Frame, void, undefined> {
      yield frame;
      throw new StreamError('limit', 'Too much.');
    };
    const transport: Transport = { name: 'sse', open };
    const broken: Decoder = {
      unknownFrames: 0,
      decode() {
        throw new TypeError('x is not a function');
      },
      finish: () => [],
    };
    for (const [decoder, code] of [
      [createDialectDecoder('plain'), 'limit'],
      [broken, 'protocol'],
    ] as const) {
      const events: StreamEvent[] = [];
      const options = { transport, decoder, signal: new AbortController().signal };
      for await (const event of runPipeline(request, options)) events.push(event);
      const [error, done] = events.slice(-2);
      assert.equal(error?.type === 'error' && error.code, code);
      assert.deepEqual(done, { type: 'done', reason: 'error', complete: false });
    }
  });

  it('does not ask for more than its consumer takes', async () => {
    let asked = 0;
    const transport: Transport = {
      name: 'sse',
      async *open() {
        for (;;) {
          asked += 1;
          yield { framing: 'text', event: '', data: 'a', id: '', closed: true };
        }
      },
    };
    const options = {
      transport,
      decoder: createDialectDecoder('plain'),
      signal: new AbortController().signal,
    };
    const events = runPipeline(request, options);
    await events.next();
    await events.next();
    await events.return(undefined);
    assert.equal(asked, 2);
  });
});

describe('streamEvents', () => {
  it('asks an endpoint by its address alone and gives the answer', async () => {
    let body = '';
    server = await serve((incoming, response) => {
      incoming.on('data', (piece) => {
        body += piece;
      });
      incoming.on('end', () =>
        response.end('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'),
      );
    });
    const events: StreamEvent[] = [];
    for await (const event of streamEvents(server.url, { messages: 'Hello', model: 'm' })) events.push(event);
    assert.deepEqual(JSON.parse(body), {
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    assert.deepEqual(events, [
      { type: 'text', content: 'Hi' },
      { type: 'done', reason: 'stop', complete: true, origin: 'stop' },
    ]);
  });

  it('ends with events, not with an exception, where there is no server', async () => {
    const types: string[] = [];
    for await (const event of streamEvents('nowhere', { messages: [{ role: 'user', content: 'Hello' }] })) {
      types.push(event.type);
    }
    assert.deepEqual(types, ['error', 'done']);
  });
});
