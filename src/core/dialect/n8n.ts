import type { RunInput, StreamEvent } from '../model/index.js';
import { firstText, isRecord, present, recordOf, someOf, type JsonRecord } from '../model/json.js';
import type { Decoder, Dialect } from './dialect.js';
import { reportedError } from './errors.js';
import { wordsEvents } from './events.js';
import { createJsonDecoder } from './json-decoder.js';
import { newUserFiles, newUserText } from './server-state.js';

/** Keys of an answer that was not streamed, in this order. */
const TEXT_KEYS = ['output', 'text', 'message'];

/** Whether a JSON value is a line of n8n's stream. */
export function isN8nChunk(json: unknown): boolean {
  if (!isRecord(json) || !/^(?:begin|item|end|error)$/.test(String(json['type']))) return false;
  const { metadata } = json;
  return isRecord(metadata) && ('nodeId' in metadata || 'nodeName' in metadata);
}

function createN8nDecoder(): Decoder {
  // Runs of nodes that have begun and not ended.
  const open = new Set<string>();
  let runs = 0;
  let ended = false;
  let failed = false;

  function readChunk(json: JsonRecord): StreamEvent[] | undefined {
    const { type, content, metadata } = json;
    const { nodeId, nodeName, runIndex } = recordOf(metadata);
    const run = `${String(nodeId ?? nodeName)}-${String(runIndex ?? 0)}`;
    switch (type) {
      case 'begin':
        open.add(run);
        runs += 1;
        return runs > 1 ? [{ type: 'step' }] : [];
      case 'item':
        return wordsEvents('text', content);
      case 'end':
        open.delete(run);
        ended = true;
        return [];
      case 'error':
        open.delete(run);
        failed = true;
        return [reportedError(content ?? json)];
      default:
        return undefined;
    }
  }

  /** The answer of a workflow that does not stream: one item, or a list of them. */
  function readWhole(json: unknown, isAll: boolean): StreamEvent[] | undefined {
    const [item] = Array.isArray(json) ? (json as unknown[]) : [json];
    if (!isRecord(item)) return undefined;
    const content = firstText(...TEXT_KEYS.map((key) => item[key]));
    // Errors of n8n itself are `{code, message}`.
    if (item['error'] || ('code' in item && !('output' in item))) {
      failed = true;
      return [reportedError(item)];
    }
    if (content === undefined) return undefined;
    return isAll
      ? [...wordsEvents('text', content), { type: 'done', reason: 'stop', complete: true }]
      : wordsEvents('text', content);
  }

  return createJsonDecoder({
    read: (json, { framing }) =>
      isRecord(json) && typeof json['type'] === 'string'
        ? readChunk(json)
        : (readWhole(json, framing === 'json') ??
          (typeof json === 'string' ? wordsEvents('text', json) : undefined)),
    // Nodes may write what they like.
    readText: ({ data }) => wordsEvents('text', data),
    endsSilently: (whole) => whole && open.size === 0,
    end({ whole }) {
      const complete = whole && open.size === 0 && !failed;
      return [
        {
          type: 'done',
          reason: failed ? 'error' : ended && complete ? 'stop' : 'unknown',
          complete,
          origin: ended ? 'end' : undefined,
        },
      ];
    },
  });
}

function encodeN8n({ messages, conversationId, body }: RunInput): JsonRecord {
  const files = newUserFiles(messages).map(({ url, data, mediaType, name }) => ({
    fileName: name ?? 'file',
    mimeType: mediaType,
    ...(url === undefined ? { data } : { url }),
  }));
  return present({
    action: 'sendMessage',
    sessionId: conversationId,
    chatInput: newUserText(messages),
    files: someOf(files),
    ...body,
  });
}

/**
 * n8n's chat trigger: JSON lines, node by node. n8n keeps the history by session, which is the conversation's id. Files
 * are in the list `files` of the trigger's item; uploads as form data are up to `prepareRequest`.
 */
export const n8nDialect: Dialect = {
  name: 'n8n',
  createDecoder: createN8nDecoder,
  headers: { accept: 'text/plain' },
  encode: encodeN8n,
};
