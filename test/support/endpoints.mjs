// Endpoints for the browser tests: real answers over a real connection, each misbehaving in its own way.
//
//   POST /endpoint/<name>?key=…   answers as <name>
//   GET  /endpoint/break?key=…    resets the connection of an answer that waits for it
//   GET  /endpoint/log?key=…      the requests made with that key so far: [{method, headers, body, left}]
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** @type {Map<string, {method: string, headers: object, body: unknown, left: boolean}[]>} */
const log = new Map();

/** Answers that wait to be broken, by key. */
const breakable = new Map();

/** What waits for an answer, by key. */
const questions = new Map();

function sse(response, status = 200) {
  response.writeHead(status, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  return (event) => response.write(`data: ${JSON.stringify(event)}\n\n`);
}

const chunk = (delta, finish = null) => ({
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: finish }],
});

const done = (reason = 'stop') => ({ type: 'done', reason, complete: true });

/** Fulfils when the response takes more, or nobody reads it any longer. */
async function room(response) {
  const abort = new AbortController();
  const { signal } = abort;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  abort.abort();
}

function lastText(body) {
  return body?.messages?.findLast((message) => message.role === 'user')?.content ?? '';
}

/** 2 ** 20 characters. */
function megabyteOf(kind) {
  const size = 2 ** 20;
  const words = 'Words that go on and on, as those of a model do. ';
  const pieces = {
    paragraphs: (number) => `Paragraph ${number}. ${words.repeat(6)}\n\n`,
    line: () => words,
    code: (number) => `${number === 0 ? '```js\n' : ''}const value${number} = "${'x'.repeat(26)}";\n`,
  };
  let text = '';
  let hasNeedle = false;
  for (let number = 0; text.length < size; number += 1) {
    if (!hasNeedle && text.length >= size / 2) {
      text += pieces[kind](number).replace(/on and on|xxx/, ' needle ');
      hasNeedle = true;
    } else text += pieces[kind](number);
  }
  return text.slice(0, size);
}

