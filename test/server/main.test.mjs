import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../demo/server/server.mjs';
import { listen } from './support.mjs';

/** Starts the command and gives what it printed until it had two lines, or ended. */
async function startCommand(context, env) {
  const child = spawn(process.execPath, [path.join(ROOT, 'demo/server/main.mjs')], {
    env: { PATH: process.env.PATH, ...env },
  });
  context.after(() => child.kill('SIGKILL'));
  const output = { text: '', errors: '' };
  child.stderr.on('data', (chunk) => {
    output.errors += chunk;
  });
  const exited = once(child, 'exit');
  await new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      output.text += chunk;
      if (output.text.split('\n').length > 2) resolve();
    });
    exited.then(resolve);
  });
  return { child, output, exited };
}

const addressOf = (text) => /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0];

describe('the start command', { timeout: 60_000 }, () => {
  it('says where the demo is and who answers, and nothing else', async (context) => {
    const { output } = await startCommand(context, { PORT: '0' });
    assert.match(
      output.text,
      /^The demo is at http:\/\/127\.0\.0\.1:\d+\/\nAnswers come from: a search over the documentation \(no language model\)\n$/,
    );
    const response = await fetch(addressOf(output.text));
    assert.equal(response.status, 200);
    assert.equal(output.errors, '');
  });

  it('takes a model from the environment, and prints no key', async (context) => {
    const env = {
      PORT: '0',
      OPENAI_API_KEY: 'sk-secret',
      OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
      MODEL: 'tiny',
    };
    const { output } = await startCommand(context, env);
    assert.match(output.text, /Answers come from: tiny\n$/);
    const answer = await (await fetch(`${addressOf(output.text)}api/chat?message=hi`)).text();
    assert.match(answer, /cannot be reached/);
    assert.doesNotMatch(output.text + output.errors + answer, /sk-secret/);
  });

  for (const signal of ['SIGINT', 'SIGTERM']) {
    it(`stops cleanly on ${signal}, though an answer is still streaming`, async (context) => {
      const { child, output, exited } = await startCommand(context, { PORT: '0' });
      const response = await fetch(`${addressOf(output.text)}api/chat?message=show+me+everything`);
      const reader = response.body.getReader();
      await reader.read();
      child.kill(signal);
      const [code, endedBy] = await exited;
      assert.deepEqual([code, endedBy], [0, null]);
      assert.equal(output.errors, '');
      await assert.rejects(async () => {
        while (!(await reader.read()).done);
      });
    });
  }

  it('says so when the port it was told to take is taken', async (context) => {
    const taken = new URL(await listen(context, createServer())).port;
    const { output, exited } = await startCommand(context, { PORT: taken });
    const [code] = await exited;
    assert.equal(code, 1);
    assert.equal(output.errors, `Port ${taken} is taken. Set PORT to a free one.\n`);
  });

  it('takes the next free port when it was told none', async (context) => {
    // Whoever holds the default port, this server or another one, is in the way all the same.
    const blocker = createServer().listen(8787, '127.0.0.1');
    await Promise.race([once(blocker, 'listening'), once(blocker, 'error')]);
    context.after(() => blocker.close());
    const { output } = await startCommand(context, {});
    const { port } = new URL(addressOf(output.text));
    assert.ok(Number(port) > 8787 && Number(port) < 8787 + 20, port);
  });
});
