// Forms of frameworks that keep their own state: what the chat fills in is what they have, as if the user had.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createDemoServer } from '../../demo/server/server.mjs';
import { bundleForm, FRAMEWORKS } from './frameworks/bundle.mjs';
import { launch, listen, openPage } from './support.mjs';

const DIST = new URL('../../dist/ai-stream-chat.js', import.meta.url);
const ARGUMENTS = {
  name: 'Ada Lovelace',
  notes: 'A quiet table,\nplease',
  guests: 12,
  date: '2027-03-04',
  seating: 'window',
  extras: ['wifi', 'parking'],
  newsletter: false,
  size: 'l',
};

/** Calls the tool once, in pieces, and says what came of it. */
const model = {
  name: 'one call',
  async *answer({ messages }) {
    const result = messages.at(-1);
    if (result.role === 'tool') yield { type: 'text', content: `Told: ${result.content}` };
    else {
      yield { type: 'tool_call_start', id: 'call', name: 'book', by: 'client' };
      for (const delta of JSON.stringify(ARGUMENTS).match(/.{1,3}/g)) {
        await setImmediate();
        yield { type: 'tool_call_delta', id: 'call', delta };
      }
      yield { type: 'tool_call', id: 'call', name: 'book', args: ARGUMENTS };
    }
    yield { type: 'done', reason: result.role === 'tool' ? 'stop' : 'tool_calls', complete: true };
  },
};

let browser;
let demo;

before(async () => {
  browser = await launch();
  demo = await listen(createDemoServer({ model, allowAnyOrigin: true }));
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** A page with the form of a framework beside the chat. */
async function serve(framework) {
  const files = {
    '/chat.js': await readFile(DIST),
    '/form.js': await bundleForm(framework),
    '/': `<!doctype html><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,">
      <div id="app"></div><ai-stream-chat page-tools src="${demo.url}/api/chat" style="height: 400px"></ai-stream-chat>
      <script type="module" src="/chat.js"></script><script type="module" src="/form.js"></script>`,
  };
  return listen(
    createServer((request, response) => {
      const isScript = request.url.endsWith('.js');
      response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
      response.end(files[request.url]);
    }),
  );
}

for (const framework of FRAMEWORKS) {
  describe(`a form of ${framework}`, { timeout: 180_000 }, () => {
    let server;
    let page;
    let close;
    let problems;

    before(async () => {
      server = await serve(framework);
      ({ page, close, problems } = await openPage(browser, server.url));
      await page.locator('#state').waitFor();
    });

    after(async () => {
      await close?.();
      await server?.stop();
    });

    const state = async () => JSON.parse(await page.locator('#state').innerText());

    it('has all that was filled in, and sends it when the user has approved', async () => {
      const empty = await state();
      const ended = page.locator('ai-stream-chat').evaluate((chat) => chat.send('go'));
      const row = page.locator('ai-stream-chat').getByRole('group', { name: /book/ });
      await row.getByRole('button', { name: 'Approve' }).waitFor();
      const expected = { ...ARGUMENTS, guests: String(ARGUMENTS.guests) };
      const filled = await state();
      assert.deepEqual({ ...filled, guests: String(filled.guests) }, expected);
      assert.equal(await page.locator('#submitted').innerText(), '');

      await row.getByRole('button', { name: 'Approve' }).click();
      assert.equal((await ended).reason, 'stop');
      await page.locator('ai-stream-chat').evaluate((chat) => chat.settled);
      assert.deepEqual(JSON.parse(await page.locator('#submitted').innerText()), filled);
      assert.match(
        await page.locator('ai-stream-message [part~="content"]').last().innerText(),
        new RegExp(`"result":\\{"framework":"${framework}"\\}`),
      );

      await page.locator('ai-stream-chat').getByRole('button', { name: 'Undo' }).click();
      // An emptied number is null to Svelte.
      await page.waitForFunction(
        (initial) =>
          document.querySelector('#state').value.replace('"guests":null', '"guests":""') === initial,
        JSON.stringify(empty),
      );
      assert.deepEqual(problems, []);
    });
  });
}
