import type { FileEvent, FilePart, Message, ToolPart, Usage } from '../model/index.js';
import {
  firstText,
  isRecord,
  listOf,
  present,
  recordOf,
  recordsOf,
  someOf,
  textOf,
  type JsonRecord,
} from '../model/json.js';
import { fileEvents } from './events.js';
import { fileUrl } from './file-data.js';
import { encodeTextOrContent, toolParts, type Turn, turnsOf } from './parts.js';
import type { ToolCallDelta } from './tool-calls.js';
import { readCounts } from './usage.js';

/** A message of LangChain, or a chunk of one, as far as a chat needs it. */
export interface LangchainMessage {
  readonly role: 'ai' | 'human' | 'tool' | 'other';
  readonly id: string | undefined;
  readonly text: string;
  readonly reasoning: string;
  readonly files: readonly FileEvent[];
  /** Address and title of what the text cites. */
  readonly citations: readonly (readonly [address: string, title: string | undefined])[];
  /** Pieces of calls in a chunk; undefined where the message is whole and has `calls` only. */
  readonly callChunks: readonly ToolCallDelta[] | undefined;
  /** The calls as parsed so far; in a chunk their arguments may be incomplete. */
  readonly calls: readonly { id: string | undefined; name: string; args: unknown }[];
  readonly usage: Usage | undefined;
  /** Of a `tool` message: the call that it answers, its result, and whether that is an error. */
  readonly answers: { readonly id: string; readonly result: unknown; readonly isError: boolean } | undefined;
}

const ROLES: readonly [RegExp, LangchainMessage['role']][] = [
  [/^(?:ai|assistant|aimessage(?:chunk)?)$/i, 'ai'],
  [/^(?:human|user|humanmessage(?:chunk)?)$/i, 'human'],
  [/^(?:tool|toolmessage(?:chunk)?)$/i, 'tool'],
];

/** The fields of a message, whichever of its serialized forms it has. */
function unwrap(value: JsonRecord): { kind: string; fields: JsonRecord } {
  const { type, role, id, kwargs, data } = value;
  if (type === 'constructor' && isRecord(kwargs)) return { kind: String(listOf(id).at(-1)), fields: kwargs };
  const kind = firstText(type, role) ?? '';
  return { kind, fields: isRecord(data) && value['content'] === undefined ? data : value };
}

function readFile(part: JsonRecord): FileEvent[] {
  const { type, image_url, url, data, base64, mime_type, mimeType, filename } = part;
  return fileEvents({
    url: firstText(isRecord(image_url) ? image_url['url'] : image_url, url),
    data: firstText(base64, data),
    mediaType: firstText(mime_type, mimeType),
    name: filename,
    kind: type === 'image_url' ? 'image' : type,
  });
}

function reasoningOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isRecord(value)) return '';
  const { thinking, reasoning, text, reasoning_content, summary } = value;
  return (
    firstText(thinking, reasoning, text) ??
    (isRecord(reasoning_content) ? reasoningOf(reasoning_content) : listOf(summary).map(reasoningOf).join(''))
  );
}

interface Content {
  text: string;
  reasoning: string;
  files: FileEvent[];
  citations: [string, string | undefined][];
}

function readPart(part: unknown, content: Content): void {
  if (typeof part === 'string') content.text += part;
  if (!isRecord(part)) return;
  const { type, text, annotations, citations } = part;
  if (type === 'text' || type === 'text_delta' || type === 'output_text') content.text += textOf(text) ?? '';
  else if (/^(?:thinking|reasoning|reasoning_content)$/.test(String(type))) {
    content.reasoning += reasoningOf(part);
  } else if (/^(?:image_url|image|audio|video|file)$/.test(String(type))) {
    content.files.push(...readFile(part));
  }
  for (const citation of [...listOf(annotations), ...listOf(citations)]) {
    const url = textOf(recordOf(citation)['url']);
    if (isRecord(citation) && url !== undefined) content.citations.push([url, textOf(citation['title'])]);
  }
}