/** name → how it answers. */
const ENDPOINTS = {
  /** The native dialect: says what it was told. */
  async echo(response, body) {
    const send = sse(response);
    send({ type: 'start', streamId: 's1' });
    send({ type: 'text', content: 'You said: ' });
    send({ type: 'text', content: `**${lastText(body)}**` });
    send({ type: 'usage', inputTokens: 3, outputTokens: 4 });
    send(done());
    response.end();
  },
  /** Says the numbers up to `lines`, a paragraph each. */
  async long(response, _body, query) {
    const send = sse(response);
    send({ type: 'start', streamId: 's1' });
    for (let line = 1; line <= Number(query.get('lines') ?? 40); line += 1) {
      send({ type: 'text', content: `Paragraph ${line}.\n\n` });
    }
    send(done());
    response.end();
  },
  /** 1 MiB in 64 pieces, a frame apart, with the word "needle" in its middle: paragraphs, one line, or lines of code. */
  async megabyte(response, _body, query) {
    const send = sse(response);
    send({ type: 'start', streamId: 's1' });
    const text = megabyteOf(query.get('kind'));
    for (let from = 0; from < text.length && !response.destroyed; from += 2 ** 14) {
      if (!send({ type: 'text', content: text.slice(from, from + 2 ** 14) })) await room(response);
      await setTimeout(16);
    }
    send(done());
    response.end();
  },
  /** The messages m-0 up to m-(total − 1), 30 at a time; the first `fails` requests fail. */
  async history(response, _body, query) {
    const asked = log.get(query.get('key')).length;
    if (asked <= Number(query.get('fails') ?? 0)) {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"away"}}');
      return;
    }
    const total = Number(query.get('total') ?? 100);
    const before = query.get('before');
    const end = before === null ? total : Number(before.slice(2));
    const start = Math.max(0, end - 30);
    const messages = Array.from({ length: end - start }, (_, place) => {
      const number = start + place;
      const role = number % 2 === 0 ? 'user' : 'assistant';
      return { id: `m-${number}`, role, content: `Message ${number}.\n\nWith a second paragraph.` };
    });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ messages, hasMore: start > 0 }));
  },
  async openai(response) {
    const send = sse(response);
    for (const word of ['Hello', ' from', ' OpenAI']) send(chunk({ content: word }));
    send(chunk({}, 'stop'));
    response.end('data: [DONE]\n\n');
  },
  async text(response) {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end('Just *text*.');
  },
  /** Calls a tool, and says what it answered when asked again. */
  async tool(response, body) {
    const send = sse(response);
    const last = body.messages.at(-1);
    const result = last.role === 'tool' ? last : undefined;
    send({ type: 'start', streamId: 's1' });
    if (result) {
      send({ type: 'text', content: `The tool said ${result.content}` });
      send(done());
    } else {
      send({ type: 'tool_call_start', id: 'c1', name: 'fill_form', by: 'client' });
      send({ type: 'tool_call_delta', id: 'c1', delta: '{"name":"Ada",' });
      send({ type: 'tool_call_delta', id: 'c1', delta: '"guests":2}' });
      send({ type: 'tool_call', id: 'c1', name: 'fill_form', args: { name: 'Ada', guests: 2 } });
      send(done('tool_calls'));
    }
    response.end();
  },
  async 'html-500'(response) {
    // Asked again at once, as often as the client will.
    response.writeHead(500, { 'content-type': 'text/html', 'retry-after-ms': '1' });
    response.end(
      '<!doctype html><html><head><title>Something broke</title></head><body><h1>Oops</h1></body></html>',
    );
  },
  async 'json-error-200'(response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'Your key is not valid.', code: 'invalid_key' } }));
  },
  async 'broken-line'(response) {
    const send = sse(response);
    send({ type: 'start', streamId: 's1' });
    send({ type: 'text', content: 'before' });
    response.write('data: {this is no JSON\n\n');
    send({ type: 'text', content: ' and after' });
    send(done());
    response.end();
  },
  async 'giant-event'(response) {
    const send = sse(response);
    send({ type: 'text', content: 'kept' });
    for (let written = 0; written < 2 ** 21 && !response.destroyed; written += 65_536) {
      const text =
        written === 0 ? `data: {"type":"text","content":"${'x'.repeat(65_536)}` : 'x'.repeat(65_536);
      if (!response.write(text)) await room(response);
    }
    response.end('"}\n\n');
  },
  /** Ends without a word about why. */
  async interrupted(response) {
    const send = sse(response);
    for (const word of ['Half', ' an']) send(chunk({ content: word }));
    response.end();
  },
  /** Breaks the connection in mid-answer, when it is told to: `GET /endpoint/break?key=…`. */
  async reset(response, _body, query) {
    const send = sse(response);
    send({ type: 'text', content: 'half a' });
    breakable.set(query.get('key'), response);
    await once(response, 'close');
  },
  /** Says something and then nothing, until the reader leaves. */
  async hang(response) {
    const send = sse(response);
    send({ type: 'start', streamId: 's1' });
    send({ type: 'text', content: 'waiting' });
    await once(response, 'close');
  },
  /** `count` deltas, as fast as the reader takes them. */
  async many(response, _body, query) {
    const send = sse(response);
    send({ type: 'start', streamId: 's1' });
    for (let index = 0; index < Number(query.get('count')); index += 1) {
      const more = send({ type: 'text', content: `${index} ` });
      if (!more) await room(response);
    }
    send(done());
    response.end();
  },
  /** `count` deltas of reasoning, and as many of the arguments of a call that the endpoint answers itself. */
  async thoughtful(response, _body, query) {
    const send = sse(response);
    const numbers = Array.from({ length: Number(query.get('count')) }, (_, index) => index);
    send({ type: 'start', streamId: 's1' });
    for (const index of numbers) {
      const more = send({ type: 'reasoning', content: index % 50 === 49 ? `${index}.\n\n` : `${index} ` });
      if (!more) await room(response);
    }
    send({ type: 'tool_call_start', id: 'c1', name: 'add', by: 'server' });
    for (const index of numbers) {
      const more = send({ type: 'tool_call_delta', id: 'c1', delta: `${index === 0 ? '[' : ','}${index}` });
      if (!more) await room(response);
    }
    send({ type: 'tool_call_delta', id: 'c1', delta: ']' });
    send({ type: 'tool_call', id: 'c1', name: 'add', args: { numbers } });
    send({ type: 'tool_result', id: 'c1', result: 'a sum' });
    send({ type: 'text', content: 'Done.' });
    send(done());
    response.end();
  },
};

