import type { OpaqueEvent, StreamEvent } from '../model/index.js';
import { firstText, present, recordsOf, textOf, type JsonRecord } from '../model/json.js';
import { AG_UI } from './ag-ui-request.js';
import { opaqueEvent } from './events.js';

/** The event of something that goes back with the next request. */
export function keep(value: JsonRecord): OpaqueEvent {
  return opaqueEvent(AG_UI, value);
}

/** A text field by its name in camelCase or, with half of the agents, in snake_case. */
export function field(json: JsonRecord, name: string): string | undefined {
  return firstText(json[name], json[name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]);
}

/** The text of a message in a snapshot: a string, or a list of parts. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return recordsOf(content)
    .map(({ type, text }) => (type === 'text' ? (textOf(text) ?? '') : ''))
    .join('');
}

function joinAnswers(messages: readonly JsonRecord[]): string {
  return messages.map(({ role, content }) => (role === 'assistant' ? contentText(content) : '')).join('');
}

/** Reads the events of one type. */
export type AgUiHandler = (json: JsonRecord) => StreamEvent[];

/** What is said in a run: text, reasoning, and snapshots of the conversation. */
export interface AgUiMessages {
  readonly handlers: readonly (readonly [type: string, handle: AgUiHandler])[];
  /** Notes the id of a message, so that it goes back under the name that the agent knows. */
  note(id: string | undefined): StreamEvent[];
}

/** `isOwnCall`: whether a tool call of this id was made in this run. */
export function createAgUiMessages(isOwnCall: (id: string | undefined) => boolean): AgUiMessages {
  const otherRoles = new Set<string>();
  const seenMessages = new Set<string>();
  const reasoning = new Map<string, string>();
  let text = '';
  let textId: string | undefined;
  let reasoningId: string | undefined;

  function note(id: string | undefined): StreamEvent[] {
    if (id === undefined || seenMessages.has(id)) return [];
    seenMessages.add(id);
    return [keep({ messageId: id })];
  }

  function openText(json: JsonRecord): string | undefined {
    textId = field(json, 'messageId') ?? textId;
    const role = textOf(json['role']);
    if (role !== undefined && role !== 'assistant' && textId !== undefined) otherRoles.add(textId);
    return textId;
  }

  function addText(json: JsonRecord): StreamEvent[] {
    const id = openText(json);
    const delta = textOf(json['delta']);
    // The words of other speakers are no part of the answer.
    if (delta === undefined || (id !== undefined && otherRoles.has(id))) return [];
    text += delta;
    return [...note(id), { type: 'text', content: delta }];
  }

  function addReasoning(json: JsonRecord): StreamEvent[] {
    reasoningId = field(json, 'messageId') ?? reasoningId;
    const delta = textOf(json['delta']);
    if (delta === undefined) return [];
    if (reasoningId !== undefined) reasoning.set(reasoningId, (reasoning.get(reasoningId) ?? '') + delta);
    return [{ type: 'reasoning', content: delta }];
  }

  function keepEncrypted(json: JsonRecord): StreamEvent[] {
    const entityId = field(json, 'entityId');
    const encryptedValue = field(json, 'encryptedValue');
    const encryptedValueType = field(json, 'encryptedValueType');
    if (entityId === undefined || encryptedValue === undefined) return [];
    const secret = present({ encryptedValue, encryptedValueType });
    const isCall = json['subtype'] === 'tool-call' || isOwnCall(entityId);
    if (isCall || seenMessages.has(entityId)) return [keep({ entityId, ...secret })];
    const content = reasoning.get(entityId) ?? '';
    return [keep({ reasoning: { id: entityId, role: 'reasoning', content, ...secret } })];
  }

  /**
   * What a snapshot of the conversation says the answer is: all that the assistant said since the last user message.
   * Where it has results of calls made before this run, and the words behind them are those that have arrived, the
   * words before them stand in an earlier message.
   */
  function readAnswer(messages: readonly JsonRecord[]): string {
    const answer = messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1);
    const earlier = answer.findLastIndex(
      (message) => message['role'] === 'tool' && !isOwnCall(field(message, 'toolCallId')),
    );
    return earlier >= 0 && joinAnswers(answer.slice(earlier + 1)) === text ? text : joinAnswers(answer);
  }

  function setMessages({ messages }: JsonRecord): StreamEvent[] {
    const list = recordsOf(messages);
    const answer = readAnswer(list);
    if (answer === text) return [];
    const events: StreamEvent[] = [];
    if (text === '') {
      const last = list.findLast(({ role, content }) => role === 'assistant' && contentText(content) !== '');
      events.push(...note(last && textOf(last['id'])));
    }
    text = answer;
    return [...events, { type: 'text_set', content: answer }];
  }

  return {
    note,
    handlers: [
      [
        'TEXT_MESSAGE_START',
        (json) => {
          openText(json);
          return [];
        },
      ],
      ['TEXT_MESSAGE_CONTENT', addText],
      ['TEXT_MESSAGE_CHUNK', addText],
      ['REASONING_MESSAGE_START', addReasoning],
      ['REASONING_MESSAGE_CONTENT', addReasoning],
      ['REASONING_MESSAGE_CHUNK', addReasoning],
      ['REASONING_ENCRYPTED_VALUE', keepEncrypted],
      ['THINKING_TEXT_MESSAGE_CONTENT', addReasoning],
      ['MESSAGES_SNAPSHOT', setMessages],
    ],
  };
}
