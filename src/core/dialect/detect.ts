import type { Frame, ResponseInfo } from '../model/index.js';
import { isA2aRestUpdate, isA2aUpdate } from './a2a.js';
import type { DetectionInput, DialectName } from './dialect.js';
import { isFlowiseEvent } from './flowise.js';
import { isRecord, listOf, parseJson, type JsonRecord } from './json.js';
import { isLangGraphEvent } from './langgraph.js';
import { isN8nChunk } from './n8n.js';
import { isNativeOnly } from './native-event.js';
import { isHeartbeat, TERMINATOR } from './plain-shape.js';

/** What one frame says about the dialect. A weak answer may be overruled by a later frame. */
export type Detection =
  | { readonly dialect: DialectName; readonly decisive: true }
  /** Undefined: the frame belongs to one of several, and the next one tells to which. */
  | { readonly dialect: 'plain' | undefined; readonly decisive: false };

interface Test {
  readonly dialect: DialectName;
  matches(input: DetectionInput): boolean;
}

/** The shape of failures in Google's interfaces (AIP-193), which is all that such an answer has. */
function isGoogleError(error: unknown): boolean {
  return (
    isRecord(error) &&
    typeof error['code'] === 'number' &&
    /^[A-Z]+(?:_[A-Z]+)*$/.test(String(error['status']))
  );
}