/** Tokens from `first` to `last`, numbered. */
function sendTokens(response, first, last) {
  for (let number = first; number <= last; number += 1) {
    const data = JSON.stringify({ type: 'text', content: `t${number} `, seq: number });
    response.write(`id: ${number}\ndata: ${data}\n\n`);
  }
}

Object.assign(ENDPOINTS, {
  /** Ten tokens: breaks after the fifth, on `/endpoint/break`, and goes on where it is asked to. */
  async resumable(response, _body, query, request) {
    const send = sse(response);
    response.write('retry: 1\n\n');
    const last = Number(request.headers['last-event-id'] ?? 0);
    if (last > 0) {
      sendTokens(response, last + 1, 10);
      send(done());
      response.end();
      return;
    }
    send({ type: 'start', streamId: 's1' });
    sendTokens(response, 1, 5);
    breakable.set(query.get('key'), response);
    await once(response, 'close');
  },
  /** A call that breaks in its arguments, and is told again from its start when it is asked for its rest. */
  async 'resumable-call'(response, body, query, request) {
    const isRest = request.headers['last-event-id'] !== undefined;
    if (!isRest && body.messages.at(-1).role === 'tool') return ENDPOINTS.echo(response, body);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 1\n\n');
    const call = { id: 'c1', name: 'fill' };
    const events = [
      { type: 'start', streamId: 's1' },
      { type: 'tool_call_start', ...call, by: 'client' },
      { type: 'tool_call_delta', id: 'c1', delta: '{"a":"one",' },
      { type: 'tool_call_delta', id: 'c1', delta: '"b":2}' },
      { type: 'tool_call', ...call, args: { a: 'one', b: 2 } },
      { type: 'tool_call', ...call, args: { a: 'one', b: 2 } },
      done('tool_calls'),
    ];
    for (const [index, event] of (isRest ? events : events.slice(0, 3)).entries()) {
      response.write(`id: ${index + 1}\ndata: ${JSON.stringify({ ...event, seq: index + 1 })}\n\n`);
    }
    if (isRest) response.end();
    else {
      breakable.set(query.get('key'), response);
      await once(response, 'close');
    }
    return undefined;
  },
  /** Refuses the first requests with 503 and goes on as `echo`. */
  async refusing(response, body, query) {
    const { length } = log.get(query.get('key'));
    if (length > Number(query.get('times') ?? 1)) return ENDPOINTS.echo(response, body);
    response.writeHead(503, { 'retry-after-ms': query.get('wait') ?? '1' });
    response.end();
    return undefined;
  },
  /** In a shape of its own. */
  async homemade(response) {
    const send = sse(response);
    for (const word of ['one', ' two']) send({ payload: { words: [word] } });
    response.end('data: [END]\n\ndata: {"payload":{"words":["too late"]}}\n\n');
  },
  /** The AI SDK's protocol: asks whether a call may run, and is content with any answer. */
  async approval(response, _body, query) {
    const send = sse(response);
    send({ type: 'start', messageId: 'a1' });
    send({ type: 'start-step' });
    if (log.get(query.get('key')).length === 1) {
      const toolCallId = 'c1';
      send({ type: 'tool-input-available', toolCallId, toolName: 'drop', input: { table: 'users' } });
      send({ type: 'tool-approval-request', approvalId: 'p1', toolCallId });
    } else {
      send({ type: 'text-start', id: 't' });
      send({ type: 'text-delta', id: 't', delta: 'Done.' });
      send({ type: 'text-end', id: 't' });
    }
    send({ type: 'finish-step' });
    send({ type: 'finish' });
    response.end('data: [DONE]\n\n');
  },
  /** Plays the `script` of the request's body: a list of events for each request, a text among them as it is. */
  async scripted(response, body, query) {
    const turn = body.script[log.get(query.get('key')).length - 1] ?? [
      { type: 'text', content: 'Over.' },
      done(),
    ];
    const send = sse(response);
    for (const event of turn) {
      if (event === 'hang') await once(response, 'close');
      else if (typeof event === 'string') response.write(`data: ${event}\n\n`);
      else if (!send(event)) await room(response);
    }
    response.end();
  },
  /** OpenAI's shape: a call with arguments of `length` characters, and what it is told when asked again. */
  async 'long-arguments'(response, body, query) {
    const send = sse(response);
    if (body.messages.at(-1).role === 'tool') {
      send(chunk({ content: body.messages.at(-1).content }));
      send(chunk({}, 'stop'));
    } else {
      const call = (fields) => chunk({ tool_calls: [{ index: 0, ...fields }] });
      send(call({ id: 'c1', type: 'function', function: { name: 'fill', arguments: '{"value":"' } }));
      for (let sent = 0; sent < Number(query.get('length')) && !response.destroyed; sent += 50_000) {
        if (!send(call({ function: { arguments: 'A'.repeat(50_000) } }))) await room(response);
      }
      send(call({ function: { arguments: '"}' } }));
      send(chunk({}, 'tool_calls'));
    }
    response.end('data: [DONE]\n\n');
  },
  /** MCP: asks the user before it answers, and waits for the request that brings what they said. */
  async elicitation(response, body, query) {
    const key = query.get('key');
    if (body.result) {
      response.writeHead(202).end();
      questions.get(key)?.(body);
      return;
    }
    const send = sse(response);
    const params = { message: 'Proceed?', requestedSchema: { type: 'object', properties: {} } };
    send({ jsonrpc: '2.0', id: 7, method: 'elicitation/create', params });
    const { id, result } = await new Promise((resolve) => questions.set(key, resolve));
    const text = `${result.action} to ${id}`;
    send({ jsonrpc: '2.0', id: body.id, result: { content: [{ type: 'text', text }] } });
    response.end();
  },
  /** Refuses who does not show a fresh token. */
  async guarded(response, body, _query, request) {
    if (request.headers.authorization === 'Bearer fresh') return ENDPOINTS.echo(response, body);
    response.writeHead(401);
    response.end();
    return undefined;
  },
});

async function readBody(request) {
  const chunks = [];
  for await (const part of request) chunks.push(part);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

export function misbehavingEndpoints() {
  return async (context, next) => {
    if (!context.path.startsWith('/endpoint/')) return next();
    const name = context.path.slice('/endpoint/'.length);
    const query = context.URL.searchParams;
    const key = query.get('key') ?? '';
    if (name === 'log') {
      context.body = JSON.stringify(log.get(key) ?? []);
      context.type = 'json';
      return undefined;
    }
    if (name === 'break') {
      breakable.get(key)?.socket.resetAndDestroy();
      context.status = 204;
      return undefined;
    }
    const answer = ENDPOINTS[name];
    if (!answer) return next();
    context.respond = false;
    const { method, headers } = context.req;
    const entry = { method, headers, body: await readBody(context.req), left: false };
    log.set(key, [...(log.get(key) ?? []), entry]);
    context.res.on('close', () => {
      entry.left = !context.res.writableEnded;
    });
    return answer(context.res, entry.body, query, context.req);
  };
}
