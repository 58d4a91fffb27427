import type { FilePart, Message, MessagePart, RunInput, ToolPart } from '../model/index.js';
import { isRecord, present, someOf, textOf, type JsonRecord } from '../model/json.js';
import type { AnthropicOpaque } from './anthropic-blocks.js';
import { encodeTool, resultText } from './chat-request.js';
import { readFileData, readFileText } from './file-data.js';
import { encodeContent, isPageCall, systemText, toolParts } from './parts.js';
import { opaqueValue } from './server-state.js';

/** Tokens that an answer may have, unless the page says otherwise: what every model of the endpoint allows. */
const DEFAULT_MAX_TOKENS = 4096;

/** A conversation has to begin with its user; a greeting of the page comes before. */
const OPENING = '(The conversation begins.)';

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonRecord[];
}

function anthropicValue(part: MessagePart): AnthropicOpaque {
  return opaqueValue(part, 'anthropic') ?? {};
}

function anthropicValues(messages: readonly Message[]): AnthropicOpaque[] {
  return messages.flatMap(({ parts }) => parts.map(anthropicValue));
}

/** Blank text is refused by the endpoint. */
function textBlocks(text: string): JsonRecord[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

const IMAGE_TYPE = /^image\/(?:jpeg|png|gif|webp)$/;

function fileBlock(part: FilePart): JsonRecord {
  const { url, mediaType, name } = part;
  const file = readFileData(part);
  const bytes = file && { type: 'base64', media_type: file.mediaType, data: file.base64 };
  const title = name !== undefined && { title: name };
  if (file && IMAGE_TYPE.test(file.mediaType)) return { type: 'image', source: bytes };
  if (file?.mediaType === 'application/pdf') return { type: 'document', source: bytes, ...title };
  const text = readFileText(part);
  if (text !== undefined) {
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title };
  }
  // A file of another kind is refused, and the whole conversation with it, so its name has to do.
  if (file || /^(?:audio|video)\//.test(mediaType)) {
    return { type: 'text', text: `(A file that cannot be read here: ${name ?? 'no name'}, ${mediaType})` };
  }
  const source = { type: 'url', url };
  return mediaType.startsWith('image/') ? { type: 'image', source } : { type: 'document', source, ...title };
}

function userContent(message: Message): JsonRecord[] {
  return encodeContent(message, textBlocks, fileBlock);
}

function toolUse({ id, name, args, argsText }: ToolPart, extra: JsonRecord | undefined): JsonRecord {
  // What is no object cannot go back as it is; the documentation of streamed tool inputs names this key.
  const input = isRecord(args) ? args : { INVALID_JSON: argsText };
  return { ...extra, type: 'tool_use', id, name, input };
}

function toolResult(part: ToolPart): JsonRecord {
  const failed = part.state !== 'done';
  return present({
    type: 'tool_result',
    tool_use_id: part.id,
    content: resultText(part),
    is_error: failed || undefined,
  });
}

function isThinking({ type }: JsonRecord): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

/** The turns of one message of the model: what it said, then the results of the calls at the end of it. */
function assistantTurns({ parts }: Message, isSendable: (block: JsonRecord) => boolean): Turn[] {
  const turns: Turn[] = [];
  const extras = new Map<unknown, JsonRecord>();
  let content: JsonRecord[] = [];
  let results: JsonRecord[] = [];
  // Visible text that is no block yet. Text goes on in its part across opaque ones, which know their place in it.
  let pending = '';
  let given = 0;

  function give(length: number): void {
    if (length <= 0) return;
    content.push(...textBlocks(pending.slice(0, length)));
    given += Math.min(length, pending.length);
    pending = pending.slice(length);
  }

  function endTurn(): void {
    give(pending.length);
    // No answer may end in thinking.
    content.length = content.findLastIndex((block) => !isThinking(block)) + 1;
    turns.push({ role: 'assistant', content }, { role: 'user', content: results });
    content = [];
    results = [];
  }

  function addBlock(block: JsonRecord, at: number): void {
    give(at - given);
    if (block['type'] !== 'text') {
      content.push(block);
      return;
    }
    const text = textOf(block['text']) ?? '';
    // The page may have changed the text since.
    if (text === '' || !pending.startsWith(text)) return;
    content.push(block);
    given += text.length;
    pending = pending.slice(text.length);
  }

  for (const part of parts) {
    const { block } = anthropicValue(part);
    if (block?.['type'] === 'tool_use') extras.set(block['id'], block);
  }
  for (const part of parts) {
    if (part.type === 'text') {
      // Text behind calls belongs to the next turn, which has seen their results.
      if (results.length > 0 && part.text.trim() !== '') endTurn();
      pending += part.text;
    } else if (isPageCall(part)) {
      give(pending.length);
      content.push(toolUse(part, extras.get(part.id)));
      results.push(toolResult(part));
    } else {
      const { block, at = 0 } = anthropicValue(part);
      if (block && block['type'] !== 'tool_use' && isSendable(block)) addBlock(block, at);
    }
  }
  endTurn();
  return turns;
}

function messageTurns(message: Message, isSendable: (block: JsonRecord) => boolean): Turn[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: userContent(message) }];
    case 'assistant':
      return assistantTurns(message, isSendable);
    case 'tool': {
      const results = toolParts(message).map(toolResult);
      return [{ role: 'user', content: results }];
    }
    default:
      return [];
  }
}

function encodeMessages(messages: readonly Message[]): Turn[] {
  const answered = new Set(anthropicValues(messages).map(({ block }) => block?.['tool_use_id']));
  const lastQuestion = messages.findLastIndex(({ role }) => role === 'user');
  const merged: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    // A call of the endpoint's own tool may lack its result only while the endpoint is still at it.
    const isSendable = ({ type, id }: JsonRecord): boolean =>
      !String(type).endsWith('_tool_use') || answered.has(id) || index > lastQuestion;
    for (const { role, content } of messageTurns(message, isSendable)) {
      if (content.length === 0) continue;
      const last = merged.at(-1);
      if (last?.role === role) last.content.push(...content);
      else merged.push({ role, content });
    }
  }
  if (merged[0]?.role === 'assistant') merged.unshift({ role: 'user', content: textBlocks(OPENING) });
  return merged;
}

/** The container of the newest answer that had one, while it is still there. */
function containerId(messages: readonly Message[]): string | undefined {
  const container = anthropicValues(messages).findLast((value) => value.container)?.container;
  if (!container) return undefined;
  const isGone = container.expiresAt !== undefined && Date.parse(container.expiresAt) < Date.now();
  return isGone ? undefined : container.id;
}

/**
 * The request body of Anthropic's Messages: `{model, max_tokens, system, messages, stream, tools}`. What an answer
 * brought in opaque parts goes back in its place; the page's own fields come last and win.
 */
export function encodeAnthropicRequest(input: RunInput): JsonRecord {
  const { model, messages, tools, body } = input;
  const container = containerId(messages);
  return present({
    model,
    max_tokens: DEFAULT_MAX_TOKENS,
    system: systemText(input),
    messages: encodeMessages(messages),
    stream: true,
    tools: someOf(
      tools.map((tool) => {
        const { parameters, ...description } = encodeTool(tool);
        return { ...description, input_schema: parameters };
      }),
    ),
    container,
    ...body,
  });
}
