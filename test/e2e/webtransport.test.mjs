// The WebTransport transport in a browser, against HTTP/3 on this machine.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createRandom, readSeed } from '../support/random.ts';
import {
  createCertificate,
  startWebTransportServer,
  whyNoWebTransport,
} from '../support/webtransport-server.mjs';
import { launch, openPage } from './support.mjs';

const PAGE = '<!doctype html><title>t</title><script type="module" src="/page.js"></script>';

/** What the server never has to hold for a reader that does not read, in bytes. Chromium takes 6 MB of a stream. */
const MAX_AHEAD = 8_388_608;

/** Of the transport. */
const MAX_FRAME_CHARS = 100_000;

const skip = await whyNoWebTransport();

/** Waits until a condition of the server holds. */
async function until(condition) {
  while (!condition()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

/** The page and its script; `/chat` is the endpoint over fetch. */
async function listen(certificate, script) {
  const server = createServer(certificate, ({ url }, response) => {
    if (url === '/') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    } else if (url === '/page.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else if (url === '/chat') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: over fetch\n\n');
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    port,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

// A suite that is skipped is not counted; a test is.
if (skip) it('carries runs over WebTransport', { skip });

describe('the WebTransport transport', { skip, timeout: 120_000 }, () => {
  let certificate;
  let script;
  let browser;
  /** What is stopped after each test, the last first. */
  let stops = [];
  /** Name → how the server answers a run that asks for it. */
  let answers;
  let page;
  let server;

  before(async () => {
    certificate = createCertificate();
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('webtransport.page.js', import.meta.url))],
      bundle: true,
      format: 'esm',
      write: false,
      logLevel: 'error',
    });
    script = outputFiles[0].contents;
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
  });

  beforeEach(() => {
    answers = {};
  });

  afterEach(async () => {
    for (const stop of stops.toReversed()) await stop();
    stops = [];
  });

  async function open({ isSupported = true, status = 200, isListening = true } = {}) {
    const web = await listen(certificate, script);
    stops.push(web.stop);
    if (isListening) {
      server = await startWebTransportServer({
        port: web.port,
        certificate,
        status,
        async answer(run) {
          const { value: request } = await run.messages.next();
          await answers[request.answer](run, request);
        },
      });
      stops.push(server.stop);
    }
    const opened = await openPage(browser, `https://127.0.0.1:${web.port}/`, { ignoreHTTPSErrors: true });
    stops.push(opened.close);
    page = opened.page;
    await page.waitForSelector('html[data-ready]');
    await page.evaluate((options) => globalThis.setUp(options), {
      hash: certificate.hash,
      maxFrameChars: MAX_FRAME_CHARS,
      isSupported,
    });
  }

  const start = (name, options) =>
    page.evaluate(([run, more]) => globalThis.startRun(run, more), [name, options]);
  const outcomeOf = (name) => page.evaluate((run) => globalThis.outcomeOf(run), name);
  const hasFrames = (name, count) =>
    page.waitForFunction(([run, wanted]) => globalThis.runs[run].data.length >= wanted, [name, count]);
  const sessionsMade = () => page.evaluate(() => globalThis.sessions.length);

  async function ask(name, options) {
    await start(name, options);
    return outcomeOf(name);
  }

  it('gives every token as it comes', async () => {
    await open();
    const tokens = ['{"token":"Grüße"}', '{"token":" 👋"}', '{"token":"!"}'];
    answers.tokens = async ({ write, end }) => {
      for (const [index, token] of tokens.entries()) {
        await write(`${token}\n`);
        await hasFrames('tokens', index + 1);
      }
      await end();
    };
    const { data, bytes, response, error } = await ask('tokens');
    assert.deepEqual(data, tokens);
    assert.equal(bytes, Buffer.byteLength(tokens.join('\n')) + 1);
    assert.deepEqual(response, { url: new URL('/chat', page.url()).href, status: 200, contentType: '' });
    assert.equal(error, undefined);
  });

  it('asks with the body of the request, whose type it sets', async () => {
    await open();
    const requests = [];
    answers.run = async ({ end }, request) => {
      requests.push(request);
      await end();
    };
    await ask('run', { body: { text: 'a\nb' } });
    await ask('run', { resume: { streamId: 's1', lastEventId: '7' } });
    assert.deepEqual(requests, [
      { answer: 'run', type: 'run', text: 'a\nb' },
      { answer: 'run', type: 'resume', streamId: 's1', lastEventId: '7' },
    ]);
  });

  it('carries runs side by side and one after the other over one session', async () => {
    await open();
    let release;
    const both = new Promise((resolve) => {
      release = resolve;
    });
    answers.first = async ({ write, end }) => {
      await both;
      await write('{"token":"1"}\n');
      await end();
    };
    answers.second = async ({ write, end }) => {
      await write('{"token":"2"}\n');
      release();
      await end();
    };
    await start('first');
    assert.deepEqual((await ask('second')).data, ['{"token":"2"}']);
    assert.deepEqual((await outcomeOf('first')).data, ['{"token":"1"}']);
    assert.deepEqual((await ask('second')).data, ['{"token":"2"}']);
    assert.deepEqual(server.sessions, { made: 1, open: 1 });
  });

  it('sends the result of a tool on the stream that asked for it', async () => {
    await open();
    answers.tool = async ({ messages, write, end }) => {
      await write('{"type":"tool_call","id":"c1","name":"now","args":{}}\n');
      const { value } = await messages.next();
      await write(`${JSON.stringify(value)}\n`);
      await end();
    };
    await start('tool');
    await hasFrames('tool', 1);
    await page.evaluate(() =>
      globalThis.runs.tool.send({ type: 'tool_result', id: 'c1', result: { hour: 9 }, isError: false }),
    );
    const { data } = await outcomeOf('tool');
    assert.deepEqual(JSON.parse(data[1]), {
      type: 'tool_result',
      id: 'c1',
      result: { hour: 9 },
      isError: false,
    });
  });

  /** Everything a client says after its request, kept while the answer stays open. */
  function listenTo(name, first = '{"token":"a"}\n') {
    const heard = { messages: [], isOver: false };
    answers[name] = async ({ messages, write, stopped }) => {
      await write(first);
      for await (const message of messages) heard.messages.push(message);
      heard.stopCode = await stopped;
      heard.isOver = true;
    };
    return heard;
  }

  it('says that the run is stopped, and wants no more of it', async () => {
    await open();
    const heard = listenTo('stop');
    await start('stop');
    await hasFrames('stop', 1);
    await page.evaluate(() => globalThis.runs.stop.stop());
    const { error } = await outcomeOf('stop');
    assert.equal(error.code, 'aborted');
    await until(() => heard.isOver);
    assert.deepEqual(heard, { messages: [{ type: 'cancel' }], isOver: true, stopCode: 0 });
  });

  it('resets the stream without a word when the connection is given up', async () => {
    await open();
    const heard = listenTo('giveUp');
    await start('giveUp');
    await hasFrames('giveUp', 1);
    await page.evaluate(() => globalThis.runs.giveUp.giveUp());
    const { error } = await outcomeOf('giveUp');
    assert.deepEqual(error, { code: 'network', message: 'given up', recoverable: true });
    await until(() => heard.isOver);
    assert.deepEqual(heard, { messages: [{ reset: 0 }], isOver: true, stopCode: 0 });
  });

  it('says so as well when its reader leaves', async () => {
    await open();
    const heard = listenTo('leave');
    const { data, error } = await ask('leave', { leaveAfter: 1 });
    assert.deepEqual(data, ['{"token":"a"}']);
    assert.equal(error, undefined);
    await until(() => heard.isOver);
    assert.deepEqual(heard, { messages: [{ type: 'cancel' }], isOver: true, stopCode: 0 });
  });

  it('says so as well when an event is too long to be read', async () => {
    await open();
    const heard = listenTo('long', `{"token":"${'x'.repeat(MAX_FRAME_CHARS)}`);
    const { error } = await ask('long');
    assert.equal(error.code, 'limit');
    await until(() => heard.isOver);
    assert.deepEqual(heard, { messages: [{ type: 'cancel' }], isOver: true, stopCode: 0 });
  });

  it('resets the stream when nothing comes for too long', async () => {
    await open();
    const heard = listenTo('silent', '');
    const { error } = await ask('silent', { idleTimeout: 300 });
    assert.equal(error.code, 'timeout');
    assert.equal(error.recoverable, true);
    await until(() => heard.isOver);
    assert.deepEqual(heard.messages, [{ reset: 0 }]);
  });

  it('ends its own side as well when the answer is whole', async () => {
    await open();
    let rest;
    answers.whole = async ({ messages, write, end }) => {
      await write('{"token":"a"}\n');
      await end();
      const heard = [];
      for await (const message of messages) heard.push(message);
      rest = heard;
    };
    await ask('whole');
    await until(() => rest);
    assert.deepEqual(rest, []);
  });

  it('fails as a broken connection when its session is lost, and makes a new one for the next run', async () => {
    await open();
    answers.kill = async ({ write, kill }) => {
      await write('{"token":"a"}\n');
      await hasFrames('kill', 1);
      await kill();
    };
    const { data, error, response } = await ask('kill');
    assert.deepEqual(data, ['{"token":"a"}']);
    assert.equal(error.code, 'network');
    assert.equal(error.recoverable, true);
    assert.equal(response.contentType, '');
    answers.next = async ({ write, end }) => {
      await write('{"token":"b"}\n');
      await end();
    };
    assert.deepEqual((await ask('next')).data, ['{"token":"b"}']);
    assert.equal(server.sessions.made, 2);
  });

  it('makes a new session where the one it has turns out to be dead', async () => {
    await open();
    answers.short = ({ end }) => end();
    await ask('short');
    await page.evaluate(() => {
      globalThis.sessions[0].close();
      globalThis.startRun('short');
    });
    const { error } = await outcomeOf('short');
    assert.equal(error, undefined);
    assert.equal(server.sessions.made, 2);
  });

  it('fails as a broken connection when the server resets the stream, and keeps the session', async () => {
    await open();
    answers.reset = async ({ write, reset }) => {
      await write('{"token":"a"}\n{"tok');
      await hasFrames('reset', 1);
      await reset(3);
    };
    for (let round = 0; round < 2; round += 1) {
      const { data, error } = await ask('reset');
      assert.deepEqual(data, ['{"token":"a"}']);
      assert.equal(error.code, 'network');
      assert.equal(error.recoverable, true);
    }
    assert.equal(server.sessions.made, 1);
  });

  it('holds the server back while its reader is busy, and loses nothing', async () => {
    await open();
    const line = `${JSON.stringify({ token: 'x'.repeat(65_536) })}\n`;
    const total = 1.5 * MAX_AHEAD;
    let sent = 0;
    answers.flood = async ({ write, end }) => {
      while (sent < total) {
        await write(line);
        sent += line.length;
      }
      await end();
    };
    answers.echo = async ({ write, end }) => {
      await write('{"token":"a"}\n');
      await end();
    };
    await start('flood', { pauseAfter: 1 });
    await hasFrames('flood', 1);
    // The session lives, and yet nothing more is taken from the server.
    for (let known = -1; known !== sent;) {
      known = sent;
      for (let round = 0; round < 3; round += 1) await ask('echo');
    }
    assert.ok(sent < MAX_AHEAD, `${sent} bytes were taken`);
    await page.evaluate(() => globalThis.runs.flood.goOn());
    const { bytes, error } = await page.evaluate(async () => {
      const { bytes: read, error: failure } = await globalThis.runs.flood.ended;
      return { bytes: read, error: failure };
    });
    assert.equal(error, undefined);
    assert.equal(bytes, sent);
  });

  it('reads an event stream as well', async () => {
    await open();
    answers.sse = async ({ write, end }) => {
      await write('retry: 1500\nid: 1\ndata: a\n\nevent: b\ndata: b\ndata: b\n\nid: 3\n\n');
      await end();
    };
    const { data, ids, retries } = await ask('sse');
    assert.deepEqual(data, ['a', 'b\nb']);
    assert.deepEqual(ids, ['3']);
    assert.deepEqual(retries, [1500]);
  });

  it('gives the same frames however the bytes are cut', async () => {
    await open();
    const seed = readSeed();
    const random = createRandom(seed);
    const lines = ['{"token":"Grüße 👋🏽"}', '{"token":"日本語"}', '{"token":"\u2028 עברית"}'];
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const places = Array.from({ length: 20 }, () => Math.floor(random() * bytes.length)).toSorted(
      (a, b) => a - b,
    );
    const cuts = {
      whole: [bytes.length],
      byteByByte: Array.from(bytes, (_, index) => index + 1),
      atRandomPlaces: [...places, bytes.length],
    };
    for (const [name, ends] of Object.entries(cuts)) {
      answers[name] = async ({ messages, write, end }) => {
        let from = 0;
        for (const to of ends) {
          await write(bytes.subarray(from, to));
          // Only what has been read by itself was cut there: QUIC joins what waits.
          while (from < to) from = (await messages.next()).value.result;
        }
        await end();
      };
      const { data, error } = await ask(name, { reportsBytes: true });
      assert.equal(error, undefined);
      assert.deepEqual(data, lines, `cut ${name}, TEST_SEED=${seed}`);
    }
  });

  describe('falls back', () => {
    const overFetch = ({ data, response, error }) => {
      assert.equal(error, undefined);
      assert.deepEqual(data, ['over fetch']);
      assert.equal(response.contentType, 'text/event-stream');
    };

    it('where the browser has no WebTransport', async () => {
      await open({ isSupported: false });
      overFetch(await ask('any'));
      assert.equal(server.sessions.made, 0);
    });

    it('where nothing answers over UDP, and tries again only after five minutes', async () => {
      await open({ isListening: false });
      await page.clock.install();
      overFetch(await ask('first'));
      overFetch(await ask('second'));
      await page.clock.fastForward(299_000);
      overFetch(await ask('third'));
      assert.equal(await sessionsMade(), 1);
      await page.clock.fastForward(2000);
      overFetch(await ask('fourth'));
      assert.equal(await sessionsMade(), 2);
    });

    it('where the server refuses sessions', async () => {
      await open({ status: 404 });
      overFetch(await ask('any'));
      assert.equal(await sessionsMade(), 1);
    });

    it('where the server does not say whether it has sessions', async () => {
      await open({ status: 'none' });
      await page.clock.install();
      await start('any');
      await page.waitForFunction(() => globalThis.sessions.length === 1);
      await page.clock.fastForward(3000);
      overFetch(await outcomeOf('any'));
    });

    it('and tries again at once when fetch reaches nothing either', async () => {
      await open({ isListening: false });
      await stops.shift()();
      for (let round = 1; round <= 2; round += 1) {
        const { error } = await ask('any');
        assert.equal(error.code, 'network');
        assert.equal(await sessionsMade(), round);
      }
    });
  });

  it('stops while the session is being established', async () => {
    await open({ status: 'none' });
    await start('any');
    await page.waitForFunction(() => globalThis.sessions.length === 1);
    await page.evaluate(() => globalThis.runs.any.stop());
    const { error } = await outcomeOf('any');
    assert.equal(error.code, 'aborted');
  });

  it('closes a session that no run has used for half a minute', async () => {
    await open();
    answers.short = async ({ write, end }) => {
      await write('{"token":"a"}\n');
      await end();
    };
    await page.clock.install();
    for (let round = 0; round < 3; round += 1) {
      await ask('short');
      await page.clock.fastForward(29_000);
    }
    assert.deepEqual(server.sessions, { made: 1, open: 1 });
    await page.clock.fastForward(1000);
    await until(() => server.sessions.open === 0);
    assert.deepEqual((await ask('short')).data, ['{"token":"a"}']);
    assert.deepEqual(server.sessions, { made: 2, open: 1 });
  });
});
