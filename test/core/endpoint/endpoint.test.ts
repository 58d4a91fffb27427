import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import {
  completeMessage,
  createEndpoint,
  createSseTransport,
  type Connectivity,
  type EndpointSettings,
  type RunInput,
  type StreamEvent,
} from '../../../src/core/index.js';
import { serve, type TestServer } from '../../support/server.js';
import { SETTINGS } from './support.js';

const servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

type Answer = (response: ServerResponse, asked: Asked) => void;

/** A server whose requests are answered one after the other; the last answer serves all that follow. */
async function endpoint(...answers: readonly Answer[]): Promise<{ url: string; requests: Asked[] }> {
  const requests: Asked[] = [];
  const server = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { method = '', url = '', headers } = request;
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      const asked = { method, path: url, headers, body };
      requests.push(asked);
      answers[Math.min(requests.length, answers.length) - 1]?.(response, asked);
    });
  });
  servers.push(server);
  return { url: server.url, requests };
}

const INPUT: RunInput = {
  conversationId: 'c1',
  messages: [completeMessage({ role: 'user', content: 'hello' }, () => 'm1')],
  tools: [],
};

interface RunOptions {
  readonly settings?: Partial<EndpointSettings>;
  readonly signal?: AbortSignal;
  readonly connectivity?: Connectivity;
  readonly onEvent?: (event: StreamEvent) => void;
}

async function run(
  urls: string | readonly string[],
  { settings, signal = new AbortController().signal, connectivity, onEvent }: RunOptions = {},
): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  const { run: start } = createEndpoint({ transports: [createSseTransport()], connectivity });
  const all = { ...SETTINGS, urls: [urls].flat(), ...settings };
  for await (const event of start(all, INPUT, signal)) {
    events.push(event);
    onEvent?.(event);
  }
  return events;
}

function textOf(events: readonly StreamEvent[]): string {
  const restart = events.findLastIndex(({ type }) => type === 'restart');
  return events
    .slice(restart + 1)
    .map((event) => (event.type === 'text' ? event.content : ''))
    .join('');
}

function typesOf(events: readonly StreamEvent[]): string[] {
  return events.map(({ type }) => type);
}

function head(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  // No test waits longer than it must.
  response.write('retry: 1\n\n');
}

