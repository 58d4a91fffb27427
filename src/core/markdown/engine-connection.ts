import type { EngineAnswer, EngineRequest, EngineTokens, EngineUpdate, MarkdownEngine } from './protocol.js';

/** A connection to an engine. */
export interface EngineConnection {
  post(request: EngineRequest): void;
  /** Ends it. Nothing that the engine still has to say is heard. */
  close(): void;
}

/** Why a worker is of no use any more. */
export interface WorkerFailure {
  /** Whether it had been ready before: where one never gets ready, another will not. */
  readonly wasReady: boolean;
  /** The stream or the code it was working on. */
  readonly workingOn: number | undefined;
}

/** Milliseconds in which the answers of a worker that seems to hang can still come in, when the page was busy. */
const GRACE = 100;

/**
 * Watches over the time a worker takes for a piece of work. A page that was busy or asleep finds the answers only
 * after the timer, so a first alarm is followed by a second look.
 */
function createWatch(limitOf: (work: number) => number, onHang: () => void) {
  let working: number | undefined;
  let limit = 0;
  let since = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** One timer for all pieces of work: setting one for each would cost more than the piece. */
  function check(isSecondLook: boolean): void {
    timer = undefined;
    if (working === undefined) return;
    const left = since + limit - performance.now();
    if (left > 0) timer = setTimeout(check, left, false);
    else if (isSecondLook) onHang();
    else timer = setTimeout(check, GRACE, true);
  }

  return {
    get working() {
      return working;
    },
    begin(on: number): void {
      working = on;
      limit = limitOf(on);
      since = performance.now();
      timer ??= setTimeout(check, limit, false);
    },
    end(): void {
      working = undefined;
    },
    stop(): void {
      clearTimeout(timer);
    },
  };
}

/** What a connection to a worker needs. */
export interface WorkerConnectionOptions {
  readonly startWorker: () => Worker;
  /** Milliseconds until it must be ready. */
  readonly readyTimeout: number;
  /** Milliseconds that one piece of work on a stream or a code may take. */
  readonly renderTimeout: (on: number) => number;
  readonly onUpdate: (update: EngineUpdate) => void;
  readonly onTokens: (tokens: EngineTokens) => void;
  /** Called once, when the worker has failed and was terminated. */
  readonly onFailure: (failure: WorkerFailure) => void;
}

/** Starts a worker. Throws where it cannot be started. */
export function connectWorker(options: WorkerConnectionOptions): EngineConnection {
  const worker = options.startWorker();
  const watch = createWatch(options.renderTimeout, () => fail());
  let isReady = false;
  let isOpen = true;

  function close(): void {
    isOpen = false;
    clearTimeout(timer);
    watch.stop();
    worker.onmessage = null;
    worker.onerror = null;
    worker.onmessageerror = null;
    worker.terminate();
  }

  function fail(): void {
    if (!isOpen) return;
    close();
    options.onFailure({ wasReady: isReady, workingOn: watch.working });
  }

  const timer = setTimeout(fail, options.readyTimeout);
  worker.onerror = (event) => {
    // The session goes on without this worker, so the page has nothing to report.
    event.preventDefault();
    fail();
  };
  worker.onmessageerror = fail;
  worker.onmessage = ({ data: answer }: MessageEvent<EngineAnswer>) => {
    // A message may be on its way when the worker is given up.
    if (!isOpen) return;
    switch (answer.type) {
      case 'ready':
        isReady = true;
        clearTimeout(timer);
        break;
      case 'working':
        watch.begin(answer.on);
        break;
      case 'patches':
        watch.end();
        options.onUpdate(answer);
        break;
      case 'tokens':
        watch.end();
        options.onTokens(answer);
        break;
    }
  };
  return { post: (request) => worker.postMessage(request), close };
}

/** Runs an engine beside the page's own code, in tasks of its own. */
export function connectInPlace(
  engine: MarkdownEngine,
  onUpdate: (update: EngineUpdate) => void,
  onTokens: (tokens: EngineTokens) => void,
): EngineConnection {
  const { port1: near, port2: far } = new MessageChannel();
  near.onmessage = ({ data: answer }: MessageEvent<EngineAnswer>) => {
    if (answer.type === 'patches') onUpdate(answer);
    else if (answer.type === 'tokens') onTokens(answer);
  };
  engine.serveMarkdown(far);
  const post = (request: EngineRequest) => near.postMessage(request);
  return {
    post,
    close() {
      near.onmessage = null;
      post({ type: 'close' });
      near.close();
    },
  };
}
