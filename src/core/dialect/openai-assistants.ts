import type { StreamEvent } from '../model/index.js';
import {
  firstText,
  isRecord,
  listOf,
  present,
  recordOf,
  recordsOf,
  textOf,
  type JsonRecord,
} from '../model/json.js';
import { encodeChatRequest, resultText } from './chat-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { reportedError } from './errors.js';
import { opaqueEvent, resultEvent } from './events.js';
import { createObjectDecoder } from './object-decoder.js';
import { isPageCall } from './parts.js';
import { opaqueValue } from './server-state.js';
import { createSourceOnce } from './sources.js';
import { createToolCallAssembler } from './tool-calls.js';
import { createUsageOnce, readOpenAiUsage } from './usage.js';

/** What this dialect keeps in opaque parts: where a run that waits for results wants them. */
interface AssistantsOpaque {
  readonly threadId?: string | undefined;
  readonly runId?: string | undefined;
}

const FINAL_RUN = /^thread\.run\.(?:requires_action|completed|incomplete|failed|cancelled|expired)$/;

/** Function calls wait for the page; all other kinds run at the endpoint. */
function isServerTool({ type }: JsonRecord): boolean {
  return typeof type === 'string' && type !== 'function';
}

function createAssistantsDecoder(): Decoder {
  const toolCalls = createToolCallAssembler();
  const callNumbers = new Map<string, number>();
  const seenCalls = new Set<string>();
  const serverCalls = new Map<string, 'started' | 'done'>();
  const sourceOnce = createSourceOnce();
  const usageOnce = createUsageOnce();
  const shownMessages = new Set<string>();
  let started = false;
  let finishWord: string | undefined;

  function startOnce({ id, thread_id, model }: JsonRecord): StreamEvent[] {
    const runId = textOf(id);
    const threadId = textOf(thread_id);
    const name = textOf(model);
    if (started || runId === undefined) return [];
    started = true;
    const value: AssistantsOpaque = { threadId, runId };
    return [{ type: 'start', streamId: runId, model: name }, opaqueEvent('openai-assistants', value)];
  }

  function readAnnotation(annotation: unknown): StreamEvent[] {
    if (!isRecord(annotation)) return [];
    const { type } = annotation;
    const details = annotation[String(type)];
    const { url, file_id } = recordOf(details);
    return sourceOnce({ url, id: textOf(url) ?? file_id });
  }

  function readContent(part: unknown): StreamEvent[] {
    if (!isRecord(part)) return [];
    const { text, refusal, image_url } = part;
    const value = firstText(refusal, recordOf(text)['value']);
    const events: StreamEvent[] = value === undefined ? [] : [{ type: 'text', content: value }];
    if (isRecord(text)) events.push(...listOf(text['annotations']).flatMap(readAnnotation));
    const url = textOf(recordOf(image_url)['url']);
    return url === undefined ? events : [...events, { type: 'file', url, mediaType: 'image/*' }];
  }

  function readMessage(event: string, json: JsonRecord): StreamEvent[] {
    const { id, delta, content } = json;
    const isDelta = event === 'thread.message.delta' && isRecord(delta);
    // A complete message repeats its deltas.
    if (!isDelta && (!/\.(?:completed|incomplete)$/.test(event) || shownMessages.has(String(id)))) return [];
    shownMessages.add(String(id));
    return listOf(isDelta ? delta['content'] : content).flatMap(readContent);
  }

  function addCall(key: string, call: JsonRecord): StreamEvent[] {
    const { id, function: details } = call;
    const { name, arguments: args } = recordOf(details);
    if (typeof id === 'string') seenCalls.add(id);
    const index = callNumbers.get(key) ?? callNumbers.size;
    callNumbers.set(key, index);
    return toolCalls.add({ index, id: textOf(id), name: textOf(name), args: textOf(args) ?? '' });
  }

  function readServerCall(call: JsonRecord, isDone: boolean): StreamEvent[] {
    const id = textOf(call['id']);
    const name = textOf(call['type']);
    if (id === undefined || name === undefined || serverCalls.get(id) === 'done') return [];
    const events: StreamEvent[] = serverCalls.has(id)
      ? []
      : [{ type: 'tool_call_start', id, name, by: 'server' }];
    serverCalls.set(id, isDone ? 'done' : 'started');
    if (!isDone) return events;
    const details = isRecord(call[name]) ? call[name] : {};
    const { outputs, results, ...args } = details;
    return [...events, { type: 'tool_call', id, name, args }, resultEvent(id, outputs ?? results)];
  }

  function readStep(event: string, json: JsonRecord): StreamEvent[] {
    const { id, delta, step_details } = json;
    const isDelta = event.endsWith('.delta');
    const details = isDelta && isRecord(delta) ? delta['step_details'] : step_details;
    return recordsOf(recordOf(details)['tool_calls']).flatMap((call, position) => {
      if (isServerTool(call)) return readServerCall(call, event.endsWith('.completed'));
      const { index } = call;
      return isDelta ? addCall(`${String(id)} ${String(index ?? position)}`, call) : [];
    });
  }

  /** The calls that a run waits for, as its own state has them: none of their deltas need have been here. */
  function readRequiredCalls({ required_action }: JsonRecord): StreamEvent[] {
    const action = recordOf(required_action)['submit_tool_outputs'];
    const calls = recordsOf(recordOf(action)['tool_calls']);
    return [
      ...calls
        .filter(({ id }) => !seenCalls.has(String(id)))
        .flatMap((call) => addCall(String(call['id']), call)),
      ...toolCalls.flush(false),
    ];
  }

  function readRun(event: string, json: JsonRecord): StreamEvent[] {
    const events = startOnce(json);
    if (!FINAL_RUN.test(event)) return events;
    const { status, last_error, incomplete_details } = json;
    const word = textOf(status) ?? event.slice('thread.run.'.length);
    finishWord = textOf(recordOf(incomplete_details)['reason']) ?? word;
    if (word === 'requires_action') events.push(...readRequiredCalls(json));
    if (word === 'failed' || word === 'expired') {
      events.push(reportedError(last_error));
    }
    return [...events, ...usageOnce(readOpenAiUsage(json['usage']))];
  }

  return createObjectDecoder({
    read(json, { event }) {
      if (event.startsWith('thread.message.')) return readMessage(event, json);
      if (event.startsWith('thread.run.step.')) return readStep(event, json);
      if (event.startsWith('thread.run.')) return readRun(event, json);
      return event === 'thread.created' ? [] : undefined;
    },
    endsSilently: () => finishWord !== undefined,
    end: ({ terminated, failed }) => [doneEvent(finishWord, { terminated, failed })],
  });
}

