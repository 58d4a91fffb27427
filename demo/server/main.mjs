// Starts the demo: node demo/server/main.mjs
//
//   PORT             where it listens; without it 8787, or the next port that is free
//   STREAMS_DIR      recorded streams for /replay/; default ../shared/streams
//   DEMO_CORS=1      pages of other origins may use the API, without credentials
//   OPENAI_BASE_URL  any endpoint that speaks OpenAI's chat completions, such as http://127.0.0.1:11434/v1
//   OPENAI_API_KEY   its key; it stays on this server
//   MODEL            the name of the model there
import { once } from 'node:events';
import path from 'node:path';
import { loadDocumentation } from './documentation/documentation.mjs';
import { createDocumentationModel } from './models/documentation-model.mjs';
import { createOpenAiModel } from './models/openai-model.mjs';
import { createDemoServer, ROOT } from './server.mjs';

const DEFAULT_PORT = 8787;
const HOST = '127.0.0.1';
/** Ports tried after the default one before giving up. */
const MAX_PORT_ATTEMPTS = 20;

async function chooseModel() {
  const { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: apiKey, MODEL: name } = process.env;
  if (baseUrl || apiKey) return createOpenAiModel({ baseUrl, apiKey, name });
  return createDocumentationModel({ sections: await loadDocumentation(ROOT) });
}

/**
 * @param {import('node:http').Server} server
 * @param {number} port
 * @returns {Promise<boolean>} false when the port is taken
 */
async function listens(server, port) {
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** @param {import('node:http').Server} server @returns {Promise<number>} the port */
async function listen(server) {
  const wanted = process.env['PORT'];
  if (wanted !== undefined && !/^\d{1,5}$/.test(wanted)) throw new Error('PORT must be a number.');
  const first = Number(wanted ?? DEFAULT_PORT);
  const attempts = wanted === undefined ? MAX_PORT_ATTEMPTS : 1;
  for (let port = first; port < first + attempts; port += 1) {
    if (await listens(server, port))
      return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  }
  throw new Error(`Port ${first} is taken. Set PORT to a free one.`);
}

try {
  const model = await chooseModel();
  const server = createDemoServer({
    model,
    ...(process.env['STREAMS_DIR'] ? { streamsFolder: path.resolve(process.env['STREAMS_DIR']) } : {}),
    allowAnyOrigin: process.env['DEMO_CORS'] === '1',
  });
  const port = await listen(server);
  console.log(`The demo is at http://${HOST}:${port}/`);
  console.log(`Answers come from: ${model.name}`);

  const stop = () => {
    server.close();
    // Open streams would keep the process alive until their readers leave.
    server.closeAllConnections();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
