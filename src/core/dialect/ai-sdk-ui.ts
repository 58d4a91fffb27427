import { readProviderError, type OpaqueEvent, type StreamEvent, type UsageEvent } from '../model/index.js';
import { firstText, isRecord, recordOf, textOf, type JsonRecord } from '../model/json.js';
import { createAiSdkUiCalls } from './ai-sdk-ui-calls.js';
import { AI_SDK_UI, encodeAiSdkUiRequest } from './ai-sdk-ui-request.js';
import { bodyOf, pathOf, withPath } from './asked-request.js';
import { detectFromHead } from './detect.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent, doneReason } from './done-reason.js';
import { createErrorOnce, providerErrorEvent } from './errors.js';
import { dataEvents, fileEvents, opaqueEvent } from './events.js';
import { createJsonDecoder } from './json-decoder.js';
import { createSourceOnce } from './sources.js';
import { usageEvent } from './usage.js';

/** A text or reasoning part that is being written, and what its provider wants back with it. */
interface OpenPart {
  text: string;
  providerMetadata: unknown;
}

/** Where servers put the tokens of a run: the protocol has no place for them but the metadata of a message. */
function readUsage(metadata: JsonRecord): UsageEvent | undefined {
  const { usage, totalUsage } = metadata;
  const counts = isRecord(totalUsage) ? totalUsage : isRecord(usage) ? usage : metadata;
  const details = counts['outputTokenDetails'];
  return usageEvent({
    inputTokens: counts['inputTokens'],
    outputTokens: counts['outputTokens'],
    totalTokens: counts['totalTokens'],
    reasoningTokens: counts['reasoningTokens'] ?? recordOf(details)['reasoningTokens'],
  });
}

