import { messageText, type Message, type RunInput, type ToolPart } from '../model/index.js';
import { readFileData } from './file-data.js';
import { parseJson, recordOf, textOf, type JsonRecord } from './json.js';

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

/** The system text and that of all system messages, for endpoints that take it in one place only. */
export function systemTexts({ system, messages }: RunInput): string[] {
  const texts = messages.filter(({ role }) => role === 'system').map(messageText);
  return [system ?? '', ...texts].filter((text) => text.trim() !== '');
}

/** The same as one text; undefined where there is none. */
export function systemText(input: RunInput): string | undefined {
  return textOf(systemTexts(input).join('\n\n'));
}
