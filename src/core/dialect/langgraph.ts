import type { ResponseInfo, RunInput, StreamEvent } from '../model/index.js';
import { firstText, isRecord, listOf, recordOf, recordsOf, textOf, type JsonRecord } from '../model/json.js';
import { createIdentify } from './answer-start.js';
import { bodyOf } from './asked-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { providerErrorEvent } from './errors.js';
import { approvalEvent, dataEvents, opaqueEvent } from './events.js';
import { createJsonDecoder } from './json-decoder.js';
import { createLangchainAnswer } from './langchain-answer.js';
import { encodeLangchainMessage, readLangchainMessage, type LangchainMessage } from './langchain-message.js';
import { runStreamUrl } from './langgraph-run.js';
import { messageState, newUserMessages, newUserText, unseenMessages } from './server-state.js';

const NAME = 'langgraph';

/** Tags of model calls that are none of the reader's business. */
const HIDDEN_TAGS: ReadonlySet<unknown> = new Set([
  'nostream',
  'langsmith:nostream',
  'langsmith:hidden',
  'langgraph:hidden',
]);

/** Modes whose events go to the page as they are. */
const DATA_MODES: ReadonlySet<string> = new Set([
  'custom',
  'tasks',
  'checkpoints',
  'debug',
  'events',
  'feedback',
]);

const MODES: ReadonlySet<string> = new Set([
  ...DATA_MODES,
  'values',
  'updates',
  'messages',
  'messages/partial',
  'messages/complete',
  'messages/metadata',
]);

/** The mode in an event's name: what stands before the namespace of a subgraph (`messages|agent:1f…`). */
function modeOf(eventName: string): string {
  return eventName.split('|', 1)[0] ?? '';
}

/**
 * Whether a frame is of LangGraph: its name is a mode, and, unless it follows the metadata of a run (`isExpected`), one
 * that others hardly use, with data of the right kind.
 */
export function isLangGraphEvent(eventName: string, json: unknown, isExpected: boolean): boolean {
  const mode = modeOf(eventName);
  if (isExpected) return MODES.has(mode);
  if (mode === 'messages') return Array.isArray(json) && json.length === 2 && json.every(isRecord);
  if (mode === 'values' || mode === 'updates') return isRecord(json);
  return mode.startsWith('messages/') && MODES.has(mode);
}

function isHidden(metadata: JsonRecord): boolean {
  return listOf(metadata['tags']).some((tag) => HIDDEN_TAGS.has(tag));
}

/** Messages of one turn: those behind the user's last one. */
function ownMessages(messages: unknown): LangchainMessage[] {
  const list = (Array.isArray(messages) ? messages : [messages]).flatMap(
    (value) => readLangchainMessage(value) ?? [],
  );
  return list.slice(list.findLastIndex(({ role }) => role === 'human') + 1);
}

interface Question {
  readonly message: string | undefined;
  readonly options: readonly string[];
}

/** What an interrupt asks: its value is the graph's own, but a few shapes are common. */
function readQuestion(value: unknown): Question {
  if (typeof value === 'string') return { message: value, options: [] };
  if (Array.isArray(value)) return readQuestion(value[0]);
  if (!isRecord(value)) return { message: undefined, options: [] };
  const { question, message, description, prompt, text, options, choices, config } = value;
  const requests = recordsOf(value['action_requests']);
  const decisions = recordsOf(value['review_configs']).flatMap((review) =>
    listOf(review['allowed_decisions']),
  );
  const allowed = isRecord(config)
    ? Object.keys(config).flatMap((key) => (config[key] === true ? [key.replace(/^allow_/, '')] : []))
    : [];
  const named = [listOf(options), listOf(choices), decisions, allowed].find(({ length }) => length > 0) ?? [];
  const described = requests.map((request) => firstText(request['description'], request['name'])).join('\n');
  return {
    message: firstText(question, message, description, prompt, text, described),
    options: [...new Set(named.filter((option): option is string => typeof option === 'string'))],
  };
}

