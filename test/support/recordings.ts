// The recorded streams of ../shared/streams, as their manifest describes them.
import { DIALECT_NAMES, type DialectName } from '../../src/core/index.js';

/** A text by its digest and its beginning. */
export interface Words {
  sha256: string;
  head: string;
}

/** What a reader must get out of a recording. */
export interface Expectation {
  text: Words;
  reasoning: Words | null;
  toolCalls: { id: string | null; name: string; args: unknown }[];
  serverTools?: { id: string | null; type: string }[];
  toolResults?: { id: string; content?: Words; error?: string }[];
  sources?: string[];
  files?: number;
  finishReason: string | null;
  usage: Record<string, number | null> | null;
  error: { message: string; code?: string | number; type?: string } | null;
}

/** One recording. */
export interface Recording {
  file: string;
  dialect: string;
  /** The rules by which it was read, where its dialect cannot be told from it. */
  reader?: string;
  http: { status: number; contentType: string; headers?: Record<string, string> };
  expect: Expectation;
}

/** What the recordings call by other names than detection does. */
const ALIASES: Readonly<Record<string, DialectName>> = {
  'openai-json': 'openai-chat',
  'plain-ndjson': 'plain',
  'plain-text': 'plain',
  'json-error': 'plain',
  'html-error': 'plain',
};

/** The name that detection gives; undefined where the dialect is not spoken. */
export function detectedName(dialect: string): DialectName | undefined {
  return ALIASES[dialect] ?? DIALECT_NAMES.find((name) => name === dialect);
}
