import type { DoneReason, StreamEvent } from '../model/index.js';
import { firstText, isRecord, listOf, recordOf, recordsOf, textOf, type JsonRecord } from '../model/json.js';
import { createStartOnce } from './answer-start.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent, doneReason } from './done-reason.js';
import { createErrorOnce, googleErrorEvent } from './errors.js';
import { fileEvents, opaqueEvent, resultEvent } from './events.js';
import { createPartialArgs, type PartialArgs } from './gemini-partial-args.js';
import { encodeGeminiRequest, type GeminiOpaque } from './gemini-request.js';
import { createJsonDecoder, type AnswerEnd } from './json-decoder.js';
import { createSourceOnce, type WireSource } from './sources.js';
import { createToolCallAssembler } from './tool-calls.js';
import { createUsageOnce, readUsage } from './usage.js';

/** The reasons that only Gemini has a word for; those for images have `IMAGE_` before them. */
const FILTERED = /BLOCKLIST|PROHIBITED|SPII|LANGUAGE|MODEL_ARMOR|SAFETY|RECITATION/;
/** A call or an answer that is not as it has to be. */
const FAILED = /^(?:MALFORMED|UNEXPECTED|TOO_MANY|MISSING)_/;

/** A blocked prompt has no candidate, and so no reason of its own. */
const BLOCKED = 'BLOCKED:';

/** The parts that tell of tools the endpoint runs itself: the call, and what came of it. */
const SERVER_TOOLS = [
  ['executableCode', 'codeExecutionResult'],
  ['toolCall', 'toolResponse'],
] as const;

function reasonOf(word: string | undefined): DoneReason {
  if (word?.startsWith(BLOCKED) || FILTERED.test(word ?? '')) return 'content_filter';
  return FAILED.test(word ?? '') ? 'error' : doneReason(word);
}

function readSource(value: unknown): WireSource {
  const { uri, sourceUri, retrievedUrl, title } = recordOf(value);
  return { url: firstText(uri, sourceUri) ?? retrievedUrl, title };
}

/** Everything that a candidate names as a source; not the pages it failed to get. */
function sourcesOf({ groundingMetadata, citationMetadata, urlContextMetadata }: JsonRecord): unknown[] {
  const grounding = listOf(recordOf(groundingMetadata)['groundingChunks']);
  const citations = recordOf(citationMetadata);
  const pages = listOf(recordOf(urlContextMetadata)['urlMetadata']);
  return [
    ...grounding
      .filter(isRecord)
      .map(({ web, retrievedContext, maps, image }) => web ?? retrievedContext ?? maps ?? image),
    ...listOf(citations['citations'] ?? citations['citationSources']),
    ...pages.filter(isRecord).filter((page) => /SUCCESS$|^$/.test(textOf(page['urlRetrievalStatus']) ?? '')),
  ];
}

/** The first candidate; others are alternatives that nobody asked to see. */
function firstCandidate(candidates: unknown): JsonRecord | undefined {
  return recordsOf(candidates).find(({ index }) => typeof index !== 'number' || index === 0);
}

/** A call whose arguments arrive value by value. */
interface StreamedCall {
  readonly index: number;
  readonly id: string;
  readonly ownId: string | undefined;
  readonly name: string;
  readonly args: PartialArgs;
}

