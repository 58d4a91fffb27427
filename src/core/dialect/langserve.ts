import type { StreamEvent } from '../model/index.js';
import { countOf, firstText, isRecord, listOf, recordOf, textOf, type JsonRecord } from '../model/json.js';
import { createStartOnce } from './answer-start.js';
import type { Decoder, Dialect } from './dialect.js';
import { reportedError } from './errors.js';
import { resultEvent, serverCallEvents, wordsEvents } from './events.js';
import { createJsonDecoder } from './json-decoder.js';
import { createLangchainAnswer } from './langchain-answer.js';
import { encodeLangchainMessage, readLangchainMessage } from './langchain-message.js';
import { createSources } from './sources.js';
import { makeCallId } from './tool-calls.js';

/** Keys under which chains put the text of their output, in this order. */
const TEXT_KEYS = ['answer', 'output', 'result', 'text', 'content', 'response'];

function createLangServeDecoder(): Decoder {
  // Whoever runs a bare model has to run its tools as well.
  const answer = createLangchainAnswer('client');
  const takeSource = createSources();
  const startOnce = createStartOnce();
  let failed = false;
  // The agent's calls that have no result yet; its steps come in the same order.
  const open: { tool: string; id: string }[] = [];

  function readDocuments(list: unknown): StreamEvent[] {
    return listOf(list).flatMap((document) => {
      const { source, url, title } = recordOf(recordOf(document)['metadata']);
      return takeSource(firstText(url, source), textOf(title));
    });
  }

  function readAction(action: unknown): StreamEvent[] {
    if (!isRecord(action)) return [];
    const { tool, tool_input, tool_call_id } = action;
    const name = textOf(tool);
    if (name === undefined) return [];
    const id = textOf(tool_call_id) ?? makeCallId();
    open.push({ tool: name, id });
    return serverCallEvents(id, name, tool_input);
  }

  function readStep(step: unknown): StreamEvent[] {
    if (!isRecord(step) || !isRecord(step['action'])) return [];
    const tool = textOf(step['action']['tool']);
    const index = open.findIndex((each) => each.tool === tool);
    const [done] = index < 0 ? [] : open.splice(index, 1);
    return done ? [resultEvent(done.id, step['observation'])] : [];
  }

  function readOutput(value: unknown): StreamEvent[] | undefined {
    if (typeof value === 'string') return wordsEvents('text', value);
    const message = readLangchainMessage(value);
    if (message) return answer.append(message);
    if (!isRecord(value)) return undefined;
    const { actions, steps, context, source_documents } = value;
    const text = TEXT_KEYS.map((key) => value[key]).find((each) => typeof each === 'string');
    return [
      ...readDocuments(context),
      ...readDocuments(source_documents),
      ...listOf(actions).flatMap(readAction),
      ...listOf(steps).flatMap(readStep),
      ...wordsEvents('text', text),
    ];
  }

  /** One event of `/stream_events`, which tells of every runnable of the chain. */
  function readRunnableEvent({ event, name, run_id, data }: JsonRecord): StreamEvent[] | undefined {
    const details = recordOf(data);
    const id = textOf(run_id) ?? 'run';
    switch (event) {
      case 'on_chat_model_stream':
      case 'on_llm_stream':
        return readOutput(details['chunk']) ?? [];
      case 'on_tool_start':
        return serverCallEvents(id, textOf(name) ?? 'tool', details['input']);
      case 'on_tool_end':
        return [resultEvent(id, details['output'])];
      default:
        return String(event).startsWith('on_') ? [] : undefined;
    }
  }

  /** One patch of `/stream_log`. Only the output of the whole chain counts, not that of its steps. */
  function readPatch(ops: unknown): StreamEvent[] {
    return listOf(ops).flatMap((op) =>
      isRecord(op) && op['path'] === '/streamed_output/-' ? (readOutput(op['value']) ?? []) : [],
    );
  }

  function fail(json: unknown): StreamEvent[] {
    failed = true;
    const { status_code, message, detail } = isRecord(json) ? json : { message: json };
    const code = countOf(status_code);
    return [{ ...reportedError({ message: firstText(message, detail), code }), status: code }];
  }

  return createJsonDecoder({
    read(json, { event, framing }) {
      if (event === 'error') return fail(json);
      if (event === 'metadata') {
        return startOnce({ streamId: recordOf(json)['run_id'] });
      }
      // `/invoke` answers with one object.
      if (framing === 'json' && isRecord(json) && 'output' in json) return readOutput(json['output']);
      if (event !== 'data') return undefined;
      if (isRecord(json) && Array.isArray(json['ops'])) return readPatch(json['ops']);
      return (isRecord(json) ? readRunnableEvent(json) : undefined) ?? readOutput(json);
    },
    endsSilently: (whole) => whole,
    end({ whole }) {
      const complete = whole && !failed;
      // `event: end` has no data, so it is no event to the grammar: an answer that just ends has ended with it.
      return [
        ...answer.end(),
        complete
          ? { type: 'done', reason: answer.callsPage ? 'tool_calls' : 'stop', complete, origin: 'end' }
          : { type: 'done', reason: failed ? 'error' : 'unknown', complete },
      ];
    },
  });
}

/**
 * LangServe: `/stream` of any chain, and `/stream_log` and `/stream_events`. The history is sent as the input
 * `{messages}`; a chain with another input gets it by `body: {input}`.
 */
export const langServeDialect: Dialect = {
  name: 'langserve',
  createDecoder: createLangServeDecoder,
  encode({ system, messages, body }) {
    return {
      input: {
        messages: [
          ...(system ? [{ type: 'system', content: system }] : []),
          ...messages.flatMap(encodeLangchainMessage),
        ],
      },
      config: {},
      ...body,
    };
  },
};
