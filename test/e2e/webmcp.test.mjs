// Beside a browser that has WebMCP itself: the same schemas, no tool twice, and the tools that page code registered.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { createDemoServer } from '../../demo/server/server.mjs';
import { chromiumArgs, findChromium } from '../support/browsers.mjs';
import { FORM_SCHEMAS, NEVER_OFFERED } from '../support/form-schemas.ts';
import { listen, openPage } from './support.mjs';

const DIST = new URL('../../dist/ai-stream-chat.js', import.meta.url);
const MISSING = 'this browser has no WebMCP';

let browser;
let server;
let demo;
let page;
let close;
let hasModelContext;
/** What the chat asked the model, newest last. */
const requests = [];
/** The call that the model makes next. */
let call;

const model = {
  name: 'one call',
  async *answer(request) {
    requests.push(request);
    const wanted = request.messages.at(-1).role === 'tool' ? undefined : call;
    if (wanted) yield { type: 'tool_call', id: 'call', ...wanted };
    else yield { type: 'text', content: 'Done.' };
    yield { type: 'done', reason: wanted ? 'tool_calls' : 'stop', complete: true };
  },
};

before(async () => {
  browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [...chromiumArgs, '--enable-features=WebMCP'],
  });
  demo = await listen(createDemoServer({ model, allowAnyOrigin: true }));
  const script = await readFile(DIST);
  server = await listen(
    createServer((request, response) => {
      const isScript = request.url === '/chat.js';
      response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8' });
      response.end(
        isScript
          ? script
          : '<!doctype html><title>t</title><link rel="icon" href="data:,"><div id="place"></div><script type="module" src="/chat.js"></script>',
      );
    }),
  );
  ({ page, close } = await openPage(browser, server.url));
  hasModelContext = await page.evaluate(() => typeof document.modelContext?.getTools === 'function');
});

after(async () => {
  await close?.();
  await browser?.close();
  await server?.stop();
  await demo?.stop();
});

/** The schema that the browser derives from a form that holds this, as JSON text. */
function nativeSchema(html, beside = '') {
  return page.evaluate(
    async ([inside, outside]) => {
      const place = document.querySelector('#place');
      place.replaceChildren();
      const isGone = async () => (await document.modelContext.getTools()).length === 0;
      while (!(await isGone())) await new Promise(requestAnimationFrame);
      place.innerHTML = `<form id="form" toolname="form" tooldescription="A form.">${inside}</form>${outside}`;
      for (;;) {
        const [tool] = await document.modelContext.getTools();
        if (tool) return JSON.stringify(tool.inputSchema);
        await new Promise(requestAnimationFrame);
      }
    },
    [html, beside],
  );
}

describe('the schema that Chromium itself derives', { timeout: 120_000 }, () => {
  for (const { title, html, beside, properties, required = [] } of FORM_SCHEMAS) {
    it(`is the one of this project: ${title}`, async (context) => {
      if (!hasModelContext) return context.skip(MISSING);
      const schema = JSON.parse(await nativeSchema(html, beside));
      assert.deepEqual(schema, { type: 'object', properties, required });
      return undefined;
    });
  }

  for (const [title, html] of NEVER_OFFERED) {
    it(`has what this project never offers: ${title}`, async (context) => {
      if (!hasModelContext) return context.skip(MISSING);
      assert.notEqual(await nativeSchema(html), '{"type":"object","properties":{},"required":[]}');
      return undefined;
    });
  }
});

