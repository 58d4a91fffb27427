import type { FilePart, Message, RunInput, ToolDescriptor, ToolPart } from '../model/index.js';
import { fileAddress, readFileData } from './file-data.js';
import { parseJson, present, someOf, type JsonRecord } from './json.js';

const UNANSWERED = 'Error: the tool was not run, or gave no result.';

/** A tool's result as text, which is all that most endpoints take. */
export function resultText({ result }: ToolPart): string {
  if (typeof result === 'string') return result;
  return JSON.stringify(result) ?? UNANSWERED;
}

/** The arguments of a call as JSON text: as they came, if that is JSON. */
export function argsText({ argsText: text, args }: ToolPart): string {
  return parseJson(text) === undefined ? (JSON.stringify(args) ?? '{}') : text;
}

const AUDIO_FORMATS: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
};

function filePart(part: FilePart): JsonRecord {
  const { mediaType, name } = part;
  const address = fileAddress(part);
  if (mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url: address } };
  const format = AUDIO_FORMATS[mediaType];
  const sound = format && readFileData(part);
  if (sound) return { type: 'input_audio', input_audio: { data: sound.base64, format } };
  return { type: 'file', file: present({ filename: name, file_data: address }) };
}

function userContent({ parts }: Message): string | JsonRecord[] {
  const content = parts.flatMap((part): JsonRecord[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }];
    return part.type === 'file' ? [filePart(part)] : [];
  });
  if (content.some(({ type }) => type !== 'text')) return content;
  return content.map(({ text }) => text).join('');
}

function toolResult(part: ToolPart): JsonRecord {
  return { role: 'tool', tool_call_id: part.id, content: resultText(part) };
}

/** One turn of the model: what it said, and the calls that it made at the end of it. */
function assistantTurn(text: string, calls: readonly ToolPart[]): JsonRecord[] {
  if (text === '' && calls.length === 0) return [];
  const message: JsonRecord = { role: 'assistant', content: text === '' ? null : text };
  if (calls.length > 0) {
    message['tool_calls'] = calls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: argsText(call) },
    }));
  }
  return [message, ...calls.map(toolResult)];
}

function assistantMessages({ parts }: Message): JsonRecord[] {
  const messages: JsonRecord[] = [];
  let text = '';
  let calls: ToolPart[] = [];
  for (const part of parts) {
    if (part.type === 'text') {
      // Text behind calls belongs to the next turn, which has seen their results.
      if (calls.length > 0 && part.text !== '') {
        messages.push(...assistantTurn(text, calls));
        text = '';
        calls = [];
      }
      text += part.text;
      // A call that never became whole was never made; the endpoint's own tools are no business of the page.
    } else if (part.type === 'tool' && part.by === 'client' && part.state !== 'preparing') calls.push(part);
  }
  return [...messages, ...assistantTurn(text, calls)];
}

/** The chat messages that one message is: an answer with tool calls is followed by their results. */
export function encodeMessage(message: Message): JsonRecord[] {
  if (message.role === 'assistant') return assistantMessages(message);
  if (message.role === 'tool') {
    return message.parts.flatMap((part) => (part.type === 'tool' ? [toolResult(part)] : []));
  }
  return [{ role: message.role, content: userContent(message) }];
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
