// What the tests of the server share: a real server on a free port, and readers of what it sends.
import { once } from 'node:events';
import { connect } from 'node:net';
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
