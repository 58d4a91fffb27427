/** What DOMPurify and a worker need of a policy. TypeScript has no types of it yet. */
export interface TrustedTypesPolicy {
  createHTML(html: string): string;
  createScriptURL(url: string): string;
}

interface TrustedTypesFactory {
  createPolicy(name: string, rules: TrustedTypesPolicy): TrustedTypesPolicy;
}

let policy: TrustedTypesPolicy | null | undefined;

/**
 * The one policy of these elements, `ai-stream-chat`; null where the browser has no Trusted Types or the page does not
 * list it. It checks nothing, so nobody but the sanitizer and the starter of the worker may get hold of it: the one
 * parses HTML in a document of its own, where nothing loads or runs, the other has its address from the page or made
 * it itself.
 */
export function trustedTypesPolicy(): TrustedTypesPolicy | null {
  if (policy !== undefined) return policy;
  policy = null;
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypesFactory };
  try {
    policy =
      trustedTypes?.createPolicy('ai-stream-chat', {
        createHTML: (html) => html,
        createScriptURL: (url) => url,
      }) ?? null;
  } catch {
    // Where strings are refused as well, the worker falls back, and text is shown as it is written.
  }
  return policy;
}
