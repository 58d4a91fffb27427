// The built file under the policies that pages have, beside another Lit and another DOMPurify: nothing it does may
// break them, and nothing it does may be missing because of them.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { build } from 'esbuild';
import { launch, listen, openPage } from './support.mjs';

const NONCE = 'bm9uY2U';
const OURS = 'ai-stream-chat ai-stream-chat#lit';
const TRUSTED_TYPES = `require-trusted-types-for 'script'; trusted-types ${OURS} lit-html dompurify host`;
/** The smallest that everything works under, as docs/page-policies.md has it. */
const MINIMAL = [
  "default-src 'none'",
  `script-src 'nonce-${NONCE}' 'strict-dynamic'`,
  'worker-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

/**
 * @typedef {object} PagePolicy
 * @property {string} [header] Content-Security-Policy
 * @property {string} [reportOnly] Content-Security-Policy-Report-Only
 * @property {string} [meta] the same in the page
 * @property {string} [workerUrl] what the chat is told of its worker; default: nothing
 * @property {boolean} [noWorker] none is to start
 */

/** @type {Record<string, PagePolicy>} */
const POLICIES = {
  'no policy': {},
  'the minimal policy': { header: MINIMAL.join('; ') },
  'the minimal policy with Trusted Types': { header: [...MINIMAL, TRUSTED_TYPES].join('; ') },
  'the minimal policy in the page': { meta: [...MINIMAL, TRUSTED_TYPES].join('; ') },
  'a policy that only reports': { reportOnly: [...MINIMAL, TRUSTED_TYPES].join('; ') },
  'Trusted Types of any name': { header: "require-trusted-types-for 'script'" },
  'scripts that a trusted script loads, and no word about workers': {
    header: `default-src 'none'; script-src 'nonce-${NONCE}' 'strict-dynamic'; connect-src 'self'`,
  },
  'everything from the page itself, the worker from its file': {
    header: "default-src 'self'",
    workerUrl: '/markdown-worker.js',
  },
  'Trusted Types, and the worker from its file': {
    header: `default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; ${TRUSTED_TYPES}`,
    workerUrl: 'markdown-worker.js',
  },
  'no workers': {
    header: "default-src 'none'; script-src 'self'; worker-src 'none'; connect-src 'self'",
    workerUrl: '',
    noWorker: true,
  },
  'no workers, with Trusted Types': {
    header: `default-src 'self'; worker-src 'none'; ${TRUSTED_TYPES}`,
    workerUrl: '',
    noWorker: true,
  },
  'a sandbox of an origin of its own': { header: 'sandbox allow-scripts' },
};

const ANSWER = [
  '# A heading',
  '- [x] a task\n- *another*',
  '| name | value |\n|---|--:|\n| one | 1 |',
  '```js\nconst answer = 42;\n```',
  'Read [the manual](https://example.com/manual). ![A map](https://example.com/map.png)',
  'H<sub>2</sub>O <script>alert(1)</script>',
].join('\n\n');

const CONTENT = 'ai-stream-message [part~="content"]';

const sse = (value) => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (delta, finish_reason = null) =>
  sse({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });

/** A model that calls the tool of the page when it is asked to, and else answers with all kinds of markdown. */
async function answer(request, response) {
  let body = '';
  for await (const piece of request) body += piece;
  const { messages = [] } = JSON.parse(body || '{}');
  const last = messages.at(-1);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'access-control-allow-origin': '*' });
  if (last?.role === 'tool') {
    response.write(chunk({ content: `The tool says ${last.content}.` }) + chunk({}, 'stop'));
  } else if (String(last?.content).includes('tool')) {
    const call = { index: 0, id: 'call-1', function: { name: 'add', arguments: '{"a":1,"b":2}' } };
    response.write(chunk({ tool_calls: [call] }) + chunk({}, 'tool_calls'));
  } else {
    for (const piece of ANSWER.match(/[^]{1,7}/g) ?? []) response.write(chunk({ content: piece }));
    response.write(chunk({}, 'stop'));
  }
  response.end('data: [DONE]\n\n');
}

