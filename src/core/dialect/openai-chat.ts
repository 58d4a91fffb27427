import { readProviderError, type SourceEvent, type StreamEvent, type UsageEvent } from '../model/index.js';
import { encodeChatRequest, USAGE_WANTED } from './chat-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneReason } from './done-reason.js';
import { createErrorOnce, providerErrorEvent } from './errors.js';
import { createJsonDecoder } from './json-decoder.js';
import { countOf, isRecord, listOf, textOf, type JsonRecord } from './json.js';
import { createToolCallAssembler } from './tool-calls.js';

interface Words {
  text: string;
  reasoning: string;
}

/** Reads `content`: a string or, with Mistral, a list of parts that mixes text and thinking. */
function readContent(content: unknown): Words {
  const words: Words = { text: '', reasoning: '' };
  if (typeof content === 'string') words.text = content;
  for (const part of listOf(content)) {
    if (!isRecord(part)) continue;
    const { type, text, thinking, refusal } = part;
    if (type === 'thinking') {
      words.reasoning += typeof thinking === 'string' ? thinking : readContent(thinking).text;
    } else words.text += textOf(text) ?? textOf(refusal) ?? '';
  }
  return words;
}

/** The words of a delta or a message. Some gateways send the same reasoning under both names: it counts once. */
function readWords({ content, refusal, reasoning_content, reasoning }: JsonRecord): Words {
  const words = readContent(content);
  return {
    text: words.text + (textOf(refusal) ?? ''),
    reasoning: words.reasoning + (textOf(reasoning_content) ?? textOf(reasoning) ?? ''),
  };
}

function readUsage(usage: unknown): UsageEvent | undefined {
  if (!isRecord(usage)) return undefined;
  const details = usage['completion_tokens_details'] ?? usage['output_tokens_details'];
  const counts = {
    inputTokens: countOf(usage['prompt_tokens']) ?? countOf(usage['input_tokens']),
    outputTokens: countOf(usage['completion_tokens']) ?? countOf(usage['output_tokens']),
    totalTokens: countOf(usage['total_tokens']),
    reasoningTokens: isRecord(details) ? countOf(details['reasoning_tokens']) : undefined,
  };
  const known = Object.entries(counts).filter(([, count]) => count !== undefined);
  return known.length > 0 ? { type: 'usage', ...Object.fromEntries(known) } : undefined;
}

function readSource(value: unknown): SourceEvent | undefined {
  if (typeof value === 'string') return value === '' ? undefined : { type: 'source', id: value, url: value };
  if (!isRecord(value)) return undefined;
  const citation = isRecord(value['url_citation']) ? value['url_citation'] : value;
  const url = textOf(citation['url']);
  const title = textOf(citation['title']);
  return url === undefined
    ? undefined
    : { type: 'source', id: url, url, ...(title !== undefined && { title }) };
}

/** The first choice; others are alternatives that nobody asked to see. */
function firstChoice(choices: unknown): JsonRecord | undefined {
  return listOf(choices)
    .filter(isRecord)
    .find(({ index }) => typeof index !== 'number' || index === 0);
}

