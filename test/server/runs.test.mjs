import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import {
  ask,
  createSpeaker,
  doneEvent,
  eventsOf,
  modelOf,
  openRaw,
  postChat,
  readUntil,
  startDemo,
  textEvent,
  textOf,
  until,
} from './support.mjs';

const hello = { messages: [{ role: 'user', content: 'Hello' }] };

/** Asks under a key, from a place on. */
function askAs(url, key, lastEventId) {
  return postChat(url, hello, {
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
}

/** Asks for the rest of a run. */
function resume(url, streamId, lastEventId) {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  return fetch(`${url}/api/chat/runs/${streamId}`, { headers });
}

const cancel = (url, streamId) => fetch(`${url}/api/chat/runs/${streamId}/cancel`, { method: 'POST' });

const idsOf = (events) => events.map(({ id }) => Number(id));
const says = (content) => (event) => event.content === content;

/** Fulfils when the server has noticed that the client of its next request is gone. */
function nextLeft(server) {
  return new Promise((resolve) => {
    server.prependOnceListener('request', (_request, response) => response.once('close', resolve));
  });
}

/** Begins a run and leaves it after its first text. Returns its `streamId`. */
async function askAndLeave({ url, server }, speech) {
  const left = nextLeft(server);
  const controller = new AbortController();
  const response = await postChat(url, hello, { signal: controller.signal });
  speech.write(textEvent('a'));
  const [{ streamId }] = await readUntil(response, says('a'));
  controller.abort();
  await left;
  return streamId;
}

async function refusalOf(response) {
  return [response.status, (await response.json()).error.message];
}

describe('a run', { timeout: 30_000 }, () => {
  it('begins its stream with the time after which to come back', async (context) => {
    const { url } = await startDemo(context);
    assert.match(await (await ask(url, 'Hello')).text(), /^retry: 500\n\nid: 1\n/);
  });

  it('goes on without its connection, and gives the rest to the reader who comes back', async (context) => {
    const { speech, model } = createSpeaker();
    const demo = await startDemo(context, { model });
    const streamId = await askAndLeave(demo, speech);
    speech.write(textEvent('b'));
    speech.end(doneEvent);
    const events = await eventsOf(await resume(demo.url, streamId, '2'));
    assert.deepEqual(idsOf(events), [3, 4]);
    assert.equal(textOf(events), 'b');
    assert.deepEqual(events.at(-1).event, { ...doneEvent, seq: 4 });
  });

  it('is given from its start to a reader who names no event', async (context) => {
    const { speech, model } = createSpeaker();
    const demo = await startDemo(context, { model });
    const streamId = await askAndLeave(demo, speech);
    speech.end(doneEvent);
    const events = await eventsOf(await resume(demo.url, streamId));
    assert.deepEqual(idsOf(events), [1, 2, 3]);
    assert.equal(events[0].event.streamId, streamId);
  });

  it('says nothing more to a reader who has seen its end', async (context) => {
    const { url } = await startDemo(context, { model: modelOf(() => [doneEvent]) });
    const [{ event }] = await eventsOf(await askAs(url, 'k'));
    for (const response of [await resume(url, event.streamId, '2'), await askAs(url, 'k', '2')]) {
      assert.equal(response.status, 204);
      assert.equal(await response.text(), '');
    }
  });

  it('is the same for all requests with one key, and its model is asked once', async (context) => {
    const speaker = createSpeaker();
    const { url } = await startDemo(context, { model: speaker.model });
    const responses = await Promise.all([askAs(url, 'k'), askAs(url, 'k'), askAs(url, 'k', '1')]);
    speaker.speech.write(textEvent('a'));
    speaker.speech.end(doneEvent);
    const [one, other, rest] = await Promise.all(responses.map(eventsOf));
    assert.deepEqual(one, other);
    assert.deepEqual(rest, one.slice(1));
    assert.deepEqual(await eventsOf(await askAs(url, 'k')), one);
    assert.deepEqual(await eventsOf(await askAs(url, 'k', '2')), one.slice(2));
    assert.equal(speaker.asked, 1);
  });

  it('is another one under another key, and under none', async (context) => {
    let asked = 0;
    const model = modelOf(() => {
      asked += 1;
      return [doneEvent];
    });
    const { url } = await startDemo(context, { model });
    for (const response of [askAs(url, 'k'), askAs(url, 'l'), ask(url, 'Hello'), ask(url, 'Hello')]) {
      await eventsOf(await response);
    }
    assert.equal(asked, 4);
  });

  it('is not held up for one reader by another that does not read', async (context) => {
    const piece = 'x'.repeat(65_536);
    const model = modelOf(function* give() {
      for (let count = 0; count < 256; count += 1) yield textEvent(piece);
      yield doneEvent;
    });
    const { url, server } = await startDemo(context, { model, limits: { maxBytes: 2 ** 26 } });
    let response;
    server.prependOnceListener('request', (_request, theResponse) => {
      response = theResponse;
    });
    const body = JSON.stringify(hello);
    const stalled = await openRaw(
      url,
      `POST /api/chat HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nidempotency-key: k\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    stalled.pause();
    await until(() => response?.writableNeedDrain);
    const events = await eventsOf(await askAs(url, 'k'));
    assert.equal(events.length, 258);
    assert.ok(response.writableNeedDrain);
    stalled.destroy();
  });
});

describe('a run that nobody knows', { timeout: 30_000 }, () => {
  const unknown = /not known here.*Ask anew/;

  it('cannot be gone on with, by its address or by its key', async (context) => {
    const speaker = createSpeaker();
    const { url } = await startDemo(context, { model: speaker.model });
    const query = fetch(`${url}/api/chat?message=hi`, { headers: { 'last-event-id': '3' } });
    for (const response of [resume(url, 'nobody'), askAs(url, 'k', '1'), query]) {
      const [status, message] = await refusalOf(await response);
      assert.equal(status, 404);
      assert.match(message, unknown);
    }
    assert.equal(speaker.asked, 0);
  });

  it('cannot be stopped', async (context) => {
    const { url } = await startDemo(context);
    const [status, message] = await refusalOf(await cancel(url, 'nobody'));
    assert.equal(status, 404);
    assert.match(message, unknown);
  });

  it('is one that ended longer ago than runs are kept', async (context) => {
    const { url } = await startDemo(context, { model: modelOf(() => [doneEvent]), limits: { keepTime: 1 } });
    const [{ event }] = await eventsOf(await askAs(url, 'k'));
    let status;
    while (status !== 404) {
      const response = await resume(url, event.streamId);
      await response.text();
      ({ status } = response);
    }
    const again = await eventsOf(await askAs(url, 'k'));
    assert.notEqual(again[0].event.streamId, event.streamId);
  });

  it('is not looked for by what is no id of an event', async (context) => {
    const { url } = await startDemo(context, { model: modelOf(() => [doneEvent]) });
    const [{ event }] = await eventsOf(await ask(url, 'Hello'));
    for (const id of ['x', '-1', '1.5']) {
      const [status, message] = await refusalOf(await resume(url, event.streamId, id));
      assert.equal(status, 400);
      assert.match(message, /whole numbers/);
    }
  });
});

describe('a run that is cancelled', { timeout: 30_000 }, () => {
  it('stops its model and ends as aborted, for all readers', async (context) => {
    const speaker = createSpeaker();
    const { url, failures } = await startDemo(context, { model: speaker.model });
    const response = await askAs(url, 'k');
    speaker.speech.write(textEvent('a'));
    const [{ streamId }] = await readUntil(await askAs(url, 'k'), says('a'));
    const { status } = await cancel(url, streamId);
    assert.equal(status, 204);
    assert.ok(speaker.isStopped);
    const events = await eventsOf(response);
    assert.equal(textOf(events), 'a');
    assert.deepEqual(events.at(-1).event, { type: 'done', reason: 'aborted', complete: false, seq: 3 });
    assert.deepEqual(await eventsOf(await resume(url, streamId)), events);
    assert.deepEqual(failures, []);
  });

  it('can be cancelled again, and after its end', async (context) => {
    const { url } = await startDemo(context, { model: modelOf(() => [doneEvent]) });
    const events = await eventsOf(await ask(url, 'Hello'));
    const [{ event }] = events;
    for (const time of ['first', 'second']) {
      assert.equal((await cancel(url, event.streamId)).status, 204, time);
    }
    assert.deepEqual(await eventsOf(await resume(url, event.streamId)), events);
  });

  it('is cancelled by POST only', async (context) => {
    const { url } = await startDemo(context);
    const response = await fetch(`${url}/api/chat/runs/any/cancel`);
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'POST');
  });
});

describe('a run that nobody listens to', { timeout: 30_000 }, () => {
  it('is stopped after the grace time, and says so to who comes late', async (context) => {
    const speaker = createSpeaker();
    const demo = await startDemo(context, { model: speaker.model, limits: { graceTime: 1 } });
    const streamId = await askAndLeave(demo, speaker.speech);
    await until(() => speaker.isStopped);
    const events = await eventsOf(await resume(demo.url, streamId, '2'));
    assert.deepEqual(
      events.map(({ event }) => [event.type, event.code ?? event.reason]),
      [
        ['error', 'timeout'],
        ['done', 'error'],
      ],
    );
    assert.match(events[0].event.message, /Ask again/);
    assert.deepEqual(demo.failures, []);
  });

  it('is none that has lost one reader of two', async (context) => {
    const speaker = createSpeaker();
    const limits = { graceTime: 1 };
    const { url, server } = await startDemo(context, { model: speaker.model, limits });
    const staying = await askAs(url, 'k');
    const left = nextLeft(server);
    const leaving = await askAs(url, 'k');
    await leaving.body.cancel();
    await left;
    // Timers of one length end in the order in which they began: this one would have been the second.
    const other = createSpeaker();
    await askAndLeave(await startDemo(context, { model: other.model, limits }), other.speech);
    await until(() => other.isStopped);
    assert.equal(speaker.isStopped, false);
    speaker.speech.end(doneEvent);
    assert.equal((await eventsOf(staying)).at(-1).event.reason, 'stop');
  });

  it('is stopped with its server', async (context) => {
    const speaker = createSpeaker();
    const demo = await startDemo(context, { model: speaker.model });
    await askAndLeave(demo, speaker.speech);
    assert.equal(speaker.isStopped, false);
    demo.server.close();
    demo.server.closeAllConnections();
    await once(demo.server, 'close');
    assert.ok(speaker.isStopped);
  });
});

describe('the limits of runs', { timeout: 30_000 }, () => {
  /** A model of `count` words that tells how many it has said. */
  function createCounter(count) {
    const counter = {
      given: 0,
      model: modelOf(function* talk() {
        for (; counter.given < count; counter.given += 1) yield textEvent(`${counter.given} `);
        yield doneEvent;
      }),
      text: Array.from({ length: count }, (_, index) => `${index} `).join(''),
    };
    return counter;
  }

  for (const [what, limits, words] of [
    ['events', { maxEvents: 10 }, 7],
    ['bytes', { maxBytes: 400 }, 5],
  ]) {
    it(`make a model without a reader wait when all the ${what} are there that can be kept`, async (context) => {
      const counter = createCounter(100);
      const speaker = createSpeaker();
      const model = modelOf(async function* talk(request, signal) {
        yield* speaker.model.answer(request, signal);
        yield* counter.model.answer(request, signal);
      });
      const demo = await startDemo(context, { model, limits });
      const streamId = await askAndLeave(demo, speaker.speech);
      speaker.speech.end();
      await until(() => counter.given >= words);
      const events = await eventsOf(await resume(demo.url, streamId, '1'));
      assert.equal(textOf(events), `a${counter.text}`);
      assert.deepEqual(
        idsOf(events),
        Array.from({ length: 102 }, (_, index) => index + 2),
      );
    });

    it(`keep the newest ${what} only, and say so to who asks for others`, async (context) => {
      const counter = createCounter(100);
      const { url } = await startDemo(context, { model: counter.model, limits });
      const events = await eventsOf(await askAs(url, 'k'));
      assert.equal(textOf(events), counter.text);
      const [{ event }] = events;
      for (const response of [
        resume(url, event.streamId),
        resume(url, event.streamId, '50'),
        askAs(url, 'k'),
      ]) {
        const [status, message] = await refusalOf(await response);
        assert.equal(status, 410);
        assert.match(message, /no longer kept/);
      }
      assert.deepEqual(idsOf(await eventsOf(await resume(url, event.streamId, '98'))), [99, 100, 101, 102]);
    });
  }

  it('give the place of the oldest run that has ended to a new one', async (context) => {
    const { url } = await startDemo(context, { model: modelOf(() => [doneEvent]), limits: { maxRuns: 2 } });
    const ids = [];
    for (const key of ['k', 'l', 'm']) ids.push((await eventsOf(await askAs(url, key)))[0].event.streamId);
    const statuses = await Promise.all(ids.map(async (id) => (await resume(url, id)).status));
    assert.deepEqual(statuses, [404, 200, 200]);
    assert.notEqual((await eventsOf(await askAs(url, 'k')))[0].event.streamId, ids[0]);
  });

  it('ask to come back later while too many runs go on', async (context) => {
    const { speech, model } = createSpeaker();
    const { url } = await startDemo(context, { model, limits: { maxRuns: 1 } });
    const first = await askAs(url, 'k');
    const refused = await askAs(url, 'l');
    assert.equal(refused.headers.get('retry-after'), '5');
    assert.equal((await refusalOf(refused))[0], 503);
    speech.end(doneEvent);
    assert.equal((await eventsOf(first)).at(-1).event.type, 'done');
    assert.equal((await askAs(url, 'l')).status, 200);
  });
});