/** The page's own copies, of which each makes the policy of its name. */
const HOST = `
  import { html, render } from 'lit';
  import createDOMPurify from 'dompurify';
  globalThis.trustedTypes?.createPolicy('host', { createHTML: (text) => text });
  render(html\`<p>\${'of the page'}</p>\`, document.querySelector('#host'));
  globalThis.hostPurified = String(createDOMPurify(window).sanitize('<b>bold</b><x-y></x-y>'));
  globalThis.hostIsReady = true;
`;

function page({ meta, workerUrl }) {
  const attribute = workerUrl === undefined ? '' : ` worker-url="${workerUrl}"`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Policy</title>
    ${meta ? `<meta http-equiv="content-security-policy" content="${meta}">` : ''}
    <script type="module" nonce="${NONCE}" src="/host.js"></script>
    <script type="module" nonce="${NONCE}" src="/chat.js"></script>
    </head><body><div id="host"></div>
    <ai-stream-chat src="/api" dialect="openai-chat"${attribute}></ai-stream-chat></body></html>`;
}

async function createSite() {
  const built = (name) => readFile(new URL(`../../dist/${name}`, import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: HOST, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: 'esm',
    minify: true,
    logLevel: 'error',
  });
  const scripts = {
    '/chat.js': await built('ai-stream-chat.js'),
    '/markdown-worker.js': await built('markdown-worker.js'),
    '/host.js': outputFiles[0].contents,
  };
  return createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    // A page in a sandbox is of another origin than its own scripts.
    const open = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
    if (request.method === 'OPTIONS') response.writeHead(204, open).end();
    else if (pathname === '/api') await answer(request, response);
    else if (pathname in scripts) {
      response.writeHead(200, { 'content-type': 'text/javascript', ...open }).end(scripts[pathname]);
    } else if (pathname === '/') {
      const policy = POLICIES[searchParams.get('policy')];
      response.writeHead(200, {
        'content-type': 'text/html',
        ...(policy.header && { 'content-security-policy': policy.header }),
        ...(policy.reportOnly && { 'content-security-policy-report-only': policy.reportOnly }),
      });
      response.end(page(policy));
    } else response.writeHead(204).end();
  });
}

/** Runs in the page: what it offers and hears. */
function instrument() {
  globalThis.linksFollowed = [];
  document.addEventListener('link_open', (event) => {
    event.preventDefault();
    globalThis.linksFollowed.push(event.detail.url);
  });
  document.querySelector('ai-stream-chat').tools = [
    { name: 'add', description: 'Adds two numbers.', execute: ({ a, b }) => a + b },
  ];
}

/** Sends a text as a visitor does, and waits until the run has ended. */
async function ask(view, text) {
  const ended = view.evaluate(
    () =>
      new Promise((resolve) => {
        const chat = document.querySelector('ai-stream-chat');
        const look = () => {
          if (chat.state === 'idle' || chat.state === 'error') resolve(chat.state);
          else chat.addEventListener('state_change', look, { once: true });
        };
        chat.addEventListener('state_change', look, { once: true });
      }),
  );
  await view.getByRole('textbox', { name: 'Message' }).fill(text);
  await view.keyboard.press('Enter');
  const state = await ended;
  await view.locator('ai-stream-chat').evaluate((chat) => chat.settled);
  return state;
}

/** Follows a link. The chat may ask first whether it is to be opened. */
async function follow(view, name) {
  await view.locator(CONTENT).getByText(name).click();
  const open = view.locator('dialog[open] button[value="open"]');
  await view.waitForFunction(() => {
    const isOpen = (root) =>
      [...root.querySelectorAll('*')].some(
        (element) => element.matches('dialog[open]') || (element.shadowRoot && isOpen(element.shadowRoot)),
      );
    return globalThis.linksFollowed.length > 0 || isOpen(document);
  });
  if (await open.count()) await open.click();
  await view.waitForFunction(() => globalThis.linksFollowed.length > 0);
}

describe('a page with a policy', () => {
  let browser;
  let site;

  before(async () => {
    browser = await launch();
    site = await listen(await createSite());
  });

  after(async () => {
    await browser?.close();
    await site?.stop();
  });

  for (const [name, { noWorker = false }] of Object.entries(POLICIES)) {
    it(`can load, ask, read, follow a link and answer a tool call: ${name}`, async () => {
      const url = `${site.url}/?policy=${encodeURIComponent(name)}`;
      const { page: view, problems, close } = await openPage(browser, url);
      await view.waitForFunction(() => globalThis.hostIsReady && customElements.get('ai-stream-chat'));
      await view.evaluate(instrument);
      const worker = noWorker ? undefined : view.waitForEvent('worker');

      assert.equal(await ask(view, 'Hello'), 'idle');
      await worker;
      assert.equal(view.workers().length, noWorker ? 0 : 1);
      const text = view.getByRole('article').last();
      assert.equal(await text.getByRole('heading', { name: 'A heading' }).count(), 1);
      assert.equal(await text.getByRole('row').count(), 2);
      assert.equal(await text.locator('pre code').textContent(), 'const answer = 42;\n');
      assert.match(await view.locator(CONTENT).last().innerText(), /<script>alert\(1\)<\/script>/);

      await follow(view, 'the manual');
      assert.deepEqual(await view.evaluate(() => globalThis.linksFollowed), ['https://example.com/manual']);

      assert.equal(await ask(view, 'Use the tool'), 'idle');
      assert.match(await view.locator(CONTENT).last().innerText(), /The tool says 3\./);

      assert.equal(await view.locator('#host').innerText(), 'of the page');
      assert.equal(await view.evaluate(() => globalThis.hostPurified), '<b>bold</b>');
      const violations = await view.evaluate(() => globalThis.violations);
      // The icon is the browser's own idea.
      assert.deepEqual(
        violations.filter((violation) => !violation.endsWith('/favicon.ico')),
        [],
      );
      assert.deepEqual(
        problems.filter((problem) => !problem.includes('/favicon.ico')),
        [],
      );
      await close();
    });
  }

  it('sees no policy of ours but the two', async () => {
    const made = [];
    const context = await browser.newContext();
    await context.exposeFunction('policyMade', (policy) => made.push(policy));
    await context.addInitScript(() => {
      const create = globalThis.trustedTypes.createPolicy;
      globalThis.trustedTypes.createPolicy = function (policy, rules) {
        void globalThis.policyMade(policy);
        return create.call(this, policy, rules);
      };
    });
    const view = await context.newPage();
    await view.goto(`${site.url}/?policy=${encodeURIComponent('no policy')}`);
    await view.waitForFunction(() => globalThis.hostIsReady && customElements.get('ai-stream-chat'));
    await ask(view, 'Hello');
    assert.deepEqual(made.toSorted(), [
      'ai-stream-chat',
      'ai-stream-chat#lit',
      'dompurify',
      'host',
      'lit-html',
    ]);
    await context.close();
  });

  /** What a page shows of the answer, and what it says on the console. */
  async function shownUnder(policy) {
    POLICIES['of this test'] = policy;
    const { page: view, problems, close } = await openPage(browser, `${site.url}/?policy=of%20this%20test`);
    await view.waitForFunction(() => customElements.get('ai-stream-chat'));
    assert.equal(await ask(view, 'Hello'), 'idle');
    const shown = await view.locator(CONTENT).last().textContent();
    await close();
    return { shown, problems: problems.join('\n') };
  }

  const FORBIDDEN = {
    'forbids blob: workers': { header: "default-src 'self'" },
    'forbids all workers, and names a file': {
      header: "default-src 'self'; worker-src 'none'",
      workerUrl: '/markdown-worker.js',
    },
    'names a file that is not there': { workerUrl: '/nowhere.js' },
    'names a worker of another origin': { workerUrl: 'http://localhost:1/worker.js' },
  };
  for (const [what, policy] of Object.entries(FORBIDDEN)) {
    it(`shows every character in a page that ${what}`, async () => {
      const { shown, problems } = await shownUnder(policy);
      assert.equal(shown, (await shownUnder({})).shown);
      if (policy.workerUrl) assert.match(problems, /no worker starts from/);
    });
  }

  it('shows the text as it is written in a page that allows no policy to parse it with', async () => {
    const trustedTypes =
      "require-trusted-types-for 'script'; trusted-types ai-stream-chat#lit lit-html dompurify host";
    const { shown, problems } = await shownUnder({ header: `default-src 'self'; ${trustedTypes}` });
    assert.equal(shown, ANSWER);
    assert.match(problems, /a message is shown as plain text/);
  });
});
