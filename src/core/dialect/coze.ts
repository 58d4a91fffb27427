import { messageText, type Message, type RunInput, type StreamEvent } from '../model/index.js';
import {
  firstText,
  isRecord,
  jsonIn,
  parseJson,
  recordOf,
  recordsOf,
  textOf,
  type JsonRecord,
} from '../model/json.js';
import { createIdentify } from './answer-start.js';
import { createAnswerText } from './answer-text.js';
import type { Decoder, Dialect } from './dialect.js';
import { doneEvent } from './done-reason.js';
import { reportedError } from './errors.js';
import { dataEvents, opaqueEvent, resultEvent, serverCallEvents, wordsEvents } from './events.js';
import { fileUrl } from './file-data.js';
import { createJsonDecoder } from './json-decoder.js';
import { guessMediaType } from './media-type.js';
import { TERMINATOR } from './plain-shape.js';
import { conversationState, messageState, unseenMessages } from './server-state.js';
import { makeCallId } from './tool-calls.js';
import { createUsageOnce, readUsage } from './usage.js';

const NAME = 'coze';

function createCozeDecoder(): Decoder {
  const answer = createAnswerText();
  const usageOnce = createUsageOnce();
  const identify = createIdentify(NAME, 'conversationId');
  const reasoning = new Set<string>();
  // Calls of the bot's own tools that have no result yet; results name none, they come in the same order.
  const open: string[] = [];
  let origin: string | undefined;
  let failed = false;

  function fail(error: unknown): StreamEvent[] {
    failed = true;
    const { msg, message, code } = isRecord(error) ? error : { message: error };
    return [reportedError({ message: firstText(msg, message), code })];
  }

  /** A message of several kinds of content: a list of parts in a string. */
  function readObjects(key: string, content: string): StreamEvent[] {
    const parts = recordsOf(parseJson(content));
    return [
      ...answer.set(key, parts.map(({ text }) => textOf(text) ?? '').join('')),
      ...parts.flatMap(({ type, file_url, name }): StreamEvent[] => {
        const url = textOf(file_url);
        return url === undefined
          ? []
          : [{ type: 'file', url, mediaType: guessMediaType(textOf(name) ?? url, String(type)) }];
      }),
    ];
  }

  function readAnswer(message: JsonRecord, isDelta: boolean): StreamEvent[] {
    const { id, content, content_type, reasoning_content } = message;
    const key = textOf(id) ?? 'answer';
    const text = textOf(content) ?? '';
    const events: StreamEvent[] = [];
    const thoughts = wordsEvents('reasoning', reasoning_content);
    if (thoughts.length > 0 && (isDelta || !reasoning.has(key))) {
      reasoning.add(key);
      events.push(...thoughts);
    }
    if (isDelta) return [...events, ...answer.append(key, text)];
    if (content_type === 'object_string') return [...events, ...readObjects(key, text)];
    if (content_type === 'card') return [...events, ...dataEvents('card', jsonIn(text))];
    // The whole text again; some bots send nothing else.
    return text === '' ? events : [...events, ...answer.set(key, text)];
  }

  function readCall({ id, content }: JsonRecord): StreamEvent[] {
    const call = parseJson(textOf(content) ?? '');
    const name = isRecord(call) ? firstText(call['name'], call['plugin_name']) : undefined;
    if (!isRecord(call) || name === undefined) return [];
    const callId = textOf(id) ?? makeCallId();
    open.push(callId);
    return serverCallEvents(callId, name, jsonIn(call['arguments']));
  }

  function readMessage(message: JsonRecord, isDelta: boolean): StreamEvent[] {
    const { type, content, chat_id, conversation_id } = message;
    const events = identify({ streamId: chat_id }, conversation_id);
    if (type === 'answer') return [...events, ...readAnswer(message, isDelta)];
    if (isDelta) return events;
    if (type === 'function_call') return [...events, ...readCall(message)];
    if (type === 'tool_response' || type === 'tool_output') {
      const id = open.shift();
      return id === undefined ? events : [...events, resultEvent(id, content ?? '')];
    }
    return [...events, ...dataEvents(String(type), jsonIn(content))];
  }

  /** The bot waits for tools of the page. */
  function readRequiredAction({ id, required_action }: JsonRecord): StreamEvent[] {
    const submit = recordOf(recordOf(required_action)['submit_tool_outputs']);
    const calls = recordsOf(submit['tool_calls']);
    const events = calls.flatMap((call): StreamEvent[] => {
      const details = recordOf(call['function']);
      const callId = textOf(call['id']);
      const name = textOf(details['name']);
      if (callId === undefined || name === undefined) return [];
      return [
        { type: 'tool_call_start', id: callId, name, by: 'client' },
        { type: 'tool_call', id: callId, name, args: jsonIn(textOf(details['arguments'])) ?? {} },
      ];
    });
    return [...events, opaqueEvent(NAME, { waitingChatId: id })];
  }

  function readChat(json: JsonRecord, step: string): StreamEvent[] {
    const { id, conversation_id, usage, last_error, status } = json;
    const events = identify({ streamId: id }, conversation_id);
    if (step === 'created' || step === 'in_progress') return events;
    origin = textOf(status) ?? step;
    if (step === 'failed') events.push(...fail(last_error));
    else if (step === 'requires_action') events.push(...readRequiredAction(json));
    return [...events, ...usageOnce(readUsage(usage, 'input_count', 'output_count', 'token_count'))];
  }

  function end(terminated: boolean): StreamEvent[] {
    return [doneEvent(origin, { terminated, reason: failed ? 'error' : undefined })];
  }

  return createJsonDecoder({
    read(json, { event, framing }) {
      if (event === 'done' || json === TERMINATOR) return end(true);
      if (!isRecord(json)) return undefined;
      if (event === 'error') return fail(json);
      const [, subject, step = ''] = /^conversation\.(message|chat|audio)\.(\w+)$/.exec(event) ?? [];
      if (subject === 'chat') return readChat(json, step);
      if (subject === 'message') return readMessage(json, step === 'delta');
      if (subject === 'audio') return dataEvents(event, json);
      // Failures before the stream are JSON with status 200.
      return framing === 'json' && json['code'] !== 0 && textOf(json['msg']) !== undefined
        ? fail(json)
        : undefined;
    },
    endsSilently: () => origin !== undefined,
    end: () => end(false),
  });
}