function createLangGraphDecoder(): Decoder {
  const answer = createLangchainAnswer('server');
  const identifyOnce = createIdentify(NAME, 'threadId');
  const interrupts = new Set<string>();
  const hidden = new Set<string>();
  // Messages that the thread had before this run.
  let past: ReadonlySet<string> | undefined;
  let sawMetadata = false;
  let head: ResponseInfo | undefined;
  let runId: string | undefined;
  let threadId: string | undefined;
  let lastMessageId: string | undefined;
  // Where the text comes from. The modes repeat each other; of those asked for, the finest one is followed.
  let source: 'messages' | 'updates' | 'values' = 'values';
  let failed = false;

  function identify({ run_id, thread_id }: JsonRecord): StreamEvent[] {
    runId ??= textOf(run_id);
    threadId = textOf(thread_id) ?? threadId;
    return identifyOnce({ streamId: run_id }, thread_id);
  }

  function note(message: LangchainMessage): void {
    if (message.role === 'ai') lastMessageId = message.id ?? lastMessageId;
  }

  function readTuple([value, metadata]: readonly unknown[]): StreamEvent[] | undefined {
    const message = readLangchainMessage(value);
    if (!message) return undefined;
    source = 'messages';
    const about = recordOf(metadata);
    const events = identify(about);
    if (isHidden(about)) return events;
    note(message);
    const key = message.id ?? textOf(about['langgraph_checkpoint_ns']);
    return [...events, ...answer.append(message, key)];
  }

  function readSnapshots(json: readonly unknown[], complete: boolean): StreamEvent[] {
    source = 'messages';
    return json.flatMap((value) => {
      const message = readLangchainMessage(value);
      if (!message || hidden.has(message.id ?? '')) return [];
      note(message);
      return answer.set(message, complete);
    });
  }

  function readMessagesMetadata(json: JsonRecord): StreamEvent[] {
    return Object.entries(json).flatMap(([id, value]) => {
      const metadata = recordOf(recordOf(value)['metadata']);
      if (isHidden(metadata)) hidden.add(id);
      return identify(metadata);
    });
  }

  function readState(messages: readonly LangchainMessage[], isSource: boolean): StreamEvent[] {
    return messages.flatMap((message, index) => {
      const key = message.id ?? `#${index}`;
      if (past?.has(key) || hidden.has(key)) return [];
      if (!isSource && message.role === 'ai' && !answer.has(key)) return [];
      note(message);
      return answer.set(message, true, key);
    });
  }

  function readInterrupts(list: unknown): StreamEvent[] {
    return recordsOf(list).flatMap((interrupt, index): StreamEvent[] => {
      const { id, interrupt_id, ns, value } = interrupt;
      const name = firstText(id, interrupt_id, listOf(ns).join('|')) ?? `interrupt-${index}`;
      if (interrupts.has(name)) return [];
      interrupts.add(name);
      const { message, options } = readQuestion(value);
      return [
        approvalEvent(name, message, options),
        ...dataEvents('interrupt', interrupt),
        opaqueEvent(NAME, { [`interrupt:${name}`]: true }),
      ];
    });
  }

  function readUpdates(json: JsonRecord): StreamEvent[] {
    const { __interrupt__: asked, ...nodes } = json;
    const updates = Object.values(nodes).flatMap((update) => (Array.isArray(update) ? update : [update]));
    const messages = updates.flatMap((update) =>
      isRecord(update) && 'messages' in update ? ownMessages(update['messages']) : [],
    );
    if (source === 'values' && messages.length > 0) source = 'updates';
    return [
      ...readState(messages, source === 'updates'),
      ...readInterrupts(asked),
      ...(Object.keys(nodes).length > 0 ? dataEvents('updates', nodes) : []),
    ];
  }

  function readValues(json: JsonRecord): StreamEvent[] {
    const { __interrupt__: asked, ...state } = json;
    const messages = ownMessages(state['messages'] ?? []);
    // A run begins with the state as it was; a resumed stream, which has no metadata, does not.
    if (!past && sawMetadata && source === 'values') {
      past = new Set(messages.map(({ id }, index) => id ?? `#${index}`));
    }
    past ??= new Set();
    return [
      ...readState(messages, source === 'values'),
      ...readInterrupts(asked),
      ...dataEvents('values', state),
    ];
  }

  function fail(json: unknown): StreamEvent[] {
    failed = true;
    const { error, message } = isRecord(json) ? json : { error: undefined, message: json };
    const text = firstText(message, error);
    const type = textOf(message) && textOf(error);
    return [providerErrorEvent(text === undefined ? undefined : { message: text, type })];
  }

  return createJsonDecoder({
    onResponse(response) {
      // The answer that goes on has an address of its own.
      head ??= response;
    },
    resume(asked, lastEventId) {
      const location = head?.headers.get('content-location') ?? undefined;
      const base = head?.url || asked.url;
      const url = runStreamUrl(asked, { id: runId, threadId, location, base });
      if (url === undefined) return undefined;
      if (lastEventId !== undefined) return { url, method: 'GET', lastEventId, from: 'cursor' };
      // A server that keeps nothing of the run would give what comes next for the whole.
      if (bodyOf(asked)['stream_resumable'] !== true) return undefined;
      return { url, method: 'GET', lastEventId: '-1', from: 'start' };
    },
    endsSilently: (whole) => whole,
    read(json, { event }) {
      const mode = modeOf(event);
      if (mode === 'error') return fail(json);
      if (DATA_MODES.has(mode)) return dataEvents(mode, json);
      if (Array.isArray(json)) {
        if (mode === 'messages') return readTuple(json);
        return mode === 'messages/partial' || mode === 'messages/complete'
          ? readSnapshots(json, mode === 'messages/complete')
          : undefined;
      }
      if (!isRecord(json)) return undefined;
      if (mode === 'metadata') {
        sawMetadata = true;
        return identify(json);
      }
      if (mode === 'messages/metadata') return readMessagesMetadata(json);
      // The state of a subgraph is not that of the conversation.
      const isInner = mode !== event;
      if (mode !== 'updates' && mode !== 'values') return undefined;
      if (isInner) return readInterrupts(json['__interrupt__']);
      return mode === 'updates' ? readUpdates(json) : readValues(json);
    },
    end({ whole }) {
      const messageId = lastMessageId;
      // There is no terminator: an answer that ends between two events has ended as it should.
      return [
        ...answer.end(),
        ...(messageId === undefined ? [] : [opaqueEvent(NAME, { messageId })]),
        { type: 'done', reason: failed ? 'error' : 'unknown', complete: whole && !failed },
      ];
    },
  });
}

