import type { Usage, UsageEvent } from '../model/index.js';
import { countOf, isRecord, recordOf } from '../model/json.js';

/** Token counts, each of any type as the wire has it. */
type WireUsage = { readonly [Name in keyof Usage]?: unknown };

/** Those counts that are there; undefined where none is. */
export function readCounts(wire: WireUsage): Usage | undefined {
  const known = Object.entries(wire).flatMap(([name, value]) => {
    const count = countOf(value);
    return count === undefined ? [] : [[name, count] as const];
  });
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

/** The event of those counts that are there; undefined where none is. */
export function usageEvent(wire: WireUsage): UsageEvent | undefined {
  const counts = readCounts(wire);
  return counts && { type: 'usage', ...counts };
}

/** Token counts by the names that an endpoint has for them. */
export function readUsage(
  usage: unknown,
  input: string,
  output: string,
  total = '',
  reasoning = '',
): UsageEvent | undefined {
  const counts = recordOf(usage);
  return usageEvent({
    inputTokens: counts[input],
    outputTokens: counts[output],
    totalTokens: counts[total],
    reasoningTokens: counts[reasoning],
  });
}

/** Usage as OpenAI's Chat Completions have it or as its Responses do, which many repeat and some mix. */
export function readOpenAiUsage(usage: unknown): UsageEvent | undefined {
  if (!isRecord(usage)) return undefined;
  const details = usage['completion_tokens_details'] ?? usage['output_tokens_details'];
  return usageEvent({
    inputTokens: usage['prompt_tokens'] ?? usage['input_tokens'],
    outputTokens: usage['completion_tokens'] ?? usage['output_tokens'],
    totalTokens: usage['total_tokens'],
    reasoningTokens: recordOf(details)['reasoning_tokens'],
  });
}

/** Gives the usage of one answer where it says something new: endpoints repeat it. */
export function createUsageOnce(): (usage: UsageEvent | undefined) => UsageEvent[] {
  let last = '';
  return (usage) => {
    const text = JSON.stringify(usage);
    if (!usage || text === last) return [];
    last = text;
    return [usage];
  };
}