function createGeminiDecoder(): Decoder {
  const calls = createToolCallAssembler();
  const streamed: StreamedCall[] = [];
  const sourceOnce = createSourceOnce();
  const startOnce = createStartOnce();
  const usageOnce = createUsageOnce();
  const errorOnce = createErrorOnce();
  let callCount = 0;
  let serverCallId: string | undefined;
  // The part that the message goes on with, and its length: signatures are tied to stretches of it.
  let openPart: 'text' | 'reasoning' | undefined;
  let openLength = 0;
  let finishReason: string | undefined;
  let failed = false;

  function opaque(value: GeminiOpaque): StreamEvent {
    return opaqueEvent('gemini', value);
  }

  function failOnce(error: unknown): StreamEvent[] {
    failed = true;
    return errorOnce(googleErrorEvent(error));
  }

  function readWords({ text, thought, thoughtSignature }: JsonRecord): StreamEvent[] {
    const type = thought === true ? 'reasoning' : 'text';
    const content = textOf(text) ?? '';
    const signature = textOf(thoughtSignature);
    const events: StreamEvent[] = [];
    const start = openPart === type ? openLength : 0;
    if (content !== '') {
      openPart = type;
      openLength = start + content.length;
      events.push({ type, content });
    }
    if (signature !== undefined) {
      events.push(opaque({ type, start, end: start + content.length, thoughtSignature: signature }));
    }
    return events;
  }

  function readFile(file: JsonRecord, { thoughtSignature }: JsonRecord): StreamEvent[] {
    const { mimeType, data, fileUri, displayName } = file;
    const url = textOf(data) === undefined ? fileUri : undefined;
    const files = fileEvents({ url, data, mediaType: mimeType, name: displayName });
    const signature = textOf(thoughtSignature);
    if (files.length === 0) return [];
    openPart = undefined;
    return [
      ...files,
      ...(signature === undefined ? [] : [opaque({ type: 'file', thoughtSignature: signature })]),
    ];
  }

  /** Begins a call, and says what has to go back with it. */
  function beginCall(name: string, ownId: string | undefined, signature: string | undefined) {
    openPart = undefined;
    const index = callCount;
    callCount += 1;
    const events = calls.add({ index, id: ownId, name, args: '' });
    const [start] = events;
    const id = start?.type === 'tool_call_start' ? start.id : '';
    if (ownId !== undefined || signature !== undefined) {
      const note = { type: 'call', id, ownId: ownId !== undefined } as const;
      events.push(opaque({ ...note, thoughtSignature: signature }));
    }
    return { index, id, events };
  }

  function closeStreamed(call: StreamedCall): StreamEvent[] {
    streamed.splice(streamed.indexOf(call), 1);
    const { index, id, name, args } = call;
    const rest = args.close();
    if (args.inOrder) return [...calls.add({ index, args: rest }), ...calls.end(index, true)];
    return args.value ? [{ type: 'tool_call', id, name, args: args.value }] : [];
  }

  function readCall(call: JsonRecord, { thoughtSignature }: JsonRecord): StreamEvent[] {
    const { name: wireName, id: wireId, args, partialArgs, willContinue } = call;
    const name = textOf(wireName);
    const ownId = textOf(wireId);
    const pieces = listOf(partialArgs);
    const goesOn = willContinue === true;
    const isKnown = (each: StreamedCall): boolean => ownId !== undefined && each.ownId === ownId;
    let current = streamed.find(isKnown) ?? (name === undefined ? streamed.at(-1) : undefined);
    const events: StreamEvent[] = [];
    if (!current) {
      if (name === undefined) return [];
      // The piece that closes a call may be missing. Only ids keep calls apart that arrive at the same time.
      if (ownId === undefined) events.push(...[...streamed].flatMap(closeStreamed));
      const begun = beginCall(name, ownId, textOf(thoughtSignature));
      events.push(...begun.events);
      if (!goesOn && pieces.length === 0) {
        const { index } = begun;
        const text = JSON.stringify(recordOf(args));
        return [...events, ...calls.add({ index, args: text }), ...calls.end(index, false)];
      }
      current = { index: begun.index, id: begun.id, ownId, name, args: createPartialArgs() };
      streamed.push(current);
    }
    const { index, args: built } = current;
    const text = pieces.map((piece) => built.add(piece)).join('');
    events.push(...calls.add({ index, args: text }));
    return goesOn ? events : [...events, ...closeStreamed(current)];
  }

  function readServerTool(part: JsonRecord): StreamEvent[] | undefined {
    for (const [callKey, resultKey] of SERVER_TOOLS) {
      const call = part[callKey];
      if (isRecord(call)) {
        openPart = undefined;
        const { id, args, toolType, ...rest } = call;
        const index = callCount;
        callCount += 1;
        const name = textOf(toolType) ?? callKey;
        const text = JSON.stringify(isRecord(args) ? args : rest);
        const events = calls.add({ index, id: textOf(id), name, by: 'server', args: text });
        const [start] = events;
        if (start?.type === 'tool_call_start') serverCallId = start.id;
        return [...events, ...calls.end(index, false), opaque({ type: 'part', part })];
      }
      const result = part[resultKey];
      if (isRecord(result)) {
        const { id, response, toolType: _, ...rest } = result;
        const callId = textOf(id) ?? serverCallId;
        const { outcome } = result;
        const isError = typeof outcome === 'string' && outcome !== 'OUTCOME_OK';
        return [
          ...(callId === undefined ? [] : [resultEvent(callId, response ?? rest, isError)]),
          opaque({ type: 'part', part }),
        ];
      }
    }
    return undefined;
  }

  function readPart(part: JsonRecord): StreamEvent[] {
    const { functionCall, inlineData, fileData } = part;
    if (isRecord(functionCall)) return readCall(functionCall, part);
    if (isRecord(inlineData)) return readFile(inlineData, part);
    if (isRecord(fileData)) return readFile(fileData, part);
    return readServerTool(part) ?? readWords(part);
  }

  function readCandidate(candidate: JsonRecord): StreamEvent[] {
    const { content } = candidate;
    const parts = listOf(recordOf(content)['parts']);
    finishReason = textOf(candidate['finishReason']) ?? finishReason;
    return [
      ...parts.filter(isRecord).flatMap(readPart),
      ...sourcesOf(candidate).flatMap((value) => sourceOnce(readSource(value))),
    ];
  }

  function decodeChunk(json: JsonRecord): StreamEvent[] | undefined {
    const { candidates, promptFeedback, usageMetadata, error } = json;
    const candidate = firstCandidate(candidates);
    const blockReason = textOf(recordOf(promptFeedback)['blockReason']);
    if (blockReason !== undefined) finishReason ??= `${BLOCKED}${blockReason}`;
    if (!candidates && !promptFeedback && !usageMetadata && !error) return undefined;
    return [
      ...startOnce({ streamId: json['responseId'], model: json['modelVersion'] }),
      ...(candidate ? readCandidate(candidate) : []),
      ...usageOnce(
        readUsage(
          usageMetadata,
          'promptTokenCount',
          'candidatesTokenCount',
          'totalTokenCount',
          'thoughtsTokenCount',
        ),
      ),
      ...(error ? failOnce(error) : []),
    ];
  }

  function end({ terminated, cutShort }: AnswerEnd): StreamEvent[] {
    const finished = finishReason !== undefined;
    const events = finished && !failed && !cutShort ? [...streamed].flatMap(closeStreamed) : [];
    const done = doneEvent(finishReason, {
      terminated,
      waits: finished && calls.count > 0,
      reason: failed ? 'error' : reasonOf(finishReason),
    });
    // Older models send a finish reason with every chunk: an error, or half a chunk, behind it takes it back.
    return [...events, { ...done, complete: terminated || (finished && !failed && !cutShort) }];
  }

  return createJsonDecoder({
    read(json) {
      if (Array.isArray(json)) return json.filter(isRecord).flatMap((chunk) => decodeChunk(chunk) ?? []);
      return isRecord(json) ? decodeChunk(json) : undefined;
    },
    endsSilently: (whole) => whole && finishReason !== undefined,
    end,
  });
}

/**
 * Google Gemini, `streamGenerateContent`, on its own and on Vertex AI: as an event stream (`alt=sse`) or as one JSON
 * array that grows. There is no terminator: a run is complete with a `finishReason`. The model is part of the address.
 */
export const geminiDialect: Dialect = {
  name: 'gemini',
  createDecoder: createGeminiDecoder,
  encode: encodeGeminiRequest,
};
