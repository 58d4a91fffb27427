// Lets Node run sources that import `closed:…` (see rollup.config.mjs): there the function just returns the module.
// Used as `node --import ./test/support/closed-modules.mjs`. That the built function is closed is for the browser
// tests to show.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const PREFIX = 'closed:';

/** Hooks run on a thread of their own, which loads this file again. */
export async function resolve(specifier, context, next) {
  if (!specifier.startsWith(PREFIX)) return next(specifier, context);
  const { url } = await next(specifier.slice(PREFIX.length), context);
  return { url: `${PREFIX}${url}`, shortCircuit: true };
}

export async function load(url, context, next) {
  if (!url.startsWith(PREFIX)) return next(url, context);
  const source = `import * as module from '${url.slice(PREFIX.length)}'; export default () => module;`;
  return { format: 'module', source, shortCircuit: true };
}

if (isMainThread) register(import.meta.url);
