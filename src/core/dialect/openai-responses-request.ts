import type { FilePart, Message, MessagePart, RunInput, ToolPart } from '../model/index.js';
import { isRecord, present, recordsOf, someOf, textOf, type JsonRecord } from '../model/json.js';
import { argsText, encodeTool, resultText } from './chat-request.js';
import { fileAddress } from './file-data.js';
import { without, type ResponsesOpaque } from './openai-responses-wire.js';
import { encodeContent, toolParts } from './parts.js';
import { opaqueValue } from './server-state.js';

/** The items of a conversation, and where each response of the endpoint ended among them. */
interface History {
  readonly items: JsonRecord[];
  readonly ends: { readonly response: string; readonly at: number }[];
}

function responsesValue(part: MessagePart): ResponsesOpaque {
  return opaqueValue(part, 'openai-responses') ?? {};
}

function fileContent(part: FilePart): JsonRecord {
  const { mediaType, name } = part;
  const address = fileAddress(part);
  if (mediaType.startsWith('image/')) return { type: 'input_image', image_url: address, detail: 'auto' };
  if (!address.startsWith('data:')) return { type: 'input_file', file_url: address };
  return { type: 'input_file', filename: name ?? 'file', file_data: address };
}

function inputMessage(message: Message): JsonRecord[] {
  const { role } = message;
  const content = encodeContent(message, (text) => ({ type: 'input_text', text }), fileContent);
  if (content.length === 0) return [];
  const isText = content.every(({ type }) => type === 'input_text');
  return [{ role, content: isText ? content.map(({ text }) => text).join('') : content }];
}

/** The call of a tool on the page, as the item it was. */
function callItem(part: ToolPart, call: JsonRecord): JsonRecord {
  const { id, name, args } = part;
  if (call['type'] === 'custom_tool_call') {
    return { ...call, call_id: id, name, input: typeof args === 'string' ? args : argsText(part) };
  }
  return { ...call, type: 'function_call', call_id: id, name, arguments: argsText(part) };
}

function callOutput(part: ToolPart, { type, caller }: JsonRecord): JsonRecord {
  const isCustom = type === 'custom_tool_call';
  return present({
    type: isCustom ? 'custom_tool_call_output' : 'function_call_output',
    call_id: part.id,
    output: resultText(part),
    caller: isRecord(caller) ? caller : undefined,
  });
}

/** The reader's answer to a question of the endpoint, if there is one. */
function approvalResponse({ id, name, result }: ToolPart): JsonRecord[] {
  if (name !== 'mcp_approval_request' || result === undefined) return [];
  const { approve, approved, reason } = isRecord(result)
    ? result
    : { approve: result, approved: undefined, reason: undefined };
  return [
    present({
      type: 'mcp_approval_response',
      approval_request_id: id,
      approve: approved === true || approve === true || approve === 'approve',
      reason: textOf(reason),
    }),
  ];
}

function isReasoning({ type }: JsonRecord): boolean {
  return type === 'reasoning';
}

/** What does not stand without the endpoint's own memory of it. */
function needsStore({ type, encrypted_content, content }: JsonRecord): boolean {
  if (type === 'image_generation_call') return true;
  return type === 'reasoning' && !encrypted_content && !(Array.isArray(content) && content.length > 0);
}

function unstored(item: JsonRecord): JsonRecord[] {
  if (needsStore(item)) return [];
  const { type, role, content, phase } = item;
  if (type === 'message') {
    const [part] = recordsOf(content);
    return [present({ role, content: part?.['text'], phase })];
  }
  // Endpoints that keep nothing refuse the ids of their own items; only that of reasoning may not be missing.
  const isFree = type === 'function_call' || type === 'custom_tool_call';
  return [isFree ? without(item, ['id']) : item];
}

/** An image goes back by its id: its bytes are long, and the endpoint has them. */
function stored(item: JsonRecord): JsonRecord {
  const { type, id } = item;
  return type === 'image_generation_call' ? { type: 'item_reference', id } : item;
}

