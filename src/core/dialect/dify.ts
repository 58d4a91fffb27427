import type { RunInput, StreamEvent } from '../model/index.js';
import {
  firstText,
  isRecord,
  parseJson,
  present,
  recordOf,
  recordsOf,
  someOf,
  textOf,
  type JsonRecord,
} from '../model/json.js';
import { createIdentify } from './answer-start.js';
import { createAnswerText } from './answer-text.js';
import { bodyOf, pathOf, withPath } from './asked-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneReason } from './done-reason.js';
import { reportedError } from './errors.js';
import { approvalEvent, dataEvents, fileEvents, resultEvent } from './events.js';
import { fileKind, fileUrl } from './file-data.js';
import { createJsonDecoder } from './json-decoder.js';
import { conversationState, newUserFiles, newUserText } from './server-state.js';
import { createSources } from './sources.js';
import { createUsageOnce, readOpenAiUsage, usageEvent } from './usage.js';

const NAME = 'dify';

/** Output names of workflows that are taken for the answer when nothing was streamed. */
const OUTPUT_KEYS = ['answer', 'text', 'output', 'result'];

interface Thought {
  text: string;
  called: boolean;
  ready: boolean;
  answered: boolean;
}

function createDifyDecoder(): Decoder {
  const answer = createAnswerText();
  const identifyOnce = createIdentify(NAME, 'conversationId');
  const takeSource = createSources();
  const usageOnce = createUsageOnce();
  const seenFiles = new Set<string>();
  const thoughts = new Map<string, Thought>();
  let origin: string | undefined;
  let failed = false;
  let workflowRunId: string | undefined;
  /** The stream began in the middle of a run, so that its text is not whole before the outputs of the run say it. */
  let isPartial = false;

  function followRun(event: string, run: unknown): void {
    const id = textOf(run);
    if (id === undefined || workflowRunId !== undefined) return;
    workflowRunId = id;
    isPartial = event !== 'workflow_started';
  }

  function identify({ task_id, message_id, conversation_id }: JsonRecord): StreamEvent[] {
    return identifyOnce({ streamId: task_id, messageId: message_id }, conversation_id);
  }

  function append(text: unknown): StreamEvent[] {
    return typeof text === 'string' ? answer.append('answer', text) : [];
  }

  /** A thought comes again and again, each time with more of it; it ends with the result of its tool. */
  function readThought({ id, thought, tool, tool_input, observation }: JsonRecord): StreamEvent[] {
    const key = textOf(id) ?? 'thought';
    const known = thoughts.get(key) ?? { text: '', called: false, ready: false, answered: false };
    thoughts.set(key, known);
    const events: StreamEvent[] = [];
    const text = textOf(thought) ?? '';
    // Agents that call functions repeat the answer itself as their last thought.
    if (text !== known.text && text.startsWith(known.text) && !answer.text.includes(text)) {
      events.push({ type: 'reasoning', content: text.slice(known.text.length) });
      known.text = text;
    }
    const name = textOf(tool);
    if (name === undefined) return events;
    if (!known.called) {
      known.called = true;
      events.push({ type: 'tool_call_start', id: key, name, by: 'server' });
    }
    const input = textOf(tool_input);
    const args = input === undefined ? undefined : parseJson(input);
    const result = textOf(observation);
    // Free text is whole only when its result is there.
    if (!known.ready && (args !== undefined || result !== undefined)) {
      known.ready = true;
      events.push({ type: 'tool_call', id: key, name, args: args ?? input ?? {} });
    }
    if (!known.answered && result !== undefined) {
      known.answered = true;
      events.push(resultEvent(key, result));
    }
    return events;
  }

  function readFile({ type, url, belongs_to, filename, mime_type }: JsonRecord): StreamEvent[] {
    const address = textOf(url);
    if (address === undefined || belongs_to === 'user' || seenFiles.has(address)) return [];
    seenFiles.add(address);
    return fileEvents({ url: address, mediaType: mime_type, name: filename, kind: type });
  }

  function readMetadata(metadata: unknown): StreamEvent[] {
    const { retriever_resources, usage } = recordOf(metadata);
    return [
      ...recordsOf(retriever_resources).flatMap(
        ({ url, document_url, document_id, segment_id, document_name, title }) =>
          takeSource(
            firstText(url, document_url, document_id, document_name, segment_id),
            firstText(document_name, title),
          ),
      ),
      ...usageOnce(readOpenAiUsage(usage)),
    ];
  }

  function fail(error: unknown, status?: unknown): StreamEvent[] {
    failed = true;
    const event = reportedError(error);
    return [typeof status === 'number' ? { ...event, status } : event];
  }

  function readOutputs(outputs: unknown): StreamEvent[] {
    if (!isRecord(outputs) || (answer.text !== '' && !isPartial)) return [];
    const texts = Object.values(outputs).filter((value) => typeof value === 'string');
    const named = firstText(...OUTPUT_KEYS.map((key) => outputs[key]));
    const text = named ?? (texts.length === 1 ? texts[0] : undefined);
    if (text === undefined) return [];
    isPartial = false;
    return answer.set('answer', text);
  }

  function readFiles(files: unknown): StreamEvent[] {
    return recordsOf(files).flatMap(readFile);
  }

  function readWorkflowEnd(json: JsonRecord): StreamEvent[] {
    const data = recordOf(json['data']);
    const { status, outputs, error, files, total_tokens } = data;
    origin = textOf(status) ?? 'workflow_finished';
    return [
      ...readOutputs(outputs),
      ...readFiles(files),
      ...usageOnce(usageEvent({ totalTokens: total_tokens })),
      ...dataEvents('workflow_finished', data),
      ...(status === 'failed' ? fail(error) : []),
    ];
  }

  function readQuestion(json: JsonRecord): StreamEvent[] {
    const data = isRecord(json['data']) ? json['data'] : json;
    const { form_id, node_id, form_content, node_title, actions } = data;
    const message = firstText(form_content, node_title);
    const options = recordsOf(actions).flatMap(({ title, id }) => firstText(title, id) ?? []);
    return [
      approvalEvent(firstText(form_id, node_id) ?? 'form', message, options),
      ...dataEvents('human_input_required', data),
    ];
  }

  function readEvent(json: JsonRecord, event: string): StreamEvent[] {
    switch (event) {
      case 'message':
      case 'agent_message':
        return [...append(json['answer']), ...readMetadata(json['metadata'])];
      case 'text_chunk':
        return append(recordOf(json['data'])['text']);
      case 'message_replace':
      case 'text_replace': {
        const data = isRecord(json['data']) ? json['data'] : json;
        const text = data['answer'] ?? data['text'];
        return typeof text === 'string' ? answer.set('answer', text) : [];
      }
      case 'agent_thought':
        return readThought(json);
      case 'message_file':
        return readFile(json);
      case 'message_end':
        origin = event;
        return [...readFiles(json['files']), ...readMetadata(json['metadata'])];
      case 'workflow_finished':
        return readWorkflowEnd(json);
      case 'human_input_required':
        return readQuestion(json);
      // It waits for the answer to its question, which is another request.
      case 'workflow_paused':
        origin = event;
        return dataEvents(event, json['data'] ?? json);
      case 'error':
        return fail(json, json['status']);
      case 'ping':
        return [];
      default:
        return dataEvents(event, json['data'] ?? json);
    }
  }

  return createJsonDecoder({
    read(json, { framing, event: eventName }) {
      if (!isRecord(json)) return undefined;
      const event = textOf(json['event']);
      if (event !== undefined) {
        followRun(event, json['workflow_run_id']);
        const events = [...identify(json), ...readEvent(json, event)];
        // Without streaming, one object is all.
        if (framing === 'json' && event === 'message') origin = event;
        return events;
      }
      if (isRecord(json['data']) && 'workflow_run_id' in json) {
        return [...identify(json), ...readWorkflowEnd(json)];
      }
      return eventName === 'error' || typeof json['code'] === 'string' ? fail(json) : undefined;
    },
    resume(asked) {
      const base = /^(.*)\/(?:chat-messages|workflows\/(?:[^/]+\/)?run)$/.exec(pathOf(asked.url))?.[1];
      if (base === undefined || workflowRunId === undefined) return undefined;
      const url = withPath(asked.url, `${base}/workflow/${encodeURIComponent(workflowRunId)}/events`);
      const user = textOf(bodyOf(asked)['user']);
      if (user !== undefined) url.searchParams.set('user', user);
      return { url: url.href, method: 'GET', from: 'start' };
    },
    endsSilently: () => origin !== undefined,
    end({ whole }) {
      // Speech goes on behind `message_end`, and `message_end` comes behind `workflow_finished`: only the end is the end.
      const finished = whole && origin !== undefined && !isPartial;
      const reason =
        /^(?:message(?:_end)?|workflow_finished|workflow_paused|succeeded|partial-succeeded)$/.test(
          origin ?? '',
        )
          ? 'stop'
          : doneReason(origin);
      return [
        {
          type: 'done',
          reason: failed ? 'error' : reason,
          complete: finished,
          origin,
        },
      ];
    },
  });
}

function encodeDify({ messages, conversationId, body }: RunInput): JsonRecord {
  const files = newUserFiles(messages).map((part) => ({
    type: fileKind(part),
    transfer_method: 'remote_url',
    url: fileUrl(part),
  }));
  return present({
    inputs: {},
    query: newUserText(messages),
    response_mode: 'streaming',
    user: conversationId,
    conversation_id: conversationState(messages, NAME)['conversationId'] ?? '',
    files: someOf(files),
    ...body,
  });
}

/**
 * Dify's apps: chat, agent, chatflow and workflow. Dify keeps the history under a conversation id of its own; the user
 * is the conversation's id unless `body` names one. Files are passed on by their URL: Dify does not take bytes here.
 */
export const difyDialect: Dialect = {
  name: NAME,
  createDecoder: createDifyDecoder,
  encode: encodeDify,
};
