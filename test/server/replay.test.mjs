import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../demo/server/server.mjs';
import { openRaw, rawRequest, startDemo } from './support.mjs';

const body = 'data: {"text":"Grüße"}\n\ndata: [DONE]\n\n';

async function makeRecordings(context) {
  const streamsFolder = await mkdtemp(path.join(os.tmpdir(), 'streams-'));
  context.after(() => rm(streamsFolder, { recursive: true }));
  await mkdir(path.join(streamsFolder, 'plain'));
  await writeFile(path.join(streamsFolder, 'plain', 'greeting.sse'), body);
  await writeFile(path.join(streamsFolder, 'plain', 'busy.body'), '{"error":"busy"}');
  await writeFile(path.join(streamsFolder, 'unlisted.sse'), 'secret');
  const describeStream = (file, http) => ({ file, dialect: 'plain', bytes: 1, features: ['text'], http });
  const streams = [
    describeStream('plain/greeting.sse', {
      status: 200,
      contentType: 'text/event-stream',
      headers: { 'x-recorded': 'yes' },
    }),
    describeStream('plain/busy.body', {
      status: 429,
      contentType: 'application/json',
      headers: { 'retry-after': '3' },
    }),
  ];
  await writeFile(path.join(streamsFolder, 'manifest.json'), JSON.stringify({ streams }));
  return streamsFolder;
}

/** The sizes of the chunks of a chunked body (RFC 9112, 7.1), of which each character is one byte. */
function chunkSizes(encoded) {
  const sizes = [];
  for (let position = 0; position < encoded.length;) {
    const end = encoded.indexOf('\r\n', position);
    const size = Number.parseInt(encoded.slice(position, end), 16);
    sizes.push(size);
    position = end + 2 + size + 2;
  }
  return sizes;
}

describe('a replay', { timeout: 30_000 }, () => {
  it('has the status, the headers and the bytes it was recorded with', async (context) => {
    const { url } = await startDemo(context, { streamsFolder: await makeRecordings(context) });
    const response = await fetch(`${url}/replay/plain/greeting.sse`, { method: 'POST', body: '{}' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    assert.equal(response.headers.get('x-recorded'), 'yes');
    assert.equal(response.headers.get('x-accel-buffering'), 'no');
    assert.equal(await response.text(), body);
    const busy = await fetch(`${url}/replay/plain/busy.body`);
    assert.equal(busy.status, 429);
    assert.equal(busy.headers.get('retry-after'), '3');
    assert.equal(await busy.text(), '{"error":"busy"}');
  });

  it('comes in pieces of the size asked for, byte by byte if need be', async (context) => {
    const { url } = await startDemo(context, { streamsFolder: await makeRecordings(context) });
    for (const [query, size] of [
      ['chunk=1', 1],
      ['chunk=7', 7],
      ['chunk=7&pace=1', 7],
    ]) {
      const answer = await rawRequest(
        url,
        `GET /replay/plain/greeting.sse?${query} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      );
      const sizes = chunkSizes(answer.slice(answer.indexOf('\r\n\r\n') + 4));
      const length = Buffer.byteLength(body);
      assert.deepEqual(
        sizes,
        [
          ...Array.from({ length: Math.ceil(length / size) }, (_, index) =>
            Math.min(size, length - index * size),
          ),
          0,
        ],
        query,
      );
    }
  });

  it('breaks off after as many bytes as asked for', async (context) => {
    const { url } = await startDemo(context, { streamsFolder: await makeRecordings(context) });
    for (const [query, bytes] of [
      ['cut=10', 10],
      ['cut=10&chunk=3', 10],
      ['cut=0', 0],
    ]) {
      const response = await fetch(`${url}/replay/plain/greeting.sse?${query}`);
      const reader = response.body.getReader();
      let received = 0;
      await assert.rejects(async () => {
        for (let next = await reader.read(); !next.done; next = await reader.read()) {
          received += next.value.byteLength;
        }
      }, query);
      assert.equal(received, bytes, query);
    }
  });

  it('ends as recorded when the cut is beyond its end', async (context) => {
    const { url } = await startDemo(context, { streamsFolder: await makeRecordings(context) });
    const response = await fetch(`${url}/replay/plain/greeting.sse?cut=9999`);
    assert.equal(await response.text(), body);
  });

  it('stops when its reader leaves', async (context) => {
    const { url, server, failures } = await startDemo(context, {
      streamsFolder: await makeRecordings(context),
    });
    const closed = new Promise((resolve) => {
      server.prependListener('request', (_request, response) => response.once('close', resolve));
    });
    const socket = await openRaw(
      url,
      'GET /replay/plain/greeting.sse?chunk=1&pace=60000 HTTP/1.1\r\nhost: localhost\r\n\r\n',
    );
    socket.once('data', () => socket.destroy());
    await closed;
    assert.deepEqual(failures, []);
  });

  for (const query of ['pace=fast', 'chunk=0', 'chunk=1.5', 'cut=-1']) {
    it(`refuses what is no whole number: ${query}`, async (context) => {
      const { url } = await startDemo(context, { streamsFolder: await makeRecordings(context) });
      const response = await fetch(`${url}/replay/plain/greeting.sse?${query}`);
      assert.equal(response.status, 400);
      assert.match((await response.json()).error.message, /must be a whole number/);
    });
  }

  it('is given of nothing but what the manifest lists', async (context) => {
    const { url } = await startDemo(context, { streamsFolder: await makeRecordings(context) });
    for (const target of [
      '/replay/unlisted.sse',
      '/replay/manifest.json',
      '/replay/plain/..%2funlisted.sse',
      '/replay/..%2f..%2fetc%2fpasswd',
      '/replay/plain/greeting.sse%00',
    ]) {
      const answer = await rawRequest(
        url,
        `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 404 /, target);
      assert.match(answer, /GET \/replay\/ lists what there is/, target);
    }
  });
});

describe('the list of recordings', { timeout: 30_000 }, () => {
  it('names every stream', async (context) => {
    const { url } = await startDemo(context, { streamsFolder: await makeRecordings(context) });
    const { streams } = await (await fetch(`${url}/replay/`)).json();
    assert.deepEqual(
      streams.map(({ file }) => file),
      ['plain/greeting.sse', 'plain/busy.body'],
    );
  });

  it('says what to do where there are none', async (context) => {
    const { url } = await startDemo(context, { streamsFolder: path.join(os.tmpdir(), 'no-such-folder') });
    for (const address of ['/replay/', '/replay/plain/greeting.sse']) {
      const response = await fetch(url + address);
      assert.equal(response.status, 404);
      assert.match((await response.json()).error.message, /Set STREAMS_DIR/);
    }
  });
});

describe('the recordings beside the project', { timeout: 120_000 }, () => {
  const streamsFolder = path.join(ROOT, '../shared/streams');
  const manifest = path.join(streamsFolder, 'manifest.json');
  const skip = existsSync(manifest) ? false : 'the recordings are not here: all of them skipped';

  it('arrive byte for byte, every one', { skip }, async (context) => {
    const { url } = await startDemo(context, { streamsFolder });
    const { streams } = JSON.parse(await readFile(manifest, 'utf8'));
    for (const { file, sha256, http } of streams) {
      const response = await fetch(`${url}/replay/${file}?chunk=4096`);
      assert.equal(response.status, http.status, file);
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, file);
    }
    context.diagnostic(`${streams.length} recordings`);
  });
});
