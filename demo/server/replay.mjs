import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { HttpError, sendJson } from './http-error.mjs';

/**
 * @typedef {object} Recording
 * @property {string} file `<dialect>/<name>`
 * @property {string} dialect
 * @property {number} bytes
 * @property {string[]} features
 * @property {{status: number, contentType: string, headers?: Record<string, string>}} http
 */

/**
 * @param {string} folder
 * @returns {Promise<Recording[]>}
 * @throws {HttpError} 404 where there are no recordings
 */
async function readRecordings(folder) {
  try {
    return JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')).streams;
  } catch {
    throw new HttpError(
      404,
      'There are no recorded streams here. Set STREAMS_DIR to a folder with a manifest.json and start again.',
    );
  }
}

/**
 * A query parameter that counts something.
 *
 * @param {URL} url
 * @param {string} name
 * @param {number} fallback
 * @param {number} least
 * @returns {number}
 */
function countOf(url, name, fallback, least) {
  const text = url.searchParams.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new HttpError(400, `${name} must be a whole number, ${least} or more.`);
  }
  return value;
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {Buffer} bytes
 * @returns {Promise<void>} fulfils when the bytes were handed to the network, or the client is gone
 */
function written(response, bytes) {
  return new Promise((resolve) => {
    response.write(bytes, () => resolve());
  });
}

/**
 * Lists the recordings (`/replay/`), or plays one (`/replay/<dialect>/<name>`) with the status and headers it was
 * recorded with. The query says how: `chunk` bytes at a time (default: all), `pace` milliseconds apart (default 0),
 * and with `cut` the connection breaks after that many bytes.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {URL} url
 * @param {string} folder
 */
export async function replay(request, response, url, folder) {
  // What was asked does not matter to a recording.
  request.resume();
  const recordings = await readRecordings(folder);
  const name = url.pathname.slice('/replay/'.length);
  if (name === '') {
    const streams = recordings.map(({ file, dialect, bytes, features }) => ({
      file,
      dialect,
      bytes,
      features,
    }));
    sendJson(response, 200, { streams });
    return;
  }
  // A name is looked up and never joined, so nothing but what the manifest lists can be read.
  const recording = recordings.find((candidate) => candidate.file === name);
  if (!recording) throw new HttpError(404, 'There is no such recording. GET /replay/ lists what there is.');
  const body = await readFile(path.join(folder, recording.file));
  const pace = countOf(url, 'pace', 0, 0);
  const chunk = countOf(url, 'chunk', Math.max(body.byteLength, 1), 1);
  const cut = countOf(url, 'cut', Infinity, 0);

  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const { status, contentType, headers } = recording.http;
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...headers,
  });
  response.socket?.setNoDelay(true);
  response.flushHeaders();

  const end = Math.min(cut, body.byteLength);
  for (let start = 0; start < end && !gone.signal.aborted; start += chunk) {
    await written(response, body.subarray(start, Math.min(start + chunk, end)));
    // Even at full speed the next chunk is a turn of the event loop of its own.
    if (pace > 0) await setTimeout(pace, undefined, { signal: gone.signal }).catch(() => {});
    else await setImmediate();
  }
  // Without the last, empty chunk of the encoding the client knows that something is missing (RFC 9112, 7.1).
  if (cut < body.byteLength) response.destroy();
  else response.end();
}
