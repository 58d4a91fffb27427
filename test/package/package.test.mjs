// What is in the package, and what importing it does. Runs on the built files: `npm run build` first.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';

const root = new URL('../../', import.meta.url);
const read = (file) => readFileSync(new URL(file, root), 'utf8');
const manifest = JSON.parse(read('package.json'));

/** Bytes of the drop-in file, minified and gzipped. Raise it knowingly. */
const SIZE_BUDGET = 164_000;

function node(code) {
  return execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, encoding: 'utf8' });
}

describe('the package', () => {
  for (const entry of ['ai-stream-chat', 'ai-stream-chat/message.js', 'ai-stream-chat/list.js']) {
    it(`imports ${entry} on a server without throwing or defining anything`, () => {
      const code = `await import('${entry}'); console.log(globalThis.customElements?.get('ai-stream-chat') ?? 'nothing');`;
      assert.match(node(code), /nothing/);
    });
  }

  it('reads an answer in Node with the headless core', () => {
    const code = `
      import { createServer } from 'node:http';
      import { streamEvents } from 'ai-stream-chat/core.js';
      const server = createServer((_request, response) => response.end('data: {"delta":"Hi"}\\n\\ndata: [DONE]\\n\\n'));
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = 'http://127.0.0.1:' + server.address().port;
      for await (const event of streamEvents(url, { messages: 'Hello' })) console.log(JSON.stringify(event));
      server.close();`;
    const events = node(code)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ type }) => type),
      ['text', 'done'],
    );
  });

  it('has every file that its exports name', () => {
    for (const target of Object.values(manifest.exports)) {
      for (const file of typeof target === 'string' ? [target] : Object.values(target)) {
        assert.ok(existsSync(new URL(file, root)), `${file} is missing`);
      }
    }
  });

  it('holds the build, the manifest and the texts, and nothing else', () => {
    const [{ files }] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: root,
        encoding: 'utf8',
      }),
    );
    const allowed = [
      /^(?:package|custom-elements)\.json$/,
      /^(?:README\.md|LICENSE)$/,
      /^dist\/(?:ai-stream-chat|markdown-worker)\.js(?:\.map)?$/,
      /^dist\/esm\/[\w/.-]+\.js(?:\.map)?$/,
      /^dist\/types\/[\w/.-]+\.d\.ts(?:\.map)?$/,
    ];
    const names = files.map(({ path }) => path);
    const strange = names.filter((name) => /test|demo/.test(name) || !allowed.some((one) => one.test(name)));
    assert.deepEqual(strange, []);
    for (const name of ['dist/ai-stream-chat.js', 'dist/markdown-worker.js', 'README.md', 'LICENSE']) {
      assert.ok(names.includes(name), name);
    }
  });

  it('runs no script where it is installed, and neither does what comes with it', () => {
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      assert.equal(manifest.scripts[script], undefined);
    const { packages } = JSON.parse(read('package-lock.json'));
    const running = Object.entries(packages).filter(
      ([, { dev, hasInstallScript }]) => !dev && hasInstallScript,
    );
    assert.deepEqual(running, []);
  });

  it('pins what decides on hostile text to one version, the one that is installed', () => {
    for (const name of ['dompurify', 'marked', 'lit']) {
      const wanted = manifest.dependencies[name];
      assert.match(wanted, /^\d+\.\d+\.\d+$/, name);
      assert.equal(JSON.parse(read(`node_modules/${name}/package.json`)).version, wanted);
      assert.match(read('SECURITY.md'), new RegExp(`\`${name}\``));
    }
  });

  it('makes the Trusted Types policies of its two names only', () => {
    const bundle = read('dist/ai-stream-chat.js');
    assert.doesNotMatch(bundle, /["'`]lit-html["'`]/);
    const names = [...bundle.matchAll(/createPolicy\(\s*["'`]([^"'`]+)/g)].map(([, name]) => name);
    assert.deepEqual(names.toSorted(), ['ai-stream-chat', 'ai-stream-chat#lit']);
  });

  it('needs no eval', () => {
    for (const file of ['dist/ai-stream-chat.js', 'dist/markdown-worker.js']) {
      assert.doesNotMatch(read(file), /\beval\(|\bnew Function\b|[^.\w]Function\(/, file);
    }
  });

  it('holds the markdown engine once in the drop-in file', () => {
    // A string of marked's own that no minifier changes.
    const [, ...copies] = read('dist/ai-stream-chat.js').split('Infinite loop on byte: ');
    assert.equal(copies.length, 1);
  });

  it('keeps the drop-in file within its budget', () => {
    const size = gzipSync(read('dist/ai-stream-chat.js'), { level: 9 }).length;
    console.log(`dist/ai-stream-chat.js: ${size} bytes gzipped`);
    assert.ok(size <= SIZE_BUDGET, `${size} bytes are more than ${SIZE_BUDGET}`);
  });

  it('lists every element with its attributes, events, slots and parts', () => {
    const { modules } = JSON.parse(read('custom-elements.json'));
    const elements = new Map(
      modules.flatMap(({ declarations = [] }) =>
        declarations.filter(({ tagName }) => tagName).map((one) => [one.tagName, one]),
      ),
    );
    assert.deepEqual([...elements.keys()].toSorted(), [
      'ai-stream-chat',
      'ai-stream-message',
      'ai-virtual-list',
    ]);
    const names = (list = []) => list.map(({ name }) => name);
    const chat = elements.get('ai-stream-chat');
    for (const event of ['tool_call', 'stream_error', 'stream_end'])
      assert.ok(names(chat.events).includes(event), event);
    for (const part of ['composer', 'input', 'message']) assert.ok(names(chat.cssParts).includes(part), part);
    for (const slot of ['header', 'empty']) assert.ok(names(chat.slots).includes(slot), slot);
  });
});
