import type { Frame, ResponseInfo } from '../model/index.js';
import { isRecord, parseJson, recordOf, recordsOf, type JsonRecord } from '../model/json.js';
import { isA2aRestUpdate, isA2aUpdate } from './a2a.js';
import type { DetectionInput, DialectName } from './dialect.js';
import { isFlowiseEvent } from './flowise.js';
import { isLangGraphEvent } from './langgraph.js';
import { isN8nChunk } from './n8n.js';
import { isNativeOnly } from './native-event.js';
import { isHeartbeat, TERMINATOR } from './plain-shape.js';

/** What one frame says about the dialect. A weak answer may be overruled by a later frame. */
export type Detection =
  | { readonly dialect: DialectName; readonly decisive: true }
  /** Undefined: the frame belongs to one of several, and the next one tells to which. */
  | { readonly dialect: 'plain' | undefined; readonly decisive: false };

interface TestInput extends DetectionInput {
  /** The JSON where it is an object, else an empty one. */
  readonly record: JsonRecord;
  /** The object's own word for what it is. */
  readonly type: string;
}

type Test = readonly [dialect: DialectName, matches: (input: TestInput) => boolean];

/** The shape of failures in Google's interfaces (AIP-193), which is all that such an answer has. */
function isGoogleError(error: unknown): boolean {
  return (
    isRecord(error) &&
    typeof error['code'] === 'number' &&
    /^[A-Z]+(?:_[A-Z]+)*$/.test(String(error['status']))
  );
}

function isOllama({ done, model }: JsonRecord): boolean {
  return typeof done === 'boolean' && typeof model === 'string';
}

/** Chunks of the AI SDK that say nothing beside their type. */
const AI_SDK_STEP = /^(?:start|finish|reset)-step$/;
const AI_SDK_CHUNK =
  /^(?:(?:text|reasoning)-(?:start|delta|end)|tool-(?:input|output|approval)-[a-z]+|source-(?:url|document)|reasoning-file|message-metadata|data-.+)$/;
const AI_SDK_KEYS = ['id', 'toolCallId', 'approvalId', 'sourceId', 'mediaType', 'messageMetadata', 'data'];

function isAiSdkChunk(json: JsonRecord): boolean {
  const { type, errorText, messageId, messageMetadata, streamId, model, seq } = json;
  if (type === 'error') return typeof errorText === 'string';
  if (type === 'start') {
    const isOther = [streamId, model, seq].some((value) => value !== undefined);
    return !isOther && (typeof messageId === 'string' || isRecord(messageMetadata));
  }
  if (typeof type !== 'string' || AI_SDK_STEP.test(type)) return typeof type === 'string';
  return AI_SDK_CHUNK.test(type) && AI_SDK_KEYS.some((key) => json[key] !== undefined);
}

/** Whether a frame tells the id of a run of LangChain's servers; the next one tells which server it is. */
function isRunMetadata(frame: Frame | undefined): boolean {
  if (frame?.event !== 'metadata') return false;
  const json = parseJson(frame.data);
  return isRecord(json) && typeof json['run_id'] === 'string';
}

