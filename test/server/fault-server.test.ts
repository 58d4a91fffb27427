// The server of the fault cases does what its steps say, as a plain socket and as fetch see it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startFaultServer, type FaultServer } from '../support/fault-server.js';
import { readStep, readTokens } from '../support/fault-steps.js';

let server: FaultServer;

before(async () => {
  server = await startFaultServer({
    cors: true,
    pages: new Map([['/page', { contentType: 'text/html', body: '<p>page' }]]),
  });
});

after(() => server.close());

/** The whole answer, one character a byte, and how the connection ended. */
async function raw(url: string, more = ''): Promise<{ text: string; end: string }> {
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.setEncoding('latin1');
  socket.write(`POST ${pathname} HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n${more}\r\n{}`);
  let text = '';
  socket.on('data', (piece: string) => {
    text += piece;
  });
  const end = await new Promise<string>((resolve) => {
    socket.once('end', () => resolve('closed'));
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code));
  });
  socket.destroy();
  return { text, end };
}

async function post(url: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', body: '{"a":"ä"}' });
  return response.text();
}

describe('the server of the fault cases', { timeout: 30_000 }, () => {
  it('reads numbers, lists and ranges of tokens', () => {
    assert.deepEqual(readTokens('1,2,4,3,5-7'), [1, 2, 4, 3, 5, 6, 7]);
    assert.deepEqual(readTokens('8'), [8]);
  });

  it('refuses a step that it does not know', async () => {
    assert.throws(() => readStep('juggle'), /knows no step "juggle"/);
    const script = await server.play([{ steps: ['juggle'] }]);
    await assert.rejects(post(script.url));
    assert.match(script.failures[0]!.message, /juggle/);
  });

  it('sends the tokens of a wire as events, and ends with what ends it', async () => {
    const script = await server.play([{ steps: ['send 1-2', 'end'] }], { streamId: 's1' });
    assert.equal(
      await post(script.url),
      'data: {"type":"start","streamId":"s1","messageId":"message-s1"}\n\n' +
        'id: 1\ndata: {"seq":1,"type":"text","content":"t1 "}\n\n' +
        'id: 2\ndata: {"seq":2,"type":"text","content":"t2 "}\n\n' +
        'data: {"type":"done","reason":"stop","complete":true}\n\n',
    );
    const plain = await server.play([{ steps: ['send 3 crlf id=…n', 'end'] }], { wire: 'plain-ids' });
    assert.equal(await post(plain.url), 'id: …3\r\ndata: {"text":"t3 "}\r\n\r\ndata: [DONE]\n\n');
  });

  it('records requests with the bytes of their headers', async () => {
    const script = await server.play([{ status: 204 }]);
    const id = Buffer.from('…7', 'utf8').toString('latin1');
    const { port, pathname } = new URL(script.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`POST ${pathname} HTTP/1.1\r\nLast-Event-ID: ${id}\r\nIdempotency-Key: k\r\n\r\n`, 'latin1');
    socket.resume();
    await once(socket, 'close');
    const [request] = script.requests;
    assert.equal(request?.lastEventId, '…7');
    assert.equal(request?.idempotencyKey, 'k');
    assert.equal(request?.method, 'POST');
  });

  it('gives the body of a request as JSON', async () => {
    const script = await server.play([{ status: 200, body: 'ok' }]);
    assert.equal(await post(script.url), 'ok');
    assert.deepEqual(script.requests[0]?.body, { a: 'ä' });
  });

  it('resets before there is a head, and in the middle of a body', async () => {
    const script = await server.play([{ steps: ['reset'] }, { steps: ['send 1', 'reset'] }]);
    assert.deepEqual(await raw(script.url), { text: '', end: 'ECONNRESET' });
    const { text, end } = await raw(script.url);
    assert.match(text, /t1 /);
    assert.equal(end, 'ECONNRESET');
  });

  it('cuts an event before its last newline, between CR and LF, and inside a character', async () => {
    const script = await server.play(
      [
        { steps: ['sendBytes 1 minus-last-newline', 'close'] },
        { steps: ['sendBytes 1 after-CR', 'close'] },
        { steps: ['sendBytes 1 inside-character', 'close'] },
      ],
      { word: () => '🙂' },
    );
    assert.match((await raw(script.url)).text, /"}\n\r\n$/, 'the chunk ends where the event was cut');
    assert.match((await raw(script.url)).text, /"}\r\n\r\r\n$/);
    assert.match((await raw(script.url)).text, /"content":"\u00F0\u009F\r\n$/);
  });

  it('refuses connections, and takes them again on the same port', async () => {
    const own = await startFaultServer();
    const script = await own.play([{ refuse: true }, { steps: ['send 1', 'end'] }]);
    await assert.rejects(post(script.url), (error: Error) => {
      assert.equal((error.cause as NodeJS.ErrnoException).code, 'ECONNREFUSED');
      return true;
    });
    await script.passRefusal();
    assert.match(await post(script.url), /t1 /);
    assert.equal(script.requests.length, 1);
    await own.close();
  });

  it('refuses the connection after one that is going on', async () => {
    const own = await startFaultServer();
    const script = await own.play([{ steps: ['send 1', 'close'] }, { refuse: true }, { status: 204 }]);
    await assert.rejects(post(script.url), /terminated/);
    await assert.rejects(post(script.url), /fetch failed/);
    await script.passRefusal();
    assert.equal(await post(script.url), '');
    await own.close();
  });

  it('breaks the rules of chunked bodies', async () => {
    const script = await server.play([{ steps: ['send 1', 'bad-chunk'] }]);
    await assert.rejects(post(script.url), /terminated/);
  });

  it('cuts a compressed body short, and ends another as it should', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const script = await server.play([
      { headers, steps: ['send 1-2', 'cut'] },
      { headers, steps: ['send 1-2', 'end'] },
    ]);
    const cut = (await raw(script.url)).text;
    const whole = (await raw(script.url)).text;
    // The last block of deflate is marked as such; a flush ends in an empty block that is not the last.
    const unfinished = '\u0000\u0000\u00FF\u00FF\r\n0\r\n\r\n';
    assert.ok(cut.endsWith(unfinished));
    assert.ok(!whole.endsWith(unfinished) && whole.endsWith('\r\n0\r\n\r\n'));
    const again = await server.play([{ headers, steps: ['send 1-2', 'end'] }]);
    assert.match(await post(again.url), /t1 .*t2 .*"done"/s);
  });

  it('redirects within the script, as often as it is said', async () => {
    const script = await server.play([
      { status: 307, location: '/b', times: 2 },
      { steps: ['send 1', 'end'] },
    ]);
    assert.match(await post(script.url), /t1 /);
    assert.deepEqual(
      script.requests.map(({ path }) => path.replace(/^\/run\/\d+/, '')),
      ['/chat', '/b', '/b'],
    );
  });

  it('dates what it is asked to date', async () => {
    const script = await server.play([{ status: 429, headers: { 'Retry-After': 'HTTP-date +3 s' } }]);
    const response = await fetch(script.url);
    const wait = Date.parse(response.headers.get('retry-after')!) - Date.now();
    assert.ok(wait > 1500 && wait <= 3500, `${wait} ms`);
  });

  it('sends no content type where the headers are empty', async () => {
    const script = await server.play([{ status: 200, headers: {}, steps: ['send 1', 'end'] }]);
    const response = await fetch(script.url);
    assert.equal(response.headers.get('content-type'), null);
    assert.match(await response.text(), /t1 /);
  });

  it('stalls until the client has left, and notes that it has', async () => {
    const script = await server.play([
      { steps: ['stall-headers forever'] },
      { steps: ['send 1', 'stall forever'] },
    ]);
    await assert.rejects(fetch(script.url, { signal: AbortSignal.timeout(50) }));
    const leaving = new AbortController();
    const response = await fetch(script.url, { signal: leaving.signal });
    await response.body!.getReader().read();
    leaving.abort();
    while (script.requests.some(({ leftAt }) => leftAt === undefined)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(script.requests.length, 2);
  });

  it('floods only as long as somebody reads', async () => {
    const script = await server.play([{ steps: ['100 MB without newline'] }]);
    const leaving = new AbortController();
    const response = await fetch(script.url, { signal: leaving.signal });
    const { value } = await response.body!.getReader().read();
    assert.ok(value!.every((byte) => byte === 0x78));
    leaving.abort();
    while (script.requests[0]!.leftAt === undefined) await new Promise((resolve) => setImmediate(resolve));
  });

  it('repeats what is escaped', async () => {
    const script = await server.play([{ steps: [String.raw`\n repeated 1e5`, 'end'] }]);
    assert.equal((await post(script.url)).indexOf('data'), 100_000);
  });

  it('says what it may, by size: so many bytes a second for so long', async () => {
    const script = await server.play([{ steps: ['1 kB/s for 20 s', 'end'] }], { wire: 'plain-ids' });
    const text = await post(script.url);
    const contents = [...text.matchAll(/^data: (\{.*\})$/gm)].map(
      ([, json]) => JSON.parse(json!) as { text: string },
    );
    assert.equal(contents.map((each) => each.text).join('').length, 20_000);
  });

  it('lets an old connection wake when a later one is asked for', async () => {
    const script = await server.play([
      { steps: ['send 1', 'silent'] },
      { steps: ['send 2', 'end'] },
      { late: 'first connection wakes and sends 2-3' },
    ]);
    const first = await fetch(script.url);
    const reader = first.body!.getReader();
    await reader.read();
    assert.match(await post(script.url), /t2 /);
    let late = '';
    while (!late.includes('t3 ')) late += Buffer.from((await reader.read()).value!).toString();
    await reader.cancel();
  });

  it('waits for the page where a step is the page’s', async () => {
    const steps: string[] = [];
    const script = await server.play([{ steps: ['send 1-7', 'hide', 'send 8 one a minute', 'end'] }], {
      seen: async ({ token }) => void steps.push(`seen ${token}`),
      act: async (action) => void steps.push(action),
    });
    await post(script.url);
    assert.deepEqual(steps, ['seen 7', 'hide', 'one a minute']);
  });

  it('serves pages, and answers other origins', async () => {
    const page = await fetch(`${server.origin}/page`);
    assert.equal(await page.text(), '<p>page');
    const script = await server.play([{ status: 204 }]);
    const preflight = await fetch(script.url, {
      method: 'OPTIONS',
      headers: { origin: 'http://elsewhere', 'access-control-request-headers': 'last-event-id' },
    });
    assert.equal(preflight.headers.get('access-control-allow-headers'), 'last-event-id');
    const answer = await fetch(script.url, { headers: { origin: 'http://elsewhere' } });
    assert.equal(answer.headers.get('access-control-allow-origin'), 'http://elsewhere');
    assert.equal(script.requests.length, 1);
  });
});
