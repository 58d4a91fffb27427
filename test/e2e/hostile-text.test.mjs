// Hostile texts in the finished element: nothing runs, nothing is asked for, nothing leads away. A control arm shows
// that the same eyes see the same texts act where nothing is sanitized.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Marked } from 'marked';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../support/browsers.mjs';
import { listen } from './support.mjs';

const SETS = { 'xss-a': 216, 'exfil-a': 47, 'spoof-a': 9, 'dompurify-expect-a': 112 };

/** Rules of a hostile page: the browser is to fetch what a link leads to before anybody has followed it. */
const SPECULATION = {
  prefetch: [{ source: 'document', where: { href_matches: '*://*/*' }, eagerness: 'immediate' }],
};

const POLICY =
  "default-src 'none'; script-src 'self'; worker-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** Texts beside each other in the page. */
const PORTION = 8;

/** What the browser asks for of its own accord. */
const OWN_HOSTS = /(?:google|gstatic|googleapis|gvt1)\.com/;

async function readSet(name, count) {
  const file = new URL(`../../../shared/conformance/${name}.json`, import.meta.url);
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8'));
  console.log(`${name}.json is missing: ${count} cases skipped`);
  return [];
}

const cases = (await Promise.all(Object.entries(SETS).map(([name, count]) => readSet(name, count)))).flat();
const skip = cases.length === 0;

let browser;
let site;
/** Whatever host a text names, this is where the browser gets. */
let elsewhere;
/** The hosts that connections there were for, as far as they said. */
let connections = [];

before(async () => {
  const script = await readFile(new URL('../../dist/ai-stream-chat.js', import.meta.url));
  const harness = await readFile(new URL('hostile-text.page.js', import.meta.url));
  site = await listen(
    createServer(({ url }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://x');
      if (pathname === '/chat.js' || pathname === '/harness.js') {
        response.writeHead(200, { 'content-type': 'text/javascript' });
        response.end(pathname === '/chat.js' ? script : harness);
        return;
      }
      if (pathname !== '/') {
        response.writeHead(404).end();
        return;
      }
      const isStrict = searchParams.has('strict');
      const chat = searchParams.has('bare') ? '' : '<script type="module" src="/chat.js"></script>';
      response.writeHead(200, {
        'content-type': 'text/html',
        ...(isStrict ? { 'content-security-policy': POLICY } : {}),
      });
      const rules = `<script type="speculationrules">${JSON.stringify(SPECULATION)}</script>`;
      response.end(
        `<!doctype html><meta charset="utf-8"><title>t</title>${isStrict ? '' : rules}<script src="/harness.js"></script>${chat}<body>`,
      );
    }),
  );
  elsewhere = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      // In a request stands the host, in a greeting of TLS the name of the server.
      const text = data.toString('latin1');
      if (!OWN_HOSTS.test(text)) connections.push(/[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/i.exec(text)?.[0]);
      socket.destroy();
    });
  });
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [
      ...chromiumArgs,
      `--host-resolver-rules=MAP * 127.0.0.1:${elsewhere.address().port}, EXCLUDE 127.0.0.1`,
    ],
  });
});

after(async () => {
  await browser?.close();
  await site?.stop();
  elsewhere?.close();
});

/** A page that keeps a list of what it asks for and where it is led. */
async function openPage(query = '') {
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // The icon of the page, which every browser asks for.
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
      errors.push(message.text());
  });
  await page.goto(`${site.url}/${query}`);
  if (!query.includes('bare')) await page.waitForFunction(() => customElements.get('ai-stream-message'));
  // From here on the page has all it needs.
  const requests = [];
  const navigations = [];
  page.on('request', (request) => requests.push({ url: request.url(), frame: request.frame().name() }));
  page.on('framenavigated', (frame) => navigations.push({ url: frame.url(), frame: frame.name() }));
  page.on('popup', (popup) => navigations.push({ url: popup.url(), frame: '' }));
  return { page, errors, requests, navigations };
}

/** What came of all texts in messages that should not have. */
async function problemsInElement(query, options) {
  connections = [];
  const { page, errors, requests, navigations } = await openPage(query);
  const problems = [];
  for (let from = 0; from < cases.length; from += PORTION) {
    const texts = cases.slice(from, from + PORTION).map(({ payload }) => payload);
    const found = await page.evaluate(
      ([some, how]) => globalThis.showHostileTexts(some, how),
      [texts, options],
    );
    const asked = requests.splice(0).filter(({ url }) => !url.startsWith('blob:'));
    const told = [
      ...asked.map(({ url }) => `asked for ${url}`),
      ...navigations.splice(0).map(({ url }) => `led to ${url}`),
      ...connections.splice(0).map((host) => `connected to ${host}`),
    ];
    problems.push(...found, ...told.map((problem) => `${JSON.stringify(texts)}: ${problem}`));
  }
  await page.close();
  return [...problems, ...errors];
}

function assertNone(problems) {
  assert.equal(problems.length, 0, `${problems.length} problems:\n${problems.slice(0, 40).join('\n')}`);
}

describe('hostile texts', { skip }, () => {
  it('run nothing, ask for nothing, lead nowhere and bring nothing that is not on the list', async () => {
    assertNone(await problemsInElement('', { cut: true }));
  });

  it('cause no report in a page with a strict policy', async () => {
    assertNone(await problemsInElement('?strict', { cut: false }));
  });

  it('run nothing and ask for nothing where raw HTML is kept', async () => {
    assertNone(await problemsInElement('', { html: true }));
  });

  it('act where nothing is sanitized, and are seen to', async () => {
    connections = [];
    const marked = new Marked();
    const { page, requests, navigations } = await openPage('?bare');
    const bare = cases.map(({ kind, payload }) => (kind === 'markdown' ? marked.parse(payload) : payload));
    const ran = await page.evaluate((texts) => globalThis.showAllBare(texts), bare);
    const own = new Set([`${site.url}/?bare`, `${site.url}/harness.js`, 'about:blank']);
    const framesOf = (list) => new Set(list.filter(({ url }) => !own.has(url)).map(({ frame }) => frame));
    const asked = framesOf(requests).size;
    const led = framesOf(navigations).size;
    await page.close();
    console.log(
      `of ${cases.length} texts ${ran.length} ran a script, ${asked} asked for something, ${led} led away; ${connections.length} connections`,
    );
    assert.ok(ran.length >= 40, `${ran.length} ran`);
    assert.ok(asked >= 60, `${asked} asked`);
    assert.ok(led >= 5, `${led} led away`);
    assert.ok(connections.length >= 20, `${connections.length} connections`);
  });
});