/** The items of one response, or of an answer by somebody else, and then the outputs of its calls. */
function responseItems(parts: readonly MessagePart[], history: History): void {
  const values = parts.map(responsesValue);
  const end = values.findLast(({ response }) => response !== undefined);
  const hasMessages = values.some(({ message }) => message);
  const calls = new Map(values.flatMap(({ call }) => (call ? [[call['call_id'], call] as const] : [])));
  let items: JsonRecord[] = [];
  let outputs: JsonRecord[] = [];
  // Visible text that is no item yet. It goes on in its part across opaque ones, so the items say how much is theirs.
  let pending = '';

  function giveText(length: number, message: JsonRecord | undefined): void {
    const text = pending.slice(0, length);
    pending = pending.slice(length);
    if (text === '') return;
    if (!message) items.push({ role: 'assistant', content: text });
    else {
      const content = [{ type: 'output_text', text, annotations: [] }];
      items.push({ type: 'message', role: 'assistant', status: 'completed', ...message, content });
    }
  }

  function addItem(item: JsonRecord): void {
    const { id } = item;
    const known = id === undefined ? -1 : items.findIndex((other) => other['id'] === id);
    if (known < 0) items.push(item);
    else items[known] = item;
  }

  function endTurn(): void {
    giveText(pending.length, undefined);
    // Reasoning that led to nothing is refused.
    items.length = items.findLastIndex((item) => !isReasoning(item)) + 1;
    history.items.push(...(end?.stored ? items.map(stored) : items.flatMap(unstored)));
    if (end?.response !== undefined) history.ends.push({ response: end.response, at: history.items.length });
    history.items.push(...outputs);
    items = [];
    outputs = [];
  }

  for (const [index, part] of parts.entries()) {
    const { item, message, length = 0 } = values[index] ?? {};
    if (part.type === 'text') {
      // Text behind calls belongs to the next turn, which has seen their results.
      if (!end && outputs.length > 0 && part.text !== '') endTurn();
      pending += part.text;
    } else if (part.type === 'tool') {
      giveText(pending.length, undefined);
      if (part.by === 'server') outputs.push(...approvalResponse(part));
      else if (part.state !== 'preparing') {
        const call = calls.get(part.id) ?? {};
        items.push(callItem(part, call));
        outputs.push(callOutput(part, call));
      }
    } else if (message) giveText(length, message);
    else if (item) {
      if (!hasMessages) giveText(pending.length, undefined);
      addItem(item);
    }
  }
  endTurn();
}

function addAnswer({ parts }: Message, history: History): void {
  let from = 0;
  for (const [index, part] of parts.entries()) {
    if (responsesValue(part).response === undefined) continue;
    responseItems(parts.slice(from, index + 1), history);
    from = index + 1;
  }
  if (from < parts.length) responseItems(parts.slice(from), history);
}

/**
 * Whether each item is sent. The endpoint refuses a call without its output, so what waits for an answer that nobody gave
 * stays behind, and the reasoning that led to it.
 */
function sendable(items: readonly JsonRecord[]): boolean[] {
  const answered = new Set(
    items.flatMap(({ type, call_id, approval_request_id }) => {
      if (type === 'mcp_approval_response') return [approval_request_id];
      return String(type).endsWith('_output') ? [call_id] : [];
    }),
  );
  const sent = items.map(({ type, id, call_id }) => {
    if (type === 'mcp_approval_request') return answered.has(id);
    return typeof call_id !== 'string' || answered.has(call_id);
  });
  for (const [index, item] of [...items.entries()].toReversed()) {
    if (isReasoning(item) && sent[index + 1] === false) sent[index] = false;
  }
  return sent;
}

function encodeInput({ messages, body }: RunInput): JsonRecord[] {
  const history: History = { items: [], ends: [] };
  for (const message of messages) {
    if (message.role === 'assistant') addAnswer(message, history);
    else if (message.role === 'tool') {
      history.items.push(...toolParts(message).map((part) => callOutput(part, {})));
    } else history.items.push(...inputMessage(message));
  }
  const { items, ends } = history;
  const { conversation, previous_response_id } = body ?? {};
  const known = conversation
    ? ends.at(-1)
    : ends.findLast(({ response }) => response === previous_response_id);
  const isSent = sendable(items);
  return items.filter((_, index) => isSent[index] && index >= (known?.at ?? 0));
}

/**
 * The request body of OpenAI's Responses: `{model, instructions, input, stream, tools}`. The whole conversation goes along
 * as items; with a `conversation` or a `previous_response_id` among the page's fields only what the endpoint does not
 * have yet. The page's own fields come last and win.
 */
export function encodeResponsesRequest(input: RunInput): JsonRecord {
  const { model, system, tools, body } = input;
  return present({
    model,
    instructions: textOf(system),
    input: encodeInput(input),
    stream: true,
    // Strict, the default, would make every optional argument a required one.
    tools: someOf(tools.map((tool) => ({ type: 'function', ...encodeTool(tool), strict: false }))),
    ...body,
  });
}
