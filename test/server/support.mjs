// What the tests of the server share: a real server on a free port, and readers of what it sends.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createDemoServer } from '../../demo/server/server.mjs';

/** Starts a server on loopback, and stops it when the test ends. */
export async function listen(context, server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** Starts the demo server with a model that answers nothing unless one is given. */
export async function startDemo(context, options = {}) {
  const failures = [];
  const server = createDemoServer({
    model: modelOf(() => []),
    reportFailure: (error) => failures.push(error),
    ...options,
  });
  return { url: await listen(context, server), server, failures };
}

/** A model that yields what a function returns: an array or an async iterable of events. */
export function modelOf(answer) {
  return {
    name: 'test model',
    async *answer(request, signal) {
      yield* answer(request, signal);
    },
  };
}

/** A model that says what a test writes into its `speech`, until it is stopped. */
export function createSpeaker() {
  const speech = new PassThrough({ objectMode: true });
  const speaker = {
    speech,
    /** How often it was asked. */
    asked: 0,
    isStopped: false,
    model: modelOf((_request, signal) => {
      speaker.asked += 1;
      signal.addEventListener('abort', () => {
        speaker.isStopped = true;
        speech.destroy(signal.reason);
      });
      return speech;
    }),
  };
  return speaker;
}

/** A model that says a text in as many events as it has words, and counts how often it was asked. */
export function createReciter(text) {
  const reciter = {
    asked: 0,
    model: modelOf(async function* recite() {
      reciter.asked += 1;
      for (const content of text.split(/(?<= )/)) {
        await setImmediate();
        yield textEvent(content);
      }
      yield doneEvent;
    }),
  };
  return reciter;
}

/**
 * A way to a server on which every connection is reset after some of the bytes that come back over it, `bytesOf()` for
 * each. Returns its address, how often that happened, and where it leads, which can be changed.
 */
export async function startCutting(context, target, bytesOf) {
  const cuts = { url: '', count: 0, target };
  const open = new Set();
  const server = createServer((client) => {
    let left = bytesOf();
    const upstream = connect(Number(new URL(cuts.target).port), '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      const piece = chunk.subarray(0, left);
      left -= piece.byteLength;
      if (left > 0) client.write(piece);
      else {
        cuts.count += 1;
        upstream.pause();
        client.write(piece, () => client.resetAndDestroy());
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  cuts.url = `http://127.0.0.1:${server.address().port}`;
  return cuts;
}

export const textEvent = (content) => ({ type: 'text', content });
export const doneEvent = { type: 'done', reason: 'stop', complete: true };

/** Waits until something is so. The runner's own timeout ends what never comes to be. */
export async function until(condition) {
  while (!condition()) await setImmediate();
}

export function postChat(url, body, init = {}) {
  return fetch(`${url}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
}

export const ask = (url, content, more = {}) =>
  postChat(url, { messages: [{ role: 'user', content }], ...more });

/** All that iteration gives. */
export async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** Reads a stream until it has brought an event, and stays connected. Returns all events so far. */
export async function readUntil(response, isLast) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const events = [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, json]) => JSON.parse(json));
    if (events.some(isLast)) {
      reader.releaseLock();
      return events;
    }
    const { done, value } = await reader.read();
    if (done) throw new Error(`The stream has ended: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
}

/** The events of a whole stream, and with each the SSE id it came under. */
export async function eventsOf(response) {
  const blocks = (await response.text()).split('\n\n').filter((block) => block.includes('data: '));
  return blocks.map((block) => {
    const id = /^id: (.*)$/m.exec(block)?.[1];
    return { id, event: JSON.parse(/^data: (.*)$/m.exec(block)[1]) };
  });
}

/** All text of a kind. */
export const textOf = (events, type = 'text') =>
  events
    .filter(({ event }) => event.type === type)
    .map(({ event }) => event.content)
    .join('');

/** A socket that has sent a request, for what fetch would tidy up. */
export async function openRaw(url, request) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(request);
  return socket;
}

/** Sends a request as it stands and gives the whole answer, one character a byte. */
export async function rawRequest(url, request) {
  const socket = await openRaw(url, request);
  socket.setEncoding('latin1');
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
