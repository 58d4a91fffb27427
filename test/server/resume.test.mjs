// The package's own client against the reference backend, over connections that break.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { streamEvents } from '../../src/core/index.ts';
import { createRandom, readSeed } from '../support/random.ts';
import {
  collect,
  createReciter,
  createSpeaker,
  eventsOf,
  postChat,
  startCutting,
  startDemo,
  textEvent,
  until,
} from './support.mjs';

const seed = readSeed();
const words = Array.from({ length: 400 }, (_, index) => `Wörter ${index} 👍🏽 `).join('');
/** Nothing is left to chance but where the connection breaks. */
const patient = { messages: 'Hello', maxRetries: 1000 };

const withoutReconnects = (events) => events.filter(({ type }) => type !== 'reconnect');
const textOf = (events) => events.map(({ type, content }) => (type === 'text' ? content : '')).join('');
const only = (events, type) => events.filter((event) => event.type === type);

/** A backend whose connections break at random, after `least` to `most` bytes. */
async function startBreaking(context, least, most, options = {}) {
  const reciter = createReciter(words);
  const demo = await startDemo(context, { model: reciter.model, reconnectDelay: 1, ...options });
  const random = createRandom(seed);
  const bytesOf = () => Math.floor(least + random() * (most - least));
  return { reciter, demo, cuts: await startCutting(context, demo.url, bytesOf) };
}

describe(`an answer over connections that break at random (TEST_SEED=${seed})`, { timeout: 240_000 }, () => {
  const ways = [
    ['by the same request', () => ({})],
    ['by "resume-src"', (url) => ({ resumeUrl: `${url}/api/chat/runs/{streamId}` })],
  ];
  for (const [how, settingsOf] of ways) {
    it(`is gone on with ${how}: whole, in order and once`, async (context) => {
      const { reciter, demo, cuts } = await startBreaking(context, 400, 3000);
      const settings = { ...patient, ...settingsOf(cuts.url) };
      const events = await collect(streamEvents(`${cuts.url}/api/chat`, settings));
      assert.ok(cuts.count > 5, `${cuts.count} cuts`);
      assert.equal(only(events, 'reconnect').length, cuts.count);
      assert.equal(reciter.asked, 1);
      assert.equal(textOf(events), words);
      const [{ streamId }] = events;
      const kept = await eventsOf(await fetch(`${demo.url}/api/chat/runs/${streamId}`));
      assert.deepEqual(
        withoutReconnects(events).map(({ type, content }) => [type, content]),
        kept.map(({ event: { type, content } }) => [type, content]),
      );
      assert.deepEqual(only(events, 'error'), []);
      assert.equal(events.at(-1).complete, true);
    });
  }

  it('is gone on with where connections break before they bring anything', async (context) => {
    const { reciter, cuts } = await startBreaking(context, 1, 1500);
    const events = await collect(streamEvents(`${cuts.url}/api/chat`, patient));
    assert.equal(textOf(events), words);
    assert.equal(reciter.asked, 1);
    assert.deepEqual(only(events, 'start').length, 1);
  });

  it('ends where the server was started again meanwhile, with what had arrived', async (context) => {
    const [before, after] = [createSpeaker(), createSpeaker()];
    const first = await startDemo(context, { model: before.model, reconnectDelay: 1 });
    const second = await startDemo(context, { model: after.model });
    const way = await startCutting(context, first.url, () => Infinity);
    before.speech.write(textEvent('half'));
    const events = [];
    for await (const event of streamEvents(`${way.url}/api/chat`, patient)) {
      events.push(event);
      if (event.type !== 'text') continue;
      way.target = second.url;
      first.server.closeAllConnections();
    }
    assert.equal(textOf(events), 'half');
    assert.equal(only(events, 'reconnect').length, 1);
    assert.deepEqual(
      only(events, 'error').map(({ code }) => code),
      ['network'],
    );
    assert.equal(events.at(-1).complete, false);
    assert.equal(after.asked, 0);
  });
});

describe('an answer that its reader stops', { timeout: 30_000 }, () => {
  it('stops its model at once, where the reader can say so', async (context) => {
    const speaker = createSpeaker();
    const { url } = await startDemo(context, { model: speaker.model });
    const controller = new AbortController();
    const cancelUrl = `${url}/api/chat/runs/{streamId}/cancel`;
    speaker.speech.write(textEvent('a'));
    const settings = { ...patient, cancelUrl, signal: controller.signal };
    for await (const event of streamEvents(`${url}/api/chat`, settings)) {
      if (event.type === 'text') controller.abort();
    }
    await until(() => speaker.isStopped);
  });
});

describe('a request that is sent again', { timeout: 30_000 }, () => {
  it('with another body under its key gets the answer that was begun', async (context) => {
    const reciter = createReciter('one two');
    const { url } = await startDemo(context, { model: reciter.model });
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
    const answers = [];
    for (const content of ['Hello', 'Bye']) {
      const response = await postChat(url, { messages: [{ role: 'user', content }] }, { headers });
      answers.push(await eventsOf(response));
    }
    assert.deepEqual(answers[0], answers[1]);
    assert.equal(reciter.asked, 1);
  });
});
