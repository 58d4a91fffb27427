// The cases of faults through the element, in a real page. Those that only a page can have: page-faults.test.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { OWN_CASES, PAGE_CASES, sharedCases, WHOLE } from '../support/fault-cases.js';
import { startFaultServer } from '../support/fault-server.js';
import { assertWhole, openChat, startPageServer, words } from './fault-page.mjs';
import { launch } from './support.mjs';

let browser;
let server;
/** The chat of the test that is running. */
let chat;

before(async () => {
  browser = await launch();
  server = await startPageServer();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** These take longer than a test should; they are looked at in Node. */
const SLOW = new Set(['retry-huge', 'status-429-date', 'status-429-seconds', 'replay-of-a-long-answer']);
/** These need a refusal after a refusal, of which the page tells nobody. */
const UNSEEN = new Set(['refused-three-times', 'refused-on-resume']);
const ATTRIBUTES = {
  'stall-no-bytes': { 'idle-timeout': '800' },
  'stall-before-headers': { 'idle-timeout': '800' },
  'stall-after-headers': { 'idle-timeout': '800' },
  'old-connection-still-alive': { 'idle-timeout': '800' },
  'drop-after-every-event': { 'max-retries': '1' },
};

describe('a chat whose network fails', { timeout: 120_000 }, () => {
  after(() => chat?.close());

  const cases = [...sharedCases, ...OWN_CASES].filter(
    ({ id, expect }) => expect.startsWith(WHOLE) && !PAGE_CASES.has(id) && !SLOW.has(id) && !UNSEEN.has(id),
  );
  it('is shown as many cases as there are', (context) => {
    if (sharedCases.length === 0) context.diagnostic('there are no cases beside the project');
    assert.ok(cases.length > 0);
  });

  for (const { id, connections } of cases) {
    it(`shows the whole answer, once: ${id}`, async () => {
      chat ??= await openChat(browser, server);
      await chat.chat.evaluate((element) => element.clear());
      await chat.page.evaluate(() => {
        for (const list of [record.calls, record.states, record.ends, record.errors]) list.length = 0;
      });
      // A short wait, where the stream itself can ask for one.
      const hurried = connections.map((each) =>
        each.steps?.[0]?.startsWith('send') ? { ...each, steps: ['retry: 20', ...each.steps] } : each,
      );
      const script = await chat.play(hurried, {
        attributes: { 'idle-timeout': '60000', 'max-retries': '5', ...ATTRIBUTES[id] },
        beyond: id === 'drop-after-tool-call-before-result' ? { steps: ['end'] } : undefined,
        word: id === 'drop-inside-character' ? (k) => `t${k}🙂 ` : undefined,
      });
      await chat.send();
      const result = await chat.result();
      const text = id === 'drop-inside-character' ? words(1, 20).replaceAll(' ', '🙂 ') : words(1, 20);
      assertWhole(result, text);
      const keys = new Set(
        script.requests.filter(({ method }) => method === 'POST').map((each) => each.idempotencyKey),
      );
      assert.equal(keys.size, result.calls.length + 1, 'one key for each user turn and each turn of tools');
      assert.ok(!keys.has(undefined));
    });
  }
});

describe('a chat whose endpoint is of another origin', { timeout: 60_000 }, () => {
  it('goes on where the answer broke, without the key that nobody there has permitted', async () => {
    const elsewhere = await startFaultServer({ cors: true });
    chat = await openChat(browser, server);
    try {
      const script = await chat.play(
        [{ steps: ['retry: 20', 'send 1-7', 'reset'] }, { steps: ['send 8-20', 'end'] }],
        { server: elsewhere },
      );
      await chat.send();
      assertWhole(await chat.result());
      assert.deepEqual(
        script.requests.map(({ lastEventId, idempotencyKey }) => [lastEventId, idempotencyKey]),
        [
          [undefined, undefined],
          ['7', undefined],
        ],
      );
    } finally {
      await chat.close();
      await elsewhere.close();
      chat = undefined;
    }
  });
});
