import type { AskedRequest } from '../../src/core/dialect/dialect.js';
import {
  createDialectDecoder,
  getDialect,
  reduceMessage,
  type DialectName,
  type Frame,
  type Message,
  type RunInput,
  type StreamEvent,
  type ToolPart,
} from '../../src/core/index.js';
import { decodeFrames, readAnswer } from './wire.js';

/** A frame of an event stream; data that is no string becomes JSON. */
export function frame(data: unknown, more: Partial<Frame> = {}): Frame {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return { framing: 'sse', event: '', data: text, id: '', closed: true, ...more };
}

/** A named event. */
export function named(event: string, data: unknown): Frame {
  return frame(data, { event });
}

/** Frames of an event stream: those that are none yet become their data. */
export function framesOf(list: readonly (Frame | object | string)[], more: Partial<Frame> = {}): Frame[] {
  return list.map((each) => (typeof each === 'object' && 'framing' in each ? each : frame(each, more)));
}

/** All events of an answer in a dialect. */
export function decodeAs(name: DialectName, ...frames: (Frame | object | string)[]): StreamEvent[] {
  return decodeFrames(framesOf(frames), getDialect(name).createDecoder());
}

/** The name that the frames of an answer lead to. */
export function detected(...frames: Frame[]): DialectName | undefined {
  let last: DialectName | undefined;
  decodeFrames(
    frames,
    createDialectDecoder('auto', (name) => {
      last = name;
    }),
  );
  return last;
}

/** A user message of text, or of parts. */
export function user(content: string | Message['parts'], id = 'u1'): Message {
  return {
    id,
    role: 'user',
    parts: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  };
}

/** An answer; strings are text parts. */
export function assistant(...parts: (Message['parts'][number] | string)[]): Message {
  return {
    id: 'a1',
    role: 'assistant',
    parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
  };
}

/** An opaque part of a dialect. */
export function opaque(dialect: DialectName, value: unknown): Message['parts'][number] {
  return { type: 'opaque', dialect, value };
}

/** A call that the page has answered. */
export function answeredCall(fields: Partial<ToolPart> = {}): ToolPart {
  return {
    type: 'tool',
    id: 'c1',
    name: 'f',
    by: 'client',
    state: 'done',
    argsText: '{"a":1}',
    args: { a: 1 },
    result: 'ok',
    ...fields,
  };
}

/** The message that an answer becomes. Calls of the page's tools get a result: `ok`, or that of their name. */
export function answeredMessage(
  events: readonly StreamEvent[],
  resultOf: (name: string) => unknown = () => 'ok',
): Message {
  const empty: Message = { id: 'm', role: 'assistant', parts: [], status: 'streaming' };
  const answers = readAnswer(events).toolCalls.map(({ id, name }): StreamEvent => ({
    type: 'tool_result',
    by: 'client',
    id,
    result: resultOf(name),
  }));
  return [...events, ...answers].reduce(reduceMessage, empty);
}

/** The request body for a conversation. */
export function encodeAs(
  name: DialectName,
  messages: readonly Message[],
  fields: Partial<RunInput> = {},
): Record<string, unknown> {
  return getDialect(name).encode({ conversationId: 'conv', tools: [], ...fields, messages });
}

/** A request whose answer broke. */
export function asked(fields: Partial<AskedRequest> = {}): AskedRequest {
  return {
    url: 'https://example.com/api/chat?key=1',
    method: 'POST',
    headers: {},
    body: '{"messages":[]}',
    conversationId: 'conv',
    ...fields,
  };
}
