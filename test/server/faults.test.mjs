import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { createEndpoint, createWebSocketTransport, streamEvents } from '../../src/core/index.ts';
import {
  collect,
  createReciter,
  createSpeaker,
  doneEvent,
  eventsOf,
  postChat,
  startDemo,
  textEvent,
} from './support.mjs';

const words = Array.from({ length: 30 }, (_, index) => `${index} `).join('');
const textOf = (events) => events.map(({ type, content }) => (type === 'text' ? content : '')).join('');
const only = (events, type) => events.filter((event) => event.type === type);

/** Tells the network of a name what is to go wrong on it. */
function tell(url, name, orders) {
  return fetch(`${url}/api/faulty/${name}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(orders),
  });
}

/** Asks over the network of a name. */
const ask = (url, name, settings = {}) =>
  streamEvents(`${url}/api/faulty/${name}/chat`, {
    messages: 'Hello',
    resumeUrl: `${url}/api/faulty/${name}/chat/runs/{streamId}`,
    ...settings,
  });

async function start(context, model) {
  const { url } = await startDemo(context, { model, reconnectDelay: 1 });
  return url;
}

describe('a network that is troubled on purpose', { timeout: 30_000 }, () => {
  it('is as good as any other until it is told to fail', async (context) => {
    const url = await start(context, createReciter(words).model);
    const events = await collect(ask(url, 'mine'));
    assert.equal(textOf(events), words);
    assert.deepEqual(only(events, 'reconnect'), []);
  });

  it('breaks each connection after so many events, until it is told not to', async (context) => {
    const reciter = createReciter(words);
    const url = await start(context, reciter.model);
    assert.equal((await tell(url, 'mine', { breakEvery: 5 })).status, 204);
    const events = await collect(ask(url, 'mine'));
    assert.equal(textOf(events), words);
    // 32 events, 5 a connection.
    assert.equal(only(events, 'reconnect').length, 6);
    assert.equal(events.at(-1).complete, true);
    assert.equal(reciter.asked, 1);

    await tell(url, 'mine', { breakEvery: 0 });
    assert.deepEqual(only(await collect(ask(url, 'mine')), 'reconnect'), []);
  });

  it('breaks sockets just the same', async (context) => {
    const reciter = createReciter(words);
    const url = await start(context, reciter.model);
    await tell(url, 'mine', { breakEvery: 20 });
    const endpoint = createEndpoint({ transports: [createWebSocketTransport({ WebSocket })] });
    const settings = {
      urls: [`${url}/api/faulty/mine/chat`],
      transport: 'websocket',
      dialect: 'auto',
      method: 'POST',
      headers: {},
      credentials: 'same-origin',
      idleTimeout: 0,
      maxRetries: 5,
    };
    const message = { id: 'm', role: 'user', parts: [{ type: 'text', text: 'Hello', state: 'done' }] };
    const input = { conversationId: 'c', messages: [message], tools: [] };
    const events = await collect(endpoint.run(settings, input, new AbortController().signal));
    assert.equal(textOf(events), words);
    assert.equal(only(events, 'reconnect').length, 1);
    assert.equal(reciter.asked, 1);
  });

  for (const [what, orders, code] of [
    ['resets the connections that are open', { break: true }, 'network'],
    ['lets nothing more through the connections that are open', { silence: true }, 'timeout'],
  ]) {
    it(`${what}, and an answer survives it`, async (context) => {
      const { speech, model } = createSpeaker();
      const url = await start(context, model);
      speech.write(textEvent('a'));
      const events = [];
      for await (const event of ask(url, 'mine', { idleTimeout: 1500 })) {
        events.push(event);
        if (event.content === 'a') {
          await tell(url, 'mine', orders);
          speech.write(textEvent('b'));
          speech.end(doneEvent);
        }
      }
      assert.equal(textOf(events), 'ab');
      assert.deepEqual(
        only(events, 'reconnect').map(({ error }) => error.code),
        [code],
      );
      assert.equal(events.at(-1).complete, true);
    });
  }

  it('refuses as many requests as it is told to, asking to come back after a second', async (context) => {
    const reciter = createReciter(words);
    const url = await start(context, reciter.model);
    await tell(url, 'mine', { refuse: 1 });
    const events = await collect(ask(url, 'mine'));
    assert.equal(textOf(events), words);
    const [{ delay, error }] = only(events, 'reconnect');
    assert.deepEqual([delay, error.status], [1000, 503]);
  });

  it('refuses sockets as well', async (context) => {
    const url = await start(context, createReciter(words).model);
    await tell(url, 'mine', { refuse: 1 });
    const socket = new WebSocket(`${url.replace('http:', 'ws:')}/api/faulty/mine/chat`);
    const error = await new Promise((resolve) => socket.once('error', resolve));
    assert.match(error.message, /503/);
  });

  it('troubles nobody else', async (context) => {
    const url = await start(context, createReciter(words).model);
    await tell(url, 'mine', { breakEvery: 1, refuse: 9 });
    const events = await collect(ask(url, 'yours'));
    assert.equal(textOf(events), words);
    assert.deepEqual(only(events, 'reconnect'), []);
    const plain = await postChat(url, { messages: [{ role: 'user', content: 'Hello' }] });
    assert.equal((await eventsOf(plain)).length, 32);
  });

  it('says what it can be told', async (context) => {
    const url = await start(context, createReciter(words).model);
    for (const [orders, message] of [
      [{ explode: true }, /The faults are: breakEvery/],
      [{ breakEvery: -1 }, /breakEvery must be a whole number/],
      [{ refuse: 'x' }, /refuse must be a whole number/],
    ]) {
      const response = await tell(url, 'mine', orders);
      assert.equal(response.status, 400);
      assert.match((await response.json()).error.message, message);
    }
  });

  it('is the only one that can be told anything', async (context) => {
    const url = await start(context, createReciter(words).model);
    const response = await fetch(`${url}/api/faults`, { method: 'POST' });
    assert.equal(response.status, 404);
    assert.match((await response.json()).error.message, /below \/api\/faulty/);
  });
});
