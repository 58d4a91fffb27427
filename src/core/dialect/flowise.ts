import type { FilePart, RunInput, StreamEvent } from '../model/index.js';
import {
  firstText,
  isRecord,
  jsonIn,
  listOf,
  present,
  recordOf,
  recordsOf,
  someOf,
  textOf,
  type JsonRecord,
} from '../model/json.js';
import { createStartOnce } from './answer-start.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { reportedError } from './errors.js';
import {
  approvalEvent,
  dataEvents,
  fileEvents,
  opaqueEvent,
  resultEvent,
  serverCallEvents,
  wordsEvents,
} from './events.js';
import { fileUrl } from './file-data.js';
import { createJsonDecoder } from './json-decoder.js';
import { conversationState, messageState, newUserFiles, newUserText } from './server-state.js';
import { createSources } from './sources.js';
import { makeCallId } from './tool-calls.js';
import { createUsageOnce, readUsage } from './usage.js';

const NAME = 'flowise';

/** The events that tell a Flowise stream from others with an `event` key. */
const EVENTS: ReadonlySet<unknown> = new Set([
  'start',
  'token',
  'thinking',
  'sourceDocuments',
  'usedTools',
  'calledTools',
  'fileAnnotations',
  'tool',
  'artifacts',
  'agentReasoning',
  'agentFlowEvent',
  'agentFlowExecutedData',
  'nextAgent',
  'nextAgentFlow',
  'action',
  'usageMetadata',
  'metadata',
  'error',
  'abort',
  'end',
]);

/** Whether a JSON value is an event of Flowise: its name and its data, and nothing else. */
export function isFlowiseEvent(json: unknown): boolean {
  return (
    isRecord(json) &&
    EVENTS.has(json['event']) &&
    'data' in json &&
    Object.keys(json).every((key) => key === 'event' || key === 'data')
  );
}

