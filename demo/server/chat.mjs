import { chatRequestOfQuery, checkChatRequest, readJsonObject } from './chat-request.mjs';
import { HttpError } from './http-error.mjs';
import { SseWriter } from './sse-writer.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */
/** @typedef {import('./run.mjs').Run} Run */

/**
 * What the chat is answered with.
 *
 * @typedef {object} ChatOptions
 * @property {import('./runs.mjs').RunStore} runs
 * @property {import('./sse-writer.mjs').StreamPace} pace
 * @property {import('./faults.mjs').Network | undefined} network one that is troubled on purpose
 */

/** @returns {HttpError} */
export function unknownRun() {
  return new HttpError(
    404,
    'This answer is not known here: it ended a while ago, or the server was started again. Ask anew, without Last-Event-ID.',
  );
}

/**
 * The number of the last event that a reader has.
 *
 * @param {unknown} id as `Last-Event-ID` has it; undefined or empty: none
 * @returns {number}
 * @throws {HttpError} 400
 */
export function seqOf(id = '') {
  const seq = Number(id);
  if (Number.isSafeInteger(seq) && seq >= 0) return seq;
  throw new HttpError(400, 'Last-Event-ID is not the id of an event: ids are whole numbers.');
}

/**
 * @param {Run} run
 * @param {number} seq
 * @throws {HttpError} 410
 */
export function checkStillKept(run, seq) {
  if (run.keepsAfter(seq)) return;
  throw new HttpError(410, `What followed after event ${seq} is no longer kept. Ask anew, without it.`);
}

/**
 * Gives a run to a reader, from the event after its `Last-Event-ID`. A reader that goes away leaves the run alone.
 *
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {Run} run
 * @param {Omit<ChatOptions, 'runs'>} options
 */
async function sendRun(request, response, run, { pace, network }) {
  const seq = seqOf(request.headers['last-event-id']);
  checkStillKept(run, seq);
  if (run.endsWith(seq)) {
    response.writeHead(204).end();
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (response.destroyed) gone.abort();
  const events = run.eventsAfter(seq, gone.signal);
  const writer = new SseWriter(response, pace);
  for await (const event of network?.disturb(events, request.socket, gone.signal) ?? events) {
    await writer.send(event);
  }
  writer.end();
}

/**
 * Answers a chat request with an event stream in the native dialect. The same `Idempotency-Key` as before gives the
 * run that was begun with it, and asks the model nothing.
 *
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {URL} url
 * @param {ChatOptions} options
 */
export async function answerChat(request, response, url, { runs, ...options }) {
  options.network?.admit();
  const chatRequest =
    request.method === 'GET' ? chatRequestOfQuery(url) : checkChatRequest(await readJsonObject(request));
  const key = request.headers['idempotency-key']?.toString();
  const known = runs.findByKey(key);
  // The rest of one answer is never that of another.
  if (!known && request.headers['last-event-id']) throw unknownRun();
  await sendRun(request, response, known ?? runs.start(chatRequest, key), options);
}

/**
 * @param {URL} url `…/runs/{streamId}` or `…/runs/{streamId}/cancel`
 * @param {ChatOptions} options
 * @returns {Run}
 * @throws {HttpError} 404
 */
function runOf(url, { runs }) {
  const run = runs.find(url.pathname.split('/runs/')[1]?.split('/')[0] ?? '');
  if (!run) throw unknownRun();
  return run;
}

/**
 * `GET …/runs/{streamId}`: what follows of a run after the `Last-Event-ID`, without it all of it.
 *
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {URL} url
 * @param {ChatOptions} options
 */
export async function resumeChat(request, response, url, options) {
  options.network?.admit();
  await sendRun(request, response, runOf(url, options), options);
}

/**
 * `POST …/runs/{streamId}/cancel`: stops the model.
 *
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {URL} url
 * @param {ChatOptions} options
 */
export async function cancelChat(request, response, url, options) {
  request.resume();
  runOf(url, options).cancel();
  response.writeHead(204).end();
}
