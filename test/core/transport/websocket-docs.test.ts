import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StreamEvent } from '../../../src/core/index.js';
import type { Transport } from '../../../src/core/transport/transport.js';
import { createTransport, requestTo, run, textOf } from '../../support/socket-run.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

function documentedServer(): string {
  const page = readFileSync(`${root}docs/backends.md`, 'utf8');
  const [, code = ''] = /\n## Over a WebSocket\n.*?```js\n(.*?)```/s.exec(page) ?? [];
  assert.match(code, /port: 3000/);
  return code;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe('the server in the documentation', { timeout: 30_000 }, () => {
  let server: ChildProcess;
  let url: string;
  let transport: Transport;

  async function ask(content: string): Promise<StreamEvent[]> {
    const body = JSON.stringify({ messages: [{ role: 'user', content }] });
    return run(requestTo(url, { body }), { transport });
  }

  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/`;
    transport = createTransport();
    const code = documentedServer()
      .replace('port: 3000', `port: ${port}`)
      // So small that the answer has to be acknowledged.
      .replace('WINDOW = 64', 'WINDOW = 1');
    server = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: root,
      stdio: 'inherit',
    });
    while ((await ask(''))[0]?.type === 'error') assert.equal(server.exitCode, null);
  });
  after(() => server.kill());

  it('answers, one run after the other', async () => {
    for (const said of ['one', 'two', 'three']) {
      const events = await ask(said);
      assert.equal(textOf(events), `You said: ${said}`);
      assert.deepEqual(events.at(-1), { type: 'done', reason: 'stop', complete: true, origin: 'stop' });
    }
  });

  it('lives on after a run that it could not answer', async () => {
    const events = await run(requestTo(url, { body: '{"messages":[]}' }), { transport });
    const error = events.find((event) => event.type === 'error');
    assert.equal(error?.origin?.code, 1011);
    assert.equal(textOf(await ask('again')), 'You said: again');
  });

  it('refuses to go on with an answer, as it keeps none', async () => {
    const [error] = await run(requestTo(url, { resume: { streamId: 's' } }), { transport });
    assert.deepEqual(error, {
      type: 'error',
      code: 'http',
      message: 'This server keeps no answers.',
      recoverable: false,
      origin: { code: 1008, type: 'close' },
    });
  });

  it('lives on after a run that was stopped', async () => {
    const controller = new AbortController();
    const body = JSON.stringify({ messages: [{ role: 'user', content: 'a' }] });
    const events = await run(requestTo(url, { body }), {
      transport,
      signal: controller.signal,
      onEvent: () => controller.abort(),
    });
    assert.deepEqual(events.at(-1), { type: 'done', reason: 'aborted', complete: false });
    assert.equal(textOf(await ask('again')), 'You said: again');
  });
});
