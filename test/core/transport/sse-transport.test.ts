import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { createGzip, gzipSync } from 'node:zlib';
import {
  createSseTransport,
  StreamError,
  type Frame,
  type ResponseInfo,
  type RunRequest,
  type SseTransportOptions,
  type TransportObserver,
} from '../../../src/core/index.js';
import { serve, type TestServer } from '../../support/server.js';

let server: TestServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  more: Partial<RunRequest> = {},
): Promise<RunRequest> {
  server = await serve(answer);
  return {
    url: server.url,
    method: 'POST',
    headers: {},
    body: '{}',
    credentials: 'same-origin',
    idleTimeout: 0,
    ...more,
  };
}

interface ReadOptions {
  signal?: AbortSignal;
  observer?: TransportObserver;
  onFrame?: () => void;
}

interface Outcome {
  data: string[];
  error?: StreamError;
}

async function read(
  request: RunRequest,
  options: SseTransportOptions = {},
  { signal = new AbortController().signal, observer, onFrame }: ReadOptions = {},
): Promise<Outcome> {
  const data: string[] = [];
  try {
    for await (const frame of createSseTransport(options).open(request, signal, observer)) {
      data.push(frame.data);
      onFrame?.();
    }
  } catch (error) {
    assert.ok(error instanceof StreamError);
    return { data, error };
  }
  return { data };
}

function sse(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

describe('a request over fetch', () => {
  it('carries method, headers and body, and says what it can read', async () => {
    let seen: { method?: string | undefined; headers: IncomingMessage['headers']; body: string } | undefined;
    const request = await start(
      (incoming, response) => {
        let body = '';
        incoming.on('data', (piece) => {
          body += piece;
        });
        incoming.on('end', () => {
          seen = { method: incoming.method, headers: incoming.headers, body };
          response.end('data: a\n\n');
        });
      },
      { headers: { Authorization: 'Bearer x' }, body: '{"a":1}' },
    );
    assert.deepEqual(await read(request), { data: ['a'] });
    assert.equal(seen?.method, 'POST');
    assert.equal(seen?.body, '{"a":1}');
    assert.equal(seen?.headers.authorization, 'Bearer x');
    assert.equal(seen?.headers['content-type'], 'application/json');
    assert.equal(
      seen?.headers.accept,
      'text/event-stream, application/x-ndjson, application/json, text/plain',
    );
  });

  it('has no content type without a body, and keeps the accept header of the page', async () => {
    let headers: IncomingMessage['headers'] = {};
    const request = await start(
      (incoming, response) => {
        headers = incoming.headers;
        response.end();
      },
      { method: 'GET', body: undefined, headers: { ACCEPT: 'text/event-stream' } },
    );
    assert.deepEqual(await read(request), { data: [] });
    assert.equal(headers['content-type'], undefined);
    assert.equal(headers.accept, 'text/event-stream');
  });

  it('says which header cannot be sent', async () => {
    const request = await start((_, response) => response.end(), { headers: { 'x-name': 'Łódź' } });
    const { error } = await read(request);
    assert.equal(error?.code, 'protocol');
    assert.match(error?.message ?? '', /header/);
  });

  it('tells its observer of the head, the bytes and the reconnection time', async () => {
    const request = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-run': '7' });
      response.end('retry: 1500\ndata: ä\n\n');
    });
    let head: ResponseInfo | undefined;
    let bytes = 0;
    const retries: number[] = [];
    const observer: TransportObserver = {
      onResponse: (response) => {
        head = response;
      },
      onBytes: (length) => {
        bytes += length;
      },
      onRetry: (milliseconds) => retries.push(milliseconds),
    };
    await read(request, {}, { observer });
    assert.equal(head?.status, 200);
    assert.equal(head?.contentType, 'text/event-stream; charset=utf-8');
    assert.equal(head?.headers.get('x-run'), '7');
    assert.equal(bytes, 22);
    assert.deepEqual(retries, [1500]);
  });
});

describe('an answer over fetch', () => {
  it('keeps a character whole that two chunks share', async () => {
    const request = await start((_, response) => {
      sse(response);
      const bytes = Buffer.from('data: 👍🏽\n\n');
      response.write(bytes.subarray(0, 8));
      setImmediate(() => response.end(bytes.subarray(8)));
    });
    assert.deepEqual(await read(request), { data: ['👍🏽'] });
  });

  it('may be compressed', async () => {
    const request = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(gzipSync('data: a\n\ndata: b\n\n'));
    });
    assert.deepEqual(await read(request), { data: ['a', 'b'] });
  });

  it('gives no frames for 204 and for an empty body', async () => {
    for (const status of [204, 200]) {
      const request = await start((_, response) => response.writeHead(status).end());
      assert.deepEqual(await read(request), { data: [] });
      await server?.close();
    }
  });

  it("is JSON with an error in it at 200: a frame, which is the dialect's to judge", async () => {
    const request = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"error":"No."}');
    });
    assert.deepEqual(await read(request), { data: ['{"error":"No."}'] });
  });

  it('keeps the frames before the limit', async () => {
    const request = await start((_, response) => {
      sse(response);
      response.end(`data: a\n\ndata: ${'x'.repeat(100)}\n\n`);
    });
    const { data, error } = await read(request, { maxFrameChars: 50 });
    assert.deepEqual(data, ['a']);
    assert.equal(error?.code, 'limit');
  });

  it('closes the connection when the limit is reached', async () => {
    let closed: Promise<void> | undefined;
    const request = await start((_, response) => {
      closed = new Promise((resolve) => {
        response.on('close', resolve);
      });
      sse(response);
      response.write(`data: ${'x'.repeat(100)}`);
    });
    const { error } = await read(request, { maxFrameChars: 50 });
    assert.equal(error?.code, 'limit');
    await closed;
  });
});

