import type { FilePart, Message, RunInput, ToolPart } from '../model/index.js';
import { isRecord, present, someOf, textOf, type JsonRecord } from '../model/json.js';
import { encodeTool, resultText } from './chat-request.js';
import { fileKind, readFileData } from './file-data.js';
import { argsRecord, isPageCall, systemText, toolParts } from './parts.js';
import { opaqueValue } from './server-state.js';

/**
 * What goes back to the Interactions API, as the opaque parts of an answer hold it:
 * - `interaction`: the id under which the endpoint keeps the conversation up to here
 * - `step`: where it keeps nothing, a step to be sent back whole
 * - `call`: where it keeps nothing, the signature of a call
 */
export type InteractionsOpaque =
  | { readonly type: 'interaction'; readonly id: string }
  | { readonly type: 'step'; readonly step: JsonRecord }
  | { readonly type: 'call'; readonly id: string; readonly signature: string };

/** An opaque part of this dialect. It may come from storage, so its shape is checked. */
function readOpaque(part: Message['parts'][number]): InteractionsOpaque | undefined {
  const value = opaqueValue(part, 'gemini-interactions');
  const { type, id, step, signature } = value ?? {};
  const isKnown =
    (type === 'interaction' && textOf(id) !== undefined) ||
    (type === 'step' && isRecord(step)) ||
    (type === 'call' && textOf(id) !== undefined && textOf(signature) !== undefined);
  return isKnown ? (value as InteractionsOpaque) : undefined;
}

function interactionOf({ parts }: Message): string | undefined {
  return parts.map(readOpaque).findLast((opaque) => opaque?.type === 'interaction')?.id;
}

function fileContent(part: FilePart): JsonRecord[] {
  const { mediaType, url } = part;
  const type = fileKind(part);
  const bytes = readFileData(part);
  if (bytes) return [{ type, mime_type: bytes.mediaType, data: bytes.base64 }];
  return url === undefined ? [] : [{ type, mime_type: mediaType, uri: url }];
}

function contentOf(part: Message['parts'][number]): JsonRecord[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  return part.type === 'file' ? fileContent(part) : [];
}

function resultStep(part: ToolPart): JsonRecord {
  const { id, name, result, state } = part;
  return present({
    type: 'function_result',
    call_id: id,
    name,
    // A list would be taken for content.
    result: isRecord(result) ? result : resultText(part),
    is_error: state === 'failed' || result === undefined || undefined,
  });
}

function modelSteps({ parts }: Message): JsonRecord[] {
  const opaques = parts.flatMap((part) => readOpaque(part) ?? []);
  const steps: JsonRecord[] = [];
  let content: JsonRecord[] = [];
  let results: JsonRecord[] = [];

  function endOutput(): void {
    if (content.length > 0) steps.push({ type: 'model_output', content });
    content = [];
  }

  function endTurn(): void {
    endOutput();
    steps.push(...results);
    results = [];
  }

  for (const part of parts) {
    const opaque = readOpaque(part);
    const shown = contentOf(part);
    if (shown.length > 0) {
      // Words behind calls belong to the next turn, which has seen their results.
      if (results.length > 0) endTurn();
      content.push(...shown);
    } else if (opaque?.type === 'step') {
      endOutput();
      steps.push(opaque.step);
    } else if (isPageCall(part)) {
      endOutput();
      const note = opaques.find((each) => each.type === 'call' && each.id === part.id);
      steps.push(
        present({
          type: 'function_call',
          id: part.id,
          name: part.name,
          arguments: argsRecord(part),
          signature: note?.type === 'call' ? note.signature : undefined,
        }),
      );
      results.push(resultStep(part));
    }
  }
  endTurn();
  return steps;
}

function encodeMessage(message: Message): JsonRecord[] {
  const { role, parts } = message;
  if (role === 'system') return [];
  if (role === 'assistant') return modelSteps(message);
  if (role === 'tool') return toolParts(message).map(resultStep);
  const content = parts.flatMap(contentOf);
  return content.length > 0 ? [{ type: 'user_input', content }] : [];
}

/**
 * The body of a new interaction. Where the endpoint keeps the conversation, only what came after it is sent: the
 * results of its calls, and what the user said since.
 */
export function encodeInteractionsRequest(input: RunInput): JsonRecord {
  const { model, messages, tools, body } = input;
  const kept = messages.findLastIndex((message) => interactionOf(message) !== undefined);
  const last = messages[kept];
  const previous = last && interactionOf(last);
  return present({
    model,
    input: [
      ...(last?.parts ?? []).filter(isPageCall).map(resultStep),
      ...messages.slice(kept + 1).flatMap(encodeMessage),
    ],
    stream: true,
    previous_interaction_id: previous,
    // Neither these nor the tools are remembered from one interaction to the next.
    system_instruction: systemText(input),
    tools: someOf(tools.map((tool) => ({ type: 'function', ...encodeTool(tool) }))),
    ...body,
  });
}
