import {
  messageText,
  type FilePart,
  type Message,
  type MessagePart,
  type RunInput,
  type ToolPart,
} from '../model/index.js';
import { parseJson, recordOf, textOf, type JsonRecord } from '../model/json.js';
import { readFileData } from './file-data.js';

/** A call's arguments as an object, for endpoints that take no JSON text; `{}` where they are none. */
export function argsRecord({ args, argsText }: ToolPart): JsonRecord {
  const value = args ?? parseJson(argsText);
  return recordOf(value);
}

/** The images of a message in base64. One that has only an address is left out: its bytes are elsewhere. */
export function imagesOf({ parts }: Message): string[] {
  return parts.flatMap((part) =>
    part.type === 'file' && part.mediaType.startsWith('image/') ? (readFileData(part)?.base64 ?? []) : [],
  );
}

/** A text as most endpoints take it beside files. */
export function textPart(text: string): JsonRecord {
  return { type: 'text', text };
}

/** What is sent of a message: its texts and its files, in their order, each as one thing, several, or none. */
export function encodeContent(
  { parts }: Message,
  encodeText: (text: string) => JsonRecord | JsonRecord[],
  encodeFile: (part: FilePart) => JsonRecord | JsonRecord[],
): JsonRecord[] {
  return parts.flatMap<JsonRecord>((part) => {
    if (part.type === 'text') return encodeText(part.text);
    return part.type === 'file' ? encodeFile(part) : [];
  });
}

/** The same, or just the text of a message without files. */
export function encodeTextOrContent(
  message: Message,
  encodeFile: (part: FilePart) => JsonRecord,
): string | JsonRecord[] {
  const hasFiles = message.parts.some(({ type }) => type === 'file');
  return hasFiles ? encodeContent(message, textPart, encodeFile) : messageText(message);
}

/** The system text and that of all system messages, for endpoints that take it in one place only. */
export function systemTexts({ system, messages }: RunInput): string[] {
  const texts = messages.filter(({ role }) => role === 'system').map(messageText);
  return [system ?? '', ...texts].filter((text) => text.trim() !== '');
}

/** The same as one text; undefined where there is none. */
export function systemText(input: RunInput): string | undefined {
  return textOf(systemTexts(input).join('\n\n'));
}

/** One turn of the model: what it said, and the calls of the page's tools that it made at the end of it. */
export interface Turn {
  text: string;
  readonly calls: ToolPart[];
}

/** The turns of an answer. */
export function turnsOf({ parts }: Message): Turn[] {
  const turns: Turn[] = [];
  let turn: Turn | undefined;

  function open(): Turn {
    turn = { text: '', calls: [] };
    turns.push(turn);
    return turn;
  }

  for (const part of parts) {
    if (part.type === 'text' && part.text !== '') {
      // Text behind calls belongs to the next turn, which has seen their results.
      const current = !turn || turn.calls.length > 0 ? open() : turn;
      current.text += part.text;
    } else if (isPageCall(part)) {
      (turn ?? open()).calls.push(part);
    }
  }
  return turns;
}

/** Whether a part is a call of one of the page's tools that was made: one that never became whole never was. */
export function isPageCall(part: MessagePart): part is ToolPart {
  return part.type === 'tool' && part.by === 'client' && part.state !== 'preparing';
}

/** The calls and results in a message. */
export function toolParts({ parts }: Message): ToolPart[] {
  return parts.filter((part) => part.type === 'tool');
}
