import type { StreamEvent, Usage } from '../model/index.js';
import { isRecord, recordOf, recordsOf, textOf, type JsonRecord } from '../model/json.js';
import { createAnthropicBlocks, keepEvent } from './anthropic-blocks.js';
import { encodeAnthropicRequest } from './anthropic-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent, doneReason } from './done-reason.js';
import { reportedError } from './errors.js';
import { dataEvents } from './events.js';
import { createJsonDecoder } from './json-decoder.js';
import { createToolCallAssembler } from './tool-calls.js';
import { readCounts } from './usage.js';

/** The counts that are there; the others keep the value they had. */
function readUsage(usage: unknown): Usage {
  const counts = recordOf(usage);
  return (
    readCounts({
      inputTokens: counts['input_tokens'],
      outputTokens: counts['output_tokens'],
      reasoningTokens: recordOf(counts['output_tokens_details'])['thinking_tokens'],
    }) ?? {}
  );
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function createAnthropicDecoder(): Decoder {
  const toolCalls = createToolCallAssembler();
  const blocks = createAnthropicBlocks(toolCalls);
  let messageId: string | undefined;
  let stopReason: string | undefined;
  let usage: Usage = {};
  let failed = false;

  function updateUsage(value: unknown): StreamEvent[] {
    const next = { ...usage, ...readUsage(value) };
    if (JSON.stringify(next) === JSON.stringify(usage)) return [];
    usage = next;
    return [{ type: 'usage', ...usage }];
  }

  function keepContainer(value: unknown): StreamEvent[] {
    if (!isRecord(value)) return [];
    const id = textOf(value['id']);
    const expiresAt = textOf(value['expires_at']);
    return id === undefined ? [] : [keepEvent({ container: { id, expiresAt } })];
  }

  function ifKnown([events, known]: readonly [StreamEvent[], boolean]): StreamEvent[] | undefined {
    return known || events.length > 0 ? events : undefined;
  }

  function startMessage({ id, model, container, usage: counts }: JsonRecord): StreamEvent[] {
    const streamId = textOf(id) ?? '';
    // Some gateways send the start twice.
    if (streamId === messageId) return [];
    const events: StreamEvent[] = [];
    if (messageId === undefined) {
      events.push({ type: 'start', streamId: textOf(streamId), model: textOf(model) });
    } else {
      // Others put the messages of several turns into one stream.
      events.push(...blocks.end(false), { type: 'step' });
    }
    messageId = streamId;
    return [...events, ...keepContainer(container), ...updateUsage(counts)];
  }

  function endMessage(delta: JsonRecord, counts: unknown): StreamEvent[] {
    const { stop_reason, stop_details, container } = delta;
    stopReason = textOf(stop_reason) ?? stopReason;
    const reason = doneReason(stopReason);
    const isCut = reason === 'length' || reason === 'content_filter';
    return [
      ...(stopReason === undefined ? [] : blocks.end(isCut)),
      // Says why an answer was refused, which the model's text does not.
      ...(isRecord(stop_details) ? dataEvents('stop_details', stop_details) : []),
      ...keepContainer(container),
      ...updateUsage(counts),
    ];
  }

  /** A whole answer, from an endpoint that does not stream. */
  function wholeMessage(message: JsonRecord): StreamEvent[] {
    return [
      ...startMessage(message),
      ...recordsOf(message['content']).flatMap((block, index) => [
        ...blocks.start(index, block)[0],
        ...blocks.stop(index),
      ]),
      ...endMessage({ ...message, container: undefined }, undefined),
      ...end(true),
    ];
  }

  function fail(error: unknown): StreamEvent[] {
    if (failed) return [];
    failed = true;
    return [reportedError(error)];
  }

  function end(terminated: boolean): StreamEvent[] {
    const events = stopReason === undefined ? blocks.end(!terminated) : [];
    const paused = stopReason === 'pause_turn';
    // Gateways may say "end_turn" although they wait for the results of calls.
    const done = doneEvent(stopReason, { terminated, failed, waits: !paused && toolCalls.count > 0 });
    return [...events, { ...done, paused: paused || undefined }];
  }

  const handlers = new Map<unknown, (json: JsonRecord) => StreamEvent[] | undefined>([
    ['ping', () => []],
    ['message_start', ({ message }) => (isRecord(message) ? startMessage(message) : [])],
    [
      'content_block_start',
      ({ index, content_block }) =>
        isRecord(content_block) ? ifKnown(blocks.start(numberOf(index), content_block)) : [],
    ],
    [
      'content_block_delta',
      ({ index, delta }) => (isRecord(delta) ? ifKnown(blocks.delta(numberOf(index), delta)) : []),
    ],
    ['content_block_stop', ({ index }) => blocks.stop(numberOf(index))],
    ['message_delta', ({ delta, usage: counts }) => endMessage(recordOf(delta), counts)],
    ['message_stop', () => end(true)],
    ['message', wholeMessage],
    ['error', fail],
  ]);

  return createJsonDecoder({
    read(json, { event }) {
      if (event === 'error') return fail(json);
      if (!isRecord(json)) return undefined;
      const { type = event, error } = json;
      return (isRecord(error) ? fail : handlers.get(type))?.(json);
    },
    readText: ({ event, data, closed }) => (event === 'error' && closed ? fail(data.trim()) : undefined),
    endsSilently: () => stopReason !== undefined,
    end: ({ terminated }) => end(terminated),
  });
}

/**
 * Anthropic's Messages and those who offer the same. Thinking, blocks of the endpoint's own tools and cited text go
 * back as they came. A run is complete with a `stop_reason` or `message_stop`.
 */
export const anthropicDialect: Dialect = {
  name: 'anthropic',
  createDecoder: createAnthropicDecoder,
  headers: { 'anthropic-version': '2023-06-01', 'anthropic-dangerous-direct-browser-access': 'true' },
  encode: encodeAnthropicRequest,
};
