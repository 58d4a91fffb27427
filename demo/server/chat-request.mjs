import { HttpError } from './http-error.mjs';

/** @typedef {import('./models/model.mjs').ChatRequest} ChatRequest */
/** @typedef {import('./models/model.mjs').ToolDescriptor} ToolDescriptor */

/** The largest request body, in bytes. */
export const MAX_BODY_BYTES = 1_048_576;

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool']);

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<string>}
 */
async function readBody(request) {
  const tooLarge = () => {
    // The rest is read and thrown away: a client that is still sending would not see the answer otherwise.
    request.resume();
    return new HttpError(413, `The request body is larger than ${MAX_BODY_BYTES} bytes.`, {
      connection: 'close',
    });
  };
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) throw tooLarge();
  return new Promise((resolve, reject) => {
    /** @type {Buffer[]} */
    const chunks = [];
    let size = 0;
    const take = (/** @type {Buffer} */ chunk) => {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) {
        request.off('data', take);
        reject(tooLarge());
      } else chunks.push(chunk);
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.once('error', reject);
  });
}

/** @param {unknown} message @param {number} index */
function checkMessage(message, index) {
  const at = `messages[${index}]`;
  if (!isRecord(message)) throw new HttpError(400, `${at} is not an object.`);
  if (!ROLES.has(String(message['role']))) {
    throw new HttpError(400, `${at}.role is not one of: ${[...ROLES].join(', ')}.`);
  }
  const { content = null, tool_calls: calls = [] } = message;
  const isParts =
    Array.isArray(content) && content.every((part) => isRecord(part) && typeof part['type'] === 'string');
  if (content !== null && typeof content !== 'string' && !isParts) {
    throw new HttpError(400, `${at}.content is neither a string nor an array of parts with a "type".`);
  }
  const isCall = (/** @type {unknown} */ call) =>
    isRecord(call) && isRecord(call['function']) && typeof call['function']['name'] === 'string';
  if (!Array.isArray(calls) || !calls.every(isCall)) {
    throw new HttpError(400, `${at}.tool_calls is not an array of {id, function: {name, arguments}}.`);
  }
}

/**
 * A tool in OpenAI's shape or in WebMCP's.
 *
 * @param {unknown} tool
 * @param {number} index
 * @returns {ToolDescriptor}
 */
function toDescriptor(tool, index) {
  const described = isRecord(tool) && isRecord(tool['function']) ? tool['function'] : tool;
  if (!isRecord(described) || typeof described['name'] !== 'string') {
    throw new HttpError(400, `tools[${index}] has no name.`);
  }
  const schema = described['inputSchema'] ?? described['parameters'];
  return {
    name: described['name'],
    description: String(described['description'] ?? ''),
    inputSchema: isRecord(schema) ? schema : undefined,
  };
}

/**
 * The JSON object in the body of a request.
 *
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Record<string, unknown>>}
 * @throws {HttpError} 400, 413 or 415
 */
export async function readJsonObject(request) {
  // Asking for JSON also keeps other origins out: a form cannot send it, and a script needs a preflight for it.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    request.resume();
    throw new HttpError(415, 'Send the request as JSON, with the header "content-type: application/json".');
  }
  return parseJsonObject(await readBody(request));
}

/**
 * @param {string} text
 * @returns {Record<string, unknown>}
 * @throws {HttpError} 400
 */
export function parseJsonObject(text) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `The request body is not JSON: ${/** @type {Error} */ (error).message}`);
  }
  if (!isRecord(value)) throw new HttpError(400, 'The request body is not a JSON object.');
  return value;
}

/**
 * Checks a chat request.
 *
 * @param {Record<string, unknown>} body
 * @returns {ChatRequest}
 * @throws {HttpError} 400
 */
export function checkChatRequest({ messages, tools = [], conversationId }) {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new HttpError(
      400,
      'The request has no messages. Send {"messages": [{"role": "user", "content": "…"}]}.',
    );
  }
  messages.forEach(checkMessage);
  if (!Array.isArray(tools)) throw new HttpError(400, 'tools is not an array.');
  return {
    messages,
    tools: tools.map(toDescriptor),
    ...(typeof conversationId === 'string' ? { conversationId } : {}),
  };
}

/**
 * The chat request of `GET …?message=`.
 *
 * @param {URL} url
 * @returns {ChatRequest}
 * @throws {HttpError} 400 when there is no message
 */
export function chatRequestOfQuery(url) {
  const content = url.searchParams.get('message');
  if (!content)
    throw new HttpError(400, 'The request has no message. Send GET …?message=your+question, or POST.');
  return { messages: [{ role: 'user', content }], tools: [] };
}
