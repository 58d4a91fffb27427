import type { DoneReason, ErrorEvent, StreamEvent } from '../model/index.js';
import { firstText, isRecord, recordOf, textOf, type JsonRecord } from '../model/json.js';
import { createStartOnce } from './answer-start.js';
import { pathOf, withPath } from './asked-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent, doneReason } from './done-reason.js';
import { reportedError } from './errors.js';
import { createObjectDecoder } from './object-decoder.js';
import { createResponseItems } from './openai-responses-items.js';
import { encodeResponsesRequest } from './openai-responses-request.js';
import { responsesOpaque, type WordsKind } from './openai-responses-wire.js';
import { createUsageOnce, readOpenAiUsage } from './usage.js';

/** Events with words, and older names of theirs. */
const WORDS = new Map<string, WordsKind>([
  ['output_text', 'text'],
  ['refusal', 'refusal'],
  ['reasoning_summary_text', 'summary'],
  ['reasoning_summary', 'summary'],
  ['reasoning_text', 'reasoning'],
  ['reasoning', 'reasoning'],
]);

const WORDS_EVENT = /^response\.([a-z_]+)\.(delta|done)$/;

/** The states that a response does not leave any more. */
const FINAL_STATES = new Set(['completed', 'incomplete', 'failed', 'cancelled']);
/** Events that come before there is anything to read. */
const FIRST_EVENTS = new Set(['response.created', 'response.queued', 'response.in_progress']);
const HEARTBEATS = new Set(['keepalive', 'ping']);

/** The endpoint says the same error twice, once with a `type` that only repeats the code. */
function readError(value: unknown): ErrorEvent {
  const event = reportedError(value);
  const code = event.origin?.code;
  return code === undefined ? event : { ...event, origin: { code } };
}

function createResponsesDecoder(): Decoder {
  const startOnce = createStartOnce();
  const usageOnce = createUsageOnce();
  let isFromStart = true;
  const items = createResponseItems(() => isFromStart);
  let frames = 0;
  let failed = false;
  let responseId: string | undefined;
  let isBackground = false;
  let lastNumber: number | undefined;
  /** The last event before the connection broke: what a resumed stream repeats up to it was here. */
  let resumedAfter = -1;

  function start({ id, model }: JsonRecord): StreamEvent[] {
    const streamId = textOf(id);
    if (streamId === undefined) return [];
    responseId = streamId;
    return startOnce({ streamId, model });
  }

  function fail(error: unknown): StreamEvent[] {
    failed = true;
    return [readError(error)];
  }

  function reasonOf(status: string, word: string): DoneReason {
    const reason = doneReason(word);
    if (status !== 'completed') return reason;
    if (items.calls > 0) return 'tool_calls';
    return items.refused ? 'content_filter' : reason;
  }

  function finish(response: JsonRecord, status: string): StreamEvent[] {
    const { id, output, error, incomplete_details, store } = response;
    const details = recordOf(incomplete_details);
    const isKept = status === 'completed' || status === 'incomplete';
    // Says nothing that an error event has not said.
    const isSilent = failed && !isRecord(error);
    const word = textOf(details['reason']) ?? status;
    return [
      ...items.complete(output, status !== 'completed'),
      ...(isKept && textOf(id) !== undefined
        ? [responsesOpaque({ response: String(id), stored: store !== false })]
        : []),
      ...(status === 'failed' && !isSilent ? fail(error) : []),
      ...usageOnce(readOpenAiUsage(response['usage'])),
      { type: 'done', reason: reasonOf(status, word), complete: true, origin: word },
    ];
  }

  function readResponse(response: JsonRecord, type: string): StreamEvent[] {
    const events = start(response);
    isBackground ||= response['background'] === true;
    const status = textOf(response['status']) ?? type.replace(/^response\./, '');
    // Gateways send the state of the beginning with the event of the end, and the other way round.
    const isFinal = !FIRST_EVENTS.has(type) && FINAL_STATES.has(status);
    return isFinal
      ? [...events, ...finish(response, status)]
      : [...events, ...usageOnce(readOpenAiUsage(response['usage']))];
  }

  function readEvent(json: JsonRecord, type: string): StreamEvent[] | undefined {
    const { delta, text, refusal, item, annotation, response } = json;
    switch (type) {
      case 'error':
      case 'response.error':
        return fail(json);
      case 'response.output_item.added':
        return isRecord(item) ? items.added(json) : undefined;
      case 'response.output_item.done':
        return isRecord(item) ? items.done(json) : undefined;
      case 'response.content_part.done':
      case 'response.reasoning_summary_part.done':
        return items.partDone(json);
      case 'response.output_text.annotation.added':
        return items.annotation(annotation);
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return items.argsDelta(json, textOf(delta) ?? '');
      case 'response.function_call_arguments.done':
      case 'response.custom_tool_call_input.done':
        return items.argsDone(json, firstText(json['arguments'], json['input']) ?? '');
      case 'response.mcp_call_arguments.done':
        return items.asked(json, { arguments: json['arguments'] });
      case 'response.code_interpreter_call_code.delta':
        return items.codeDelta(json, textOf(delta) ?? '');
      case 'response.code_interpreter_call_code.done':
        return items.asked(json, { code: json['code'] });
    }
    if (isRecord(response)) return readResponse(response, type);
    const [, name = '', phase] = WORDS_EVENT.exec(type) ?? [];
    const kind = WORDS.get(name);
    if (kind && phase === 'delta') return items.delta(json, kind, textOf(delta) ?? '');
    if (kind) return items.snapshot(json, kind, firstText(text, refusal) ?? '');
    return HEARTBEATS.has(type) || (type.startsWith('response.') && items.knows(json)) ? [] : undefined;
  }

  return createObjectDecoder({
    read(json, frame) {
      const { object, sequence_number } = json;
      const type = textOf(json['type']) ?? frame.event;
      frames += 1;
      if (frames === 1) {
        isFromStart = FIRST_EVENTS.has(type) || typeof sequence_number !== 'number' || sequence_number === 0;
      }
      if (typeof sequence_number === 'number') {
        if (sequence_number <= resumedAfter) return [];
        lastNumber = sequence_number;
      }
      if (object === 'response') return readResponse({ status: 'completed', ...json }, '');
      return readEvent(json, type);
    },
    resume({ url }) {
      if (!isBackground || responseId === undefined || lastNumber === undefined) return undefined;
      resumedAfter = lastNumber;
      const target = withPath(url, `${pathOf(url)}/${encodeURIComponent(responseId)}`);
      target.searchParams.set('stream', 'true');
      target.searchParams.set('starting_after', String(lastNumber));
      return { url: target.href, method: 'GET', from: 'cursor' };
    },
    end: ({ terminated, failed: sawError }) => [
      ...items.complete([], !terminated),
      doneEvent(undefined, { terminated, failed: sawError, waits: items.calls > 0 }),
    ],
  });
}

/**
 * OpenAI's Responses, and what others make of it. A run is complete with `response.completed`, `response.incomplete`,
 * `response.failed` or `[DONE]`. What the endpoint wants back (reasoning, the work of its own tools, ids) comes as
 * `opaque` events and goes back in place. Responses made in the `background` are gone on with by their number.
 */
export const openAiResponsesDialect: Dialect = {
  name: 'openai-responses',
  createDecoder: createResponsesDecoder,
  encode: encodeResponsesRequest,
};
