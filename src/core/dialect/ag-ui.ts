import type { DoneReason, StreamEvent, UsageEvent } from '../model/index.js';
import {
  countOf,
  firstText,
  isRecord,
  listOf,
  present,
  recordOf,
  recordsOf,
  textOf,
  type JsonRecord,
} from '../model/json.js';
import { createAgUiCalls } from './ag-ui-calls.js';
import { createAgUiMessages, field, keep, type AgUiHandler } from './ag-ui-messages.js';
import { AG_UI, encodeAgUiRequest } from './ag-ui-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent, doneReason } from './done-reason.js';
import { createErrorOnce, reportedError } from './errors.js';
import { approvalEvent, dataEvents } from './events.js';
import { createJsonDecoder } from './json-decoder.js';

/** Events in whose presence a call in the short form goes on. */
const STANDS_ASIDE = /^(?:RAW|ACTIVITY_.*|REASONING_ENCRYPTED_VALUE|SUBAGENT_STARTED|TOOL_CALL_CHUNK)$/;

/** Events that say nothing to a reader. */
const SILENT = /^(?:STEP|TEXT|REASONING|THINKING)_(?:\w+_)?(?:START|END|FINISHED)$/;

/** The word for an end that says no more than that it is one. */
const FINISHED = 'finished';

/** Whether an event says that the run broke off in whatever it was doing. */
function isBreak({ type, outcome }: JsonRecord): boolean {
  return type === 'RUN_ERROR' || (isRecord(outcome) && outcome['type'] === 'cancelled');
}

/** Tokens of a run: one entry for each model that it used. */
function readUsage(usage: unknown): UsageEvent[] {
  const counts: Record<string, number> = {};
  for (const entry of recordsOf(usage)) {
    for (const name of ['inputTokens', 'outputTokens', 'totalTokens', 'reasoningTokens']) {
      const count = countOf(entry[name]);
      if (count !== undefined) counts[name] = (counts[name] ?? 0) + count;
    }
  }
  return Object.keys(counts).length > 0 ? [{ type: 'usage', ...counts }] : [];
}

