import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HttpError } from './http-error.mjs';

/** What may be served, by the ending of its name. The server's own `.mjs` files are not in it. */
const MEDIA_TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.map', 'application/json; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
]);

/** @param {string} pathname @returns {string} */
function decoded(pathname) {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new HttpError(400, 'The address is not valid percent-encoding.');
  }
}

/**
 * The file below `folder` that an address means, or undefined. Nothing outside the folder is ever named, neither
 * by `..`, however encoded, nor by a link.
 *
 * @param {string} folder
 * @param {string} pathname percent-encoded, relative to the folder
 * @returns {Promise<string | undefined>}
 */
async function fileOf(folder, pathname) {
  const name = decoded(pathname);
  const segments = name.split('/');
  if (/[\0\\]/.test(name) || segments.some((segment) => segment.startsWith('.'))) return undefined;
  try {
    const root = await realpath(folder);
    const file = await realpath(path.join(root, name));
    const isInside = file.startsWith(root + path.sep);
    return isInside && (await stat(file)).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Serves one file of a folder.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} folder
 * @param {string} pathname percent-encoded, relative to the folder
 * @throws {HttpError} 404
 */
export async function sendFile(request, response, folder, pathname) {
  const file = await fileOf(folder, pathname);
  const mediaType = file && MEDIA_TYPES.get(path.extname(file));
  if (!file || !mediaType) throw new HttpError(404, 'There is no such page.');
  const { size } = await stat(file);
  response.writeHead(200, {
    'content-type': mediaType,
    'content-length': size,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file), response);
}

/**
 * Serves one file of the build; where there is no build, says how to make one.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} folder
 * @param {string} pathname percent-encoded, relative to the folder
 * @throws {HttpError} 404
 */
export async function sendBuiltFile(request, response, folder, pathname) {
  try {
    await access(path.join(folder, 'ai-stream-chat.js'));
  } catch {
    response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' });
    response.end('The components are not built yet: run npm run build, then load this page again.\n');
    return;
  }
  await sendFile(request, response, folder, pathname);
}

/**
 * Serves a page under the strictest policy the chat can live with. Its script runs because it bears this answer's
 * nonce, its worker because it is a blob, and nothing else may load at all.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} file html with `{{nonce}}` where the nonce belongs
 */
export async function sendStrictPage(request, response, file) {
  const nonce = randomBytes(16).toString('base64');
  const html = await readFile(file, 'utf8');
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    // A stored copy would show a nonce a second time.
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      'worker-src blob:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types ai-stream-chat ai-stream-chat#lit',
    ].join('; '),
  });
  response.end(request.method === 'HEAD' ? undefined : html.replaceAll('{{nonce}}', nonce));
}
