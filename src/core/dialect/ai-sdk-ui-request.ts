import type { FilePart, Message, MessagePart, RunInput, ToolPart } from '../model/index.js';
import { isRecord, present, someOf, textOf, type JsonRecord } from '../model/json.js';
import { encodeTool, resultText, UNANSWERED } from './chat-request.js';
import { fileAddress } from './file-data.js';
import { encodeContent, systemText, textPart } from './parts.js';
import { opaqueValue } from './server-state.js';

/** The name under which opaque parts of this dialect are kept. */
export const AI_SDK_UI = 'ai-sdk-ui';

/** The values of this dialect's opaque parts, without those of steps that the endpoint started over. */
function opaqueValues(parts: readonly MessagePart[]): ReadonlyMap<MessagePart, JsonRecord> {
  const values: [MessagePart, JsonRecord][] = [];
  for (const part of parts) {
    const value = opaqueValue(part, AI_SDK_UI);
    if (!value) continue;
    const { type, dropped } = value;
    if (type !== 'reset-step') values.push([part, value]);
    else if (typeof dropped === 'number' && dropped > 0) values.splice(-dropped);
  }
  return new Map(values);
}

function filePart(part: FilePart): JsonRecord {
  const { mediaType, name } = part;
  return present({ type: 'file', mediaType, url: fileAddress(part), filename: name });
}

function contentParts(message: Message): JsonRecord[] {
  return encodeContent(message, textPart, filePart);
}

/** What a page answered where it was asked whether a tool may run; undefined where it gave a result instead. */
function readAnswer({
  state,
  result,
}: ToolPart): { approved: boolean; reason?: string | undefined } | undefined {
  if (state === 'failed') return { approved: false, reason: textOf(result) ?? UNANSWERED };
  if (typeof result === 'boolean') return { approved: result };
  if (!isRecord(result) || typeof result['approved'] !== 'boolean') return undefined;
  const reason = textOf(result['reason']);
  return present({ approved: result['approved'], reason });
}

function outputState(part: ToolPart): JsonRecord {
  const { state, result } = part;
  if (state === 'running' || state === 'waiting') return { state: 'input-available' };
  if (state === 'done') return { state: 'output-available', output: result ?? null };
  return { state: 'output-error', errorText: resultText(part) };
}

/** The state of a call that waited for an approval. `isLast`: the endpoint has not seen the answer yet. */
function approvalState(part: ToolPart, approval: JsonRecord, isLast: boolean): JsonRecord {
  if (part.state === 'running' || part.state === 'waiting') return { state: 'approval-requested', approval };
  // The endpoint decided by itself.
  if (approval['approved'] === false) return { state: 'output-denied', approval };
  if (approval['approved'] === true) return { ...outputState(part), approval };
  const answer = readAnswer(part);
  if (!answer) return { ...outputState(part), approval: { ...approval, approved: true } };
  const answered = { ...approval, ...answer };
  // What was closed without an answer needs none.
  if (isLast && part.state !== 'failed') return { state: 'approval-responded', approval: answered };
  if (!answer.approved) return { state: 'output-denied', approval: answered };
  return { ...outputState(part), approval: answered };
}

function toolPart(part: ToolPart, kept: JsonRecord, isLast: boolean): JsonRecord {
  const { id, name, args, by } = part;
  const { dynamic, approval, ...metadata } = kept;
  return {
    ...(dynamic === true ? { type: 'dynamic-tool', toolName: name } : { type: `tool-${name}` }),
    toolCallId: id,
    input: args ?? {},
    ...(by === 'server' && { providerExecuted: true }),
    ...metadata,
    ...(isRecord(approval) ? approvalState(part, approval, isLast) : outputState(part)),
  };
}

/**
 * The parts that one stretch of words was on the wire. Words of which nothing is kept, or that the page has changed
 * since, go back without metadata.
 */
function wordParts(type: string, text: string, kept: readonly JsonRecord[]): JsonRecord[] {
  const parts: JsonRecord[] = [];
  let rest = text;
  for (const part of kept) {
    const words = textOf(part['text']);
    const start = words === undefined || part['type'] !== type ? -1 : rest.indexOf(words);
    if (words === undefined || start < 0) continue;
    if (start > 0) parts.push({ type, text: rest.slice(0, start) });
    parts.push(part);
    rest = rest.slice(start + words.length);
  }
  return rest === '' ? parts : [...parts, { type, text: rest }];
}

/** Puts the parts of one UI message together, with a `step-start` before each turn of the model. */
function createPartList(): { readonly parts: JsonRecord[]; push(part: JsonRecord, isCall?: boolean): void } {
  const parts: JsonRecord[] = [];
  let turnEnded = true;
  return {
    parts,
    push(part, isCall = false) {
      // Calls may be parallel; whatever else stands behind a call was said by a model that has seen its result.
      if (parts.length === 0 || (turnEnded && !isCall)) parts.push({ type: 'step-start' });
      turnEnded = isCall;
      parts.push(part);
    },
  };
}

