/** A request that cannot be answered. The server turns it into `{error: {message}}` with this status. */
export class HttpError extends Error {
  /**
   * @param {number} status HTTP status, 400 or above
   * @param {string} message a sentence for the caller that says what to do
   * @param {Record<string, string>} [headers] sent with the answer
   */
  constructor(status, message, headers = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Answers with JSON.
 *
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {unknown} value
 * @param {Record<string, string>} [headers]
 */
export function sendJson(response, status, value, headers = {}) {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-cache',
    ...headers,
  });
  response.end(JSON.stringify(value));
}
