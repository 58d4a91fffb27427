import type { EngineAnswer, EngineRequest, MarkdownEngine } from './protocol.js';
import { createWorkWatch } from './work-watch.js';

/** What came of a piece of work. */
export type EngineWork = Extract<EngineAnswer, { type: 'done' }>;

/** A connection to an engine. */
export interface EngineConnection {
  /** Asks for this, and for what waits. */
  post(...requests: readonly EngineRequest[]): void;
  /** Asks for this together with what is posted next, or at the next `flush`: each message wakes the worker. */
  postLater(request: EngineRequest): void;
  /** Asks for what waits. */
  flush(): void;
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

/** What a connection to a worker needs. */
export interface WorkerConnectionOptions {
  readonly startWorker: () => Worker;
  /** Milliseconds until it must be ready. */
  readonly readyTimeout: number;
  /** Milliseconds that one piece of work on a stream or a code may take. */
  readonly renderTimeout: (on: number) => number;
  readonly onWork: (work: EngineWork) => void;
  /** Called once, when the worker has failed and was terminated. */
  readonly onFailure: (failure: WorkerFailure) => void;
}

/** Collects requests into batches. */
function createOutbox(send: (requests: readonly EngineRequest[]) => void) {
  let waiting: EngineRequest[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const requests = waiting;
    waiting = [];
    send(requests);
  };
  return {
    flush,
    post(...requests: readonly EngineRequest[]): void {
      waiting.push(...requests);
      flush();
    },
    postLater: (request: EngineRequest): void => void waiting.push(request),
  };
}

/** Starts a worker. Throws where it cannot be started. */
export function connectWorker(options: WorkerConnectionOptions): EngineConnection {
  const worker = options.startWorker();
  const watch = createWorkWatch(options.renderTimeout, fail);
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
    options.onFailure({ wasReady: isReady, workingOn: isReady ? watch.workingOn : undefined });
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
        watch.begin();
        clearTimeout(timer);
        break;
      case 'done':
        watch.answered(answer);
        options.onWork(answer);
        break;
    }
  };
  const outbox = createOutbox((requests) => {
    watch.asked(requests);
    worker.postMessage(requests);
  });
  return { ...outbox, close };
}

/** Runs an engine beside the page's own code, in tasks of its own. */
export function connectInPlace(engine: MarkdownEngine, onWork: (work: EngineWork) => void): EngineConnection {
  const { port1: near, port2: far } = new MessageChannel();
  near.onmessage = ({ data: answer }: MessageEvent<EngineAnswer>) => {
    if (answer.type === 'done') onWork(answer);
  };
  engine.serveMarkdown(far);
  const outbox = createOutbox((requests) => near.postMessage(requests));
  return {
    ...outbox,
    close() {
      near.onmessage = null;
      outbox.post({ type: 'close' });
      near.close();
    },
  };
}
