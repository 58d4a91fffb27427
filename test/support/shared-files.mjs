// Serves the conformance files that lie beside the repository to the browser tests, under `/__shared/`.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PREFIX = '/__shared/';
const folder = fileURLToPath(new URL('../../../shared/', import.meta.url));

export function sharedFiles() {
  return async (context, next) => {
    if (!context.path.startsWith(PREFIX)) return next();
    const file = path.join(folder, path.normalize(`/${context.path.slice(PREFIX.length)}`));
    try {
      context.body = await readFile(file, 'utf8');
      context.type = path.extname(file);
    } catch {
      context.status = 404;
    }
    return undefined;
  };
}
