import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import {
  createEndpoint,
  createSseTransport,
  type EndpointSettings,
  HANDED_OVER,
  type LeftAnswer,
  type RunInput,
  type StreamEvent,
} from '../../../src/core/index.js';
import { serve, type TestServer } from '../../support/server.js';
import { SETTINGS } from './support.js';

const servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((started) => started.close()));
});

const COUNT = 6;
const WHOLE = Array.from({ length: COUNT }, (_, number) => `t${number} `).join('');
const INPUT: RunInput = { conversationId: 'c1', messages: [], tools: [] };

/** What an endpoint says, event by event, and the ids it gives to them. */
interface Wire {
  readonly events: readonly object[];
  /** Undefined: none. */
  readonly id: (number: number) => string | undefined;
  /** What a reader names who has this event. Default: its id. */
  readonly name?: (number: number) => string;
}

const TEXTS = Array.from({ length: COUNT }, (_, number) => ({ type: 'text', content: `t${number} ` }));
const NATIVE: Wire = {
  events: [{ type: 'start', streamId: 's 1' }, ...TEXTS, { type: 'done', reason: 'stop', complete: true }],
  id: String,
};
/** The first event whose id a request names is not sent again; without one all are. */
async function start({
  events,
  id,
  name = (number) => id(number) ?? '',
}: Wire): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const started = await serve((request: IncomingMessage, response: ServerResponse) => {
    requests.push(request);
    request.resume();
    if (request.url?.endsWith('/cancel')) {
      response.writeHead(204).end();
      return;
    }
    const last = request.headers['last-event-id'];
    const from = last === undefined ? 0 : events.findIndex((_event, number) => name(number) === last) + 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const [number, event] of events.entries()) {
      if (number < from) continue;
      const own = id(number);
      response.write(`${own === undefined ? '' : `id: ${own}\n`}data: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  });
  servers.push(started);
  return { url: started.url, requests };
}

function settingsOf(url: string, more: Partial<EndpointSettings> = {}): EndpointSettings {
  return { ...SETTINGS, urls: [url], headers: { authorization: 'secret' }, maxRetries: 0, ...more };
}

const page = () => createEndpoint({ transports: [createSseTransport()] });

/** Reads an answer up to its `count`th event, and leaves it there. */
async function readAndLeave(settings: EndpointSettings, count: number) {
  const leaving = new AbortController();
  const run = page().open(settings, INPUT);
  const events: StreamEvent[] = [];
  let left: LeftAnswer | undefined;
  for await (const event of run.events(leaving.signal)) {
    if (leaving.signal.aborted) break;
    events.push(event);
    if (events.length < count) continue;
    left = run.left;
    leaving.abort(HANDED_OVER);
  }
  return { events, left: left && (JSON.parse(JSON.stringify(left)) as LeftAnswer) };
}

async function readRest(settings: EndpointSettings, left: LeftAnswer): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  const run = page().takeUp(settings, INPUT, left);
  for await (const event of run?.events(new AbortController().signal) ?? []) events.push(event);
  return events;
}

const textOf = (events: readonly StreamEvent[]) =>
  events
    .slice(events.findLastIndex(({ type }) => type === 'restart') + 1)
    .map((event) => (event.type === 'text' ? event.content : ''))
    .join('');

describe('an answer that a page has left', () => {
  for (const [name, wire, more] of [
    ['by the ids of its events', NATIVE, {}],
    ['by ids that are names', { ...NATIVE, id: (number: number) => `event-${number}` }, {}],
    [
      'by the numbers in its events',
      { events: NATIVE.events.map((event, seq) => ({ seq, ...event })), id: () => undefined, name: String },
      {},
    ],
    ['at the address of "resume-src"', NATIVE, { resumeUrl: '/{streamId}' }],
  ] as const) {
    it(`is gone on with wherever it was left: ${name}`, async () => {
      for (let count = 2; count <= COUNT + 1; count += 1) {
        const { url, requests } = await start(wire);
        const resumeUrl = 'resumeUrl' in more ? `${url}${more.resumeUrl}` : undefined;
        const settings = settingsOf(url, { resumeUrl });
        const first = await readAndLeave(settings, count);
        assert.ok(first.left, `left after ${count}`);
        const rest = await readRest(settings, first.left);
        assert.equal(textOf([...first.events, ...rest]), WHOLE, `left after ${count}`);
        assert.deepEqual(rest.at(-1), { type: 'done', reason: 'stop', complete: true, origin: 'stop' });
        assert.equal(requests.length, 2);
        assert.doesNotMatch(JSON.stringify(first.left), /secret/);
      }
    });
  }

  it('is not cancelled', async () => {
    const { url, requests } = await start(NATIVE);
    await readAndLeave(settingsOf(url, { cancelUrl: `${url}/cancel` }), 3);
    const { url: other, requests: others } = await start(NATIVE);
    const stopped = new AbortController();
    const run = page().open(settingsOf(other, { cancelUrl: `${other}/cancel` }), INPUT);
    for await (const { type } of run.events(stopped.signal)) if (type === 'text') stopped.abort();
    while (others.length < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      requests.map((request) => request.url),
      ['/chat'],
    );
  });

  it('is read anew where its dialect says too little in each event', async () => {
    const chunk = (content: string, finish: string | null = null) => ({
      id: 'x',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content }, finish_reason: finish }],
    });
    const wire: Wire = {
      events: [...TEXTS.map(({ content }) => chunk(content)), chunk('', 'stop')],
      id: String,
    };
    const { url } = await start(wire);
    const plain = await readAndLeave(settingsOf(url), 4);
    assert.equal(plain.left, undefined);
    const settings = settingsOf(url, { resumeUrl: `${url}/{conversationId}` });
    const { events, left } = await readAndLeave(settings, 4);
    assert.equal(left!.from, 'start');
    const rest = await readRest(settings, left!);
    assert.ok(events.length > 0);
    assert.equal(textOf(rest), WHOLE);
  });

  it('is left again where it was before anything more has come', async () => {
    const { url } = await start(NATIVE);
    const { left } = await readAndLeave(settingsOf(url), 4);
    assert.deepEqual(page().takeUp(settingsOf(url), INPUT, left!)!.left, left);
  });

  it('is none of an endpoint with another address', async () => {
    const { url } = await start(NATIVE);
    const { left } = await readAndLeave(settingsOf(url), 4);
    const takeUp = (more: Partial<LeftAnswer>) =>
      page().takeUp(settingsOf(url), INPUT, { ...left!, ...more });
    assert.ok(takeUp({}));
    assert.equal(takeUp({ source: 'https://evil.example/' }), undefined);
    assert.equal(takeUp({ url: 'https://evil.example/' }), undefined);
    assert.equal(takeUp({ dialect: 'constructor' }), undefined);
  });

  it('ends as one that broke off where nothing is known of it any more', async () => {
    const { url } = await start(NATIVE);
    const { left } = await readAndLeave(settingsOf(url), 4);
    const gone = await serve((_request, response) => response.writeHead(404).end());
    servers.push(gone);
    const settings = settingsOf(gone.url);
    const rest = await readRest(settings, { ...left!, source: gone.url, url: gone.url });
    const error = rest.find((event) => event.type === 'error');
    assert.deepEqual([error?.code, rest.at(-1)!.type], ['network', 'done']);
  });
});