function sseEvent(value: object, id?: number | string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(value)}\n\n`;
}

function token(number: number): string {
  return sseEvent({ type: 'text', content: `t${number} ` }, number);
}

function tokens(first: number, last: number): string {
  let text = '';
  for (let number = first; number <= last; number += 1) text += token(number);
  return text;
}

const START = sseEvent({ type: 'start', streamId: 's1' });
const DONE = sseEvent({ type: 'done', reason: 'stop', complete: true });

/** Breaks the connection when what was written has reached the other side. */
function breakOff(response: ServerResponse, text: string): void {
  response.write(text, () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
}

const ALL = 't1 t2 t3 t4 t5 ';
const COMPLETE: StreamEvent = { type: 'done', reason: 'stop', complete: true, origin: 'stop' };

const refuse =
  (status: number, headers: Record<string, string> = { 'retry-after-ms': '1' }): Answer =>
  (response) => {
    response.writeHead(status, headers);
    response.end();
  };

const whole: Answer = (response) => {
  head(response);
  response.end(START + tokens(1, 5) + DONE);
};

describe('an endpoint run', () => {
  it('asks again with the same request while nothing visible has arrived', async () => {
    const { url, requests } = await endpoint(refuse(503), (response) => breakOff(response, ''), whole);
    const events = await run(url, { settings: { idleTimeout: 2000 } });
    assert.equal(textOf(events), ALL);
    assert.deepEqual(events.at(-1), COMPLETE);
    assert.equal(requests.length, 3);
    assert.deepEqual(requests[2]?.body, requests[0]?.body);
    const keys = new Set(requests.map(({ headers }) => headers['idempotency-key']));
    assert.equal(keys.size, 1);
    assert.ok(!keys.has(undefined));
    assert.deepEqual(typesOf(events).slice(0, 2), ['reconnect', 'reconnect']);
  });

  it('goes on where the connection broke, by the last event id', async () => {
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, START + tokens(1, 2) + token(3).slice(0, -1));
      },
      (response) => {
        head(response);
        response.end(tokens(2, 5) + DONE);
      },
    );
    const events = await run(url);
    assert.equal(textOf(events), ALL);
    assert.equal(requests[1]?.headers['last-event-id'], '2');
    assert.deepEqual(
      typesOf(events).filter((type) => type !== 'text'),
      ['start', 'reconnect', 'done'],
    );
  });

  it('asks again for an event that a clean end has cut', async () => {
    const { url } = await endpoint(
      (response) => {
        head(response);
        response.end(START + tokens(1, 2) + token(3).slice(0, -12));
      },
      (response) => {
        head(response);
        response.end(START + tokens(3, 5) + DONE);
      },
    );
    assert.equal(textOf(await run(url)), ALL);
  });

  it('goes on again after a connection that brought nothing but its "start"', async () => {
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, START + token(1));
      },
      (response) => {
        head(response);
        response.end(START);
      },
      (response) => {
        head(response);
        response.end(START + tokens(2, 5) + DONE);
      },
    );
    assert.equal(textOf(await run(url)), ALL);
    assert.equal(requests.length, 3);
  });

  it('takes an end without an id behind a replay of everything', async () => {
    const { url, requests } = await endpoint((response) => {
      head(response);
      breakOff(response, START + tokens(1, 5));
    }, whole);
    assert.deepEqual((await run(url)).at(-1), COMPLETE);
    assert.equal(requests.length, 2);
  });

  it('goes on after a clean end without "done"', async () => {
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        response.end(START + tokens(1, 3));
      },
      (response) => {
        head(response);
        response.end(tokens(4, 5) + DONE);
      },
    );
    assert.equal(textOf(await run(url)), ALL);
    assert.equal(requests[1]?.headers['last-event-id'], '3');
  });

  it('drops the repeated events without an id of their own that follow the last one with an id', async () => {
    const plain = (text: string): string => sseEvent({ type: 'text', content: text });
    const { url } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, START + tokens(1, 2) + plain('a ') + plain('b '));
      },
      (response) => {
        head(response);
        response.end(plain('a ') + plain('b ') + plain('c ') + token(3) + plain('a ') + DONE);
      },
    );
    assert.equal(textOf(await run(url)), 't1 t2 a b c t3 a ');
  });

  it('names no event id after the stream took it back, and drops what comes twice', async () => {
    const { url, requests } = await endpoint((response) => {
      head(response);
      breakOff(response, `${START}${tokens(1, 3)}id\n\n`);
    }, whole);
    assert.equal(textOf(await run(url)), ALL);
    assert.equal(requests[1]?.headers['last-event-id'], undefined);
  });

  it('sends an id that is not Latin as UTF-8', async () => {
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, START + sseEvent({ type: 'text', content: 'a' }, 'ид-1'));
      },
      (response) => {
        head(response);
        response.end(sseEvent({ type: 'text', content: 'b' }, 'ид-2') + DONE);
      },
    );
    assert.equal(textOf(await run(url)), 'ab');
    assert.equal(Buffer.from(requests[1]?.headers['last-event-id'] as string, 'latin1').toString(), 'ид-1');
  });

  it('keeps the text and stops where nothing can be gone on with', async () => {
    const { url, requests } = await endpoint((response) => {
      head(response);
      breakOff(response, START + sseEvent({ type: 'text', content: 'half' }));
    });
    const events = await run(url);
    assert.equal(textOf(events), 'half');
    assert.deepEqual(typesOf(events), ['start', 'text', 'error', 'done']);
    assert.equal(requests.length, 1);
  });

  const chunk = (content: string): object => ({
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content } }],
  });

  it('does not post again to a dialect whose ids mean nothing', async () => {
    const { url, requests } = await endpoint((response) => {
      head(response);
      breakOff(response, sseEvent(chunk('half'), 'b') + sseEvent(chunk('half'), 'a'));
    });
    assert.equal(textOf(await run(url)), 'halfhalf');
    assert.equal(requests.length, 1);
  });

  it('goes on by ids that grow in any dialect', async () => {
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, sseEvent(chunk('one '), 1) + sseEvent(chunk('two '), 2));
      },
      (response) => {
        head(response);
        response.end(`${sseEvent(chunk('three'), 3)}data: [DONE]\n\n`);
      },
    );
    assert.equal(textOf(await run(url)), 'one two three');
    assert.equal(requests[1]?.headers['last-event-id'], '2');
  });

  it('takes nothing of another answer that comes in place of the rest', async () => {
    for (const say of [chunk, (content: string) => ({ text: content })]) {
      const { url, requests } = await endpoint(
        (response) => {
          head(response);
          breakOff(response, sseEvent(say('one '), 1) + sseEvent(say('two '), 2));
        },
        (response) => {
          head(response);
          response.end(sseEvent(say('uno '), 1) + sseEvent(say('due '), 2) + sseEvent(say('tre'), 3));
        },
      );
      const events = await run(url);
      assert.equal(textOf(events), 'one two ');
      assert.equal(requests.length, 2);
      assert.equal(events.find((each) => each.type === 'error')?.code, 'network');
      assert.deepEqual(events.at(-1), { type: 'done', reason: 'error', complete: false });
    }
  });

  it('keeps the text when the endpoint does not know the run any more', async () => {
    const broken: Answer = (response) => {
      head(response);
      breakOff(response, START + tokens(1, 3));
    };
    for (const status of [204, 404]) {
      const { url, requests } = await endpoint(broken, refuse(status));
      const events = await run(url);
      assert.equal(textOf(events), 't1 t2 t3 ');
      const error = events.find((each) => each.type === 'error');
      assert.equal(error?.code, 'network');
      assert.deepEqual(events.at(-1), { type: 'done', reason: 'error', complete: false });
      assert.equal(requests.length, 2);
    }
  });

  it('puts events in order by ids that count them', async () => {
    for (const say of [(text: string) => ({ type: 'text', content: text }), (text: string) => ({ text })]) {
      const { url, requests } = await endpoint((response) => {
        head(response);
        const order = [1, 2, 4, 3, 5].map((id) => sseEvent(say(`t${id} `), id));
        response.end(`${order.join('')}data: [DONE]\n\n`);
      });
      assert.equal(textOf(await run(url)), ALL);
      assert.equal(requests.length, 1);
    }
  });

  it('asks again for an event that was left out', async () => {
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        response.end(START + tokens(1, 2) + tokens(4, 5) + DONE);
      },
      (response) => {
        head(response);
        response.end(tokens(3, 5) + DONE);
      },
    );
    assert.equal(textOf(await run(url)), ALL);
    assert.equal(requests[1]?.headers['last-event-id'], '2');
  });

  it('reports an event that stays away, and does not call the answer complete', async () => {
    const { url } = await endpoint((response) => {
      head(response);
      response.end(START + tokens(1, 2) + tokens(4, 5) + DONE);
    });
    const events = await run(url, { settings: { maxRetries: 1 } });
    assert.equal(textOf(events), 't1 t2 t4 t5 ');
    const error = events.find((each) => each.type === 'error');
    assert.match(error?.message ?? '', /left out event 3/);
    const done = events.at(-1);
    assert.ok(done?.type === 'done' && !done.complete);
  });

  it('counts events without data, too', async () => {
    const { url, requests } = await endpoint((response) => {
      head(response);
      response.end(`${START}${tokens(1, 2)}id: 3\n\nid: 4\n\n${tokens(5, 6)}${DONE}`);
    });
    const events = await run(url);
    assert.equal(textOf(events), 't1 t2 t5 t6 ');
    assert.deepEqual(events.at(-1), COMPLETE);
    assert.equal(requests.length, 1);
  });

  it('does not take times for a count', async () => {
    const { url, requests } = await endpoint((response) => {
      head(response);
      breakOff(response, sseEvent(chunk('one '), 1763700001000) + sseEvent(chunk('two '), 1763700001250));
    });
    assert.equal(textOf(await run(url)), 'one two ');
    assert.equal(requests.length, 1);
  });

  it('takes nothing without an id in place of the rest of an answer with ids', async () => {
    const { url } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, tokens(1, 3).replace('data', 'data'));
      },
      (response) => {
        head(response);
        response.end(sseEvent({ type: 'text', content: 'another answer' }) + DONE);
      },
    );
    const events = await run(url);
    assert.equal(textOf(events), 't1 t2 t3 ');
    const done = events.at(-1);
    assert.ok(done?.type === 'done' && !done.complete);
  });

  it('gives "done" once, also where a gap was given up', async () => {
    const { url } = await endpoint((response) => {
      head(response);
      breakOff(response, START + tokens(1, 2) + tokens(4, 5) + DONE.replace('data', 'id: 6\ndata'));
    });
    const events = await run(url, { settings: { maxRetries: 1 } });
    assert.equal(events.filter(({ type }) => type === 'done').length, 1);
  });

  it('waits longer and longer for an endpoint that gives one word at a time', async () => {
    const stop = new AbortController();
    let next = 0;
    const { url } = await endpoint((response) => {
      head(response);
      next += 1;
      breakOff(response, token(next));
    });
    const delays: number[] = [];
    await run(url, {
      signal: stop.signal,
      onEvent(each) {
        if (each.type !== 'reconnect') return;
        delays.push(each.delay);
        if (delays.length === 12) stop.abort();
      },
    });
    assert.equal(delays[11], 9);
  });

  it('asks again where the headers could not be had', async () => {
    let calls = 0;
    const headers = async (): Promise<Record<string, string>> => {
      calls += 1;
      if (calls === 2) throw new Error('no token');
      return {};
    };
    const { url } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, START + tokens(1, 3));
      },
      (response) => {
        head(response);
        response.end(tokens(4, 5) + DONE);
      },
    );
    assert.equal(textOf(await run(url, { settings: { headers } })), ALL);
    assert.equal(calls, 3);
  });

  it('tells prepareRequest what a request is for, and sends the same body again', async () => {
    const purposes: string[] = [];
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, START + tokens(1, 3));
      },
      (response) => {
        head(response);
        response.end(tokens(4, 5) + DONE);
      },
    );
    const events = await run(url, {
      settings: {
        prepareRequest({ purpose, ...request }) {
          purposes.push(purpose);
          return request;
        },
      },
    });
    assert.equal(textOf(events), ALL);
    assert.deepEqual(purposes, ['run', 'resume']);
    assert.deepEqual(requests[1]?.body, requests[0]?.body);
  });

  it('stops an answer at its limit', async () => {
    const { url } = await endpoint((response) => {
      head(response);
      response.write(START + sseEvent({ type: 'text', content: 'x'.repeat(80) }));
      response.write(sseEvent({ type: 'text', content: 'y'.repeat(80) }));
      response.write(sseEvent({ type: 'text', content: 'never' }));
    });
    const events = await run(url, { settings: { maxAnswerChars: 100 } });
    assert.equal(textOf(events).length, 160);
    assert.equal(events.find((each) => each.type === 'error')?.code, 'limit');
  });

  it('asks the model, not the endpoint, to continue what the endpoint has refused to', async () => {
    const { url } = await endpoint((response) => {
      head(response);
      breakOff(response, START + tokens(1, 3));
    }, refuse(404));
    const { open } = createEndpoint({ transports: [createSseTransport()] });
    const opened = open({ ...SETTINGS, urls: [url] }, INPUT);
    for await (const each of opened.events(new AbortController().signal)) assert.ok(each);
    assert.equal(opened.resumable, false);
  });

  it('asks the resume URL where there is one', async () => {
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, START + tokens(1, 3));
      },
      (response) => {
        head(response);
        response.end(tokens(4, 5) + DONE);
      },
    );
    const resumeUrl = new URL('/runs/{streamId}?of={conversationId}', url).href;
    assert.equal(textOf(await run(url, { settings: { resumeUrl } })), ALL);
    const [, second] = requests;
    assert.equal(second?.method, 'GET');
    assert.equal(second?.path, '/runs/s1?of=c1');
    assert.equal(second?.headers['last-event-id'], '3');
    assert.equal(second?.headers['idempotency-key'], undefined);
  });

  it('takes an answer that is told from its start in place of what it had', async () => {
    const say = (text: string): string => sseEvent({ type: 'text', content: text });
    const { url } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, START + say('one ') + say('two '));
      },
      (response) => {
        head(response);
        response.end(START + say('one two ') + say('three') + DONE);
      },
    );
    const events = await run(url, { settings: { resumeUrl: new URL('/{streamId}', url).href } });
    assert.equal(textOf(events), 'one two three');
    assert.deepEqual(typesOf(events), [
      'start',
      'text',
      'text',
      'reconnect',
      'start',
      'restart',
      'text',
      'text',
      'done',
    ]);
  });

  it('does not tell the same broken answer for ever', async () => {
    const { url, requests } = await endpoint((response) => {
      head(response);
      breakOff(response, START + sseEvent({ type: 'text', content: 'again' }));
    });
    const resumeUrl = new URL('/{streamId}', url).href;
    const events = await run(url, { settings: { resumeUrl, maxRetries: 2 } });
    assert.equal(requests.length, 3);
    assert.equal(textOf(events), 'again');
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'error', complete: false });
  });

  it('gives up after so many attempts without anything new, and goes on by hand', async () => {
    let works = false;
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        breakOff(response, START + tokens(1, 3));
      },
      (response, asked) => {
        if (!works) return refuse(503)(response, asked);
        head(response);
        response.end(tokens(3, 5) + DONE);
      },
    );
    const { open } = createEndpoint({ transports: [createSseTransport()] });
    const opened = open({ ...SETTINGS, urls: [url], maxRetries: 2 }, INPUT);
    const events: StreamEvent[] = [];
    const { signal } = new AbortController();
    for await (const each of opened.events(signal)) events.push(each);
    assert.equal(requests.length, 3);
    assert.equal(textOf(events), 't1 t2 t3 ');
    assert.ok(opened.resumable);
    works = true;
    for await (const each of opened.events(signal)) events.push(each);
    assert.equal(textOf(events), ALL);
    assert.ok(!opened.resumable);
  });

  it('does not repeat what nothing but a change can mend', async () => {
    for (const status of [400, 403, 404, 413, 422]) {
      const { url, requests } = await endpoint(refuse(status));
      const events = await run(url);
      assert.deepEqual(typesOf(events), ['error', 'done']);
      assert.equal(requests.length, 1);
    }
  });

  it('asks for headers once more after a 401', async () => {
    const { url, requests } = await endpoint(
      (response, asked) => refuse(asked.headers['authorization'] === 'new' ? 500 : 401)(response, asked),
      whole,
    );
    let calls = 0;
    const headers = (): Record<string, string> => {
      calls += 1;
      return { authorization: calls > 1 ? 'new' : 'old' };
    };
    assert.equal(textOf(await run(url, { settings: { headers } })), ALL);
    assert.deepEqual(
      requests.map((asked) => asked.headers['authorization']),
      ['old', 'new'],
    );

    const closed = await endpoint(refuse(401));
    const events = await run(closed.url, { settings: { headers } });
    assert.equal(closed.requests.length, 2);
    assert.deepEqual(typesOf(events), ['error', 'done']);

    const fixed = await endpoint(refuse(401));
    await run(fixed.url, { settings: { headers: { authorization: 'x' } } });
    assert.equal(fixed.requests.length, 1);
  });

  it('waits as long as the endpoint asks', async () => {
    const stop = new AbortController();
    const { url } = await endpoint(refuse(429, { 'retry-after': '99999999999' }));
    const events = await run(url, {
      signal: stop.signal,
      onEvent: (each) => each.type === 'reconnect' && stop.abort(),
    });
    const [reconnect] = events;
    assert.ok(reconnect?.type === 'reconnect');
    assert.equal(reconnect.delay, 60_000);
    assert.equal(reconnect.error.status, 429);
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'aborted', complete: false });
  });

  it('waits no longer than 30 s for what the stream asks', async () => {
    const stop = new AbortController();
    const { url } = await endpoint((response) => {
      head(response);
      breakOff(response, `retry: 99999999999\n\n${START}${tokens(1, 3)}`);
    });
    const events = await run(url, {
      signal: stop.signal,
      onEvent: (each) => each.type === 'reconnect' && stop.abort(),
    });
    const reconnect = events.find((each) => each.type === 'reconnect');
    assert.equal(reconnect?.delay, 30_000);
  });

  it('waits longer each time, with some chance in it', async () => {
    const { url } = await endpoint(refuse(503, {}));
    const stop = new AbortController();
    const delays: number[] = [];
    await run(url, {
      signal: stop.signal,
      onEvent(each) {
        if (each.type !== 'reconnect') return;
        delays.push(each.delay);
        if (delays.length === 2) stop.abort();
      },
    });
    assert.ok(delays[0]! >= 250 && delays[0]! <= 500, `first ${delays[0]}`);
    assert.ok(delays[1]! >= 500 && delays[1]! <= 1000, `second ${delays[1]}`);
  });

  it('goes to the next URL when one cannot be reached, and leaves that one alone for a while', async () => {
    const down = await endpoint(refuse(503, {}));
    const up = await endpoint(whole);
    const { run: start } = createEndpoint({ transports: [createSseTransport()] });
    const settings = { ...SETTINGS, urls: ['http://127.0.0.1:9/chat', down.url, up.url] };
    for (let count = 1; count <= 2; count += 1) {
      const events: StreamEvent[] = [];
      for await (const each of start(settings, INPUT, new AbortController().signal)) events.push(each);
      assert.equal(textOf(events), ALL);
      assert.ok(!typesOf(events).includes('reconnect'));
      assert.equal(down.requests.length, 1);
      assert.equal(up.requests.length, count);
    }
  });

  it('goes on at another URL where the one that broke refuses', async () => {
    const first = await endpoint((response) => {
      head(response);
      breakOff(response, START + tokens(1, 3));
    }, refuse(503));
    const second = await endpoint((response) => {
      head(response);
      response.end(tokens(4, 5) + DONE);
    });
    assert.equal(textOf(await run([first.url, second.url])), ALL);
    assert.equal(second.requests[0]?.headers['last-event-id'], '3');
  });

  it('waits for the network where there is none, and goes on at once when it is back', async () => {
    let available = true;
    const listeners = new Set<(change: 'lost' | 'back') => void>();
    const connectivity: Connectivity = {
      get available() {
        return available;
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const change = (to: 'lost' | 'back'): void => {
      available = to === 'back';
      for (const listener of listeners) listener(to);
    };
    const { url, requests } = await endpoint(
      (response) => {
        head(response);
        response.write(START + tokens(1, 3));
      },
      (response) => {
        head(response);
        response.end(tokens(4, 5) + DONE);
      },
    );
    const events = await run(url, {
      connectivity,
      onEvent(each) {
        if (each.type === 'text' && each.content === 't3 ') queueMicrotask(() => change('lost'));
        if (each.type === 'reconnect') {
          assert.equal(each.offline, true);
          assert.equal(requests.length, 1);
          setTimeout(() => change('back'), 20);
        }
      },
    });
    assert.equal(textOf(events), ALL);
    assert.equal(listeners.size, 0);
  });

  it('tells the endpoint that a run was stopped', async () => {
    const cancelled = await endpoint(refuse(200));
    const { url } = await endpoint((response) => {
      head(response);
      response.write(START + tokens(1, 2));
    });
    const stop = new AbortController();
    const events = await run(url, {
      signal: stop.signal,
      settings: { cancelUrl: new URL('/cancel/{streamId}', cancelled.url).href },
      onEvent: (each) => each.type === 'text' && each.content === 't2 ' && stop.abort(),
    });
    assert.equal(textOf(events), 't1 t2 ');
    while (cancelled.requests.length === 0) await new Promise(setImmediate);
    assert.equal(cancelled.requests[0]?.path, '/cancel/s1');
    assert.deepEqual(cancelled.requests[0]?.body, { streamId: 's1', conversationId: 'c1' });
  });

  it('reconnects after an idle timeout and ignores what the old connection still says', async () => {
    let late: ServerResponse | undefined;
    const { url } = await endpoint(
      (response) => {
        head(response);
        response.write(START + tokens(1, 3));
        late = response;
      },
      (response) => {
        late?.write(tokens(4, 5) + DONE);
        head(response);
        response.end(tokens(4, 5) + DONE);
      },
    );
    assert.equal(textOf(await run(url, { settings: { idleTimeout: 100 } })), ALL);
  });

  it('lets the page spell a header as it likes', async () => {
    const { url, requests } = await endpoint(whole);
    await run(url, { settings: { headers: { 'IDEMPOTENCY-KEY': 'mine' } } });
    assert.equal(requests[0]?.headers['idempotency-key'], 'mine');
  });
});
