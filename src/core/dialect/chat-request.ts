import type { FilePart, Message, RunInput, ToolDescriptor, ToolPart } from '../model/index.js';
import { parseJson, present, someOf, type JsonRecord } from '../model/json.js';
import { fileAddress, readFileData } from './file-data.js';
import { encodeTextOrContent, toolParts, type Turn, turnsOf } from './parts.js';

/** What stands for the result of a call that has none. */
export const UNANSWERED = 'Error: the tool was not run, or gave no result.';

/** A tool's result as text, which is all that most endpoints take. */
export function resultText({ result }: ToolPart): string {
  if (typeof result === 'string') return result;
  return JSON.stringify(result) ?? UNANSWERED;
}

/** The arguments of a call as JSON text: as they came, if that is JSON. */
export function argsText({ argsText: text, args }: ToolPart): string {
  return parseJson(text) === undefined ? (JSON.stringify(args) ?? '{}') : text;
}

/** The two formats of sound that such endpoints read. */
function audioFormat(mediaType: string): string | undefined {
  if (/^audio\/(?:x-)?wav$/.test(mediaType)) return 'wav';
  return /^audio\/mp(?:eg|3)$/.test(mediaType) ? 'mp3' : undefined;
}

function filePart(part: FilePart): JsonRecord {
  const { mediaType, name } = part;
  const address = fileAddress(part);
  if (mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url: address } };
  const format = audioFormat(mediaType);
  const sound = format && readFileData(part);
  if (sound) return { type: 'input_audio', input_audio: { data: sound.base64, format } };
  return { type: 'file', file: present({ filename: name, file_data: address }) };
}

function toolResult(part: ToolPart): JsonRecord {
  return { role: 'tool', tool_call_id: part.id, content: resultText(part) };
}

/** One turn of the model, and the results of its calls. */
function turnMessages({ text, calls }: Turn): JsonRecord[] {
  const toolCalls = calls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: argsText(call) },
  }));
  return [
    present({ role: 'assistant', content: text === '' ? null : text, tool_calls: someOf(toolCalls) }),
    ...calls.map(toolResult),
  ];
}

/** The chat messages that one message is: an answer with tool calls is followed by their results. */
export function encodeMessage(message: Message): JsonRecord[] {
  if (message.role === 'assistant') return turnsOf(message).flatMap(turnMessages);
  if (message.role === 'tool') {
    return toolParts(message).map(toolResult);
  }
  return [{ role: message.role, content: encodeTextOrContent(message, filePart) }];
}

/** A tool as most endpoints want it described. One without a schema has no arguments. */
export function encodeTool({ name, description, inputSchema }: ToolDescriptor): JsonRecord {
  return { name, description, parameters: inputSchema ?? { type: 'object', properties: {} } };
}

/** Descriptions of tools in the shape `{type: "function", function}`; undefined where there are none. */
export function encodeTools(tools: readonly ToolDescriptor[]): readonly JsonRecord[] | undefined {
  return someOf(tools.map((tool) => ({ type: 'function', function: encodeTool(tool) })));
}

/** The system text as a message of its own, where there is any. */
export function systemMessages(system: string | undefined): JsonRecord[] {
  return system ? [{ role: 'system', content: system }] : [];
}

/** Asks for the tokens of a run, which do not come by themselves. */
export const USAGE_WANTED: JsonRecord = { stream_options: { include_usage: true } };

/**
 * The request body that most endpoints understand: `{messages, stream, model?, tools?}` as in OpenAI's Chat
 * Completions. `extra` is what a dialect adds; the page's own fields come last and win.
 */
export function encodeChatRequest(input: RunInput, extra: JsonRecord): JsonRecord {
  const { model, system, messages, tools, body } = input;
  return present({
    model,
    messages: [...systemMessages(system), ...messages.flatMap(encodeMessage)],
    stream: true,
    ...extra,
    tools: encodeTools(tools),
    ...body,
  });
}
