// The built file as a page gets it: one script tag, one element, a real server.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { loadDocumentation } from '../../demo/server/documentation/documentation.mjs';
import { createDemoServer, ROOT } from '../../demo/server/server.mjs';
import { createDocumentationModel } from '../../demo/server/models/documentation-model.mjs';
import { launch, listen, openPage } from './support.mjs';

const DIST = new URL('../../dist/ai-stream-chat.js', import.meta.url);

let browser;
let demo;

before(async () => {
  browser = await launch();
  const sections = await loadDocumentation(ROOT);
  demo = await listen(
    createDemoServer({ model: createDocumentationModel({ sections, tokensPerSecond: 0 }) }),
  );
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Types a question as a visitor would, and waits for the end of the answer. */
async function ask(page, question) {
  const ended = page.evaluate(
    () =>
      new Promise((resolve) => {
        document.addEventListener('state_change', ({ detail: { state } }) => {
          if (state === 'idle' || state === 'error') resolve(state);
        });
      }),
  );
  await page.getByRole('textbox', { name: 'Message' }).fill(question);
  await page.keyboard.press('Enter');
  const state = await ended;
  await page.locator('ai-stream-chat').evaluate((chat) => chat.settled);
  return state;
}

describe('the drop-in file', () => {
  it('is all a page needs: a script tag and an element with a src', async () => {
    const { page, problems, close } = await openPage(browser, `${demo.url}/minimal.html`);
    assert.equal(await ask(page, 'How do I theme the chat?'), 'idle');
    const answer = page.locator('ai-stream-message [part~="content"]').last();
    assert.match(await answer.innerText(), /theming/);
    assert.equal(await page.getByRole('article').count(), 2);
    assert.deepEqual(problems, []);
    await close();
  });

  it('parses markdown in a worker that starts from its own text', async () => {
    const { page, close } = await openPage(browser, `${demo.url}/minimal.html`);
    const worker = page.waitForEvent('worker');
    await ask(page, 'Show me a table');
    assert.match((await worker).url(), /^blob:/);
    await close();
  });

  it('works in a strict page, without a report of its policy', async () => {
    const { page, problems, close } = await openPage(browser, `${demo.url}/strict.html`);
    const worker = page.waitForEvent('worker');
    assert.equal(await ask(page, 'Give me a long answer with tables and code'), 'idle');
    await worker;
    const answer = page.getByRole('article').last();
    await answer.locator('table').first().waitFor({ state: 'attached' });
    await answer.locator('pre code').first().waitFor({ state: 'attached' });
    assert.deepEqual(await page.evaluate(() => globalThis.violations), []);
    assert.deepEqual(problems, []);
    await close();
  });

  it('renders the same in a page that forbids the worker', async () => {
    const file = await readFile(DIST);
    const text = '# One\n\n- a\n- **b**\n\n| x | y |\n|---|---|\n| 1 | 2 |\n';
    const server = createServer((request, response) => {
      if (request.url === '/chat.js') {
        response.writeHead(200, { 'content-type': 'text/javascript' });
        response.end(file);
        return;
      }
      response.writeHead(200, {
        'content-type': 'text/html',
        'content-security-policy': "default-src 'none'; script-src 'nonce-n'",
      });
      response.end(
        '<!doctype html><title>t</title><ai-stream-message></ai-stream-message><script type="module" nonce="n" src="/chat.js"></script>',
      );
    });
    const { url, stop } = await listen(server);
    const { page, close } = await openPage(browser, url);
    const html = await page.evaluate(async (markdown) => {
      await customElements.whenDefined('ai-stream-message');
      const element = document.querySelector('ai-stream-message');
      for (const character of markdown) element.append(character);
      element.finish();
      await element.settled;
      return element.renderedHtml;
    }, text);
    assert.match(
      html,
      /<h1>One<\/h1>\s*<ul>\s*<li>a<\/li>\s*<li><strong>b<\/strong><\/li>\s*<\/ul>\s*<table>/,
    );
    await close();
    await stop();
  });

  it('fills the form of its page when the model calls the tool', async () => {
    const { page, problems, close } = await openPage(browser, `${demo.url}/form.html`);
    assert.equal(
      await ask(page, 'Fill in the form for Ada Lovelace, ada@example.com, 3 guests on 2027-03-04'),
      'idle',
    );
    assert.equal(await page.locator('form [name="name"]').inputValue(), 'Ada Lovelace');
    assert.equal(await page.locator('form [name="email"]').inputValue(), 'ada@example.com');
    assert.equal(await page.locator('form [name="guests"]').inputValue(), '3');
    assert.equal(await page.locator('form [name="date"]').inputValue(), '2027-03-04');
    assert.deepEqual(problems, []);
    await close();
  });

  it('shows a recorded stream as it came, at any cut', async (context) => {
    const list = await (await fetch(`${demo.url}/replay/`)).json();
    if (!list.streams?.length) return context.skip('there are no recorded streams beside the project');
    for (const query of ['', '?chunk=1', '?chunk=777']) {
      const { page, close } = await openPage(browser, `${demo.url}/minimal.html`);
      await page.locator('ai-stream-chat').evaluate((chat, src) => {
        chat.src = src;
      }, `/replay/openai-chat/groq--text-long.sse${query}`);
      assert.equal(await ask(page, 'go'), 'idle');
      const length = await page.locator('ai-stream-chat').evaluate(
        (chat) =>
          chat.messages
            .at(-1)
            .parts.map((part) => part.text)
            .join('').length,
      );
      assert.equal(length, 3189);
      await close();
    }
    return undefined;
  });

  for (const name of [
    'index',
    'booking',
    'settings',
    'filter',
    'message',
    'list',
    'replay',
    'network',
    'theme',
  ]) {
    it(`opens the demo page "${name}" without an error`, async () => {
      const { page, problems, close } = await openPage(browser, `${demo.url}/${name}.html`);
      await page.waitForFunction(() => document.querySelectorAll(':not(:defined)').length === 0);
      assert.deepEqual(problems, []);
      assert.deepEqual(await page.evaluate(() => globalThis.violations), []);
      await close();
    });
  }

  it('does not make a narrow page scroll sideways', async () => {
    const { page, close } = await openPage(browser, `${demo.url}/index.html`, {
      viewport: { width: 360, height: 740 },
    });
    await ask(page, 'Give me a long answer with tables and code');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide`);
    await close();
  });
});
