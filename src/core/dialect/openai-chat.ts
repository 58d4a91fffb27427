import type { StreamEvent, UsageEvent } from '../model/index.js';
import { firstText, isRecord, listOf, recordOf, recordsOf, textOf, type JsonRecord } from '../model/json.js';
import { createStartOnce } from './answer-start.js';
import { encodeChatRequest, USAGE_WANTED } from './chat-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { reportedError } from './errors.js';
import { wordsEvents } from './events.js';
import { createObjectDecoder } from './object-decoder.js';
import { createSourceOnce, type WireSource } from './sources.js';
import { createToolCallAssembler } from './tool-calls.js';
import { createUsageOnce, readOpenAiUsage } from './usage.js';

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
    } else words.text += firstText(text, refusal) ?? '';
  }
  return words;
}

/** The words of a delta or a message. Some gateways send the same reasoning under both names: it counts once. */
function readWords({ content, refusal, reasoning_content, reasoning }: JsonRecord): Words {
  const words = readContent(content);
  return {
    text: words.text + (textOf(refusal) ?? ''),
    reasoning: words.reasoning + (firstText(reasoning_content, reasoning) ?? ''),
  };
}

function readSource(value: unknown): WireSource {
  if (!isRecord(value)) return { url: value };
  const { url, title } = isRecord(value['url_citation']) ? value['url_citation'] : value;
  return { url, title };
}

/** The first choice; others are alternatives that nobody asked to see. */
function firstChoice(choices: unknown): JsonRecord | undefined {
  return recordsOf(choices).find(({ index }) => typeof index !== 'number' || index === 0);
}

function createOpenAiChatDecoder(): Decoder {
  const toolCalls = createToolCallAssembler();
  const sourceOnce = createSourceOnce();
  const startOnce = createStartOnce();
  const usageOnce = createUsageOnce();
  let sawDelta = false;
  let finishReason: string | undefined;

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
    const sources = [...listOf(search_results), ...listOf(citations), ...listOf(part['annotations'])];
    return sources.flatMap((value) => sourceOnce(readSource(value)));
  }

  function readChoice(choice: JsonRecord): { part: JsonRecord; events: StreamEvent[] } {
    const { delta, message, finish_reason } = choice;
    const isDelta = isRecord(delta);
    if (isDelta) sawDelta = true;
    // A message beside or after deltas is a snapshot of them.
    const part = isDelta ? delta : isRecord(message) && !sawDelta ? message : {};
    const { text, reasoning } = readWords(part);
    const events = [
      ...wordsEvents('reasoning', reasoning),
      ...wordsEvents('text', text),
      ...readCalls(part, !isDelta),
    ];
    const reason = textOf(finish_reason);
    if (reason !== undefined) {
      finishReason = reason;
      events.push(...toolCalls.flush(false));
    }
    return { part, events };
  }

  function usageOf(json: JsonRecord, choice: JsonRecord | undefined): UsageEvent | undefined {
    const groq = recordOf(json['x_groq'])['usage'];
    return readOpenAiUsage(json['usage']) ?? readOpenAiUsage(groq) ?? readOpenAiUsage(choice?.['usage']);
  }

  function decodeChunk(json: JsonRecord): StreamEvent[] | undefined {
    const { choices, error } = json;
    const choice = firstChoice(choices);
    const { part, events } = choice ? readChoice(choice) : { part: {}, events: [] };
    const all = [
      ...startOnce({ streamId: json['id'], model: json['model'] }),
      ...events,
      ...readSources(json, part),
      ...usageOnce(usageOf(json, choice)),
      ...(error ? [reportedError(json)] : []),
      ...(choice?.['error'] ? [reportedError(choice)] : []),
    ];
    return Array.isArray(choices) || all.length > 0 || error ? all : undefined;
  }

  function end(terminated: boolean, failed: boolean): StreamEvent[] {
    return [
      ...toolCalls.flush(finishReason === undefined && !terminated),
      // Gemini and Ollama say "stop" although they wait for the results of calls.
      doneEvent(finishReason, { terminated, failed, waits: toolCalls.count > 0 }),
    ];
  }

  return createObjectDecoder({
    read: decodeChunk,
    endsSilently: () => finishReason !== undefined,
    end: ({ terminated, failed }) => end(terminated, failed),
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