/**
 * OpenAI's Assistants. A question goes to `/threads/runs` with the whole conversation; the results that a run waits for
 * are of another shape, `{thread_id, run_id, tool_outputs}`, for `/threads/{thread_id}/runs/{run_id}/submit_tool_outputs`,
 * which `prepareRequest` or the page's own server has to see to. `assistant_id` is for the page to give.
 */
export const openAiAssistantsDialect: Dialect = {
  name: 'openai-assistants',
  createDecoder: createAssistantsDecoder,
  encode(input) {
    const { model, system, messages, body } = input;
    const last = messages.at(-1);
    const parts = last?.role === 'assistant' ? last.parts : [];
    const runAt = parts.findLastIndex((part) => opaqueValue(part, 'openai-assistants'));
    const run = opaqueValue(parts[runAt], 'openai-assistants');
    const outputs = parts
      .slice(runAt + 1)
      .filter(isPageCall)
      .map((part) => ({ tool_call_id: part.id, output: resultText(part) }));
    if (run && outputs.length > 0) {
      const { threadId, runId } = run as AssistantsOpaque;
      return { thread_id: threadId, run_id: runId, tool_outputs: outputs, stream: true, ...body };
    }
    const chat = encodeChatRequest({ ...input, system: undefined, body: undefined }, {});
    const thread = recordsOf(chat['messages'])
      .filter(({ role, content }) => (role === 'user' || role === 'assistant') && content !== null)
      .map(({ role, content }) => ({ role, content }));
    return present({
      model,
      instructions: textOf(system),
      thread: { messages: thread },
      tools: chat['tools'],
      stream: true,
      ...body,
    });
  },
};
