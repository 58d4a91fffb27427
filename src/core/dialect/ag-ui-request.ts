import { messageText, type FilePart, type Message, type RunInput, type ToolPart } from '../model/index.js';
import { isRecord, present, textOf, type JsonRecord } from '../model/json.js';
import { argsText, encodeTool, resultText } from './chat-request.js';
import { fileKind, readFileData } from './file-data.js';
import { encodeTextOrContent, isPageCall, toolParts } from './parts.js';
import { opaqueValue, opaqueValues } from './server-state.js';

/** The name under which opaque parts of this dialect are kept. */
export const AG_UI = 'ag-ui';

function mediaPart(part: FilePart): JsonRecord {
  const { url, mediaType, name } = part;
  const kind = fileKind(part);
  const file = readFileData(part);
  const source = file
    ? { type: 'data', value: file.base64, mimeType: file.mediaType }
    : { type: 'url', value: url ?? '', mimeType: mediaType };
  return present({ type: kind, source, metadata: name === undefined ? undefined : { filename: name } });
}

/** The encrypted value that belongs to a message or a call, with its type where there is one. */
function encrypted({ encryptedValue, encryptedValueType }: JsonRecord = {}): JsonRecord {
  return present({ encryptedValue, encryptedValueType });
}

/** Calls that an interrupt is about: its answer, not a tool message, is what the agent waits for. */
function interruptedCalls(message: Message): Set<unknown> {
  return new Set(
    opaqueValues(message, AG_UI).flatMap(({ interrupt }) =>
      isRecord(interrupt) && interrupt['toolCallId'] !== undefined ? [interrupt['toolCallId']] : [],
    ),
  );
}

/** The messages that one answer was on the wire, by the ids that the agent gave them. */
function assistantMessages(message: Message, isInterrupted: boolean): JsonRecord[] {
  const values = opaqueValues(message, AG_UI);
  const secrets = new Map(values.map((value) => [value['entityId'], value] as const));
  const resultIds = new Map(
    values.map(({ toolCallId, resultId }) => [toolCallId, textOf(resultId)] as const),
  );
  const open = isInterrupted ? interruptedCalls(message) : new Set();
  const messages: JsonRecord[] = [];
  let id = message.id;
  let content = '';
  let calls: ToolPart[] = [];
  let turns = 0;

  function endTurn(nextId: string): void {
    if (content !== '' || calls.length > 0) {
      const toolCalls = calls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: argsText(call) },
        ...encrypted(secrets.get(call.id)),
      }));
      messages.push({
        id,
        role: 'assistant',
        ...(content !== '' && { content }),
        ...(toolCalls.length > 0 && { toolCalls }),
        ...encrypted(secrets.get(id)),
      });
      const answered = calls.filter((call) => !open.has(call.id));
      messages.push(...answered.map((call) => toolMessage(call, resultIds.get(call.id))));
      turns += 1;
    }
    id = nextId;
    content = '';
    calls = [];
  }

  for (const part of message.parts) {
    if (part.type === 'text') {
      // Text behind calls belongs to the next turn, which has seen their results.
      if (calls.length > 0) endTurn(`${message.id}-${turns + 1}`);
      content += part.text;
    } else if (isPageCall(part)) calls.push(part);
    else {
      const { messageId, reasoning } = opaqueValue(part, AG_UI) ?? {};
      if (isRecord(reasoning)) {
        endTurn(`${message.id}-${turns + 1}`);
        messages.push(reasoning);
      } else if (typeof messageId === 'string') endTurn(messageId);
    }
  }
  endTurn(message.id);
  return messages;
}

function toolMessage(part: ToolPart, id = `${part.id}-result`): JsonRecord {
  const content = resultText(part);
  return {
    id,
    role: 'tool',
    toolCallId: part.id,
    content,
    ...(part.state !== 'done' && { error: content }),
  };
}

function encodeMessage(message: Message, isInterrupted: boolean): JsonRecord[] {
  if (message.role === 'assistant') return assistantMessages(message, isInterrupted);
  if (message.role === 'tool') {
    return toolParts(message).map((part) => toolMessage(part));
  }
  // Agents of older versions take nothing but text, if there are no files.
  const content = message.role === 'user' ? encodeTextOrContent(message, mediaPart) : messageText(message);
  return [{ id: message.id, role: message.role, content }];
}

/**
 * Answers to what the newest answer stopped for. All of them have to be answered: what the page says nothing about
 * is given up. A question that is not about a call is answered by what the user writes next.
 */
function encodeResume(interrupted: Message, next: Message | undefined): JsonRecord[] {
  return opaqueValues(interrupted, AG_UI).flatMap(({ interrupt }): JsonRecord[] => {
    if (!isRecord(interrupt)) return [];
    const { id: interruptId, toolCallId } = interrupt;
    const part = interrupted.parts.find(
      (each): each is ToolPart => each.type === 'tool' && each.id === (toolCallId ?? interruptId),
    );
    if (part?.state === 'done' || part?.state === 'refused') {
      // The protocol knows no payload of null.
      const payload = part.result ?? undefined;
      return [present({ interruptId, status: 'resolved', payload })];
    }
    if (toolCallId === undefined && next?.role === 'user') {
      return [{ interruptId, status: 'resolved', payload: messageText(next) }];
    }
    return [{ interruptId, status: 'cancelled' }];
  });
}

/**
 * The body of a run: `RunAgentInput` with every list in it, empty where there is nothing, since strict agents insist
 * on them. The model goes into `forwardedProps`, the protocol has no field for it.
 */
export function encodeAgUiRequest(input: RunInput): JsonRecord {
  const { conversationId, messages, model, system, tools, body } = input;
  const newest = messages.findLastIndex(({ role }) => role === 'assistant');
  const interrupted = messages[newest];
  const resume = interrupted ? encodeResume(interrupted, messages[newest + 1]) : [];
  return {
    threadId: conversationId,
    runId: crypto.randomUUID(),
    state: {},
    messages: [
      ...(system ? [{ id: 'system', role: 'system', content: system }] : []),
      ...messages.flatMap((message, index) => encodeMessage(message, index === newest)),
    ],
    tools: tools.map(encodeTool),
    context: [],
    forwardedProps: present({ model }),
    ...(resume.length > 0 && { resume }),
    ...body,
  };
}