describe('an HTTP error', () => {
  const cases: [string, number, Record<string, string>, string, Partial<StreamError>][] = [
    [
      'in JSON',
      400,
      {},
      '{"error":{"message":"No such model","code":"model_not_found","type":"invalid_request_error"}}',
      {
        message: 'No such model',
        recoverable: false,
        origin: { code: 'model_not_found', type: 'invalid_request_error' },
      },
    ],
    [
      'in JSON as a string',
      500,
      {},
      '{"error":"Out of memory"}',
      { message: 'Out of memory', recoverable: true },
    ],
    [
      'of FastAPI',
      422,
      {},
      '{"detail":[{"loc":["body","messages"],"msg":"Field required"}]}',
      { message: 'body.messages: Field required' },
    ],
    [
      'as a page',
      502,
      {},
      '<html><title>502 Bad Gateway</title>',
      { message: '502 Bad Gateway', recoverable: true, origin: { type: 'html' } },
    ],
    ['as text', 404, {}, 'Not\n found', { message: 'Not found', recoverable: false }],
    [
      'without words',
      503,
      {},
      '',
      { message: 'The endpoint answered with status 503. Try again in a moment.', recoverable: true },
    ],
    [
      'in JSON without words',
      401,
      {},
      '{"ok":false}',
      {
        message: 'The endpoint answered with status 401. Check the key that the request carries.',
        recoverable: false,
      },
    ],
    [
      'with seconds to wait',
      429,
      { 'retry-after': '7' },
      '{"message":"Slow down"}',
      { message: 'Slow down', retryAfter: 7000, recoverable: true },
    ],
    [
      'with milliseconds to wait',
      429,
      { 'retry-after': '7', 'retry-after-ms': '250' },
      'Slow',
      { retryAfter: 250 },
    ],
    ['with a time that is too long', 503, { 'retry-after': '99999999999' }, 'Slow', { retryAfter: 60_000 }],
    [
      'with a date that has passed',
      503,
      { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' },
      'Slow',
      { retryAfter: 0 },
    ],
    ['with a time that is none', 503, { 'retry-after': 'soon' }, 'Slow', { retryAfter: undefined }],
    ['that asks not to retry', 500, { 'x-should-retry': 'false' }, 'No', { recoverable: false }],
    ['408', 408, {}, 'x', { recoverable: true }],
    ['409', 409, {}, 'x', { recoverable: true }],
    ['425', 425, {}, 'x', { recoverable: true }],
    ['413', 413, {}, 'x', { recoverable: false }],
  ];
  for (const [what, status, headers, body, expected] of cases) {
    it(`${what} is read`, async () => {
      const request = await start((_, response) => response.writeHead(status, headers).end(body));
      const { data, error } = await read(request);
      assert.deepEqual(data, []);
      assert.equal(error?.code, 'http');
      assert.equal(error?.status, status);
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(error?.[key as keyof StreamError], value, key);
      }
    });
  }

  it('with a date is waited for until then', async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    const request = await start((_, response) => response.writeHead(429, { 'retry-after': date }).end());
    const { retryAfter = -1 } = (await read(request)).error ?? {};
    assert.ok(retryAfter > 0 && retryAfter <= 30_000, String(retryAfter));
  });

  it('is known without waiting for the end of an endless body', async () => {
    const request = await start((_, response) => {
      response.writeHead(500);
      const write = (): void => {
        while (response.write('x'.repeat(16_384)));
        response.once('drain', write);
      };
      write();
    });
    const { error } = await read(request);
    assert.deepEqual([error?.code, error?.message.length], ['http', 200]);
  });

  it('keeps its status when its body breaks off', async () => {
    const request = await start((_, response) => {
      response.writeHead(500, { 'content-length': '100' });
      response.write('half');
      setImmediate(() => response.destroy());
    });
    const { error } = await read(request);
    assert.deepEqual([error?.code, error?.status], ['http', 500]);
  });
});