/**
 * Whether the endpoint keeps this conversation: the thread that it named is the conversation's own, or was the same
 * twice. Runs without a thread get a new one each time.
 */
function keepsConversation({ messages, conversationId }: RunInput): boolean {
  const [last, before] = messages
    .map((message) => messageState(message, NAME)['threadId'])
    .filter((thread) => thread !== undefined)
    .toReversed();
  return last !== undefined && (last === conversationId || last === before);
}

/** The answers to the interrupts that the last answer stopped at; undefined where there are none. */
function resumeValue({ messages }: RunInput): unknown {
  const last = messages.findLast(({ role }) => role === 'assistant');
  const ids = Object.keys(last ? messageState(last, NAME) : {}).flatMap((key) =>
    key.startsWith('interrupt:') ? [key.slice('interrupt:'.length)] : [],
  );
  if (ids.length === 0 || newUserMessages(messages).length === 0) return undefined;
  const text = newUserText(messages);
  return ids.length === 1 ? text : Object.fromEntries(ids.map((id) => [id, text]));
}

function encodeHistory(input: RunInput): JsonRecord[] {
  const isKept = keepsConversation(input);
  const messages = isKept ? unseenMessages(input.messages, NAME) : input.messages;
  const { system } = input;
  return [
    ...(isKept || !system ? [] : [{ type: 'system', id: 'system', content: system }]),
    ...messages.flatMap((message) => {
      const encoded = encodeLangchainMessage(message);
      const id = messageState(message, NAME)['messageId'];
      // A thread that has this message already puts it in the same place, by its id.
      return id === undefined ? encoded : encoded.map((each) => ({ ...each, id }));
    }),
  ];
}

function encodeLangGraph(input: RunInput): JsonRecord {
  const resume = resumeValue(input);
  return {
    assistant_id: input.model ?? 'agent',
    ...(resume === undefined ? { input: { messages: encodeHistory(input) } } : { command: { resume } }),
    stream_mode: ['messages-tuple', 'updates', 'custom'],
    stream_resumable: true,
    ...input.body,
  };
}

/**
 * LangGraph's server. The model is the assistant (default: `agent`); the graph runs its own tools. Put a thread's id
 * into the URL and into the conversation's id, and only what is new is sent; the whole history otherwise. What the
 * user says after an interrupt resumes it.
 */
export const langGraphDialect: Dialect = {
  name: NAME,
  createDecoder: createLangGraphDecoder,
  encode: encodeLangGraph,
};