function isOllama(json: unknown): json is JsonRecord {
  return isRecord(json) && typeof json['done'] === 'boolean' && typeof json['model'] === 'string';
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
  {
    dialect: 'a2a',
    matches: ({ json }) => isRecord(json) && json['jsonrpc'] === '2.0' && isA2aUpdate(json['result']),
  },
  {
    dialect: 'mcp',
    matches: ({ json }) =>
      isRecord(json) &&
      json['jsonrpc'] === '2.0' &&
      (isRecord(json['result']) || typeof json['method'] === 'string'),
  },
  {
    dialect: 'gemini',
    matches: ({ frame, json }) =>
      isRecord(json) &&
      ('candidates' in json ||
        'usageMetadata' in json ||
        'promptFeedback' in json ||
        (frame.framing === 'json' && isGoogleError(json['error']))),
  },
  {
    dialect: 'gemini-interactions',
    matches: ({ json }) =>
      isRecord(json) &&
      (/^(?:interaction|step)\./.test(String(json['event_type'])) || json['object'] === 'interaction'),
  },
  {
    dialect: 'openai-responses',
    matches: ({ json }) =>
      isRecord(json) &&
      (String(json['type']).startsWith('response.') ||
        (json['object'] === 'response' && Array.isArray(json['output']))),
  },
  {
    // No row for its pings: proxies put the same ones into streams of other dialects.
    dialect: 'anthropic',
    matches: ({ json }) =>
      isRecord(json) &&
      (/^(?:message_(?:start|delta|stop)|content_block_(?:start|delta|stop))$/.test(String(json['type'])) ||
        (json['type'] === 'message' && Array.isArray(json['content']) && 'stop_reason' in json)),
  },
  {
    dialect: 'cohere',
    matches: ({ json }) =>
      isRecord(json) &&
      (/^(?:(?:message|content|tool-call|citation)-(?:start|end)|(?:content|tool-call|tool-plan)-delta)$/.test(
        String(json['type']),
      ) ||
        (typeof json['finish_reason'] === 'string' &&
          isRecord(json['message']) &&
          json['message']['role'] === 'assistant')),
  },
  {
    dialect: 'ag-ui',
    matches: ({ json }) =>
      isRecord(json) &&
      (/^(?:RUN|STEP|TEXT_MESSAGE|TOOL_CALL|STATE|MESSAGES|ACTIVITY|REASONING|THINKING|SUBAGENT)_[A-Z_]+$/.test(
        String(json['type']),
      ) ||
        (json['type'] === 'RAW' && 'event' in json) ||
        (json['type'] === 'CUSTOM' && typeof json['name'] === 'string')),
  },
  {
    dialect: 'openai-completions',
    matches: ({ json }) =>
      isRecord(json) &&
      (json['object'] === 'text_completion' ||
        listOf(json['choices']).some(
          (choice) => isRecord(choice) && 'text' in choice && !('delta' in choice) && !('message' in choice),
        )),
  },
  {
    dialect: 'openai-chat',
    matches: ({ json }) =>
      isRecord(json) &&
      (Array.isArray(json['choices']) || String(json['object']).startsWith('chat.completion')),
  },
  { dialect: 'openai-assistants', matches: ({ frame }) => frame.event.startsWith('thread.') },
  { dialect: 'coze', matches: ({ frame }) => /^conversation\.\w+\.\w+$/.test(frame.event) },
  { dialect: 'flowise', matches: ({ json }) => isFlowiseEvent(json) },
  {
    dialect: 'dify',
    matches: ({ json }) =>
      isRecord(json) &&
      typeof json['event'] === 'string' &&
      ['task_id', 'conversation_id', 'message_id', 'workflow_run_id'].some((key) => key in json),
  },
  {
    dialect: 'tgi',
    matches: ({ json }) =>
      isRecord(json) &&
      ((isRecord(json['token']) && 'text' in json['token']) || typeof json['generated_text'] === 'string'),
  },
  {
    dialect: 'watsonx',
    matches: ({ json }) =>
      isRecord(json) &&
      listOf(json['results']).some((result) => isRecord(result) && 'generated_text' in result),
  },
  { dialect: 'a2a', matches: ({ json }) => isA2aRestUpdate(json) },
  { dialect: 'ollama', matches: ({ json }) => isOllama(json) && isRecord(json['message']) },
  {
    dialect: 'ollama-generate',
    matches: ({ json }) => isOllama(json) && typeof json['response'] === 'string',
  },
  { dialect: 'n8n', matches: ({ json }) => isN8nChunk(json) },
  { dialect: 'ai-sdk-ui', matches: ({ json }) => isRecord(json) && isAiSdkChunk(json) },
  {
    dialect: 'langserve',
    matches: ({ frame, previous }) => isRunMetadata(previous) && frame.event === 'data',
  },
  {
    dialect: 'langgraph',
    matches: ({ frame, json, previous }) => isLangGraphEvent(frame.event, json, isRunMetadata(previous)),
  },
  { dialect: 'native', matches: ({ json }) => isNativeOnly(json) },
  {
    dialect: 'replicate',
    matches: ({ frame, json }) => frame.event === 'output' && frame.id !== '' && !isRecord(json),
  },
  {
    dialect: 'writer-completions',
    matches: ({ json }) =>
      isRecord(json) && typeof json['value'] === 'string' && Object.keys(json).length === 1,
  },
  {
    dialect: 'plain',
    matches: ({ frame, json }) =>
      frame.framing === 'text' ||
      typeof json === 'string' ||
      (frame.framing === 'sse' &&
        frame.closed &&
        frame.event.toLowerCase() !== 'error' &&
        !isHeartbeat(frame) &&
        frame.data.trim() !== TERMINATOR &&
        !isRecord(json)),
  },
];

/** Names the dialect that a frame is of. What no test knows may still be a homemade shape: a weak `plain`. */
export function detectDialect(frame: Frame, previous?: Frame): Detection {
  if (isRunMetadata(frame)) return { dialect: undefined, decisive: false };
  const input = { frame, previous, json: frame.framing === 'text' ? undefined : parseJson(frame.data) };
  const test = TESTS.find(({ matches }) => matches(input));
  return test ? { dialect: test.dialect, decisive: true } : { dialect: 'plain', decisive: false };
}

/** Names the dialect that the head of an answer gives away, if its body is an event stream. */
export function detectFromHead({ headers }: ResponseInfo): DialectName | undefined {
  return headers.get('x-vercel-ai-ui-message-stream') === null ? undefined : 'ai-sdk-ui';
}
