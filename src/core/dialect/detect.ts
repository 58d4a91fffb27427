import type { Frame } from '../model/index.js';
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

/** The decisive tests, most specific first. A new dialect is a new row. */
const TESTS: readonly Test[] = [
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
    dialect: 'openai-chat',
    matches: ({ json }) =>
      isRecord(json) &&
      (Array.isArray(json['choices']) || String(json['object']).startsWith('chat.completion')),
  },
  { dialect: 'ollama', matches: ({ json }) => isOllama(json) && isRecord(json['message']) },
  {
    dialect: 'ollama-generate',
    matches: ({ json }) => isOllama(json) && typeof json['response'] === 'string',
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
export function detectDialect(frame: Frame): Detection {
  const input = { frame, json: frame.framing === 'text' ? undefined : parseJson(frame.data) };
  const test = TESTS.find(({ matches }) => matches(input));
  return test ? { dialect: test.dialect, decisive: true } : { dialect: 'plain', decisive: false };
}
