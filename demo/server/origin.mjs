import { HttpError } from './http-error.mjs';

/**
 * True when a page of another origin made the request. A request without any of these headers comes from no
 * browser, and a browser's rules do not concern it.
 *
 * @param {import('node:http').IncomingMessage} request
 */
function comesFromElsewhere(request) {
  const site = request.headers['sec-fetch-site'];
  if (site) return site !== 'same-origin' && site !== 'none';
  const { origin, host } = request.headers;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @throws {HttpError} 403 where a page of another origin made it
 */
export function refuseOtherOrigins(request) {
  if (!comesFromElsewhere(request)) return;
  throw new HttpError(
    403,
    'Only pages of this server may use its API. Start it with DEMO_CORS=1 to allow others.',
  );
}

/**
 * Decides who may use the API: pages of this server, and with `allowAnyOrigin` every page, but without
 * credentials (Fetch standard, "CORS protocol").
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {boolean} allowAnyOrigin
 * @returns {boolean} true when this was a preflight and is answered
 * @throws {HttpError} 403 for another origin where that is not allowed
 */
export function admitOrigin(request, response, allowAnyOrigin) {
  if (!allowAnyOrigin) {
    refuseOtherOrigins(request);
    return false;
  }
  response.setHeader('access-control-allow-origin', '*');
  if (request.method !== 'OPTIONS') return false;
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST',
    // The wildcard does not cover `authorization`, which has to be named.
    'access-control-allow-headers': '*, authorization',
    'access-control-max-age': '600',
  });
  response.end();
  return true;
}
