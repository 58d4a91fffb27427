import { Server } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJsonObject } from './chat-request.mjs';
import { ChatSockets } from './chat-socket.mjs';
import { answerChat, cancelChat, resumeChat } from './chat.mjs';
import { Faults, TROUBLED_HEARTBEAT_INTERVAL } from './faults.mjs';
import { HttpError, sendJson } from './http-error.mjs';
import { admitOrigin, refuseOtherOrigins } from './origin.mjs';
import { replay } from './replay.mjs';
import { RunStore } from './runs.mjs';
import { sendBuiltFile, sendFile, sendStrictPage } from './static-files.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @typedef {import('./faults.mjs').Network} Network */

/**
 * @typedef {object} DemoServerOptions
 * @property {import('./models/model.mjs').Model} model answers `/api/chat`
 * @property {string} [pagesFolder] the demo pages; default: `demo`
 * @property {string} [distFolder] the built package; default: `dist`
 * @property {string} [streamsFolder] recordings for `/replay/`; default: `../shared/streams`
 * @property {import('./runs.mjs').RunStoreLimits} [limits] of the model's answers
 * @property {number} [heartbeatInterval] milliseconds between signs of life of a silent stream; default: 15,000
 * @property {number} [reconnectDelay] milliseconds that readers are to wait before they come back; default: 500
 * @property {boolean} [allowAnyOrigin] pages of other origins may use the API; default: false
 * @property {(error: unknown) => void} [reportFailure] where failures of the server go; default: the console
 */

/**
 * @typedef {object} Route
 * @property {RegExp} path
 * @property {readonly string[]} methods
 * @property {boolean} [api] other origins are kept out, and preflights answered
 * @property {(request: IncomingMessage, response: ServerResponse, url: URL, network: Network | undefined) =>
 *   Promise<void>} answer
 */

/** Where the chat can be asked over a socket. What an answer is resumed by is the message, wherever it is sent. */
const SOCKET_PATH = /^\/api\/chat(?:\/runs\/[^/]+)?$/;

/**
 * @param {object} options
 * @param {string} options.pagesFolder
 * @param {string} options.distFolder
 * @param {string} options.streamsFolder
 * @param {(network: Network | undefined) => import('./chat.mjs').ChatOptions} options.chatOptions
 * @returns {readonly Route[]} the first whose path fits answers
 */
function createRoutes({ pagesFolder, distFolder, streamsFolder, chatOptions }) {
  const reading = ['GET', 'HEAD'];
  return [
    {
      path: /^\/api\/chat$/,
      methods: ['GET', 'POST'],
      api: true,
      answer: (request, response, url, network) => answerChat(request, response, url, chatOptions(network)),
    },
    {
      path: /^\/api\/chat\/runs\/[^/]+$/,
      methods: ['GET'],
      api: true,
      answer: (request, response, url, network) => resumeChat(request, response, url, chatOptions(network)),
    },
    {
      path: /^\/api\/chat\/runs\/[^/]+\/cancel$/,
      methods: ['POST'],
      api: true,
      answer: (request, response, url, network) => cancelChat(request, response, url, chatOptions(network)),
    },
    {
      path: /^\/api\/faults$/,
      methods: ['POST'],
      api: true,
      answer: async (request, response, _url, network) => {
        if (!network) throw new HttpError(404, 'Faults are made below /api/faulty/{name}/ only.');
        network.obey(await readJsonObject(request));
        response.writeHead(204).end();
      },
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
 * @param {unknown} error
 * @returns {HttpError} what the caller may know of it
 */
function toHttpError(error) {
  return error instanceof HttpError ? error : new HttpError(500, 'The server failed. Its log says why.');
}

/** The reference backend: pages, chat and replays. */
class DemoServer extends Server {
  #routes;
  #chatOptions;
  #allowAnyOrigin;
  #reportFailure;
  #faults = new Faults();
  #sockets = new ChatSockets();

  /** @param {DemoServerOptions} options */
  constructor({
    model,
    pagesFolder = path.join(ROOT, 'demo'),
    distFolder = path.join(ROOT, 'dist'),
    streamsFolder = path.join(ROOT, '../shared/streams'),
    limits,
    heartbeatInterval,
    reconnectDelay,
    allowAnyOrigin = false,
    reportFailure = (error) => console.error(error),
  }) {
    super();
    const runs = new RunStore({ model, reportFailure, limits });
    this.#chatOptions = (/** @type {Network | undefined} */ network) => ({
      runs,
      network,
      pace: { reconnectDelay, heartbeatInterval: network ? TROUBLED_HEARTBEAT_INTERVAL : heartbeatInterval },
    });
    this.#routes = createRoutes({
      pagesFolder,
      distFolder,
      streamsFolder,
      chatOptions: this.#chatOptions,
    });
    this.#allowAnyOrigin = allowAnyOrigin;
    this.#reportFailure = reportFailure;
    this.on('request', (request, response) => {
      this.#dispatch(request, response).catch((error) => this.#apologize(error, response));
    });
    this.on('upgrade', (request, connection, head) => {
      this.#upgrade(request, /** @type {import('node:net').Socket} */ (connection), head);
    });
    this.on('close', () => runs.close());
  }

  /**
   * Ends what is open, sockets included.
   *
   * @override
   */
  closeAllConnections() {
    super.closeAllConnections();
    void this.#sockets.close();
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async #dispatch(request, response) {
    const url = urlOf(request);
    const network = this.#faults.enter(url);
    const route = this.#routes.find((candidate) => candidate.path.test(url.pathname));
    if (!route) throw new HttpError(404, 'There is no such page.');
    if (route.api && admitOrigin(request, response, this.#allowAnyOrigin)) return;
    if (!route.methods.includes(request.method ?? '')) {
      const allow = route.methods.join(', ');
      throw new HttpError(405, `This address answers ${allow} only.`, { allow });
    }
    await route.answer(request, response, url, network);
  }

  /**
   * @param {unknown} error
   * @param {ServerResponse} response
   */
  #apologize(error, response) {
    if (!(error instanceof HttpError) && !response.destroyed) this.#reportFailure(error);
    if (response.destroyed || response.headersSent) {
      response.destroy();
      return;
    }
    const { status, message, headers } = toHttpError(error);
    sendJson(response, status, { error: { message } }, headers);
  }

  /**
   * @param {IncomingMessage} request
   * @param {import('node:net').Socket} connection
   * @param {Buffer} head
   */
  #upgrade(request, connection, head) {
    const reportFailure = this.#reportFailure;
    const admit = () => {
      const url = urlOf(request);
      const network = this.#faults.enter(url);
      if (!SOCKET_PATH.test(url.pathname)) throw new HttpError(404, 'There is no socket at this address.');
      if (!this.#allowAnyOrigin) refuseOtherOrigins(request);
      network?.admit();
      return { ...this.#chatOptions(network), reportFailure };
    };
    this.#sockets.answer(request, connection, head, admit).catch((error) => {
      reportFailure(error);
      connection.destroy();
    });
  }
}

/**
 * The reference backend. It is not listening yet.
 *
 * @param {DemoServerOptions} options
 * @returns {import('node:http').Server}
 */
export function createDemoServer(options) {
  return new DemoServer(options);
}
