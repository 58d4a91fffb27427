// The demo server over the built package, and a browser that looks at it.
import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { traceWork } from '../bench/trace.mjs';
import { chromiumArgs, findChromium } from '../support/browsers.mjs';

/** Starts a server on a free port of the loopback. Returns its address and the function that stops it. */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export async function launch(options = {}) {
  return chromium.launch({ executablePath: await findChromium(), args: chromiumArgs, ...options });
}

/** A page that keeps a list of everything that went wrong on it. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      problems.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  return { page, problems, close: () => context.close() };
}

/** What a page does during `work`, which sets the marks `frame` at its begin and `end`. Milliseconds. */
export async function trace(browser, work) {
  const tracing = await browser.newBrowserCDPSession();
  const seen = await traceWork(tracing, work);
  await tracing.detach();
  return seen;
}
