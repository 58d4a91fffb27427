// What the page of webtransport.test.mjs does: it runs the built transport, and keeps what comes out for the test to see.
import { createSseTransport, createWebTransportTransport, StreamError } from '../../dist/esm/core/index.js';

/** The sessions that the transport has made, the last one last. */
globalThis.sessions = [];

const Platform = globalThis.WebTransport;

class CountedWebTransport extends Platform {
  constructor(...options) {
    super(...options);
    globalThis.sessions.push(this);
  }
}

/** Name → what has come of the run so far. */
globalThis.runs = {};

globalThis.setUp = ({ hash, maxFrameChars, isSupported }) => {
  if (isSupported) globalThis.WebTransport = CountedWebTransport;
  else delete globalThis.WebTransport;
  globalThis.transport = createWebTransportTransport({
    fallback: createSseTransport(),
    maxFrameChars,
    serverCertificateHashes: [{ algorithm: 'sha-256', value: new Uint8Array(hash) }],
  });
};

/**
 * Starts a run whose name is the answer it asks for. `pauseAfter` and `leaveAfter` count frames; with `reportsBytes` the
 * server is told how many bytes have been read.
 */
globalThis.startRun = (
  name,
  { body, resume, idleTimeout = 0, pauseAfter, leaveAfter, reportsBytes = false } = {},
) => {
  const controller = new AbortController();
  const run = {
    data: [],
    bytes: 0,
    ids: [],
    retries: [],
    controller,
    stop: () => controller.abort(),
    giveUp: () => controller.abort(new StreamError('network', 'given up', { recoverable: true })),
  };
  globalThis.runs[name] = run;
  const request = {
    url: new URL('/chat', location.href).href,
    method: 'POST',
    headers: {},
    body: JSON.stringify({ answer: name, type: 'of the body', ...body }),
    credentials: 'same-origin',
    idleTimeout,
    resume,
  };
  const observer = {
    onResponse({ url, status, contentType }) {
      run.response = { url, status, contentType };
    },
    onBytes(length) {
      run.bytes += length;
      if (reportsBytes) run.send({ type: 'tool_result', id: 'bytes', result: run.bytes, isError: false });
    },
    onEventId: (id) => run.ids.push(id),
    onRetry: (milliseconds) => run.retries.push(milliseconds),
    onChannel(send) {
      run.send = send;
    },
  };
  async function read() {
    try {
      for await (const frame of globalThis.transport.open(request, controller.signal, observer)) {
        run.data.push(frame.data);
        if (run.data.length === leaveAfter) break;
        if (run.data.length === pauseAfter) {
          await new Promise((resolve) => {
            run.goOn = resolve;
          });
        }
      }
    } catch ({ code, message, recoverable }) {
      run.error = { code, message, recoverable };
    }
    return run;
  }
  run.ended = read();
};

/** What is left of a run when it has ended. */
globalThis.outcomeOf = async (name) => {
  const { data, bytes, ids, retries, response, error } = await globalThis.runs[name].ended;
  return { data, bytes, ids, retries, response, error };
};

document.documentElement.dataset.ready = '';