function readContent({ content, additional_kwargs }: JsonRecord): Content {
  const read: Content = { text: '', reasoning: '', files: [], citations: [] };
  for (const part of Array.isArray(content) ? content : [content]) readPart(part, read);
  if (read.reasoning === '' && isRecord(additional_kwargs)) {
    read.reasoning = reasoningOf(additional_kwargs['reasoning_content'] ?? additional_kwargs['reasoning']);
  }
  return read;
}

function readUsage(usage: unknown): Usage | undefined {
  const { input_tokens, output_tokens, total_tokens, output_token_details } = recordOf(usage);
  return readCounts({
    inputTokens: input_tokens,
    outputTokens: output_tokens,
    totalTokens: total_tokens,
    reasoningTokens: recordOf(output_token_details)['reasoning'],
  });
}

function readChunk(chunk: JsonRecord): ToolCallDelta {
  const { index, id, name, args } = chunk;
  return {
    index: typeof index === 'number' ? index : undefined,
    id: textOf(id),
    name: textOf(name),
    args: typeof args === 'string' ? args : '',
  };
}

/**
 * Reads a message in the forms that LangChain's servers write: its fields with a `type` (`ai`, `AIMessageChunk`, …) or
 * a `role`, `{type, data}`, or a serialized constructor. Undefined where it is no message.
 */
export function readLangchainMessage(value: unknown): LangchainMessage | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, fields } = unwrap(value);
  if (kind === '' || !('content' in fields)) return undefined;
  const { id, tool_call_chunks, tool_calls, tool_call_id, status, usage_metadata } = fields;
  const { text, reasoning, files, citations } = readContent(fields);
  const answered = textOf(tool_call_id);
  return {
    role: ROLES.find(([pattern]) => pattern.test(kind))?.[1] ?? 'other',
    id: textOf(id),
    text,
    reasoning,
    files,
    citations,
    // JavaScript servers call chunks "ai" as well, older Python ones leave the list out.
    callChunks:
      Array.isArray(tool_call_chunks) || /chunk$/i.test(kind)
        ? recordsOf(tool_call_chunks).map(readChunk)
        : undefined,
    calls: recordsOf(tool_calls).flatMap((call) => {
      const name = textOf(call['name']);
      return name === undefined ? [] : [{ id: textOf(call['id']), name, args: call['args'] }];
    }),
    usage: readUsage(usage_metadata),
    answers:
      answered === undefined
        ? undefined
        : {
            id: answered,
            result: textOf(text) ?? fields['content'] ?? '',
            isError: status === 'error',
          },
  };
}

function encodeFile(part: FilePart): JsonRecord {
  const { url, data, mediaType, name } = part;
  if (mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url: fileUrl(part) } };
  return present({
    type: 'file',
    ...(url === undefined ? { source_type: 'base64', data } : { source_type: 'url', url }),
    mime_type: mediaType,
    metadata: name === undefined ? undefined : { filename: name },
  });
}

function encodeResult({ id, result, state }: ToolPart): JsonRecord {
  return present({
    type: 'tool',
    tool_call_id: id,
    content: typeof result === 'string' ? result : (JSON.stringify(result) ?? ''),
    status: state === 'failed' ? 'error' : undefined,
  });
}

/** One turn of the model, and the results of its calls. */
function encodeTurn({ text, calls }: Turn): JsonRecord[] {
  const toolCalls = calls.map(({ id, name, args }) => ({
    type: 'tool_call',
    id,
    name,
    args: recordOf(args),
  }));
  return [present({ type: 'ai', content: text, tool_calls: someOf(toolCalls) }), ...calls.map(encodeResult)];
}

/** The messages that one message of the conversation is to LangChain. User messages keep their id. */
export function encodeLangchainMessage(message: Message): JsonRecord[] {
  if (message.role === 'assistant') return turnsOf(message).flatMap(encodeTurn);
  if (message.role === 'tool') {
    return toolParts(message).map(encodeResult);
  }
  return [
    {
      type: message.role === 'user' ? 'human' : 'system',
      id: message.id,
      content: encodeTextOrContent(message, encodeFile),
    },
  ];
}
