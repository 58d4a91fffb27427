import type { FilePart, Message, RunInput, ToolPart } from '../model/index.js';
import { isRecord, present, someOf, textOf, type JsonRecord } from '../model/json.js';
import { resultText } from './chat-request.js';
import { readFileData } from './file-data.js';
import { argsRecord, isPageCall, systemTexts } from './parts.js';
import { opaqueValue } from './server-state.js';

/**
 * What goes back to Gemini unchanged, as the opaque parts of an answer hold it:
 * - `text`, `reasoning`: the signature of a stretch of the part before it, in UTF-16 code units from its start
 * - `file`: the signature of the file before it
 * - `call`: the signature of a call, and whether its id is Gemini's own
 * - `part`: a part that the endpoint's own tools left, whole
 */
export type GeminiOpaque =
  | {
      readonly type: 'text' | 'reasoning';
      readonly start: number;
      readonly end: number;
      readonly thoughtSignature: string;
    }
  | { readonly type: 'file'; readonly thoughtSignature: string }
  | {
      readonly type: 'call';
      readonly id: string;
      readonly ownId: boolean;
      readonly thoughtSignature?: string | undefined;
    }
  | { readonly type: 'part'; readonly part: JsonRecord };

type Parts = Message['parts'];
type Stretch = Extract<GeminiOpaque, { start: number }>;
type CallNote = Extract<GeminiOpaque, { type: 'call' }>;

/** An opaque part of this dialect. It may come from storage, so its shape is checked. */
function readOpaque(part: Parts[number] | undefined): GeminiOpaque | undefined {
  const value = opaqueValue(part, 'gemini');
  const { type, start, end, id, thoughtSignature, part: raw } = value ?? {};
  const isSigned = textOf(thoughtSignature) !== undefined;
  const isKnown =
    ((type === 'text' || type === 'reasoning') &&
      typeof start === 'number' &&
      typeof end === 'number' &&
      isSigned) ||
    (type === 'file' && isSigned) ||
    (type === 'call' && typeof id === 'string') ||
    (type === 'part' && isRecord(raw));
  return isKnown ? (value as GeminiOpaque) : undefined;
}

function words(type: Stretch['type'], text: string, thoughtSignature?: string): JsonRecord {
  return present({ text, thought: type === 'reasoning' || undefined, thoughtSignature });
}

/** The signatures of the part at `index`: those behind it, up to the next part that is shown. */
function stretchesBehind(parts: Parts, index: number, type: Stretch['type']): Stretch[] {
  const next = parts.findIndex((part, at) => at > index && part.type !== 'opaque' && part.type !== 'source');
  return parts.slice(index + 1, next === -1 ? undefined : next).flatMap((part) => {
    const opaque = readOpaque(part);
    return opaque?.type === type ? [opaque as Stretch] : [];
  });
}

/** A text cut where its signatures are: a signed piece must not be merged with others. */
function signedWords(type: Stretch['type'], text: string, stretches: readonly Stretch[]): JsonRecord[] {
  const pieces: JsonRecord[] = [];
  let from = 0;
  for (const { start, end, thoughtSignature } of stretches) {
    if (start > from) pieces.push(words(type, text.slice(from, start)));
    pieces.push(words(type, text.slice(start, end), thoughtSignature));
    from = end;
  }
  if (from < text.length) pieces.push(words(type, text.slice(from)));
  return pieces;
}

function filePart(part: FilePart): JsonRecord[] {
  const { mediaType, url } = part;
  const bytes = readFileData(part);
  if (bytes) return [{ inlineData: { mimeType: bytes.mediaType, data: bytes.base64 } }];
  return url === undefined ? [] : [{ fileData: { mimeType: mediaType, fileUri: url } }];
}

/** The id of a call, where it is one of the endpoint's own. */
function callId({ id }: ToolPart, note: CallNote | undefined): JsonRecord {
  return note?.ownId ? { id } : {};
}

function callPart(part: ToolPart, note: CallNote | undefined): JsonRecord {
  return present({
    functionCall: { ...callId(part, note), name: part.name, args: argsRecord(part) },
    thoughtSignature: note?.thoughtSignature,
  });
}

function responsePart(part: ToolPart, note: CallNote | undefined): JsonRecord {
  const { result, state, name } = part;
  let response: JsonRecord;
  if (state === 'failed' || result === undefined) response = { error: result ?? resultText(part) };
  else response = isRecord(result) ? result : { output: result };
  return { functionResponse: { ...callId(part, note), name, response } };
}

function content(role: 'user' | 'model', parts: readonly JsonRecord[]): JsonRecord[] {
  return parts.length > 0 ? [{ role, parts }] : [];
}

function modelContents({ parts }: Message): JsonRecord[] {
  const notes = new Map<string, CallNote>();
  for (const part of parts) {
    const opaque = readOpaque(part);
    if (opaque?.type === 'call') notes.set(opaque.id, opaque);
  }
  const contents: JsonRecord[] = [];
  let own: JsonRecord[] = [];
  let responses: JsonRecord[] = [];

  function endTurn(): void {
    contents.push(...content('model', own), ...content('user', responses));
    own = [];
    responses = [];
  }

  let attached = new Set<GeminiOpaque>();
  for (const [index, part] of parts.entries()) {
    if (part.type === 'text' || part.type === 'reasoning') {
      const stretches = stretchesBehind(parts, index, part.type);
      // Thoughts are of use to the endpoint only with their signature.
      if (part.text === '' || (part.type === 'reasoning' && stretches.length === 0)) continue;
      // Words behind calls belong to the next turn, which has seen their results.
      if (responses.length > 0) endTurn();
      attached = new Set(stretches);
      own.push(...signedWords(part.type, part.text, stretches));
    } else if (part.type === 'file') own.push(...filePart(part));
    else if (isPageCall(part)) {
      const note = notes.get(part.id);
      own.push(callPart(part, note));
      responses.push(responsePart(part, note));
    } else {
      const opaque = readOpaque(part);
      const last = own.at(-1);
      if (opaque?.type === 'part') own.push(opaque.part);
      else if (opaque?.type === 'file' && last) last['thoughtSignature'] = opaque.thoughtSignature;
      else if ((opaque?.type === 'text' || opaque?.type === 'reasoning') && !attached.has(opaque)) {
        own.push(words(opaque.type, '', opaque.thoughtSignature));
      }
    }
  }
  endTurn();
  return contents;
}

function encodeMessage(message: Message): JsonRecord[] {
  const { role, parts } = message;
  if (role === 'system') return [];
  if (role === 'assistant') return modelContents(message);
  return content(
    'user',
    parts.flatMap((part): JsonRecord[] => {
      if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
      if (part.type === 'file') return filePart(part);
      return role === 'tool' && part.type === 'tool' ? [responsePart(part, undefined)] : [];
    }),
  );
}

/** The body of `streamGenerateContent`. The model stands in the address, and so does the wish for a stream. */
export function encodeGeminiRequest(input: RunInput): JsonRecord {
  const { messages, tools, body } = input;
  const instructions = systemTexts(input);
  return present({
    contents: messages.flatMap(encodeMessage),
    systemInstruction: someOf(instructions) && { parts: instructions.map((text) => ({ text })) },
    tools: someOf(tools) && [
      {
        // `parameters` takes a part of OpenAPI's schema only, and refuses what JSON Schema has beyond it.
        functionDeclarations: tools.map(({ name, description, inputSchema }) =>
          present({ name, description, parametersJsonSchema: inputSchema }),
        ),
      },
    ],
    ...body,
  });
}
