import type { FilePart, Message, RunInput, StreamEvent, UsageEvent } from '../model/index.js';
import { isRecord, present, recordOf, someOf, textOf, type JsonRecord } from '../model/json.js';
import { encodeMessage, encodeTools, systemMessages } from './chat-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent, doneReason } from './done-reason.js';
import { reportedError } from './errors.js';
import { wordsEvents } from './events.js';
import { readFileText } from './file-data.js';
import { createJsonDecoder } from './json-decoder.js';
import { createSourceOnce, type WireSource } from './sources.js';
import { createToolCallAssembler } from './tool-calls.js';
import { createUsageOnce, readUsage } from './usage.js';

/** One value, a list of them, or nothing. */
function manyOf(value: unknown): JsonRecord[] {
  return (Array.isArray(value) ? value : [value]).filter(isRecord);
}

function readSource({ id, document, tool_output }: JsonRecord): WireSource {
  const { id: name, url, title } = [document, tool_output].find(isRecord) ?? {};
  return { id: textOf(id) ?? name, url, title };
}

function readTokens({ tokens, billed_units }: JsonRecord): UsageEvent | undefined {
  // Billed units leave out what the endpoint itself adds to the prompt.
  const counts = [tokens, billed_units].find(isRecord);
  return readUsage(counts, 'input_tokens', 'output_tokens', undefined, 'reasoning_tokens');
}

function readContent(content: unknown): StreamEvent[] {
  if (typeof content === 'string') return wordsEvents('text', content);
  return manyOf(content).flatMap(({ text, thinking }) => [
    ...wordsEvents('reasoning', thinking),
    ...wordsEvents('text', text),
  ]);
}

function createCohereDecoder(): Decoder {
  const toolCalls = createToolCallAssembler();
  const sourceOnce = createSourceOnce();
  const usageOnce = createUsageOnce();
  let failed = false;

  function readSources(citations: unknown): StreamEvent[] {
    return manyOf(citations).flatMap(({ sources }) =>
      manyOf(sources).flatMap((source) => sourceOnce(readSource(source))),
    );
  }

  function addCall(call: JsonRecord, index: number | undefined): StreamEvent[] {
    const details = recordOf(call['function']);
    return toolCalls.add({
      index,
      id: textOf(call['id']),
      name: textOf(details['name']),
      args: textOf(details['arguments']) ?? '',
    });
  }

  function readMessage(message: JsonRecord, index: number | undefined): StreamEvent[] {
    return [
      ...wordsEvents('reasoning', message['tool_plan']),
      ...readContent(message['content']),
      ...manyOf(message['tool_calls']).flatMap((call, position) => addCall(call, index ?? position)),
      ...readSources(message['citations']),
    ];
  }

  function fail(error: unknown): StreamEvent[] {
    if (failed) return [];
    failed = true;
    return [reportedError(error)];
  }

  function end({ finish_reason, usage, error }: JsonRecord, terminated: boolean): StreamEvent[] {
    const word = textOf(finish_reason);
    const reason = doneReason(word);
    const isCut = !terminated || reason === 'length' || reason === 'error';
    return [
      ...toolCalls.flush(isCut || (failed && word === undefined)),
      ...usageOnce(readTokens(recordOf(usage))),
      ...(textOf(error) === undefined ? [] : fail(error)),
      doneEvent(word, { terminated, failed, waits: toolCalls.count > 0 }),
    ];
  }

  function start(id: unknown, message: unknown): StreamEvent[] {
    return [{ type: 'start', streamId: textOf(id) }, ...readMessage(recordOf(message), undefined)];
  }

  function decodeEvent(json: JsonRecord, eventName: string): StreamEvent[] | undefined {
    const { type = eventName, id, index, delta, message, error, finish_reason } = json;
    const { message: piece, ...rest } = recordOf(delta);
    const position = typeof index === 'number' ? index : undefined;
    switch (type) {
      case 'message-start':
        return start(id, piece);
      case 'content-start':
      case 'content-delta':
      case 'tool-plan-delta':
      case 'tool-call-start':
      case 'tool-call-delta':
      case 'citation-start':
        return isRecord(piece) ? readMessage(piece, position) : [];
      case 'tool-call-end':
        // One without arguments is whole only if nothing cuts the message short.
        return position === undefined ? [] : toolCalls.end(position, true);
      case 'content-end':
      case 'citation-end':
      case 'debug':
      case 'ping':
        return [];
      case 'message-end':
        return end(rest, true);
      default:
        if (eventName === 'error' || type === 'error' || error) return fail(json);
        // A whole answer, from an endpoint that does not stream.
        if (!isRecord(message) || finish_reason === undefined) return undefined;
        return [...start(id, message), ...end(json, true)];
    }
  }

  return createJsonDecoder({
    read(json, { event }) {
      if (isRecord(json)) return decodeEvent(json, event);
      return event === 'error' ? fail(json) : undefined;
    },
    readText: ({ event, data, closed }) => (event === 'error' && closed ? fail(data.trim()) : undefined),
    end: ({ terminated }) => end({}, terminated),
  });
}

/** Text files are documents beside the messages; user messages take text and images only. */
function takeDocuments(messages: readonly Message[]): [messages: Message[], documents: JsonRecord[]] {
  const documents: JsonRecord[] = [];
  const rest = messages.map((message): Message => {
    const isDocument = (part: FilePart): boolean => {
      const text = readFileText(part);
      if (text === undefined) return false;
      documents.push({ data: present({ title: part.name, text }) });
      return true;
    };
    if (message.role !== 'user') return message;
    return { ...message, parts: message.parts.filter((part) => part.type !== 'file' || !isDocument(part)) };
  });
  return [rest, documents];
}

/** The plan that led to calls goes back with them. */
function withPlan(message: Message): JsonRecord[] {
  const plan = message.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
  let isFirst = true;
  return encodeMessage(message).map((encoded) => {
    if (encoded['role'] !== 'assistant') return encoded;
    const { content, ...rest } = encoded;
    const hasPlan = isFirst && plan !== '' && encoded['tool_calls'] !== undefined;
    isFirst = false;
    return { ...rest, ...(content !== null && { content }), ...(hasPlan && { tool_plan: plan }) };
  });
}

function encodeCohereRequest({ model, system, messages, tools, body }: RunInput): JsonRecord {
  const [rest, documents] = takeDocuments(messages);
  return present({
    model,
    messages: [
      ...systemMessages(system),
      ...rest.flatMap((message) =>
        message.role === 'assistant' ? withPlan(message) : encodeMessage(message),
      ),
    ],
    stream: true,
    documents: someOf(documents),
    tools: encodeTools(tools),
    ...body,
  });
}

/** Cohere's Chat, version 2. A run is complete with `message-end` or `[DONE]`. */
export const cohereDialect: Dialect = {
  name: 'cohere',
  createDecoder: createCohereDecoder,
  encode: encodeCohereRequest,
};