function createFlowiseDecoder(): Decoder {
  const takeSource = createSources();
  const seenFiles = new Set<string>();
  let lastTools: readonly string[] = [];
  const startOnce = createStartOnce();
  const usageOnce = createUsageOnce();
  let failed = false;

  function readDocuments(data: unknown): StreamEvent[] {
    return listOf(data).flatMap((document) => {
      const { url, source, title, loc } = recordOf(recordOf(document)['metadata']);
      return takeSource(firstText(url, source, loc, title), textOf(title));
    });
  }

  /** Tools that have run: call and result at once, without ids. A list may go on where the one before ended. */
  function readTools(data: unknown): StreamEvent[] {
    const list = recordsOf(data);
    const texts = list.map((tool) => JSON.stringify(tool));
    const known = lastTools.every((text, index) => text === texts[index]) ? lastTools.length : 0;
    lastTools = texts;
    return list
      .slice(known)
      .flatMap(({ tool, toolInput, toolOutput, error, sourceDocuments }): StreamEvent[] => {
        const name = textOf(tool);
        if (name === undefined) return [];
        const id = makeCallId();
        const failure = textOf(error);
        return [
          ...serverCallEvents(id, name, jsonIn(toolInput)),
          resultEvent(id, failure ?? toolOutput, failure !== undefined),
          ...readDocuments(sourceDocuments),
        ];
      });
  }

  /** Files that the flow made. Those that it keeps have a path of the server, which only the page can make a URL of. */
  function readArtifacts(data: unknown): StreamEvent[] {
    return recordsOf(data).flatMap(({ type, data: content, name }): StreamEvent[] => {
      const address = textOf(content);
      const isAddress = address !== undefined && /^(?:https?:|data:)/i.test(address);
      if (!isAddress || seenFiles.has(address)) return [];
      seenFiles.add(address);
      return fileEvents({ url: address, name: textOf(name), kind: type });
    });
  }

  function readMetadata(data: unknown): StreamEvent[] {
    if (!isRecord(data)) return [];
    const { chatId, chatMessageId, sessionId, followUpPrompts } = data;
    const streamId = textOf(chatId);
    const session = textOf(sessionId);
    const events: StreamEvent[] = startOnce({ streamId, messageId: chatMessageId });
    if (streamId !== undefined || session !== undefined) {
      const value = present({ chatId: streamId, sessionId: session });
      events.push(opaqueEvent(NAME, value));
    }
    return [...events, ...dataEvents('followUpPrompts', followUpPrompts)];
  }

  /** The flow waits for a decision of the user. */
  function readAction(data: unknown): StreamEvent[] {
    if (!isRecord(data)) return [];
    const { id, elements, mapping, data: details } = data;
    const { nodeId, input, nodeLabel } = recordOf(details);
    const node = textOf(nodeId);
    const options = recordsOf(elements).flatMap(({ label }) => textOf(label) ?? []);
    const message = firstText(input, nodeLabel);
    return [
      approvalEvent(textOf(id) ?? node ?? 'action', message, options),
      ...dataEvents('action', data),
      ...(node === undefined ? [] : [opaqueEvent(NAME, { nodeId: node, mapping: mapping ?? {} })]),
    ];
  }

  function fail(error: unknown): StreamEvent[] {
    failed = true;
    return [reportedError(error)];
  }

  function words(type: 'text' | 'reasoning', data: unknown): StreamEvent[] {
    return wordsEvents(type, isRecord(data) ? data['thinking'] : data);
  }

  function end(word: string): StreamEvent[] {
    return [doneEvent(word, { terminated: true, reason: failed ? 'error' : undefined })];
  }

  function readEvent(event: string, data: unknown): StreamEvent[] {
    switch (event) {
      // May repeat the first token.
      case 'start':
        return [];
      case 'token':
        return words('text', data);
      case 'thinking':
        return words('reasoning', data);
      case 'sourceDocuments':
        return readDocuments(data);
      case 'usedTools':
        return readTools(data);
      case 'artifacts':
        return [...readArtifacts(data), ...dataEvents('artifacts', data)];
      case 'metadata':
        return readMetadata(data);
      case 'action':
        return readAction(data);
      case 'usageMetadata':
        return usageOnce(readUsage(data, 'input_tokens', 'output_tokens', 'total_tokens'));
      case 'error':
        return fail(data);
      case 'abort':
      case 'end':
        return end(event);
      default:
        return dataEvents(event, data);
    }
  }

  /** Without streaming, one object is the answer. */
  function readWhole(json: JsonRecord): StreamEvent[] | undefined {
    const { text, sourceDocuments, usedTools, artifacts, error, message, action } = json;
    if (typeof text !== 'string') return error || textOf(message) !== undefined ? fail(json) : undefined;
    return [
      ...readMetadata(json),
      ...readTools(usedTools),
      ...words('text', text),
      ...readDocuments(sourceDocuments),
      ...readArtifacts(artifacts),
      ...readAction(action),
      doneEvent(undefined, { terminated: true, reason: 'stop' }),
    ];
  }

  return createJsonDecoder({
    read(json) {
      if (!isRecord(json)) return undefined;
      const event = textOf(json['event']);
      if (event === undefined) return readWhole(json);
      return 'data' in json ? readEvent(event, json['data']) : undefined;
    },
    end: () => [doneEvent(undefined, { terminated: false, failed })],
  });
}

function encodeUpload(part: FilePart): JsonRecord {
  const data = fileUrl(part);
  const { name = 'file', mediaType } = part;
  return { type: data.startsWith('data:') ? 'file' : 'url', name, data, mime: mediaType };
}

/** A flow that waits for a decision goes on with it; any other words are a new question. */
function humanInput(state: JsonRecord, text: string): JsonRecord | undefined {
  const { nodeId, mapping } = state;
  if (nodeId === undefined) return undefined;
  const { approve, reject } = recordOf(mapping);
  const said = text.trim().toLowerCase();
  const means = (...words: unknown[]): boolean => words.some((word) => String(word).toLowerCase() === said);
  const type = means(approve, 'proceed') ? 'proceed' : means(reject, 'reject') ? 'reject' : undefined;
  return type && { type, startNodeId: nodeId };
}

function encodeFlowise({ messages, conversationId, body = {} }: RunInput): JsonRecord {
  const question = newUserText(messages);
  const { chatId, sessionId } = conversationState(messages, NAME);
  const answer = messages.findLast(({ role }) => role === 'assistant');
  const decision = answer && humanInput(messageState(answer, NAME), question);
  const uploads = newUserFiles(messages).map(encodeUpload);
  const { overrideConfig, ...rest } = body;
  return present({
    question,
    streaming: true,
    chatId,
    overrideConfig: { sessionId: sessionId ?? chatId ?? conversationId, ...recordOf(overrideConfig) },
    uploads: someOf(uploads),
    humanInput: decision,
    ...rest,
  });
}

/** Flowise's prediction API. Flowise keeps the history by session, which is the conversation's id to begin with. */
export const flowiseDialect: Dialect = {
  name: NAME,
  createDecoder: createFlowiseDecoder,
  encode: encodeFlowise,
};
