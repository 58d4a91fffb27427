import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import {
  type EndpointSettings,
  type HistoryPage,
  loadHistory,
  MAX_HISTORY_CHARS,
  StreamError,
} from '../../../src/core/index.js';
import { serve, type TestServer } from '../../support/server.js';
import { SETTINGS } from './support.js';

const never = new AbortController().signal;
const servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Loads from a server whose requests are answered one after the other. */
async function load(
  answers: readonly ((response: ServerResponse) => void)[],
  settings: Partial<EndpointSettings> = {},
  before?: string,
): Promise<{ page: HistoryPage; asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  const server = await serve(({ method, url, headers }, response) => {
    asked.push({ method, path: url, headers });
    answers[asked.length - 1]?.(response);
  });
  servers.push(server);
  const template = `${new URL(server.url).origin}/history/{conversationId}?limit=2`;
  const query = { template, conversationId: 'c 1', before };
  return { page: await loadHistory({ ...SETTINGS, ...settings }, query, never), asked };
}

const json = (value: unknown) => (response: ServerResponse) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
};
const status = (code: number) => (response: ServerResponse) => {
  response.writeHead(code).end();
};

const messages = [
  { id: 'a', role: 'user', content: 'one' },
  { id: 'b', role: 'assistant', parts: [{ type: 'text', text: 'two' }] },
];

describe('loadHistory', () => {
  it('asks by GET for the newest messages, or those before one', async () => {
    const newest = await load([json({ messages, hasMore: true })], { headers: { 'X-Key': 'k' } });
    assert.deepEqual(newest.page, { messages, hasMore: true });
    const [asked] = newest.asked;
    assert.equal(asked?.method, 'GET');
    assert.equal(asked.path, '/history/c%201?limit=2');
    assert.equal(asked.headers['x-key'], 'k');

    const earlier = await load([json({ messages, hasMore: false })], {}, 'm&7');
    assert.equal(earlier.page.hasMore, false);
    assert.equal(earlier.asked[0]?.path, '/history/c%201?limit=2&before=m%267');
  });

  it('takes the list of messages alone', async () => {
    const { page } = await load([json(messages)]);
    assert.deepEqual(page, { messages, hasMore: true });
  });

  it('ends where there is nothing before: no messages, 204 and 404', async () => {
    for (const answer of [json({ messages: [], hasMore: true }), status(204), status(404)]) {
      const { page } = await load([answer]);
      assert.deepEqual(page, { messages: [], hasMore: false });
    }
  });

  it('ends where it could not be asked on from: without an id, or with the one it asked with', async () => {
    const nameless = await load([json({ messages: [{ role: 'user', content: 'one' }], hasMore: true })]);
    assert.equal(nameless.page.hasMore, false);
    const again = await load([json({ messages, hasMore: true })], {}, 'a');
    assert.equal(again.page.hasMore, false);
  });

  it('leaves out what is no message, and of messages what is no part', async () => {
    const { page } = await load([
      json([
        null,
        7,
        { id: 'x', role: 'nobody', content: 'one' },
        { id: 'y', role: 'user' },
        { id: 3, role: 'user', content: 'one' },
        {
          id: 'b',
          role: 'assistant',
          parts: [null, 'two', { type: 'text' }, { type: 'text', text: 'two' }, { type: 'hologram' }],
        },
      ]),
    ]);
    assert.deepEqual(page.messages, [{ id: 'b', role: 'assistant', parts: [{ type: 'text', text: 'two' }] }]);
  });

  it('asks a function for its headers again where they were refused', async () => {
    let token = 0;
    const headers = () => {
      token += 1;
      return { Authorization: `Bearer ${token}` };
    };
    const { page, asked } = await load([status(401), json(messages)], { headers });
    assert.equal(page.messages.length, 2);
    assert.deepEqual(
      asked.map((request) => request.headers.authorization),
      ['Bearer 1', 'Bearer 2'],
    );
  });

  it('says what is wrong: a status, something else, too much, nobody there', async () => {
    const failure = (code: string, text: RegExp) => (error: unknown) =>
      error instanceof StreamError && error.code === code && text.test(error.message);
    await assert.rejects(load([status(401)]), failure('http', /401/));
    await assert.rejects(load([json({ items: messages })]), failure('protocol', /Send \{"messages"/));
    const tooMuch = (response: ServerResponse) => response.end(' '.repeat(MAX_HISTORY_CHARS + 1));
    await assert.rejects(load([tooMuch]), failure('limit', /Send fewer messages/));
    await assert.rejects(load([(response) => response.destroy()]), failure('network', /cannot be reached/));
  });

  it('stops with its signal', async () => {
    const controller = new AbortController();
    const server = await serve(() => controller.abort());
    servers.push(server);
    const query = { template: server.url, conversationId: 'c', before: undefined };
    await assert.rejects(loadHistory(SETTINGS, query, controller.signal), { name: 'AbortError' });
  });
});