function createAgUiDecoder(): Decoder {
  const calls = createAgUiCalls();
  const messages = createAgUiMessages(calls.has);
  const errorOnce = createErrorOnce();
  let lastRawEvent = '';
  let started = false;
  /** How the newest run ended; undefined while it has not. */
  let endWord: string | undefined;
  let failed = false;

  function startRun(json: JsonRecord): StreamEvent[] {
    endWord = undefined;
    failed = false;
    if (started) return [{ type: 'step' }];
    started = true;
    const streamId = field(json, 'runId');
    const model = textOf(json['model']);
    return [{ type: 'start', streamId, model }];
  }

  function askUser(outcome: JsonRecord): StreamEvent[] {
    return recordsOf(outcome['interrupts']).flatMap((interrupt): StreamEvent[] => {
      const interruptId = textOf(interrupt['id']);
      if (interruptId === undefined) return [];
      const toolCallId = field(interrupt, 'toolCallId');
      const message = firstText(interrupt['message'], interrupt['reason']);
      const schema = recordOf(interrupt['responseSchema'] ?? interrupt['response_schema']);
      const options = listOf(schema['enum']).filter((option) => typeof option === 'string');
      return [
        keep({ interrupt: present({ id: interruptId, toolCallId }) }),
        approvalEvent(
          toolCallId ?? interruptId,
          message,
          options,
          toolCallId === undefined ? 'interrupt' : undefined,
        ),
      ];
    });
  }

  function finishRun(json: JsonRecord): StreamEvent[] {
    const { outcome, usage, result } = json;
    const word = textOf(recordOf(outcome)['type']);
    // A run that failed may say afterwards that it is over.
    if (!failed) endWord = word ?? FINISHED;
    return [
      ...(failed || isBreak(json) ? [] : calls.endAll()),
      ...dataEvents('result', result ?? undefined),
      ...readUsage(usage),
      ...(isRecord(outcome) ? askUser(outcome) : []),
    ];
  }

  function fail(json: JsonRecord): StreamEvent[] {
    failed = true;
    endWord = 'error';
    const { message, error, code, usage } = json;
    return [...readUsage(usage), ...errorOnce(reportedError({ message, error, code }))];
  }

  function startCall(json: JsonRecord, isChunk: boolean): StreamEvent[] {
    const id = field(json, 'toolCallId');
    const events = id === undefined || calls.has(id) ? [] : messages.note(field(json, 'parentMessageId'));
    const piece = { id, name: field(json, 'toolCallName'), args: textOf(json['delta']) };
    return [...events, ...calls.add(piece, isChunk)];
  }

  function answerCall(json: JsonRecord): StreamEvent[] {
    const id = field(json, 'toolCallId');
    if (id === undefined) return [];
    const resultId = field(json, 'messageId');
    return [
      ...calls.answer(id, json['content'] ?? json['result'], json),
      ...(resultId === undefined ? [] : [keep({ toolCallId: id, resultId })]),
    ];
  }

  /** Events of the agent's own framework, unless they came with an event of the protocol already. */
  function passRaw({ event }: JsonRecord): StreamEvent[] {
    return JSON.stringify(event) === lastRawEvent ? [] : dataEvents('RAW', event);
  }

  function doneReasonOf(word: string | undefined): DoneReason {
    if (word === 'interrupt') return 'tool_calls';
    if (word !== FINISHED && word !== 'success') return doneReason(word);
    return calls.areWaiting() ? 'tool_calls' : 'stop';
  }

  function end(terminated: boolean): StreamEvent[] {
    return [doneEvent(endWord, { terminated, reason: doneReasonOf(endWord) })];
  }

  const handlers = new Map<unknown, AgUiHandler>([
    ['RUN_STARTED', startRun],
    ['RUN_FINISHED', finishRun],
    ['RUN_ERROR', fail],
    ['STEP_STARTED', () => [{ type: 'step' }]],
    ...messages.handlers,
    ['TOOL_CALL_START', (json) => startCall(json, false)],
    ['TOOL_CALL_ARGS', (json) => startCall(json, false)],
    ['TOOL_CALL_CHUNK', (json) => startCall(json, true)],
    ['TOOL_CALL_END', (json) => calls.end(field(json, 'toolCallId'))],
    ['TOOL_CALL_RESULT', answerCall],
    ['STATE_SNAPSHOT', (json) => dataEvents('STATE_SNAPSHOT', json['snapshot'])],
    ['STATE_DELTA', (json) => dataEvents('STATE_DELTA', json['delta'])],
    ['RAW', passRaw],
    ['CUSTOM', (json) => dataEvents(textOf(json['name']) ?? 'CUSTOM', json['value'] ?? null)],
  ]);

  /** Activities and subagents: the page gets the event as it is. */
  function passOn(json: JsonRecord): StreamEvent[] | undefined {
    const name = String(json['type']);
    if (SILENT.test(name)) return [];
    return /^(?:ACTIVITY|SUBAGENT)_/.test(name) ? dataEvents(name, json) : undefined;
  }

  function decodeEvent(json: JsonRecord): StreamEvent[] | undefined {
    const { type, error, rawEvent } = json;
    const events = STANDS_ASIDE.test(String(type)) ? [] : calls.endChunk(isBreak(json));
    if (rawEvent) lastRawEvent = JSON.stringify(rawEvent);
    const own = handlers.get(type)?.(json) ?? passOn(json) ?? (error ? fail(json) : undefined);
    return own || events.length > 0 ? [...events, ...(own ?? [])] : undefined;
  }

  return createJsonDecoder({
    read: (json) => (isRecord(json) ? decodeEvent(json) : undefined),
    endsSilently: () => endWord !== undefined,
    end: ({ terminated }) => end(terminated),
  });
}

/**
 * The Agent User Interaction Protocol. Who runs a tool shows only by its result: all calls are `client`, and the
 * agent answers those it runs itself. A run is complete with `RUN_FINISHED` or `RUN_ERROR`; the answer ends with the
 * stream, since a failure or another run may follow.
 */
export const agUiDialect: Dialect = {
  name: AG_UI,
  createDecoder: createAgUiDecoder,
  encode: encodeAgUiRequest,
};