describe('a connection', () => {
  it('that is refused is a network error that says what to check', async () => {
    const request = await start(() => {});
    await server?.close();
    const { error } = await read(request);
    assert.equal(error?.code, 'network');
    assert.equal(error?.recoverable, true);
    assert.match(error?.message ?? '', /Cannot reach http:\/\/127\.0\.0\.1:\d+\. Check the address/);
    assert.ok(error?.cause);
  });

  it('that breaks keeps what had arrived, and drops half an event', async () => {
    let breakOff = (): void => {};
    const request = await start((_, response) => {
      breakOff = () => response.destroy();
      sse(response);
      response.write('data: a\n\ndata: b');
    });
    const { data, error } = await read(request, {}, { onFrame: () => breakOff() });
    assert.deepEqual(data, ['a']);
    assert.deepEqual([error?.code, error?.recoverable], ['network', true]);
  });

  it('that breaks inside compressed data keeps what could be unpacked', async () => {
    let breakOff = (): void => {};
    const request = await start((_, response) => {
      breakOff = () => response.destroy();
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const packed = createGzip();
      packed.pipe(response);
      packed.write('data: a\n\n');
      packed.flush();
    });
    const { data, error } = await read(request, {}, { onFrame: () => breakOff() });
    assert.deepEqual([data, error?.code], [['a'], 'network']);
  });

  it('that says nothing times out, before the head and after it', async () => {
    for (const answer of [() => {}, sse] as ((response: ServerResponse) => void)[]) {
      const request = await start(
        (_, response) => {
          answer(response);
          if (response.headersSent) response.write('data: a\n\n');
        },
        { idleTimeout: 60 },
      );
      const { error } = await read(request);
      assert.deepEqual([error?.code, error?.recoverable], ['timeout', true]);
      assert.match(error?.message ?? '', /0\.06 seconds/);
      await server?.close();
    }
  });

  describe('with a clock of its own', () => {
    const request: RunRequest = {
      url: 'http://127.0.0.1:9/',
      method: 'GET',
      headers: {},
      credentials: 'omit',
      idleTimeout: 1000,
    };

    /** A body that says what the test lets it say. */
    function openBody(): { send(text: string): Promise<void>; frames: AsyncIterator<Frame> } {
      let source: ReadableStreamDefaultController<Uint8Array> | undefined;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          source = controller;
        },
      });
      const transport = createSseTransport({ fetch: async () => new Response(body) });
      return {
        async send(text) {
          source?.enqueue(new TextEncoder().encode(text));
          await new Promise(setImmediate);
        },
        frames: transport.open(request, new AbortController().signal)[Symbol.asyncIterator](),
      };
    }

    beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
    afterEach(() => mock.timers.reset());

    it('does not time out while bytes come, whatever they are', async () => {
      const { send, frames } = openBody();
      const next = frames.next();
      for (let beat = 0; beat < 5; beat += 1) {
        await send(':\n');
        mock.timers.tick(900);
      }
      await send('data: a\n\n');
      assert.equal((await next).value?.data, 'a');
    });

    it('does not time out because its reader is slow', async () => {
      const { send, frames } = openBody();
      await send('data: a\n\n');
      assert.equal((await frames.next()).value?.data, 'a');
      mock.timers.tick(5000);
      await send('data: b\n\n');
      assert.equal((await frames.next()).value?.data, 'b');
    });
  });

  it('is closed on abort, which is its own kind of error', async () => {
    let closed: Promise<void> | undefined;
    const request = await start((_, response) => {
      closed = new Promise((resolve) => {
        response.on('close', resolve);
      });
      sse(response);
      response.write('data: a\n\n');
    });
    const controller = new AbortController();
    const seen: Frame[] = [];
    await assert.rejects(
      async () => {
        for await (const frame of createSseTransport().open(request, controller.signal)) {
          seen.push(frame);
          controller.abort();
        }
      },
      (error) => error instanceof StreamError && error.code === 'aborted',
    );
    assert.equal(seen.length, 1);
    await closed;
  });

  it('gives no frame after an abort, even of a chunk that has arrived', async () => {
    const request = await start((_, response) => {
      sse(response);
      response.end('data: a\n\ndata: b\n\n');
    });
    const controller = new AbortController();
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const { data } of createSseTransport().open(request, controller.signal)) {
        seen.push(data);
        controller.abort();
      }
    });
    assert.deepEqual(seen, ['a']);
  });

  it('is not opened when the signal has fired already', async () => {
    let requests = 0;
    const request = await start((_, response) => {
      requests += 1;
      response.end();
    });
    const { error } = await read(request, {}, { signal: AbortSignal.abort() });
    assert.equal(error?.code, 'aborted');
    assert.equal(requests, 0);
  });

  it('is closed when the reader leaves', async () => {
    let closed: Promise<void> | undefined;
    const request = await start((_, response) => {
      closed = new Promise((resolve) => {
        response.on('close', resolve);
      });
      sse(response);
      response.write('data: a\n\n');
    });
    for await (const { data } of createSseTransport().open(request, new AbortController().signal)) {
      assert.equal(data, 'a');
      break;
    }
    await closed;
  });

  it('is given up when a fetch of the page ignores its signal', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      cancel() {
        cancelled = true;
      },
    });
    const request = await start(() => {}, { idleTimeout: 20 });
    const { error } = await read(request, { fetch: async () => new Response(body) });
    assert.equal(error?.code, 'timeout');
    assert.ok(cancelled);
  });
});
