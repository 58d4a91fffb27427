import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { createEndpoint, createWebSocketTransport } from '../../src/core/index.ts';
import { createRandom, readSeed } from '../support/random.ts';
import {
  collect,
  createReciter,
  createSpeaker,
  doneEvent,
  eventsOf,
  modelOf,
  openRaw,
  rawRequest,
  startCutting,
  startDemo,
  textEvent,
  until,
} from './support.mjs';

const seed = readSeed();
const hello = { type: 'run', messages: [{ role: 'user', content: 'Hello' }] };

const textOf = (events) => events.map(({ type, content }) => (type === 'text' ? content : '')).join('');
const only = (events, type) => events.filter((event) => event.type === type);

/** The package's own client over sockets. */
function ask(url, { signal = new AbortController().signal, ...settings } = {}) {
  const endpoint = createEndpoint({ transports: [createWebSocketTransport({ WebSocket })] });
  return askAgain(endpoint, url, signal, settings);
}

function askAgain(endpoint, url, signal, settings = {}) {
  const message = { id: 'm', role: 'user', parts: [{ type: 'text', text: 'Hello', state: 'done' }] };
  return endpoint.run(
    {
      urls: [`${url}/api/chat`],
      transport: 'websocket',
      dialect: 'auto',
      method: 'POST',
      headers: {},
      credentials: 'same-origin',
      idleTimeout: 0,
      maxRetries: 1000,
      ...settings,
    },
    { conversationId: 'c', messages: [message], tools: [] },
    signal,
  );
}

/** A bare socket, with all that it has received. */
async function openSocket(context, url, path = '/api/chat', options = {}) {
  const socket = new WebSocket(`${url.replace('http:', 'ws:')}${path}`, options);
  context.after(() => socket.terminate());
  const received = [];
  socket.on('message', (data) => received.push(JSON.parse(String(data))));
  await once(socket, 'open');
  return { socket, received, say: (message) => socket.send(JSON.stringify(message)) };
}

/** The status with which a server answers a request for a socket. */
async function refusalOf(url, path, headers = {}) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const answer = await rawRequest(
    url,
    `GET ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n${lines.join('')}\r\n`,
  );
  const [head, body] = answer.split('\r\n\r\n');
  return [Number(head.split(' ')[1]), JSON.parse(body).error.message];
}

describe('the chat over a socket', { timeout: 60_000 }, () => {
  it('says what it says over HTTP, with the same numbers', async (context) => {
    const reciter = createReciter('one two 👍🏽 three');
    const { url } = await startDemo(context, { model: reciter.model });
    const { received, say } = await openSocket(context, url);
    say(hello);
    await until(() => received.at(-1)?.type === 'done');
    assert.deepEqual(received[0], { type: 'ack_window', size: 64 });
    const kept = await eventsOf(await fetch(`${url}/api/chat/runs/${received[1].streamId}`));
    assert.deepEqual(
      received.slice(1),
      kept.map(({ event }) => event),
    );
  });

  it('answers the package: a long answer whole, in the window that is acknowledged', async (context) => {
    const words = Array.from({ length: 1000 }, (_, index) => `${index} `).join('');
    const { url } = await startDemo(context, { model: createReciter(words).model });
    const events = await collect(ask(url));
    assert.equal(textOf(events), words);
    assert.deepEqual(only(events, 'reconnect'), []);
    assert.equal(events.at(-1).complete, true);
  });

  it('takes one run after the other over one socket', async (context) => {
    const reciter = createReciter('one two');
    const { url, server } = await startDemo(context, { model: reciter.model });
    let sockets = 0;
    server.on('upgrade', () => {
      sockets += 1;
    });
    const endpoint = createEndpoint({ transports: [createWebSocketTransport({ WebSocket })] });
    for (const time of [1, 2, 3]) {
      const events = await collect(askAgain(endpoint, url, new AbortController().signal));
      assert.equal(textOf(events), 'one two', `run ${time}`);
    }
    assert.equal(reciter.asked, 3);
    assert.equal(sockets, 1);
  });

  const ways = [
    ['at the address it was asked at', () => ({})],
    ['at that of "resume-src"', (url) => ({ resumeUrl: `${url}/api/chat/runs/{streamId}` })],
  ];
  for (const [how, settingsOf] of ways) {
    it(`goes on with an answer whose socket broke, ${how} (TEST_SEED=${seed})`, async (context) => {
      const words = Array.from({ length: 300 }, (_, index) => `Wörter ${index} 👍🏽 `).join('');
      const reciter = createReciter(words);
      const { url } = await startDemo(context, { model: reciter.model });
      const random = createRandom(seed);
      // Sockets come back after half a second and more, so few breaks have to do.
      const cuts = await startCutting(context, url, () => Math.floor(5000 + random() * 3000));
      const events = await collect(ask(cuts.url, settingsOf(cuts.url)));
      assert.ok(cuts.count > 1, `${cuts.count} cuts`);
      assert.equal(textOf(events), words);
      assert.equal(only(events, 'start').length, 1);
      assert.deepEqual(only(events, 'error'), []);
      assert.equal(events.at(-1).complete, true);
      assert.equal(reciter.asked, 1);
    });
  }

  it('goes on over HTTP with what began over a socket', async (context) => {
    const { speech, model } = createSpeaker();
    const { url } = await startDemo(context, { model });
    const { socket, received, say } = await openSocket(context, url);
    say(hello);
    speech.write(textEvent('a'));
    await until(() => received.at(-1)?.type === 'text');
    socket.terminate();
    speech.end(doneEvent);
    const rest = await fetch(`${url}/api/chat/runs/${received[1].streamId}`, {
      headers: { 'last-event-id': '2' },
    });
    assert.deepEqual(
      (await eventsOf(rest)).map(({ event }) => event),
      [{ ...doneEvent, seq: 3 }],
    );
  });

  it('sends no more than the window beyond the last acknowledgement', async (context) => {
    const words = Array.from({ length: 200 }, (_, index) => `${index} `).join('');
    const { url } = await startDemo(context, { model: createReciter(words).model });
    const { received, say } = await openSocket(context, url);
    const lastSeq = () => received.findLast(({ seq }) => seq !== undefined)?.seq;
    say(hello);
    await until(() => lastSeq() === 64);
    // The answer to a ping comes behind all that was sent before it.
    say({ type: 'ping' });
    await until(() => received.at(-1).type === 'pong');
    assert.equal(lastSeq(), 64);
    say({ type: 'ack', seq: 10 });
    await until(() => lastSeq() === 74);
    say({ type: 'ping' });
    await until(() => received.at(-1).type === 'pong');
    assert.equal(lastSeq(), 74);
    say({ type: 'ack', seq: 200 });
    await until(() => received.at(-1).type === 'done');
  });

  it('passes over results of tools, and messages that it does not know', async (context) => {
    const { speech, model } = createSpeaker();
    const { url } = await startDemo(context, { model });
    const { received, say } = await openSocket(context, url);
    say(hello);
    say({ type: 'tool_result', id: 'c1', result: 2, isError: false });
    say({ type: 'news' });
    speech.end(doneEvent);
    await until(() => received.at(-1)?.type === 'done');
    assert.deepEqual(
      received.map(({ type }) => type),
      ['ack_window', 'start', 'done'],
    );
  });
});