function encodeContent(message: Message): JsonRecord {
  const files = message.parts.filter((part) => part.type === 'file');
  const text = messageText(message);
  if (files.length === 0) return { content: text, content_type: 'text' };
  const parts = [
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...files.map((file) => ({
      type: /^(?:image|audio)(?=\/)/.exec(file.mediaType)?.[0] ?? 'file',
      file_url: fileUrl(file),
    })),
  ];
  return { content: JSON.stringify(parts), content_type: 'object_string' };
}

function encodeMessage(message: Message): JsonRecord[] {
  if (message.role === 'user') return [{ role: 'user', type: 'question', ...encodeContent(message) }];
  const text = messageText(message);
  if (message.role !== 'assistant' || text === '') return [];
  return [{ role: 'assistant', type: 'answer', content: text, content_type: 'text' }];
}

/** Results for a chat that waits for them: those of the last answer, while the user has said nothing new. */
function toolOutputs(messages: readonly Message[]): JsonRecord[] {
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return [];
  return last.parts.flatMap((part) => {
    if (part.type !== 'tool' || part.by !== 'client') return [];
    const { id, result } = part;
    const output = typeof result === 'string' ? result : (JSON.stringify(result) ?? '');
    return [{ tool_call_id: id, output }];
  });
}

function encodeCoze({ model, messages, conversationId, body }: RunInput): JsonRecord {
  const outputs = toolOutputs(messages);
  if (outputs.length > 0) return { tool_outputs: outputs, stream: true, ...body };
  return {
    bot_id: model ?? '',
    user_id: conversationId,
    stream: true,
    auto_save_history: true,
    additional_messages: unseenMessages(messages, NAME).flatMap(encodeMessage),
    ...body,
  };
}

function queryOf({ messages }: RunInput): Record<string, string> {
  const { conversationId } = conversationState(messages, NAME);
  const last = messages.at(-1);
  const { waitingChatId } = last?.role === 'assistant' ? messageState(last, NAME) : {};
  return {
    ...(typeof conversationId === 'string' && { conversation_id: conversationId }),
    ...(typeof waitingChatId === 'string' && { chat_id: waitingChatId }),
  };
}

/**
 * Coze's chat API v3. The model is the bot's id, the user is the conversation's id unless `body` names one. Coze keeps
 * the history under a conversation id of its own, which goes into the URL. Results of the page's tools belong to
 * another path, `/v3/chat/submit_tool_outputs`, which is up to `prepareRequest`.
 */
export const cozeDialect: Dialect = {
  name: NAME,
  createDecoder: createCozeDecoder,
  encode: encodeCoze,
  query: queryOf,
};
