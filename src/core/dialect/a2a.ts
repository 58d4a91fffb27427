import {
  createRandomId,
  type FileEvent,
  type FilePart,
  type RunInput,
  type StreamEvent,
} from '../model/index.js';
import {
  firstText,
  isRecord,
  listOf,
  present,
  recordOf,
  recordsOf,
  textOf,
  type JsonRecord,
} from '../model/json.js';
import { createIdentify } from './answer-start.js';
import { createAnswerText } from './answer-text.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneReason } from './done-reason.js';
import { reportedError } from './errors.js';
import { dataEvents, fileEvents, opaqueEvent } from './events.js';
import { readFileData } from './file-data.js';
import { createJsonDecoder } from './json-decoder.js';
import { encodeContent } from './parts.js';
import { conversationState, messageState, newUserMessages } from './server-state.js';

const NAME = 'a2a';

/** States after which a task says nothing more. */
const FINAL = /^(?:completed|failed|canceled|rejected)$/;
/** States in which a task waits for somebody. */
const WAITING = /^(?:input_required|auth_required)$/;

/** A task's state in one spelling: `input-required` of v0.3 and `TASK_STATE_INPUT_REQUIRED` of v1.0 are the same. */
function plainState(state: string): string {
  return state
    .toLowerCase()
    .replace(/^task_state_/, '')
    .replaceAll('-', '_');
}

/** What one update is, whatever the version and binding wrap around it. */
interface Update {
  readonly kind: 'task' | 'message' | 'status' | 'artifact';
  readonly value: JsonRecord;
}

const KINDS: Readonly<Record<string, Update['kind']>> = {
  task: 'task',
  message: 'message',
  'status-update': 'status',
  'artifact-update': 'artifact',
};

/** Keys of v1.0, and of the REST binding of v0.3. */
const WRAPPERS: Readonly<Record<string, Update['kind']>> = {
  task: 'task',
  message: 'message',
  msg: 'message',
  statusUpdate: 'status',
  artifactUpdate: 'artifact',
};

function partsOf({ parts, content }: JsonRecord): JsonRecord[] {
  return recordsOf(Array.isArray(parts) ? parts : content);
}

function readUpdate(value: unknown): Update | undefined {
  if (!isRecord(value)) return undefined;
  const kind = KINDS[String(value['kind'])];
  if (kind) return { kind, value };
  for (const [key, wrapped] of Object.entries(WRAPPERS)) {
    const inner = value[key];
    if (!isRecord(inner)) continue;
    const isUpdate =
      wrapped === 'message'
        ? Array.isArray(inner['parts']) || Array.isArray(inner['content'])
        : wrapped !== 'task' || isRecord(inner['status']);
    if (isUpdate) return { kind: wrapped, value: inner };
  }
  // Before there was a `kind`.
  const { status, artifact, final } = value;
  if (isRecord(artifact)) return { kind: 'artifact', value };
  if (!isRecord(status) || typeof status['state'] !== 'string') return undefined;
  return { kind: typeof final === 'boolean' ? 'status' : 'task', value };
}

/** Whether a value is an update of an A2A agent, without the JSON-RPC around it. */
export function isA2aUpdate(value: unknown): boolean {
  return readUpdate(value) !== undefined;
}

/** Whether a value is an update as the REST binding sends it, which nothing else says is one. */
export function isA2aRestUpdate(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { task, statusUpdate, artifactUpdate, message } = value;
  if (isRecord(statusUpdate) || isRecord(artifactUpdate)) return true;
  if (isRecord(task)) return isRecord(task['status']);
  return isRecord(message) && Array.isArray(message['parts']) && typeof message['messageId'] === 'string';
}

function textOfParts(parts: readonly JsonRecord[]): string {
  return parts.map(({ text }) => (typeof text === 'string' ? text : '')).join('');
}

function readFile(part: JsonRecord): FileEvent[] {
  const file = isRecord(part['file']) ? part['file'] : part;
  const { url, uri, fileWithUri, raw, bytes, fileWithBytes, mediaType, mimeType, filename, name } = file;
  return fileEvents({
    url: firstText(url, uri, fileWithUri),
    data: firstText(raw, bytes, fileWithBytes),
    mediaType: firstText(mediaType, mimeType),
    name: firstText(filename, name),
  });
}

