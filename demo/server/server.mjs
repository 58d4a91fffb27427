import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerChat } from './chat.mjs';
import { HttpError, sendJson } from './http-error.mjs';
import { admitOrigin } from './origin.mjs';
import { replay } from './replay.mjs';
import { sendBuiltFile, sendFile, sendStrictPage } from './static-files.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @typedef {object} DemoServerOptions
 * @property {import('./models/model.mjs').Model} model answers `/api/chat`
 * @property {string} [pagesFolder] the demo pages; default: `demo`
 * @property {string} [distFolder] the built package; default: `dist`
 * @property {string} [streamsFolder] recordings for `/replay/`; default: `../shared/streams`
 * @property {number} [heartbeatInterval] milliseconds between signs of life of a silent stream; default: 15,000
 * @property {boolean} [allowAnyOrigin] pages of other origins may use the API; default: false
 * @property {(error: unknown) => void} [reportFailure] where failures of the server go; default: the console
 */

/**
 * @typedef {object} Route
 * @property {RegExp} path
 * @property {readonly string[]} methods
 * @property {boolean} [api] other origins are kept out, and preflights answered
 * @property {(request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>} answer
 */

/**
 * @param {Required<Omit<DemoServerOptions, 'heartbeatInterval'>> & Pick<DemoServerOptions, 'heartbeatInterval'>} options
 * @returns {readonly Route[]} the first whose path fits answers
 */
function createRoutes(options) {
  const { pagesFolder, distFolder, streamsFolder } = options;
  const reading = ['GET', 'HEAD'];
  return [
    {
      path: /^\/api\/chat$/,
      methods: ['GET', 'POST'],
      api: true,
      answer: (request, response, url) => answerChat(request, response, url, options),
    },
    {
      path: /^\/replay\//,
      methods: ['GET', 'POST'],
      api: true,
      answer: (request, response, url) => replay(request, response, url, streamsFolder),
    },
    {
      path: /^\/dist\//,
      methods: reading,
      answer: (request, response, url) =>
        sendBuiltFile(request, response, distFolder, url.pathname.slice('/dist/'.length)),
    },
    {
      path: /^\/strict\.html$/,
      methods: reading,
      answer: (request, response) => sendStrictPage(request, response, path.join(pagesFolder, 'strict.html')),
    },
    {
      path: /^\/$/,
      methods: reading,
      answer: (request, response) => sendFile(request, response, pagesFolder, 'index.html'),
    },
    {
      path: /^\//,
      methods: reading,
      answer: (request, response, url) => sendFile(request, response, pagesFolder, url.pathname.slice(1)),
    },
  ];
}

/**
 * The address of a request. Its own host is never believed, and a path that begins with `//` stays a path.
 *
 * @param {IncomingMessage} request
 * @returns {URL}
 */
function urlOf(request) {
  const target = request.url ?? '';
  if (!target.startsWith('/')) throw new HttpError(400, 'The request target must be a path.');
  return new URL(`http://localhost${target}`);
}

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {readonly Route[]} routes
 * @param {boolean} allowAnyOrigin
 */
async function dispatch(request, response, routes, allowAnyOrigin) {
  const url = urlOf(request);
  const route = routes.find((candidate) => candidate.path.test(url.pathname));
  if (!route) throw new HttpError(404, 'There is no such page.');
  if (route.api && admitOrigin(request, response, allowAnyOrigin)) return;
  if (!route.methods.includes(request.method ?? '')) {
    const allow = route.methods.join(', ');
    throw new HttpError(405, `This address answers ${allow} only.`, { allow });
  }
  await route.answer(request, response, url);
}

/**
 * The reference backend: pages, chat and replays. It is not listening yet.
 *
 * @param {DemoServerOptions} options
 * @returns {import('node:http').Server}
 */
export function createDemoServer(options) {
  const settings = {
    pagesFolder: path.join(ROOT, 'demo'),
    distFolder: path.join(ROOT, 'dist'),
    streamsFolder: path.join(ROOT, '../shared/streams'),
    allowAnyOrigin: false,
    reportFailure: (/** @type {unknown} */ error) => console.error(error),
    ...options,
  };
  const routes = createRoutes(settings);
  return createServer((request, response) => {
    dispatch(request, response, routes, settings.allowAnyOrigin).catch((error) => {
      const isGone = response.destroyed || response.headersSent;
      if (!(error instanceof HttpError) && !response.destroyed) settings.reportFailure(error);
      if (isGone) {
        response.destroy();
        return;
      }
      const { status, message, headers } =
        error instanceof HttpError ? error : new HttpError(500, 'The server failed. Its log says why.');
      sendJson(response, status, { error: { message } }, headers);
    });
  });
}
