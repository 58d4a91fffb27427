import { createRandomId, type StreamEvent } from '../model/index.js';
import { firstText, isRecord, listOf, recordOf, textOf, type JsonRecord } from '../model/json.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { reportedError } from './errors.js';
import { approvalEvent, dataEvents, fileEvents, wordsEvents } from './events.js';
import { createJsonDecoder } from './json-decoder.js';
import { newUserMessages, newUserText } from './server-state.js';
import { createSources } from './sources.js';

const SESSION_HEADER = 'mcp-session-id';

/** The user's answer in the protocol's shape (MCP 2025-11-25, "Elicitation"): one of its words, or a whole result. */
function elicitResult(answer: unknown): JsonRecord {
  if (isRecord(answer) && typeof answer['action'] === 'string') return answer;
  if (answer === 'decline' || answer === 'cancel') return { action: answer };
  const { approved } = recordOf(answer);
  return answer === 'accept' || approved === true ? { action: 'accept', content: {} } : { action: 'decline' };
}

function createMcpDecoder(): Decoder {
  const takeSource = createSources();
  let sessionId: string | null = null;
  /** What the server has asked, by its id as a text. */
  const questions = new Map<string, unknown>();

  function sessionHeaders(): Record<string, string> {
    return sessionId === null ? {} : { [SESSION_HEADER]: sessionId };
  }

  function readContent(part: unknown): StreamEvent[] {
    if (!isRecord(part)) return [];
    const { type, text, data, mimeType, resource, uri, title, name } = part;
    if (type === 'text') return wordsEvents('text', text);
    if (type === 'resource_link') return takeSource(textOf(uri), firstText(title, name));
    if (type === 'resource' && isRecord(resource)) {
      const address = textOf(resource['uri']);
      const bytes = textOf(resource['blob']);
      if (bytes === undefined) return takeSource(address, textOf(resource['title']));
      return fileEvents({ data: bytes, mediaType: resource['mimeType'], name: address });
    }
    return fileEvents({ data, mediaType: mimeType, kind: type });
  }

  function readResult(result: JsonRecord): StreamEvent[] {
    const { content, structuredContent, isError } = result;
    const failed = isError === true;
    return [
      ...listOf(content).flatMap(readContent),
      ...dataEvents('structuredContent', structuredContent),
      ...(Array.isArray(content) ? [] : dataEvents('result', result)),
      { type: 'done', reason: failed ? 'error' : 'stop', complete: true },
    ];
  }

  /** What the server says or asks before it answers. */
  function readNotice(id: unknown, method: string, params: unknown): StreamEvent[] {
    const notice = dataEvents(method, params ?? {});
    if (method !== 'elicitation/create' || (typeof id !== 'string' && typeof id !== 'number')) return notice;
    const message = textOf(recordOf(params)['message']);
    questions.set(String(id), id);
    return [approvalEvent(String(id), message, ['accept', 'decline', 'cancel'], 'elicitation'), ...notice];
  }

  function readMessage(json: unknown): StreamEvent[] | undefined {
    if (!isRecord(json)) return undefined;
    const { id, method, params, result, error } = json;
    if (typeof method === 'string') return readNotice(id, method, params);
    if (isRecord(result)) return readResult(result);
    if (!error) return undefined;
    return [reportedError(json), { type: 'done', reason: 'error', complete: true }];
  }

  return createJsonDecoder({
    read(json) {
      if (!Array.isArray(json)) return readMessage(json);
      // A batch, which one version of the protocol had: `done` comes behind all of it.
      const events = json.flatMap((each) => readMessage(each) ?? []);
      const done = events.findLast(({ type }) => type === 'done');
      return [...events.filter(({ type }) => type !== 'done'), ...(done ? [done] : [])];
    },
    onResponse({ headers }) {
      sessionId = headers.get(SESSION_HEADER) ?? sessionId;
    },
    resume({ url }, lastEventId) {
      if (lastEventId === undefined) return undefined;
      return {
        url,
        // Also for an answer to `POST` (MCP 2025-11-25, "Resumability and Redelivery").
        method: 'GET',
        lastEventId,
        ...(sessionId !== null && { headers: sessionHeaders() }),
        from: 'cursor',
      };
    },
    answer({ id, result, isError }) {
      const question = questions.get(id);
      if (question === undefined) return undefined;
      questions.delete(id);
      return {
        headers: { accept: 'application/json, text/event-stream', ...sessionHeaders() },
        body: { jsonrpc: '2.0', id: question, result: elicitResult(isError ? 'cancel' : result) },
      };
    },
    end: () => [doneEvent(undefined, { terminated: false })],
  });
}

/**
 * Model Context Protocol over streamable HTTP: the result of one tool call is the answer. The model is the tool's
 * name (default: `chat`), and what the user says is its argument `message`; a tool with other arguments gets them by
 * `body: {params}`.
 */
export const mcpDialect: Dialect = {
  name: 'mcp',
  createDecoder: createMcpDecoder,
  encode({ model, messages, body }) {
    return {
      jsonrpc: '2.0',
      id: newUserMessages(messages).at(-1)?.id ?? createRandomId(),
      method: 'tools/call',
      params: {
        name: model ?? 'chat',
        arguments: { message: newUserText(messages) },
      },
      ...body,
    };
  },
};
