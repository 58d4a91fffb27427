import type { Frame, ResponseInfo } from '../model/index.js';
import type { DetectionInput, DialectName } from './dialect.js';
import { isRecord, parseJson, type JsonRecord } from './json.js';
import { isNativeOnly } from './native-event.js';
import { isHeartbeat, TERMINATOR } from './plain-shape.js';

/** What one frame says about the dialect. A weak answer may be overruled by a later frame. */
export interface Detection {
  readonly dialect: DialectName;
  readonly decisive: boolean;
}

interface Test {
  readonly dialect: DialectName;
  matches(input: DetectionInput): boolean;
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

/** The decisive tests, most specific first. A new dialect is a new row. */
const TESTS: readonly Test[] = [
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
    dialect: 'openai-chat',
    matches: ({ json }) =>
      isRecord(json) &&
      (Array.isArray(json['choices']) || String(json['object']).startsWith('chat.completion')),
  },
  { dialect: 'ai-sdk-ui', matches: ({ json }) => isRecord(json) && isAiSdkChunk(json) },
  { dialect: 'native', matches: ({ json }) => isNativeOnly(json) },
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
export function detectDialect(frame: Frame): Detection {
  const input = { frame, json: frame.framing === 'text' ? undefined : parseJson(frame.data) };
  const test = TESTS.find(({ matches }) => matches(input));
  return test ? { dialect: test.dialect, decisive: true } : { dialect: 'plain', decisive: false };
}

/** Names the dialect that the head of an answer gives away, if its body is an event stream. */
export function detectFromHead({ headers }: ResponseInfo): DialectName | undefined {
  return headers.get('x-vercel-ai-ui-message-stream') === null ? undefined : 'ai-sdk-ui';
}
