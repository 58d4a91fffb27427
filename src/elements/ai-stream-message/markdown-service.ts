import { createMarkdownClient, loadMarkdownEngine, type MarkdownClient } from '../../core/index.js';
import { warnOnce } from '../shared/warn-once.js';
import { trustedTypesPolicy } from './trusted-types.js';

let client: MarkdownClient | undefined;

/**
 * The page's one markdown worker, or the same engine in place where no worker may start. The first caller says where
 * the worker's file is; empty: there is to be no worker.
 */
export function markdownClient(workerUrl?: string): MarkdownClient {
  client ??= createMarkdownClient({
    startWorker: workerUrl === '' ? undefined : () => startWorker(workerUrl),
    loadEngine() {
      if (workerUrl) {
        warnOnce('worker-url', `no worker starts from "${workerUrl}": text is read in the page itself`);
      }
      return loadMarkdownEngine();
    },
  });
  return client;
}

function startWorker(url: string | undefined): Worker {
  const address = url === undefined ? engineUrl() : new URL(url, document.baseURI).href;
  // Pages that enforce Trusted Types take a worker's address only from a policy.
  return new Worker(trustedTypesPolicy()?.createScriptURL(address) ?? address);
}

/** The worker runs the engine's own source text, so that the bundle has the engine once and no second file. */
function engineUrl(): string {
  const source = `(${loadMarkdownEngine.toString()})().serveMarkdown(self);`;
  return URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
}