describe('a socket that ends', { timeout: 30_000 }, () => {
  it('with a cancel stops the model at once', async (context) => {
    const speaker = createSpeaker();
    const { url } = await startDemo(context, { model: speaker.model });
    const controller = new AbortController();
    speaker.speech.write(textEvent('a'));
    for await (const event of ask(url, { signal: controller.signal })) {
      if (event.type === 'text') controller.abort();
    }
    await until(() => speaker.isStopped);
  });

  it('without one leaves it the grace time', async (context) => {
    const speaker = createSpeaker();
    const { url } = await startDemo(context, { model: speaker.model, limits: { graceTime: 1 } });
    const { socket, received, say } = await openSocket(context, url);
    say(hello);
    await until(() => received.length === 2);
    assert.equal(speaker.isStopped, false);
    socket.terminate();
    await until(() => speaker.isStopped);
    const rest = await eventsOf(await fetch(`${url}/api/chat/runs/${received[1].streamId}`));
    assert.equal(rest.at(-2).event.code, 'timeout');
  });

  it('while the model waits for it does not keep the model waiting for ever', async (context) => {
    let hasEnded = false;
    const generous = modelOf(async function* give() {
      try {
        for (;;) yield textEvent('x'.repeat(65_536));
      } finally {
        hasEnded = true;
      }
    });
    const { url } = await startDemo(context, { model: generous, limits: { graceTime: 1 } });
    const { socket, say } = await openSocket(context, url);
    let acknowledged = 0;
    socket.on('message', () => {
      acknowledged += 1;
      say({ type: 'ack', seq: acknowledged });
      if (acknowledged === 10) socket.pause();
    });
    say(hello);
    await until(() => socket.isPaused);
    socket.terminate();
    await until(() => hasEnded);
  });

  it('because it gave no sign of life leaves its run alone', async (context) => {
    const speaker = createSpeaker();
    const { url } = await startDemo(context, { model: speaker.model, heartbeatInterval: 5 });
    const { socket, received, say } = await openSocket(context, url);
    say(hello);
    await once(socket, 'close');
    assert.ok(received.some(({ type }) => type === 'ping'));
    assert.equal(speaker.isStopped, false);
  });

  it('does so not while the package gives its signs of life', async (context) => {
    const { speech, model } = createSpeaker();
    const { url } = await startDemo(context, { model, heartbeatInterval: 5 });
    let pongs = 0;
    class CountingSocket extends WebSocket {
      send(message) {
        if (message.includes('"pong"')) pongs += 1;
        if (pongs === 5) speech.end(doneEvent);
        super.send(message);
      }
    }
    const endpoint = createEndpoint({
      transports: [createWebSocketTransport({ WebSocket: CountingSocket })],
    });
    const events = await collect(askAgain(endpoint, url, new AbortController().signal));
    assert.deepEqual(
      events.map(({ type }) => type),
      ['start', 'done'],
    );
  });

  it('with its server', async (context) => {
    const { speech, model } = createSpeaker();
    const { url, server } = await startDemo(context, { model });
    const { socket, say } = await openSocket(context, url);
    say(hello);
    speech.write(textEvent('a'));
    await once(socket, 'message');
    server.close();
    server.closeAllConnections();
    const closed = once(server, 'close');
    assert.equal((await once(socket, 'close'))[0], 1006);
    await closed;
  });
});

