import type { StreamEvent, UsageEvent } from '../model/index.js';
import { isRecord, textOf, type JsonRecord } from '../model/json.js';
import { createStartOnce } from './answer-start.js';
import type { Decoder } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { reportedError } from './errors.js';
import { wordsEvents } from './events.js';
import { createJsonDecoder } from './json-decoder.js';
import { usageEvent } from './usage.js';

/** What one line says beside its end and its counts. */
export interface OllamaLine {
  readonly text?: unknown;
  readonly reasoning?: unknown;
  /** Whatever else is in it, behind the words. */
  readonly events?: readonly StreamEvent[] | undefined;
}

/** What one of Ollama's ways to answer has of its own. */
export interface OllamaReader {
  /** Undefined: the line is of no known kind. */
  readLine(json: JsonRecord): OllamaLine | undefined;
  /** The answer waits for the results of calls, though its reason is "stop". */
  readonly awaitsTools?: boolean;
}

function readUsage({ prompt_eval_count, eval_count }: JsonRecord): UsageEvent | undefined {
  return usageEvent({ inputTokens: prompt_eval_count, outputTokens: eval_count });
}

/** Decodes the lines that Ollama's ways to answer have in common: one JSON object each, the last with `done: true`. */
export function createOllamaDecoder(reader: OllamaReader): Decoder {
  const startOnce = createStartOnce();
  let failed = false;

  function decodeLine(json: JsonRecord): StreamEvent[] | undefined {
    if (json['error']) {
      failed = true;
      return [reportedError(json)];
    }
    const line = reader.readLine(json);
    const isLast = json['done'] === true;
    if (!line && !isLast) return undefined;
    const events: StreamEvent[] = startOnce({ model: json['model'] });
    events.push(
      ...wordsEvents('reasoning', line?.reasoning),
      ...wordsEvents('text', line?.text),
      ...(line?.events ?? []),
    );
    if (!isLast) return events;
    const usage = readUsage(json);
    const word = textOf(json['done_reason']);
    const reason = word === undefined ? 'stop' : undefined;
    return [
      ...events,
      ...(usage ? [usage] : []),
      doneEvent(word, { terminated: true, waits: reader.awaitsTools, reason }),
    ];
  }

  return createJsonDecoder({
    read: (json) => (isRecord(json) ? decodeLine(json) : undefined),
    end: ({ terminated }) => [doneEvent(undefined, { terminated, failed })],
  });
}
