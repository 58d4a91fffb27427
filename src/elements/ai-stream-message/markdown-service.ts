import { createMarkdownClient, loadMarkdownEngine, type MarkdownClient } from '../../core/index.js';

let client: MarkdownClient | undefined;

/** The page's one markdown worker, or the same engine in place where no worker may start. */
export function markdownClient(): MarkdownClient {
  client ??= createMarkdownClient({ startWorker, loadEngine: loadMarkdownEngine });
  return client;
}

/** The worker runs the engine's own source text, so that the bundle has the engine once and no second file. */
function startWorker(): Worker {
  const source = `(${loadMarkdownEngine.toString()})().serveMarkdown(self);`;
  return new Worker(trustedUrl(URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))));
}

interface TrustedTypePolicyFactoryLike {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): unknown;
  };
}

/** Pages that enforce Trusted Types take a worker's address only from a policy. This one passes nothing else. */
function trustedUrl(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypePolicyFactoryLike };
  if (!trustedTypes) return url;
  const policy = trustedTypes.createPolicy('ai-stream-chat', { createScriptURL: () => url });
  return policy.createScriptURL(url) as string;
}