function createAiSdkUiDecoder(): Decoder {
  const openParts = new Map<string, OpenPart>();
  const calls = createAiSdkUiCalls(keep);
  const sourceOnce = createSourceOnce();
  const errorOnce = createErrorOnce();
  let text = '';
  /** Characters of text, and opaque events, that were there when the step began. */
  let step = { textLength: 0, kept: 0 };
  let kept = 0;
  let started = false;
  let finished = false;
  let finishReason: string | undefined;
  let failed = false;
  /** Which of the two protocols it is; undefined while nothing tells. */
  let isText: boolean | undefined;

  function keep(value: JsonRecord): OpaqueEvent {
    kept += 1;
    return opaqueEvent(AI_SDK_UI, value);
  }

  function readMetadata(metadata: unknown): StreamEvent[] {
    if (metadata === undefined || metadata === null) return [];
    const usage = isRecord(metadata) ? readUsage(metadata) : undefined;
    return [...dataEvents('message-metadata', metadata), ...(usage ? [usage] : [])];
  }

  function start({ messageId, messageMetadata }: JsonRecord): StreamEvent[] {
    const id = textOf(messageId);
    const model = textOf(recordOf(messageMetadata)['model']);
    const events = readMetadata(messageMetadata);
    // Merged streams start more than once.
    if (started) return events;
    started = true;
    return [
      { type: 'start', messageId: id, model },
      ...(id === undefined ? [] : [keep({ type: 'message', id })]),
      ...events,
    ];
  }

  function say(type: 'text' | 'reasoning', phase: string, json: JsonRecord): StreamEvent[] {
    const key = `${type} ${String(json['id'])}`;
    const part = (phase !== 'start' && openParts.get(key)) || { text: '', providerMetadata: undefined };
    openParts.set(key, part);
    part.providerMetadata = json['providerMetadata'] ?? part.providerMetadata;
    if (phase === 'delta') {
      // A server that sends the parts of `fullStream` as they are calls the delta "text".
      const content = firstText(json['delta'], json['text']) ?? '';
      part.text += content;
      if (type === 'text') text += content;
      return content === '' ? [] : [{ type, content }];
    }
    if (phase === 'start') return [];
    openParts.delete(key);
    const { providerMetadata } = part;
    return isRecord(providerMetadata) ? [keep({ type, text: part.text, providerMetadata })] : [];
  }

  function readSource({ sourceId, url, title, filename }: JsonRecord): StreamEvent[] {
    return sourceOnce({ id: sourceId, url, title: textOf(title) ?? filename });
  }

  function readFile({ url, mediaType, providerMetadata }: JsonRecord): StreamEvent[] {
    const files = fileEvents({ url, mediaType });
    const keeps = files.length > 0 && isRecord(providerMetadata);
    return [...files, ...(keeps ? [keep({ type: 'file', providerMetadata })] : [])];
  }

  function startStep(): StreamEvent[] {
    step = { textLength: text.length, kept };
    calls.startStep();
    return [{ type: 'step' }];
  }

  /** Takes back what the step has said so far. */
  function resetStep(): StreamEvent[] {
    const dropped = kept - step.kept;
    const events = calls.resetStep();
    if (dropped > 0) events.push(keep({ type: 'reset-step', dropped }));
    step = { ...step, kept };
    openParts.clear();
    if (text.length === step.textLength) return events;
    text = text.slice(0, step.textLength);
    return [...events, { type: 'text_set', content: text }];
  }

  function fail(json: JsonRecord): StreamEvent[] {
    failed = true;
    const message = textOf(json['errorText']);
    return errorOnce(providerErrorEvent(message === undefined ? readProviderError(json) : { message }));
  }

  function finish(json: JsonRecord): StreamEvent[] {
    finished = true;
    finishReason = textOf(json['finishReason']) ?? finishReason;
    return readMetadata(json['messageMetadata']);
  }

  function end(terminated: boolean): StreamEvent[] {
    const complete = finished || terminated;
    const reason = doneReason(finishReason);
    const isOpen = reason === 'stop' || reason === 'unknown';
    const done = doneEvent(finishReason, {
      terminated: complete,
      waits: calls.areWaiting(),
      reason: isOpen && failed ? 'error' : reason,
    });
    return [{ ...done, complete }];
  }

  const handlers = new Map<unknown, (json: JsonRecord) => StreamEvent[]>([
    ['start', start],
    ['start-step', startStep],
    ['finish-step', () => []],
    ['reset-step', resetStep],
    ...(['text', 'reasoning'] as const).flatMap((type) =>
      ['start', 'delta', 'end'].map(
        (phase) => [`${type}-${phase}`, (json: JsonRecord) => say(type, phase, json)] as const,
      ),
    ),
    ...calls.handlers,
    ['source-url', readSource],
    ['source-document', readSource],
    ['file', readFile],
    ['reasoning-file', (json) => [keep(json)]],
    ['custom', (json) => [keep(json)]],
    ['steering-message', (json) => dataEvents('steering-message', json['parts'])],
    ['message-metadata', (json) => readMetadata(json['messageMetadata'])],
    ['finish', finish],
    ['abort', () => finish({ finishReason: 'abort' })],
    ['error', fail],
  ]);

  function decodeChunk(json: JsonRecord): StreamEvent[] | undefined {
    const { type, error } = json;
    const handle = handlers.get(type);
    if (handle) {
      isText = false;
      return handle(json);
    }
    if (typeof type === 'string' && type.startsWith('data-')) {
      return dataEvents(type.slice('data-'.length), json['data']);
    }
    return error ? fail(json) : undefined;
  }

  const decoder = createJsonDecoder({
    read: (json) => (isRecord(json) ? decodeChunk(json) : undefined),
    // The text protocol has no other end than that of the answer.
    endsSilently: () => finished,
    end: ({ terminated }) => end(terminated || isText === true),
  });

  return {
    get unknownFrames() {
      return decoder.unknownFrames;
    },
    get endsSilently() {
      return isText === true || decoder.endsSilently === true;
    },
    onResponse(response) {
      if (detectFromHead(response)) isText = false;
    },
    resume(asked) {
      if (isText !== false) return undefined;
      const id = textOf(bodyOf(asked)['id']) ?? asked.conversationId;
      const path = `${pathOf(asked.url)}/${encodeURIComponent(id)}/stream`;
      return { url: withPath(asked.url, path).href, method: 'GET', from: 'start' };
    },
    decode(frame) {
      if (frame.framing !== 'text') return decoder.decode(frame);
      isText = true;
      return frame.data === '' ? [] : [{ type: 'text', content: frame.data }];
    },
    finish: () => decoder.finish(),
  };
}

/**
 * The UI message stream of Vercel's AI SDK, versions 5 to 7, and its text protocol. Who runs a tool shows only by its
 * result: calls that are not marked as the provider's are `client`, and the server answers those it runs itself. A
 * run is complete with `finish`, `abort` or `[DONE]`. A broken one is read again from its start, at
 * `{url}/{id}/stream`.
 */
export const aiSdkUiDialect: Dialect = {
  name: AI_SDK_UI,
  createDecoder: createAiSdkUiDecoder,
  encode: encodeAiSdkUiRequest,
};