/** The decisive tests, most specific first. A new dialect is a new row. */
const TESTS: readonly Test[] = [
  ['a2a', ({ record }) => record['jsonrpc'] === '2.0' && isA2aUpdate(record['result'])],
  [
    'mcp',
    ({ record: { jsonrpc, result, method } }) =>
      jsonrpc === '2.0' && (isRecord(result) || typeof method === 'string'),
  ],
  [
    'gemini',
    ({ frame, record }) =>
      'candidates' in record ||
      'usageMetadata' in record ||
      'promptFeedback' in record ||
      (frame.framing === 'json' && isGoogleError(record['error'])),
  ],
  [
    'gemini-interactions',
    ({ record: { event_type, object } }) =>
      /^(?:interaction|step)\./.test(String(event_type)) || object === 'interaction',
  ],
  [
    'openai-responses',
    ({ type, record: { object, output } }) =>
      type.startsWith('response.') || (object === 'response' && Array.isArray(output)),
  ],
  [
    // No row for its pings: proxies put the same ones into streams of other dialects.
    'anthropic',
    ({ type, record }) =>
      /^(?:message_(?:start|delta|stop)|content_block_(?:start|delta|stop))$/.test(type) ||
      (type === 'message' && Array.isArray(record['content']) && 'stop_reason' in record),
  ],
  [
    'cohere',
    ({ type, record: { finish_reason, message } }) =>
      /^(?:(?:message|content|tool-call|citation)-(?:start|end)|(?:content|tool-call|tool-plan)-delta)$/.test(
        type,
      ) ||
      (typeof finish_reason === 'string' && recordOf(message)['role'] === 'assistant'),
  ],
  [
    'ag-ui',
    ({ type, record }) =>
      /^(?:RUN|STEP|TEXT_MESSAGE|TOOL_CALL|STATE|MESSAGES|ACTIVITY|REASONING|THINKING|SUBAGENT)_[A-Z_]+$/.test(
        type,
      ) ||
      (type === 'RAW' && 'event' in record) ||
      (type === 'CUSTOM' && typeof record['name'] === 'string'),
  ],
  [
    'openai-completions',
    ({ record: { object, choices } }) =>
      object === 'text_completion' ||
      recordsOf(choices).some((choice) => 'text' in choice && !('delta' in choice) && !('message' in choice)),
  ],
  [
    'openai-chat',
    ({ record: { object, choices } }) =>
      Array.isArray(choices) || String(object).startsWith('chat.completion'),
  ],
  ['openai-assistants', ({ frame }) => frame.event.startsWith('thread.')],
  ['coze', ({ frame }) => /^conversation\.\w+\.\w+$/.test(frame.event)],
  ['flowise', ({ json }) => isFlowiseEvent(json)],
  [
    'dify',
    ({ record }) =>
      typeof record['event'] === 'string' &&
      ['task_id', 'conversation_id', 'message_id', 'workflow_run_id'].some((key) => key in record),
  ],
  [
    'tgi',
    ({ record: { token, generated_text } }) =>
      'text' in recordOf(token) || typeof generated_text === 'string',
  ],
  ['watsonx', ({ record }) => recordsOf(record['results']).some((result) => 'generated_text' in result)],
  ['a2a', ({ json }) => isA2aRestUpdate(json)],
  ['ollama', ({ record }) => isOllama(record) && isRecord(record['message'])],
  ['ollama-generate', ({ record }) => isOllama(record) && typeof record['response'] === 'string'],
  ['n8n', ({ json }) => isN8nChunk(json)],
  ['ai-sdk-ui', ({ record }) => isAiSdkChunk(record)],
  ['langserve', ({ frame, previous }) => isRunMetadata(previous) && frame.event === 'data'],
  ['langgraph', ({ frame, json, previous }) => isLangGraphEvent(frame.event, json, isRunMetadata(previous))],
  ['native', ({ json }) => isNativeOnly(json)],
  ['replicate', ({ frame, json }) => frame.event === 'output' && frame.id !== '' && !isRecord(json)],
  [
    'writer-completions',
    ({ record }) => typeof record['value'] === 'string' && Object.keys(record).length === 1,
  ],
  [
    'plain',
    ({ frame, json }) =>
      frame.framing === 'text' ||
      typeof json === 'string' ||
      (frame.framing === 'sse' &&
        frame.closed &&
        frame.event.toLowerCase() !== 'error' &&
        !isHeartbeat(frame) &&
        frame.data.trim() !== TERMINATOR &&
        !isRecord(json)),
  ],
];

/** Names the dialect that a frame is of. What no test knows may still be a homemade shape: a weak `plain`. */
export function detectDialect(frame: Frame, previous?: Frame): Detection {
  if (isRunMetadata(frame)) return { dialect: undefined, decisive: false };
  const json = frame.framing === 'text' ? undefined : parseJson(frame.data);
  const record = recordOf(json);
  const input = { frame, previous, json, record, type: String(record['type']) };
  const [dialect] = TESTS.find(([, matches]) => matches(input)) ?? [];
  return dialect ? { dialect, decisive: true } : { dialect: 'plain', decisive: false };
}

/** Names the dialect that the head of an answer gives away, if its body is an event stream. */
export function detectFromHead({ headers }: ResponseInfo): DialectName | undefined {
  return headers.get('x-vercel-ai-ui-message-stream') === null ? undefined : 'ai-sdk-ui';
}
