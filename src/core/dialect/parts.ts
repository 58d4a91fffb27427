import { messageText, type Message, type RunInput, type ToolPart } from '../model/index.js';
import { readFileData } from './file-data.js';
import { parseJson, recordOf, textOf, type JsonRecord } from '../model/json.js';

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
      // A call that never became whole was never made; the endpoint's own tools are no business of the page.
    } else if (part.type === 'tool' && part.by === 'client' && part.state !== 'preparing') {
      (turn ?? open()).calls.push(part);
    }
  }
  return turns;
}