describe('a chat beside WebMCP', { timeout: 120_000 }, () => {
  /** Puts HTML and a chat on the page, lets page code register a tool, and waits until the chat knows of it. */
  async function show(html, name, annotations, pageTools = 'all') {
    await page.evaluate(
      async ([inside, src, toolName, hints, offers]) => {
        globalThis.registration?.abort();
        globalThis.registration = new AbortController();
        globalThis.calls = [];
        const place = document.querySelector('#place');
        place.innerHTML = inside;
        const chat = document.createElement('ai-stream-chat');
        chat.setAttribute('page-tools', offers);
        chat.src = src;
        chat.style.height = '400px';
        place.append(chat);
        await chat.updateComplete;
        const changed = new Promise((resolve) => {
          document.modelContext.addEventListener('toolchange', resolve, { once: true });
        });
        await document.modelContext.registerTool(
          {
            name: toolName,
            description: 'Of page code.',
            inputSchema: { type: 'object', properties: { q: { type: 'string' } } },
            ...(hints && { annotations: hints }),
            execute(input) {
              globalThis.calls.push(input);
              return { found: input.q };
            },
          },
          { signal: globalThis.registration.signal },
        );
        await changed;
        await document.modelContext.getTools();
      },
      [html, `${demo.url}/api/chat`, name, annotations, pageTools],
    );
    return page.locator('ai-stream-chat');
  }

  const send = (chat) => chat.evaluate((element) => element.send('go'));
  const offered = () => requests.at(-1).tools.map(({ name }) => name);

  it('offers each tool once: forms as it finds them, and what page code registered', async (context) => {
    if (!hasModelContext) return context.skip(MISSING);
    call = undefined;
    const chat = await show(
      `<form toolname="book" tooldescription="Books."><input name="name"><input type="password" name="secret"></form>
       <form toolname="kept_out" tooldescription="No." data-ai-deny><input name="name"></form>`,
      'lookup',
    );
    await send(chat);
    assert.deepEqual(offered(), ['book', 'lookup']);
    const [book] = requests.at(-1).tools;
    assert.deepEqual(Object.keys(book.inputSchema.properties), ['name']);
    return undefined;
  });

  it('offers nothing that is registered with the browser where the page has not asked for all of it', async (context) => {
    if (!hasModelContext) return context.skip(MISSING);
    call = undefined;
    const chat = await show(
      '<form toolname="book" tooldescription="Books."><input name="name"></form>',
      'lookup',
      undefined,
      '',
    );
    await page.evaluate(async () => {
      const root = document.querySelector('#place').appendChild(document.createElement('div'));
      root.attachShadow({ mode: 'closed' }).innerHTML =
        '<form toolname="closed" tooldescription="No."><input type="password" name="password"></form>';
      const isListed = async () =>
        (await document.modelContext.getTools()).some(({ name }) => name === 'closed');
      while (!(await isListed())) await new Promise(requestAnimationFrame);
    });
    await send(chat);
    assert.deepEqual(offered(), ['book']);
    return undefined;
  });

  it('runs a tool of page code once when the user has approved, and tells the model what it gave', async (context) => {
    if (!hasModelContext) return context.skip(MISSING);
    call = { name: 'lookup', args: { q: 'x' } };
    const chat = await show('', 'lookup');
    const ended = send(chat);
    await chat.getByRole('button', { name: 'Approve' }).waitFor();
    assert.deepEqual(await page.evaluate(() => globalThis.calls), []);
    await chat.getByRole('button', { name: 'Approve' }).click();
    await ended;
    assert.deepEqual(await page.evaluate(() => globalThis.calls), [{ q: 'x' }]);
    assert.deepEqual(JSON.parse(requests.at(-1).messages.at(-1).content), { found: 'x' });
    return undefined;
  });

  it('does not run it where the user refuses', async (context) => {
    if (!hasModelContext) return context.skip(MISSING);
    call = { name: 'lookup', args: { q: 'x' } };
    const chat = await show('', 'lookup');
    const ended = send(chat);
    await chat.getByRole('button', { name: 'Refuse' }).click();
    await ended;
    assert.deepEqual(await page.evaluate(() => globalThis.calls), []);
    assert.equal(JSON.parse(requests.at(-1).messages.at(-1).content).status, 'declined');
    return undefined;
  });

  it('does not ask before a tool that says it only reads', async (context) => {
    if (!hasModelContext) return context.skip(MISSING);
    call = { name: 'lookup', args: { q: 'x' } };
    await send(await show('', 'lookup', { readOnlyHint: true }));
    assert.deepEqual(await page.evaluate(() => globalThis.calls), [{ q: 'x' }]);
    return undefined;
  });

  it('offers a tool no more when page code has taken it back', async (context) => {
    if (!hasModelContext) return context.skip(MISSING);
    call = undefined;
    const chat = await show('', 'lookup');
    await page.evaluate(async () => {
      globalThis.registration.abort();
      await new Promise((resolve) => {
        document.modelContext.addEventListener('toolchange', resolve, { once: true });
      });
      await document.modelContext.getTools();
    });
    await send(chat);
    assert.deepEqual(offered(), []);
    return undefined;
  });
});
