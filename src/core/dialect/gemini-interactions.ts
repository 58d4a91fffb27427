import type { DoneReason, StreamEvent, UsageEvent } from '../model/index.js';
import { firstText, isRecord, listOf, recordOf, recordsOf, textOf, type JsonRecord } from '../model/json.js';
import { createStartOnce } from './answer-start.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { createErrorOnce, googleErrorEvent } from './errors.js';
import { fileEvents, opaqueEvent, resultEvent, wordsEvents } from './events.js';
import { encodeInteractionsRequest, type InteractionsOpaque } from './gemini-interactions-request.js';
import { createJsonDecoder } from './json-decoder.js';
import { createSourceOnce } from './sources.js';
import { createToolCallAssembler } from './tool-calls.js';
import { createUsageOnce, readUsage } from './usage.js';

/** The statuses that only this interface has a word for. */
const REASONS = new Map<string, DoneReason>([
  ['requires_action', 'tool_calls'],
  ['incomplete', 'length'],
  ['budget_exceeded', 'length'],
]);

const FILE_TYPES = new Set<unknown>(['image', 'audio', 'video', 'document']);

function readTokens(usage: unknown): UsageEvent | undefined {
  return readUsage(
    usage,
    'total_input_tokens',
    'total_output_tokens',
    'total_tokens',
    'total_thought_tokens',
  );
}

/** A step that has begun and not ended. */
interface OpenStep {
  readonly type: string;
  /** As it goes back where the endpoint keeps nothing: its beginning, and what its deltas brought whole. */
  readonly whole: Record<string, unknown>;
  /** Where it is a call: its place among the calls, its id in the events, and whether it brought JSON text. */
  readonly call?: { readonly index: number; readonly id: string; hasText: boolean };
}

