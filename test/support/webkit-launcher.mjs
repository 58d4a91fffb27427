// Runs tests in WebKitGTK: its own driver, spoken to over W3C WebDriver, on a display of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createWebDriverPage } from './webdriver-page.mjs';

/** Milliseconds until the driver must answer, and between two times it is asked. */
const START_TIMEOUT = 15_000;
const START_INTERVAL = 50;

/** As puppeteer's. */
const VIEWPORT = { width: 800, height: 600 };

/**
 * The pointer of a display stands in its middle, and without a window manager what is under it has the focus: the
 * window, which opens at the upper left, must reach there. A page without the focus has no `:focus`.
 */
const SCREEN = '1280x1000x24';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Sends one command: what the driver answers is its value, or an error. */
async function send(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const { value } = await response.json();
  if (value?.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** Asks until there is an answer: a driver tells nobody that it listens. */
async function answering(driver, base) {
  for (const end = Date.now() + START_TIMEOUT; ;) {
    try {
      return await send('GET', `${base}/status`);
    } catch (error) {
      if (driver.exitCode !== null || Date.now() > end) throw error;
    }
    await delay(START_INTERVAL);
  }
}

/** The name of a new display; the server picks a free number and writes it to its third pipe. */
async function startDisplay(xvfb, processes) {
  const args = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp'];
  const server = spawn(xvfb, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  processes.push(server);
  const exit = once(server, 'exit').then(() => {
    throw new Error('Xvfb has ended before it had a display.');
  });
  const [number] = await Promise.race([once(server.stdio[3], 'data'), exit]);
  exit.catch(() => {});
  return `:${String(number).trim()}`;
}

/** `webkit` is what `findWebKit` has found. */
export function webkitLauncher({ miniBrowser, driver: driverPath, xvfb }) {
  const processes = [];
  const urls = new Map();
  let starting;

  function killAll() {
    for (const child of processes.splice(0).toReversed()) child.kill();
  }

  async function start() {
    // A run that is broken off tells its launchers nothing.
    process.once('exit', killAll);
    const display = xvfb ? { DISPLAY: await startDisplay(xvfb, processes), GDK_BACKEND: 'x11' } : {};
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const driver = spawn(driverPath, [`--port=${port}`, '--host=127.0.0.1'], {
      stdio: 'ignore',
      // Without a graphics card the buffers of one only get in the way.
      env: { ...process.env, ...display, WEBKIT_DISABLE_DMABUF_RENDERER: '1' },
    });
    processes.push(driver);
    await answering(driver, base);
    const options = { binary: miniBrowser, args: ['--automation'] };
    const { sessionId } = await send('POST', `${base}/session`, {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
    });
    const command = (method, path, body) => send(method, `${base}/session/${sessionId}${path}`, body);
    return { command, page: createWebDriverPage(command) };
  }

  let page;
  return {
    name: 'WebKit',
    // The commands of the runner then ask for a page, as of puppeteer.
    type: 'puppeteer',
    concurrency: 1,
    async startSession(id, url) {
      const driven = await (starting ??= start());
      ({ page } = driven);
      await page.reset(VIEWPORT);
      urls.set(id, url);
      await driven.command('POST', '/url', { url });
    },
    isActive: (id) => urls.has(id),
    getPage: () => page,
    async getBrowserUrl() {
      const { command } = await starting;
      return command('GET', '/url');
    },
    async stopSession(id) {
      urls.delete(id);
      const { command } = await starting;
      await command('POST', '/url', { url: 'about:blank' });
      return {};
    },
    async stop() {
      const driven = await starting?.catch(() => undefined);
      await driven?.command('DELETE', '').catch(() => {});
      killAll();
    },
  };
}