describe('a socket that cannot be answered', { timeout: 30_000 }, () => {
  const refused = [
    ['that is no JSON', '{"type":', 1008, /not JSON/],
    ['that is no object', '[]', 1008, /not a JSON object/],
    ['without messages', '{"type":"run","messages":[]}', 1008, /no messages/],
    ['for the rest of a run that nobody knows', '{"type":"resume","streamId":"s"}', 1008, /not known here/],
    ['for the rest of no run', '{"type":"resume"}', 1008, /not known here/],
    ['from no event', '{"type":"resume","streamId":"s","lastEventId":"x"}', 1008, /whole numbers/],
    ['that acknowledges no event', '{"type":"ack","seq":"x"}', 1008, /whole numbers/],
    ['of more than 1 MiB', JSON.stringify({ type: 'run', padding: 'x'.repeat(1_048_576) }), 1009, /^$/],
  ];
  for (const [what, message, code, reason] of refused) {
    it(`is told so: a message ${what}`, async (context) => {
      const { url, failures } = await startDemo(context);
      const { socket } = await openSocket(context, url);
      socket.send(message);
      const [theCode, theReason] = await once(socket, 'close');
      assert.equal(theCode, code);
      assert.match(String(theReason), reason);
      assert.deepEqual(failures, []);
    });
  }

  it('is told so: a run too many', async (context) => {
    const { url } = await startDemo(context, { model: createSpeaker().model, limits: { maxRuns: 1 } });
    const { received, say } = await openSocket(context, url);
    say(hello);
    await until(() => received.length === 2);
    const other = await openSocket(context, url);
    other.say(hello);
    const [code, reason] = await once(other.socket, 'close');
    assert.equal(code, 1013);
    assert.match(String(reason), /Too many answers/);
  });

  it('is told so: the rest of a run that it has seen the end of', async (context) => {
    const { url } = await startDemo(context, { model: modelOf(() => [doneEvent]) });
    const first = await openSocket(context, url);
    first.say(hello);
    await until(() => first.received.at(-1)?.type === 'done');
    const { streamId } = first.received[1];
    first.say({ type: 'resume', streamId, lastEventId: '2' });
    assert.equal((await once(first.socket, 'close'))[0], 1000);
  });

  it('is told so: the rest of a run that is no longer kept', async (context) => {
    const { model } = createReciter('1 2 3 4 5 6 7 8 9');
    const { url } = await startDemo(context, { model, limits: { maxEvents: 3 } });
    const { socket, received, say } = await openSocket(context, url);
    say(hello);
    await until(() => received.at(-1)?.type === 'done');
    say({ type: 'resume', streamId: received[1].streamId, lastEventId: '1' });
    const [code, reason] = await once(socket, 'close');
    assert.equal(code, 1008);
    assert.match(String(reason), /no longer kept/);
  });

  it('is told so before it opens: another address, and a page of another origin', async (context) => {
    const { url } = await startDemo(context);
    assert.deepEqual(await refusalOf(url, '/api/other'), [404, 'There is no socket at this address.']);
    const [status, message] = await refusalOf(url, '/api/chat', { origin: 'https://example.org' });
    assert.equal(status, 403);
    assert.match(message, /DEMO_CORS=1/);
  });

  it('is one of another origin only where that is not allowed', async (context) => {
    const { url } = await startDemo(context, { model: modelOf(() => [doneEvent]), allowAnyOrigin: true });
    const { received, say } = await openSocket(context, url, '/api/chat', { origin: 'https://example.org' });
    say(hello);
    await until(() => received.at(-1)?.type === 'done');
  });

  it('leaves the server alone when it breaks before it opens', async (context) => {
    const { url, failures } = await startDemo(context);
    const socket = await openRaw(
      url,
      'GET /api/chat HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    );
    socket.resetAndDestroy();
    const response = await fetch(`${url}/api/chat?message=hi`);
    assert.equal(response.status, 200);
    await response.text();
    assert.deepEqual(failures, []);
  });
});
