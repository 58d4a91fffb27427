import type { Frame } from '../model/index.js';
import { isA2aRestUpdate, isA2aUpdate } from './a2a.js';
import type { DetectionInput, DialectName } from './dialect.js';
import { isFlowiseEvent } from './flowise.js';
import { isRecord, parseJson } from './json.js';
import { isLangGraphEvent } from './langgraph.js';
import { isN8nChunk } from './n8n.js';
import { isNativeOnly } from './native-event.js';
import { isHeartbeat, TERMINATOR } from './plain-shape.js';

/** What one frame says about the dialect. A weak answer may be overruled by a later frame. */
export interface Detection {
  /** Undefined: the frame belongs to one of several, and the next one tells to which. */
  readonly dialect: DialectName | undefined;
  readonly decisive: boolean;
}

interface Test {
  readonly dialect: DialectName;
  matches(input: DetectionInput): boolean;
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
    dialect: 'openai-chat',
    matches: ({ json }) =>
      isRecord(json) &&
      (Array.isArray(json['choices']) || String(json['object']).startsWith('chat.completion')),
  },
  { dialect: 'coze', matches: ({ frame }) => /^conversation\.\w+\.\w+$/.test(frame.event) },
  { dialect: 'flowise', matches: ({ json }) => isFlowiseEvent(json) },
  {
    dialect: 'dify',
    matches: ({ json }) =>
      isRecord(json) &&
      typeof json['event'] === 'string' &&
      ['task_id', 'conversation_id', 'message_id', 'workflow_run_id'].some((key) => key in json),
  },
  { dialect: 'a2a', matches: ({ json }) => isA2aRestUpdate(json) },
  { dialect: 'n8n', matches: ({ json }) => isN8nChunk(json) },
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
