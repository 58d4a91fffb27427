import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { createOpenAiModel } from '../../demo/server/models/openai-model.mjs';
import { readAnswer } from '../../demo/server/models/openai-reader.mjs';
import { ask, eventsOf, listen, postChat, startDemo, textOf, until } from './support.mjs';

const KEY = 'sk-this-is-the-key';

const choice = (delta, finish_reason = null) => ({ choices: [{ index: 0, delta, finish_reason }] });
const frame = (chunk) => `data: ${JSON.stringify(chunk)}\n\n`;

/** A server that answers as an upstream would, and a demo server in front of it. */
async function startUpstream(context, answer, name) {
  const requests = [];
  const upstream = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ url: request.url, headers: request.headers, body: JSON.parse(body) });
    await answer(response);
  });
  const baseUrl = `${await listen(context, upstream)}/v1/`;
  const model = createOpenAiModel({ baseUrl, apiKey: KEY, name });
  return { requests, ...(await startDemo(context, { model, limits: { graceTime: 1 } })) };
}

const typesOf = (events) => events.map(({ event }) => event.type);
const streamed = (text) => (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(text);
};

/** Numbers from 0 to 1 (Park and Miller's generator): the same seed gives the same ones. */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('a model behind an OpenAI-compatible endpoint', { timeout: 30_000 }, () => {
  const wire = [
    frame({ choices: [], prompt_filter_results: [] }),
    frame(choice({ role: 'assistant', content: '' })),
    frame(choice({ reasoning_content: 'Hm.' })),
    frame(choice({ content: 'Grü' })),
    frame(choice({ content: 'ße 🌍' })),
    frame(choice({}, 'stop')),
    frame({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } }),
    'data: [DONE]\n\n',
  ].join('');

  it('is asked with the messages, the tools and the key', async (context) => {
    const { url, requests } = await startUpstream(context, streamed(wire), 'small-model');
    const schema = { type: 'object', properties: {} };
    const messages = [{ role: 'user', content: 'Hello' }];
    const tools = [{ name: 'fill_form', description: 'Fills it', inputSchema: schema }];
    await eventsOf(await postChat(url, { messages, tools, model: 'the-most-expensive' }));
    const [{ url: path, headers, body }] = requests;
    assert.equal(path, '/v1/chat/completions');
    assert.equal(headers.authorization, `Bearer ${KEY}`);
    assert.deepEqual(body, {
      model: 'small-model',
      messages,
      stream: true,
      stream_options: { include_usage: true },
      tools: [
        { type: 'function', function: { name: 'fill_form', description: 'Fills it', parameters: schema } },
      ],
    });
  });

  for (const [how, text] of [
    ['as it is', wire],
    ['with CRLF', wire.replaceAll('\n', '\r\n')],
    ['without the last blank line', wire.trimEnd()],
  ]) {
    it(`is read to native events: ${how}`, async (context) => {
      const { url } = await startUpstream(context, streamed(text));
      const events = await eventsOf(await ask(url, 'Hello'));
      assert.deepEqual(typesOf(events), ['start', 'reasoning', 'text', 'text', 'usage', 'done']);
      assert.equal(textOf(events, 'reasoning'), 'Hm.');
      assert.equal(textOf(events), 'Grüße 🌍');
      assert.deepEqual(events.at(-2).event, { type: 'usage', inputTokens: 7, outputTokens: 3, seq: 5 });
      assert.deepEqual(events.at(-1).event, { type: 'done', reason: 'stop', complete: true, seq: 6 });
    });
  }

  it('is read the same however the network cuts it', async (context) => {
    const bytes = Buffer.from(wire);
    const seed = 1 + Math.floor(Math.random() * 2_147_483_645);
    context.diagnostic(`seed ${seed}`);
    const read = async (sizes) => {
      async function* body() {
        for (let start = 0; start < bytes.byteLength;) {
          const end = start + sizes();
          yield bytes.subarray(start, end);
          start = end;
        }
      }
      const events = [];
      for await (const event of readAnswer(body())) events.push(event);
      return events;
    };
    const whole = await read(() => bytes.byteLength);
    assert.equal(whole.length, 5);
    assert.deepEqual(await read(() => 1), whole);
    const random = createRandom(seed);
    for (let run = 0; run < 50; run += 1) {
      assert.deepEqual(await read(() => 1 + Math.floor(random() * 40)), whole);
    }
  });

  it('calls tools on the page, two at a time', async (context) => {
    const piece = (index, args, start) => ({
      index,
      ...start,
      function: { ...start?.function, arguments: args },
    });
    const { url } = await startUpstream(
      context,
      streamed(
        [
          choice({
            tool_calls: [piece(0, '', { id: 'a', type: 'function', function: { name: 'fill_form' } })],
          }),
          choice({ tool_calls: [piece(0, '{"name":')] }),
          choice({ tool_calls: [piece(1, '{}', { id: 'b', type: 'function', function: { name: 'send' } })] }),
          choice({ tool_calls: [piece(0, '"Example"}')] }),
          choice({}, 'tool_calls'),
        ]
          .map(frame)
          .join(''),
      ),
    );
    const events = (await eventsOf(await ask(url, 'Fill it'))).map(
      ({ event: { seq: _seq, ...event } }) => event,
    );
    assert.deepEqual(events.slice(1), [
      { type: 'tool_call_start', id: 'a', name: 'fill_form', by: 'client' },
      { type: 'tool_call_delta', id: 'a', delta: '{"name":' },
      { type: 'tool_call_start', id: 'b', name: 'send', by: 'client' },
      { type: 'tool_call_delta', id: 'b', delta: '{}' },
      { type: 'tool_call_delta', id: 'a', delta: '"Example"}' },
      { type: 'tool_call', id: 'a', name: 'fill_form', args: { name: 'Example' } },
      { type: 'tool_call', id: 'b', name: 'send', args: {} },
      { type: 'done', reason: 'tool_calls', complete: true },
    ]);
  });

  it('says that the key was refused, and shows neither the key nor what was said about it', async (context) => {
    const { url, failures } = await startUpstream(context, (response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}.` } }));
    });
    const response = await ask(url, 'Hello');
    assert.equal(response.status, 200);
    const events = await eventsOf(response);
    assert.deepEqual(typesOf(events), ['start', 'error', 'done']);
    const { code, status, message, recoverable } = events[1].event;
    assert.deepEqual({ code, status, recoverable }, { code: 'provider', status: 401, recoverable: false });
    assert.match(message, /refused the key \(HTTP 401\)/);
    assert.doesNotMatch(JSON.stringify(events), /sk-this/);
    assert.equal(events[2].event.complete, false);
    assert.deepEqual(failures, []);
  });

  it('passes on why it was refused, and when to come back', async (context) => {
    const { url } = await startUpstream(context, (response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '2' });
      response.end(JSON.stringify({ error: { message: `Too many requests with ${KEY}` } }));
    });
    const [, { event }] = await eventsOf(await ask(url, 'Hello'));
    assert.deepEqual(event, {
      type: 'error',
      code: 'provider',
      message: "The model's endpoint answered with HTTP 429: Too many requests with ***",
      recoverable: true,
      status: 429,
      retryAfter: 2000,
      seq: 2,
    });
  });

  it('copes with an error page that is not JSON', async (context) => {
    const { url } = await startUpstream(context, (response) => {
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<h1>Bad gateway</h1>');
    });
    const [, { event }] = await eventsOf(await ask(url, 'Hello'));
    assert.equal(event.message, "The model's endpoint answered with HTTP 502.");
    assert.equal(event.recoverable, true);
  });

  it('reports an error in the middle of the stream, without the key', async (context) => {
    const { url } = await startUpstream(
      context,
      streamed(frame(choice({ content: 'So far' })) + frame({ error: { message: `Overloaded (${KEY})` } })),
    );
    const events = await eventsOf(await ask(url, 'Hello'));
    assert.deepEqual(typesOf(events), ['start', 'text', 'error', 'done']);
    assert.match(events[2].event.message, /Overloaded \(\*\*\*\)/);
    assert.equal(events[3].event.complete, false);
  });

  it('reports a connection that broke, and no call that is only half there', async (context) => {
    const { url } = await startUpstream(context, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const call = { index: 0, id: 'a', function: { name: 'fill_form', arguments: '{"name":' } };
      const text = frame(choice({ content: 'So far' })) + frame(choice({ tool_calls: [call] }));
      response.write(text, () => response.destroy());
    });
    const events = await eventsOf(await ask(url, 'Hello'));
    assert.deepEqual(typesOf(events), [
      'start',
      'text',
      'tool_call_start',
      'tool_call_delta',
      'error',
      'done',
    ]);
    assert.match(events.at(-2).event.message, /broke before the answer was complete/);
    assert.deepEqual(events.at(-1).event, { type: 'done', reason: 'error', complete: false, seq: 6 });
  });

  it('ends as incomplete where the stream just stops', async (context) => {
    const { url } = await startUpstream(context, streamed(frame(choice({ content: 'So far' }))));
    const events = await eventsOf(await ask(url, 'Hello'));
    assert.deepEqual(events.at(-1).event, { type: 'done', reason: 'unknown', complete: false, seq: 3 });
  });

  it('says so where nobody answers', async (context) => {
    const model = createOpenAiModel({ baseUrl: 'http://127.0.0.1:1/v1', apiKey: KEY });
    const { url } = await startDemo(context, { model });
    const [, { event }] = await eventsOf(await ask(url, 'Hello'));
    assert.match(event.message, /cannot be reached/);
    assert.equal(event.recoverable, true);
  });

  it('is hung up on when its reader stays away', async (context) => {
    let isClosed = false;
    const { url, failures } = await startUpstream(context, (response) => {
      response.once('close', () => {
        isClosed = true;
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frame(choice({ content: 'So far' })));
    });
    const controller = new AbortController();
    const messages = [{ role: 'user', content: 'Hello' }];
    const response = await postChat(url, { messages }, { signal: controller.signal });
    let text = '';
    const decoder = new TextDecoder();
    await assert.rejects(async () => {
      for await (const chunk of response.body) {
        text += decoder.decode(chunk);
        if (text.includes('So far')) controller.abort();
      }
    });
    await until(() => isClosed);
    assert.deepEqual(failures, []);
  });
});