/** All that was kept of each tool call; later values complete earlier ones. */
function keptOfTools(values: Iterable<JsonRecord>): Map<unknown, JsonRecord> {
  const kept = new Map<unknown, JsonRecord>();
  for (const { type, toolCallId, ...value } of values) {
    if (type !== 'tool') continue;
    const before = kept.get(toolCallId) ?? {};
    const approval = { ...(before['approval'] as object), ...(value['approval'] as object) };
    kept.set(toolCallId, {
      ...before,
      ...value,
      ...(Object.keys(approval).length > 0 && { approval }),
    });
  }
  return kept;
}

function assistantMessage(group: readonly Message[], last: Message | undefined): JsonRecord[] {
  const values = opaqueValues(group.flatMap(({ parts }) => parts));
  const keptTools = keptOfTools(values.values());
  const toolMessages = group.filter(({ role }) => role === 'tool').flatMap(({ parts }) => parts);
  const answers = new Map(
    toolMessages.flatMap((part) => (part.type === 'tool' ? [[part.id, part] as const] : [])),
  );
  const list = createPartList();
  let id = group[0]?.id;
  let hasServerId = false;

  function pushTool(part: ToolPart, { role }: Message, isLast: boolean): void {
    const answer = answers.get(part.id);
    // The call that this is the answer to stood further up.
    if (role === 'tool' && !answers.delete(part.id)) return;
    answers.delete(part.id);
    const { state, result } = answer ?? part;
    if (state === 'preparing') return;
    const kept = keptTools.get(part.id) ?? {};
    // Nobody will answer what the conversation went on behind, and the endpoint refuses a call without its result.
    const isLost = state === 'running' && part.by === 'client' && !isLast;
    const settled: ToolPart = { ...part, state: isLost ? 'failed' : state, result };
    list.push(toolPart(settled, kept, isLast), part.by === 'client');
  }

  function pushOpaque(value: JsonRecord): void {
    const { type, text, providerMetadata } = value;
    if (type === 'custom' || type === 'reasoning-file') list.push(value);
    // Words without text have nothing else to stand for them.
    else if ((type === 'text' || type === 'reasoning') && text === '') list.push(value);
    else if (type === 'file' && list.parts.at(-1)?.['type'] === 'file') {
      list.parts.push({ ...list.parts.pop(), providerMetadata });
    } else if (type === 'message' && !hasServerId) {
      id = textOf(value['id']) ?? id;
      hasServerId = true;
    }
  }

  for (const message of group) {
    message.parts.forEach((part, index) => {
      if (part.type === 'text' || part.type === 'reasoning') {
        const behind = message.parts.slice(index + 1);
        const end = behind.findIndex(({ type }) => type !== 'opaque' && type !== 'source');
        const kept = (end < 0 ? behind : behind.slice(0, end)).flatMap((next): JsonRecord[] => {
          const value = values.get(next);
          return value ? [value] : [];
        });
        for (const words of wordParts(part.type, part.text, kept)) list.push(words);
      } else if (part.type === 'file') list.push(filePart(part));
      else if (part.type === 'tool') pushTool(part, message, message === last);
      else {
        const value = values.get(part);
        if (value) pushOpaque(value);
      }
    });
  }
  return list.parts.length === 0 ? [] : [{ id, role: 'assistant', parts: list.parts }];
}

function isAnswer({ role }: Message): boolean {
  return role === 'assistant' || role === 'tool';
}

/** One UI message for each question and for each answer, however many requests the answer took. */
function uiMessages(messages: readonly Message[]): JsonRecord[] {
  const groups: Message[][] = [];
  for (const message of messages) {
    const group = groups.at(-1);
    if (group?.[0] && isAnswer(group[0]) && isAnswer(message)) group.push(message);
    else groups.push([message]);
  }
  return groups.flatMap((group): JsonRecord[] => {
    const [first] = group;
    if (!first) return [];
    if (isAnswer(first)) return assistantMessage(group, messages.at(-1));
    const parts = contentParts(first);
    return parts.length === 0 ? [] : [{ id: first.id, role: first.role, parts }];
  });
}

/**
 * The body that `useChat` sends: `{id, messages, trigger, messageId?}`. Model, system text and the page's tools have
 * no place in it; they go beside it under their own names, where the common servers look for them.
 */
export function encodeAiSdkUiRequest(input: RunInput): JsonRecord {
  const { conversationId, model, tools, body } = input;
  // Servers refuse system messages that come from a page.
  const messages = uiMessages(input.messages.filter(({ role }) => role !== 'system'));
  const last = messages.at(-1);
  return present({
    id: conversationId,
    messages,
    trigger: 'submit-message',
    messageId: last?.['role'] === 'assistant' ? last['id'] : undefined,
    model,
    system: systemText(input),
    tools:
      someOf(tools) &&
      Object.fromEntries(
        tools.map((tool) => {
          const { name, ...description } = encodeTool(tool);
          return [name, description];
        }),
      ),
    ...body,
  });
}