function createInteractionsDecoder(): Decoder {
  const calls = createToolCallAssembler();
  const steps = new Map<unknown, OpenStep>();
  const sourceOnce = createSourceOnce();
  const startOnce = createStartOnce();
  const usageOnce = createUsageOnce();
  const errorOnce = createErrorOnce();
  let callCount = 0;
  // An interaction that is not stored has an empty id: all of it has to go back with the next request.
  let isStored = true;
  let status: string | undefined;
  let failed = false;

  function opaque(value: InteractionsOpaque): StreamEvent {
    return opaqueEvent('gemini-interactions', value);
  }

  function failOnce(error: unknown): StreamEvent[] {
    failed = true;
    return errorOnce(googleErrorEvent(error));
  }

  function readSources(annotations: unknown): StreamEvent[] {
    return recordsOf(annotations).flatMap(({ url, document_uri, title, name, file_name }) =>
      sourceOnce({ url: textOf(url) ?? document_uri, title: firstText(title, name, file_name) }),
    );
  }

  /** A piece of what the model puts out: of a delta, or of a step that came whole. */
  function readContent(content: unknown): StreamEvent[] {
    if (!isRecord(content)) return [];
    const { type, text, annotations, data, uri, mime_type } = content;
    const url = textOf(data) === undefined ? uri : undefined;
    return [
      ...(type === 'text' ? wordsEvents('text', text) : []),
      ...(FILE_TYPES.has(type) ? fileEvents({ url, data, mediaType: mime_type }) : []),
      ...readSources(annotations),
    ];
  }

  function readThought(content: unknown): StreamEvent[] {
    return wordsEvents('reasoning', recordOf(content)['text']);
  }

  function beginStep(index: unknown, step: JsonRecord): StreamEvent[] {
    const type = textOf(step['type']) ?? '';
    const whole = { ...step };
    if (!type.endsWith('_call')) {
      steps.set(index, { type, whole });
      return [
        ...(type === 'model_output' ? listOf(step['content']).flatMap(readContent) : []),
        ...(type === 'thought' ? listOf(step['summary']).flatMap(readThought) : []),
      ];
    }
    const isOwn = type === 'function_call';
    const callIndex = callCount;
    callCount += 1;
    const name = isOwn ? textOf(step['name']) : type;
    const by = isOwn ? 'client' : 'server';
    const events = calls.add({ index: callIndex, id: textOf(step['id']), name, by, args: '' });
    const [start] = events;
    const id = start?.type === 'tool_call_start' ? start.id : '';
    steps.set(index, { type, whole, call: { index: callIndex, id, hasText: false } });
    return events;
  }

  function readDelta(step: OpenStep | undefined, delta: JsonRecord): StreamEvent[] | undefined {
    const { type, ...rest } = delta;
    if (type === 'thought_summary') return readThought(rest['content']);
    if (type === 'text_annotation_delta') return readSources(rest['annotations']);
    if (type === 'arguments_delta') {
      const args = textOf(rest['arguments']);
      if (!step?.call || args === undefined) return [];
      step.call.hasText = true;
      return calls.add({ index: step.call.index, args });
    }
    if (type === 'text' || FILE_TYPES.has(type)) return readContent(delta);
    // Whatever else there is comes whole: arguments and results of the endpoint's tools, signatures.
    if (!step) return undefined;
    Object.assign(step.whole, rest);
    return [];
  }

  function endCall({ type, whole }: OpenStep, call: NonNullable<OpenStep['call']>): StreamEvent[] {
    const { arguments: args, name, server_name } = whole;
    const events: StreamEvent[] = [];
    if (!call.hasText) {
      const record = recordOf(args);
      const value = type === 'mcp_server_tool_call' ? { server_name, name, arguments: record } : record;
      events.push(...calls.add({ index: call.index, args: JSON.stringify(value) }));
    }
    events.push(...calls.end(call.index, false));
    const signature = textOf(whole['signature']);
    if (isStored) return events;
    if (type !== 'function_call') return [...events, opaque({ type: 'step', step: whole })];
    return signature === undefined ? events : [...events, opaque({ type: 'call', id: call.id, signature })];
  }

  function endStep(index: unknown): StreamEvent[] {
    const step = steps.get(index);
    steps.delete(index);
    if (!step) return [];
    const { type, whole, call } = step;
    if (call) return endCall(step, call);
    const events: StreamEvent[] = [];
    const callId = textOf(whole['call_id']);
    if (type.endsWith('_result') && callId !== undefined) {
      events.push(resultEvent(callId, whole['result'], whole['is_error'] === true));
    }
    const goesBack = type.endsWith('_result') || (type === 'thought' && textOf(whole['signature']));
    if (!isStored && goesBack) events.push(opaque({ type: 'step', step: whole }));
    return events;
  }

  function settle(word: unknown): void {
    const text = textOf(word);
    if (text !== undefined && text !== 'in_progress') status = text;
  }

  function readInteraction(interaction: JsonRecord): StreamEvent[] {
    const { id, model, agent, usage } = interaction;
    settle(interaction['status']);
    if (id === '') isStored = false;
    return [...startOnce({ streamId: id, model: model ?? agent }), ...usageOnce(readTokens(usage))];
  }

  function complete(interaction: JsonRecord): StreamEvent[] {
    const events = readInteraction(interaction);
    const id = textOf(interaction['id']);
    const isUsable = status === 'completed' || status === 'requires_action';
    return [
      ...[...steps.keys()].flatMap(endStep),
      ...events,
      ...(id !== undefined && isUsable ? [opaque({ type: 'interaction', id })] : []),
    ];
  }

  /** An answer that is no stream: the same steps, all at once. */
  function readWhole(interaction: JsonRecord): StreamEvent[] {
    const events = readInteraction(interaction);
    for (const [index, step] of listOf(interaction['steps']).entries()) {
      if (isRecord(step) && step['type'] !== 'user_input')
        events.push(...beginStep(index, step), ...endStep(index));
    }
    return [...events, ...complete(interaction)];
  }

  function decodeEvent(json: JsonRecord): StreamEvent[] | undefined {
    const { event_type, interaction, index, step, delta, metadata, error, interaction_id } = json;
    const usage = isRecord(metadata) ? usageOnce(readTokens(metadata['usage'])) : [];
    if (json['object'] === 'interaction') return readWhole(json);
    if (error || event_type === 'error') return [...usage, ...failOnce(error ?? json)];
    if (event_type === 'interaction.completed' && isRecord(interaction)) {
      return [...usage, ...complete(interaction)];
    }
    if (isRecord(interaction)) return [...readInteraction(interaction), ...usage];
    if (event_type === 'interaction.status_update') {
      settle(json['status']);
      return [...startOnce({ streamId: interaction_id }), ...usage];
    }
    if (event_type === 'step.start' && isRecord(step)) return [...beginStep(index, step), ...usage];
    if (event_type === 'step.delta' && isRecord(delta)) {
      const events = readDelta(steps.get(index), delta);
      if (events) return [...events, ...usage];
    }
    if (event_type === 'step.stop') return [...endStep(index), ...usage];
    return usage.length > 0 ? usage : undefined;
  }

  function end(terminated: boolean): StreamEvent[] {
    const reason = failed ? 'error' : REASONS.get(status ?? '');
    return [doneEvent(status, { terminated, failed, waits: calls.count > 0, reason })];
  }

  return createJsonDecoder({
    read: (json) => (isRecord(json) ? decodeEvent(json) : undefined),
    endsSilently: () => status !== undefined,
    end: ({ terminated }) => end(terminated),
  });
}

/**
 * Google's Gemini Interactions: typed steps, each with a start, deltas and a stop. A run is complete with the status of
 * the interaction, or with `[DONE]`. The endpoint keeps the conversation, unless it is told not to (`store: false`).
 */
export const geminiInteractionsDialect: Dialect = {
  name: 'gemini-interactions',
  createDecoder: createInteractionsDecoder,
  encode: encodeInteractionsRequest,
};
