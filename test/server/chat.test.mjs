import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import {
  ask,
  doneEvent,
  eventsOf,
  modelOf,
  openRaw,
  postChat,
  startDemo,
  textEvent,
  textOf,
  until,
} from './support.mjs';

const hello = { messages: [{ role: 'user', content: 'Hello' }] };
const greeting = modelOf(() => [textEvent('Good '), textEvent('day'), doneEvent]);

/** A request whose answer a raw socket reads. */
function rawChat(body) {
  const text = JSON.stringify(body);
  return `POST /api/chat HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

describe('the chat endpoint', { timeout: 30_000 }, () => {
  it('streams the native dialect from start to done', async (context) => {
    const { url } = await startDemo(context, { model: greeting });
    const events = await eventsOf(await postChat(url, hello));
    assert.deepEqual(
      events.map(({ event }) => event.type),
      ['start', 'text', 'text', 'done'],
    );
    const [{ event: start }] = events;
    assert.equal(start.model, 'test model');
    assert.match(start.streamId, /^[\da-f-]{36}$/);
    assert.match(start.messageId, /^[\da-f-]{36}$/);
    assert.equal(textOf(events), 'Good day');
    assert.deepEqual(events.at(-1).event, { ...doneEvent, seq: 4 });
  });

  it('numbers every event by one more, as seq and as SSE id', async (context) => {
    const { url } = await startDemo(context, { model: greeting });
    const events = await eventsOf(await postChat(url, hello));
    assert.deepEqual(
      events.map(({ event }) => event.seq),
      [1, 2, 3, 4],
    );
    assert.deepEqual(
      events.map(({ id }) => id),
      ['1', '2', '3', '4'],
    );
  });

  it('says with its headers that nothing may hold the stream back', async (context) => {
    const { url } = await startDemo(context, { model: greeting });
    const { headers } = await postChat(url, hello);
    assert.equal(headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.equal(headers.get('cache-control'), 'no-cache, no-transform');
    assert.equal(headers.get('x-accel-buffering'), 'no');
  });

  it('sends its first bytes before the model says anything', async (context) => {
    let release;
    const silent = modelOf(async function* wait(_request, signal) {
      await new Promise((resolve) => {
        release = resolve;
        signal.addEventListener('abort', resolve);
      });
      yield doneEvent;
    });
    const { url } = await startDemo(context, { model: silent });
    const response = await postChat(url, hello);
    const reader = response.body.getReader();
    const first = await reader.read();
    assert.ok(first.value.byteLength > 0);
    await until(() => release);
    release();
    while (!(await reader.read()).done);
  });

  it('shows with comments that a silent stream lives', async (context) => {
    let release;
    const silent = modelOf(async function* wait() {
      await new Promise((resolve) => {
        release = resolve;
      });
      yield doneEvent;
    });
    const { url } = await startDemo(context, { model: silent, heartbeatInterval: 5 });
    const response = await postChat(url, hello);
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.split(': heartbeat\n\n').length > 3) release();
    }
    assert.match(text, /: heartbeat\n\n: heartbeat\n\n/);
    assert.match(text, /"type":"done"/);
  });

  it('reads the last user text of a GET from the query', async (context) => {
    const echo = modelOf(({ messages }) => [textEvent(messages.at(-1).content), doneEvent]);
    const { url } = await startDemo(context, { model: echo });
    const events = await eventsOf(await fetch(`${url}/api/chat?message=${encodeURIComponent('a & b + ü')}`));
    assert.equal(textOf(events), 'a & b + ü');
  });

  it('hands the model checked messages, and tools in one shape', async (context) => {
    let seen;
    const spy = modelOf((request) => {
      seen = request;
      return [doneEvent];
    });
    const { url } = await startDemo(context, { model: spy });
    const schema = { type: 'object', properties: { name: { type: 'string' } } };
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'Fill it' }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'fill_form', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'ok' },
    ];
    const tools = [
      { name: 'one', description: 'One', inputSchema: schema },
      { type: 'function', function: { name: 'two', description: 'Two', parameters: schema } },
    ];
    const body = { messages, tools, conversationId: 'conversation', stream: true, model: 'any' };
    await eventsOf(await postChat(url, body));
    assert.deepEqual(seen, {
      messages,
      tools: [
        { name: 'one', description: 'One', inputSchema: schema },
        { name: 'two', description: 'Two', inputSchema: schema },
      ],
      conversationId: 'conversation',
    });
  });

  it('ends a stream that its model left open as incomplete', async (context) => {
    const { url } = await startDemo(context, { model: modelOf(() => [textEvent('Half')]) });
    const events = await eventsOf(await postChat(url, hello));
    assert.deepEqual(events.at(-1).event, { type: 'done', reason: 'unknown', complete: false, seq: 3 });
  });

  it('reports a failing model as an error of the provider, and keeps the cause to itself', async (context) => {
    const failing = modelOf(async function* fail() {
      yield textEvent('So far');
      throw new Error('secret detail');
    });
    const { url, failures } = await startDemo(context, { model: failing });
    const events = await eventsOf(await postChat(url, hello));
    assert.deepEqual(
      events.map(({ event }) => event.type),
      ['start', 'text', 'error', 'done'],
    );
    assert.equal(events[2].event.code, 'provider');
    assert.doesNotMatch(JSON.stringify(events), /secret/);
    assert.deepEqual(events[3].event, { type: 'done', reason: 'error', complete: false, seq: 4 });
    assert.match(failures[0].message, /secret detail/);
  });
});

describe('a client of the chat endpoint', { timeout: 30_000 }, () => {
  it('makes the model wait while it does not read', async (context) => {
    const piece = 'x'.repeat(65_536);
    const pieces = 1024;
    let given = 0;
    let mostBuffered = 0;
    let response;
    const generous = modelOf(async function* give() {
      for (; given < pieces; given += 1) {
        mostBuffered = Math.max(mostBuffered, response.writableLength);
        yield textEvent(piece);
      }
      yield doneEvent;
    });
    const { url, server } = await startDemo(context, { model: generous });
    server.prependListener('request', (_request, theResponse) => {
      response = theResponse;
    });
    const socket = await openRaw(url, rawChat(hello));
    socket.pause();
    await until(() => given > 0 && response.writableNeedDrain);
    // What the system's own buffers hold is far below the 64 MiB that the model has to give.
    assert.ok(given < pieces, `the model gave ${given} of ${pieces} pieces to a reader that reads nothing`);

    let received = 0;
    let tail = '';
    socket.on('data', (chunk) => {
      received += chunk.byteLength;
      tail = (tail + chunk.toString('latin1')).slice(-200);
    });
    socket.resume();
    await until(() => tail.includes('"type":"done"'));
    assert.equal(given, pieces);
    assert.ok(received > pieces * piece.length);
    assert.ok(mostBuffered <= 2 * piece.length, `${mostBuffered} bytes were waiting in the server`);
    socket.destroy();
  });

  it('that leaves while the model waits for it does not keep the model waiting for ever', async (context) => {
    let hasEnded = false;
    let response;
    const generous = modelOf(async function* give() {
      try {
        for (;;) yield textEvent('x'.repeat(65_536));
      } finally {
        hasEnded = true;
      }
    });
    const { url, server } = await startDemo(context, { model: generous, limits: { graceTime: 1 } });
    server.prependListener('request', (_request, theResponse) => {
      response = theResponse;
    });
    const socket = await openRaw(url, rawChat(hello));
    socket.pause();
    await until(() => response?.writableNeedDrain);
    socket.destroy();
    await until(() => hasEnded);
  });
});

describe('a request the chat endpoint cannot answer', { timeout: 30_000 }, () => {
  const refused = [
    ['a body that is not JSON', '{"messages":', 400, /not JSON/],
    ['a body that is no object', '[]', 400, /not a JSON object/],
    ['no messages', { messages: [] }, 400, /no messages/],
    ['a message that is no object', { messages: ['hi'] }, 400, /messages\[0\] is not an object/],
    ['an unknown role', { messages: [{ role: 'robot', content: 'hi' }] }, 400, /messages\[0\]\.role/],
    ['content of another kind', { messages: [{ role: 'user', content: 5 }] }, 400, /messages\[0\]\.content/],
    [
      'tool calls without a name',
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'c1' }] }] },
      400,
      /messages\[0\]\.tool_calls/,
    ],
    ['tools that are no array', { ...hello, tools: {} }, 400, /tools/],
    ['a tool without a name', { ...hello, tools: [{}] }, 400, /tools\[0\]/],
    [
      'a body of more than 1 MiB',
      { ...hello, padding: 'x'.repeat(1_048_576) },
      413,
      /larger than 1048576 bytes/,
    ],
  ];
  for (const [what, body, status, message] of refused) {
    it(`is told so: ${what}`, async (context) => {
      const { url } = await startDemo(context);
      const response = await postChat(url, body);
      assert.equal(response.status, status);
      assert.match(response.headers.get('content-type'), /^application\/json/);
      assert.match((await response.json()).error.message, message);
    });
  }

  it('is told so: a body of more than 1 MiB that does not say its length', async (context) => {
    const { url } = await startDemo(context);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        if (sent > 2_097_152) controller.close();
        else controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    const response = await postChat(url, '', { body, duplex: 'half' });
    assert.equal(response.status, 413);
    assert.match((await response.json()).error.message, /larger than/);
  });

  it('is told so: text that is not declared as JSON', async (context) => {
    const { url } = await startDemo(context);
    const response = await postChat(url, hello, { headers: { 'content-type': 'text/plain' } });
    assert.equal(response.status, 415);
    assert.match((await response.json()).error.message, /application\/json/);
  });

  it('is told so: a GET without a message', async (context) => {
    const { url } = await startDemo(context);
    const response = await fetch(`${url}/api/chat`);
    assert.equal(response.status, 400);
    assert.match((await response.json()).error.message, /no message/);
  });

  it('is told so: another method', async (context) => {
    const { url } = await startDemo(context);
    const response = await fetch(`${url}/api/chat`, { method: 'DELETE' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, POST');
    assert.match((await response.json()).error.message, /GET, POST/);
  });

  it('leaves nothing running when the client breaks off in the middle of its body', async (context) => {
    let response;
    const { url, server, failures } = await startDemo(context);
    server.prependListener('request', (_request, theResponse) => {
      response = theResponse;
    });
    const socket = await openRaw(url, rawChat(hello).slice(0, -5));
    await until(() => response);
    socket.destroy();
    await once(response, 'close');
    assert.deepEqual(failures, []);
  });
});

describe('pages of other origins', { timeout: 30_000 }, () => {
  const elsewhere = { origin: 'https://example.org', 'content-type': 'application/json' };

  it('are kept out of the API', async (context) => {
    const { url } = await startDemo(context, { model: greeting });
    const response = await postChat(url, hello, { headers: elsewhere });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('access-control-allow-origin'), null);
    const image = await fetch(`${url}/api/chat?message=hi`, { headers: { 'sec-fetch-site': 'cross-site' } });
    assert.equal(image.status, 403);
  });

  it('get no answer to a preflight', async (context) => {
    const { url } = await startDemo(context);
    const response = await fetch(`${url}/api/chat`, { method: 'OPTIONS', headers: elsewhere });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('access-control-allow-methods'), null);
  });

  it('may use the API where that is allowed, without credentials', async (context) => {
    const { url } = await startDemo(context, { model: greeting, allowAnyOrigin: true });
    const preflight = await fetch(`${url}/api/chat`, { method: 'OPTIONS', headers: elsewhere });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, POST');
    assert.equal(preflight.headers.get('access-control-allow-credentials'), null);
    const response = await postChat(url, hello, { headers: elsewhere });
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    assert.equal(textOf(await eventsOf(response)), 'Good day');
  });

  it('leave the pages of this server alone: the same origin is always served', async (context) => {
    const { url } = await startDemo(context, { model: greeting });
    const response = await postChat(url, hello, { headers: { ...elsewhere, origin: url } });
    assert.equal(response.status, 200);
    assert.equal(textOf(await eventsOf(response)), 'Good day');
  });
});

describe('the demo server', { timeout: 30_000 }, () => {
  it('answers several questions over one connection', async (context) => {
    const { url } = await startDemo(context, { model: greeting });
    for (const question of ['one', 'two', 'three']) {
      assert.equal(textOf(await eventsOf(await ask(url, question))), 'Good day');
    }
  });
});