function createA2aDecoder(): Decoder {
  const answer = createAnswerText();
  const identify = createIdentify(NAME, 'contextId');
  // The status that came last, while it may be the last of all.
  let lastStatus: JsonRecord | undefined;

  function readParts(
    key: string,
    name: string,
    parts: readonly JsonRecord[],
    append: boolean,
  ): StreamEvent[] {
    const text = textOfParts(parts);
    return [
      ...(append ? answer.append(key, text) : answer.set(key, text)),
      ...parts.flatMap((part): StreamEvent[] => {
        if (typeof part['text'] === 'string') return [];
        const files = readFile(part);
        if (files.length > 0) return files;
        return dataEvents(name, part['data']);
      }),
    ];
  }

  function readArtifact(artifact: unknown, append: boolean): StreamEvent[] {
    if (!isRecord(artifact)) return [];
    const { artifactId, name, index } = artifact;
    const key = textOf(artifactId) ?? `artifact-${typeof index === 'number' ? index : 0}`;
    return readParts(key, textOf(name) ?? 'artifact', partsOf(artifact), append);
  }

  /** A status that ends the answer: its message is the question, the failure, or, where nothing else was said, the answer. */
  function conclude(status: JsonRecord, taskId: unknown): StreamEvent[] {
    const origin = String(status['state']);
    const state = plainState(origin);
    const said = textOfParts(partsOf(recordOf(status['message'])));
    const events: StreamEvent[] = [];
    const failed = state === 'failed' || state === 'rejected';
    if (failed) events.push(reportedError(said));
    else if (WAITING.test(state) || (state === 'completed' && answer.text === '')) {
      events.push(...answer.set('status', said));
    }
    const id = textOf(taskId);
    if (WAITING.test(state) && id !== undefined) {
      events.push(opaqueEvent(NAME, { taskId: id }));
    }
    const reason = WAITING.test(state) ? 'stop' : failed ? 'error' : doneReason(state);
    return [...events, { type: 'done', reason, complete: true, origin }];
  }

  function readStatus(status: JsonRecord, taskId: unknown, final: unknown): StreamEvent[] {
    lastStatus = { ...status, taskId };
    const state = plainState(String(status['state']));
    // v0.3 says which status is the last; with v1.0 a task that has ended or waits for the user says nothing more.
    const isLast = typeof final === 'boolean' ? final : FINAL.test(state) || state === 'input_required';
    return [...dataEvents('status', status), ...(isLast ? conclude(status, taskId) : [])];
  }

  function read({ kind, value }: Update): StreamEvent[] {
    const { id, taskId, contextId: context, artifact, append, final, status, messageId, artifacts } = value;
    if (kind === 'message') {
      const key = textOf(messageId) ?? 'message';
      if (/user$/i.test(String(value['role']))) return [];
      return [
        ...identify({ streamId: taskId, messageId }, context),
        ...readParts(key, 'message', partsOf(value), false),
      ];
    }
    const task = taskId ?? id;
    const events = identify({ streamId: task }, context);
    if (kind === 'artifact') {
      const isAppended = append === true || (isRecord(artifact) && artifact['append'] === true);
      return [...events, ...readArtifact(artifact, isAppended)];
    }
    events.push(...listOf(artifacts).flatMap((each) => readArtifact(each, false)));
    return isRecord(status) ? [...events, ...readStatus(status, task, final)] : events;
  }

  function fail(error: unknown): StreamEvent[] {
    return [reportedError(error), { type: 'done', reason: 'error', complete: true }];
  }

  /** A message without a task is the whole answer; a task has to say that it is done. */
  function isOver(whole: boolean): boolean {
    if (!lastStatus) return whole;
    const state = plainState(String(lastStatus['state']));
    return FINAL.test(state) || WAITING.test(state);
  }

  return createJsonDecoder({
    read(json, { event }) {
      if (!isRecord(json)) return undefined;
      const { result, error } = json;
      if (error || event.toLowerCase() === 'error') return fail(json);
      const update = readUpdate(result ?? json);
      return update && read(update);
    },
    endsSilently: isOver,
    end({ whole }) {
      const complete = isOver(whole);
      if (complete && lastStatus) return conclude(lastStatus, lastStatus['taskId']);
      return [{ type: 'done', reason: 'unknown', complete }];
    },
  });
}

/** v0.3 names the kinds of parts and files otherwise than v1.0. */
function encodeFile(part: FilePart, isOld: boolean): JsonRecord {
  const bytes = readFileData(part);
  const { url, name } = part;
  const mediaType = bytes?.mediaType ?? part.mediaType;
  if (isOld) {
    const file = bytes ? { bytes: bytes.base64 } : { uri: url };
    return { kind: 'file', file: present({ ...file, mimeType: mediaType, name }) };
  }
  return present({ ...(bytes ? { raw: bytes.base64 } : { url }), mediaType, filename: name });
}

function encodeA2a({ messages, body }: RunInput): JsonRecord {
  const isOld = body?.['method'] === 'message/stream' || body?.['method'] === 'message/send';
  const said = newUserMessages(messages);
  const answer = messages.findLast(({ role }) => role === 'assistant');
  const { contextId } = conversationState(messages, NAME);
  const { taskId } = answer ? messageState(answer, NAME) : {};
  const id = said.at(-1)?.id ?? createRandomId();
  const parts = said.flatMap((message) =>
    encodeContent(
      message,
      (text) => ({ ...(isOld && { kind: 'text' }), text }),
      (part) => encodeFile(part, isOld),
    ),
  );
  return {
    jsonrpc: '2.0',
    id,
    method: 'SendStreamingMessage',
    params: {
      message: present({
        kind: isOld ? 'message' : undefined,
        messageId: id,
        role: isOld ? 'user' : 'ROLE_USER',
        parts,
        contextId,
        taskId,
      }),
    },
    ...body,
  };
}

/**
 * Agent2Agent, v0.3 and v1.0, over JSON-RPC or REST. It is asked by JSON-RPC v1.0; `body: {method: "message/stream"}`
 * asks as v0.3 does. The agent keeps the history: only what the user says now is sent, with the context of the last
 * answer, and to its task if that waits for input.
 */
export const a2aDialect: Dialect = {
  name: NAME,
  createDecoder: createA2aDecoder,
  headers: { 'a2a-version': '1.0' },
  encode: encodeA2a,
};
