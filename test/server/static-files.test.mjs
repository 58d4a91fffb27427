import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rawRequest, startDemo } from './support.mjs';

/** Folders as the server finds them, with a secret beside them. */
async function makeFolders(context) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'demo-'));
  context.after(() => rm(root, { recursive: true }));
  const pagesFolder = path.join(root, 'demo');
  const distFolder = path.join(root, 'dist');
  await mkdir(path.join(pagesFolder, 'server'), { recursive: true });
  await mkdir(distFolder);
  await writeFile(path.join(root, 'secret.html'), 'secret');
  await writeFile(path.join(pagesFolder, 'index.html'), '<p>index');
  await writeFile(path.join(pagesFolder, 'page.css'), 'p {}');
  await writeFile(path.join(pagesFolder, '.hidden.html'), 'secret');
  await writeFile(path.join(pagesFolder, 'server', 'main.mjs'), 'secret');
  await writeFile(path.join(distFolder, 'ai-stream-chat.js'), 'export {};');
  await symlink(path.join(root, 'secret.html'), path.join(pagesFolder, 'link.html'));
  return { pagesFolder, distFolder };
}

describe('the pages of the demo', { timeout: 30_000 }, () => {
  it('come with their media type and are asked for anew each time', async (context) => {
    const { url } = await startDemo(context, await makeFolders(context));
    const expected = [
      ['/', 'text/html; charset=utf-8', '<p>index'],
      ['/index.html', 'text/html; charset=utf-8', '<p>index'],
      ['/page.css', 'text/css; charset=utf-8', 'p {}'],
      ['/dist/ai-stream-chat.js', 'text/javascript; charset=utf-8', 'export {};'],
    ];
    for (const [address, mediaType, text] of expected) {
      const response = await fetch(url + address);
      assert.equal(response.status, 200, address);
      assert.equal(response.headers.get('content-type'), mediaType);
      assert.equal(response.headers.get('cache-control'), 'no-cache');
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(await response.text(), text);
    }
  });

  it('answer HEAD with the head alone', async (context) => {
    const { url } = await startDemo(context, await makeFolders(context));
    const response = await fetch(`${url}/`, { method: 'HEAD' });
    assert.equal(response.headers.get('content-length'), '8');
    assert.equal(await response.text(), '');
  });

  it('that do not exist are a 404, and so is what is no page', async (context) => {
    const { url } = await startDemo(context, await makeFolders(context));
    for (const address of [
      '/nothing.html',
      '/server/main.mjs',
      '/server',
      '/.hidden.html',
      '/dist/',
      '/api',
    ]) {
      const response = await fetch(url + address);
      assert.equal(response.status, 404, address);
      assert.equal((await response.json()).error.message, 'There is no such page.');
    }
  });

  it('answer only to reading', async (context) => {
    const { url } = await startDemo(context, await makeFolders(context));
    const response = await fetch(`${url}/`, { method: 'POST' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD');
  });

  const outside = [
    '/../secret.html',
    '/..%2fsecret.html',
    '/%2e%2e/secret.html',
    '/%2e%2e%2fsecret.html',
    '/dist/..%2f..%2fsecret.html',
    '/dist/%2e%2e%2fsecret.html',
    '/..%5csecret.html',
    '//secret.html',
    '//etc/passwd',
    '/%2fetc/passwd',
    '/index.html%00.css',
    '/link.html',
    '/.hidden.html',
    '/server/../../secret.html',
  ];
  for (const target of outside) {
    it(`lead to nothing outside their folder: ${target}`, async (context) => {
      const { url, failures } = await startDemo(context, await makeFolders(context));
      const answer = await rawRequest(
        url,
        `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 404 /);
      assert.doesNotMatch(answer, /secret$/);
      assert.deepEqual(failures, []);
    });
  }

  for (const target of ['/%', '/%zz.html', '*', 'http://example.org/secret.html']) {
    it(`refuse an address that is none: ${target}`, async (context) => {
      const { url, failures } = await startDemo(context, await makeFolders(context));
      const answer = await rawRequest(
        url,
        `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.deepEqual(failures, []);
    });
  }
});

describe('the built package', { timeout: 30_000 }, () => {
  it('is asked for in words where it is missing', async (context) => {
    const { pagesFolder, distFolder } = await makeFolders(context);
    await rm(path.join(distFolder, 'ai-stream-chat.js'));
    const { url } = await startDemo(context, { pagesFolder, distFolder });
    const response = await fetch(`${url}/dist/ai-stream-chat.js`);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /npm run build/);
  });
});

describe('the strict page', { timeout: 30_000 }, () => {
  it('allows by its policy one nonce, a blob worker and its own server', async (context) => {
    const { url } = await startDemo(context);
    const response = await fetch(`${url}/strict.html`);
    const policy = response.headers.get('content-security-policy');
    const nonce = /'nonce-([\w+/=]{24})'/.exec(policy)?.[1];
    assert.ok(nonce);
    assert.equal(
      policy,
      `default-src 'none'; script-src 'nonce-${nonce}'; worker-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types ai-stream-chat ai-stream-chat#lit`,
    );
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const html = await response.text();
    const scripts = html.match(/<script\b[^>]*>/g);
    assert.ok(scripts.length > 0);
    for (const script of scripts) assert.ok(script.includes(`nonce="${nonce}"`), script);
    assert.doesNotMatch(html, /\{\{|<style|\bstyle=|\bon\w+=/);
  });

  it('has another nonce each time', async (context) => {
    const { url } = await startDemo(context);
    const policies = new Set();
    for (let count = 0; count < 5; count += 1) {
      const response = await fetch(`${url}/strict.html`);
      policies.add(response.headers.get('content-security-policy'));
    }
    assert.equal(policies.size, 5);
  });
});

describe('the pages of this project', { timeout: 30_000 }, () => {
  it('are all linked from the first one, and load nothing from elsewhere', async (context) => {
    const { url } = await startDemo(context);
    const index = await (await fetch(`${url}/`)).text();
    const names = 'minimal strict form message list replay theme'.split(' ');
    for (const name of names) assert.match(index, new RegExp(`href="/${name}\\.html"`), name);
    for (const name of ['index', ...names]) {
      const html = await (await fetch(`${url}/${name}.html`)).text();
      assert.match(html, /^<!doctype html>\n<html lang="en">/, name);
      assert.match(html, /<meta name="viewport" content="width=device-width, initial-scale=1" \/>/, name);
      assert.match(html, /<title>[^<]+<\/title>/, name);
      assert.doesNotMatch(html, /\b(?:src|href|action)="(?:https?:)?\/\//, name);
    }
  });

  it('find every file they ask for', async (context) => {
    const { url } = await startDemo(context);
    for (const page of ['', 'form.html', 'message.html', 'list.html', 'replay.html', 'theme.html']) {
      const html = await (await fetch(`${url}/${page}`)).text();
      const files = [...html.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="(\/[^"]*)"/g)].map(
        ([, file]) => file,
      );
      for (const file of files.filter((name) => !name.startsWith('/dist/'))) {
        assert.equal((await fetch(url + file)).status, 200, `${page}: ${file}`);
      }
    }
  });
});