function createOpenAiChatDecoder(): Decoder {
  const toolCalls = createToolCallAssembler();
  const seenSources = new Set<string>();
  const errorOnce = createErrorOnce();
  let started = false;
  let sawDelta = false;
  let finishReason: string | undefined;
  let failed = false;
  let lastUsage = '';

  function startOnce({ id, model }: JsonRecord): StreamEvent[] {
    const streamId = textOf(id);
    const name = textOf(model);
    if (started || (streamId === undefined && name === undefined)) return [];
    started = true;
    return [
      {
        type: 'start',
        ...(streamId !== undefined && { streamId }),
        ...(name !== undefined && { model: name }),
      },
    ];
  }

  function failOnce(error: unknown): StreamEvent[] {
    failed = true;
    return errorOnce(providerErrorEvent(readProviderError(error)));
  }

  function addCall(call: unknown, position: number | undefined, isObjectAnId: boolean): StreamEvent[] {
    if (!isRecord(call)) return [];
    const { index, id } = call;
    const details = isRecord(call['function']) ? call['function'] : call;
    const { name, arguments: args } = details;
    return toolCalls.add({
      index: typeof index === 'number' ? index : position,
      id: isObjectAnId ? textOf(id) : undefined,
      name: textOf(name),
      args: typeof args === 'string' ? args : (isRecord(args) && JSON.stringify(args)) || '',
    });
  }

  function readCalls({ tool_calls, function_call }: JsonRecord, isMessage: boolean): StreamEvent[] {
    const events = listOf(tool_calls).flatMap((call, position) =>
      addCall(call, isMessage ? position : undefined, true),
    );
    return isRecord(function_call) ? [...events, ...addCall(function_call, 0, false)] : events;
  }

  function readSources(json: JsonRecord, part: JsonRecord): StreamEvent[] {
    const { search_results, citations } = json;
    // Results before citations: both have the URL, only the former have its title.
    return [...listOf(search_results), ...listOf(citations), ...listOf(part['annotations'])].flatMap(
      (value) => {
        const source = readSource(value);
        if (!source || seenSources.has(source.id)) return [];
        seenSources.add(source.id);
        return [source];
      },
    );
  }

  function readChoice(choice: JsonRecord): { part: JsonRecord; events: StreamEvent[] } {
    const { delta, message, finish_reason } = choice;
    const isDelta = isRecord(delta);
    if (isDelta) sawDelta = true;
    // A message beside or after deltas is a snapshot of them.
    const part = isDelta ? delta : isRecord(message) && !sawDelta ? message : {};
    const { text, reasoning } = readWords(part);
    const events: StreamEvent[] = [];
    if (reasoning !== '') events.push({ type: 'reasoning', content: reasoning });
    if (text !== '') events.push({ type: 'text', content: text });
    events.push(...readCalls(part, !isDelta));
    const reason = textOf(finish_reason);
    if (reason !== undefined) {
      finishReason = reason;
      events.push(...toolCalls.flush(false));
    }
    return { part, events };
  }

  function usageOnce(json: JsonRecord, choice: JsonRecord | undefined): StreamEvent[] {
    const groq = isRecord(json['x_groq']) ? json['x_groq']['usage'] : undefined;
    const usage = readUsage(json['usage']) ?? readUsage(groq) ?? readUsage(choice?.['usage']);
    if (!usage) return [];
    const text = JSON.stringify(usage);
    if (text === lastUsage) return [];
    lastUsage = text;
    return [usage];
  }

  function decodeChunk(json: JsonRecord): StreamEvent[] | undefined {
    const { choices, error } = json;
    const choice = firstChoice(choices);
    const { part, events } = choice ? readChoice(choice) : { part: {}, events: [] };
    const all = [
      ...startOnce(json),
      ...events,
      ...readSources(json, part),
      ...usageOnce(json, choice),
      ...(error ? failOnce(json) : []),
      ...(choice?.['error'] ? failOnce(choice) : []),
    ];
    return Array.isArray(choices) || all.length > 0 || failed ? all : undefined;
  }

  function end(terminated: boolean): StreamEvent[] {
    const finished = finishReason !== undefined;
    const events = toolCalls.flush(!finished && !terminated);
    if (!finished && failed) return [...events, { type: 'done', reason: 'error', complete: terminated }];
    const reason = doneReason(finishReason);
    const complete = finished || terminated;
    // Gemini and Ollama say "stop" although they wait for the results of calls.
    const waits = complete && toolCalls.count > 0 && (reason === 'stop' || reason === 'unknown');
    return [
      ...events,
      {
        type: 'done',
        reason: waits ? 'tool_calls' : reason,
        complete,
        ...(finishReason !== undefined && { origin: finishReason }),
      },
    ];
  }

  return createJsonDecoder({
    read(json, { event }) {
      if (event.toLowerCase() === 'error') return failOnce(json);
      return isRecord(json) ? decodeChunk(json) : undefined;
    },
    readText: ({ event, data }) => (event.toLowerCase() === 'error' ? failOnce(data.trim()) : undefined),
    endsSilently: () => finishReason !== undefined,
    end: ({ terminated }) => end(terminated),
  });
}

/**
 * OpenAI's Chat Completions and what the many who offer it make of it. A run is complete with a `finish_reason` or
 * `[DONE]`; `<think>` tags in the text stay there.
 */
export const openAiChatDialect: Dialect = {
  name: 'openai-chat',
  createDecoder: createOpenAiChatDecoder,
  encode: (input) => encodeChatRequest(input, USAGE_WANTED),
};
