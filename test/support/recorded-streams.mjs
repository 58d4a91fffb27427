// The recorded streams for the browser tests, where there are any.
//
//   GET  /recordings/manifest.json       what there is; 404 where there is none
//   POST /recordings/<dialect>/<name>    plays one, as `replay` of the demo server does
import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpError } from '../../demo/server/http-error.mjs';
import { replay } from '../../demo/server/replay.mjs';

const folder = fileURLToPath(new URL('../../../shared/streams', import.meta.url));
const manifest = path.join(folder, 'manifest.json');
const PREFIX = '/recordings/';

export function recordedStreams() {
  return async (context, next) => {
    if (!context.path.startsWith(PREFIX)) return next();
    const name = context.path.slice(PREFIX.length);
    if (!existsSync(manifest)) {
      context.status = 404;
      return undefined;
    }
    if (name === 'manifest.json') {
      context.type = 'json';
      context.body = createReadStream(manifest);
      return undefined;
    }
    const url = new URL(context.URL);
    url.pathname = `/replay/${name}`;
    context.respond = false;
    try {
      await replay(context.req, context.res, url, folder);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      context.res.writeHead(error.status).end(error.message);
    }
    return undefined;
  };
}
