import {
  callIndex,
  joined,
  type DoneEvent,
  type ErrorEvent,
  type Message,
  type MessagePart,
  type MessageStatus,
  openPartIndex,
  type ReasoningEvent,
  type StreamEvent,
  type TextEvent,
  type ToolApprovalEvent,
  type ToolCallDeltaEvent,
  type ToolPart,
  type ToolResultEvent,
  type ToolState,
} from '../model/index.js';
import { isRefusal } from '../tools/index.js';

/** The events that add something at the end of a part. */
export type DeltaEvent = TextEvent | ReasoningEvent | ToolCallDeltaEvent;

/** Whether all that an event did to a message is that one of its parts grew at its end. */
export function grewPart(before: Message, after: Message, event: StreamEvent): event is DeltaEvent {
  switch (event.type) {
    case 'text':
    case 'reasoning':
    case 'tool_call_delta':
      return after !== before && after.parts.length === before.parts.length;
    default:
      return false;
  }
}

/**
 * The message after an event. Pure; the same message comes back where the event says nothing about it, and parts
 * that did not change keep their identity.
 */
export function reduceMessage(message: Message, event: StreamEvent): Message {
  switch (event.type) {
    case 'text':
    case 'reasoning':
      return event.content === ''
        ? message
        : withParts(message, appendText(message.parts, event.type, event.content));
    case 'text_set':
      return withParts(message, setText(message.parts, event.content));
    case 'tool_call_start':
      return withTool(message, event.id, (tool) => tool ?? newTool(event.id, event.name, event.by));
    case 'tool_call_delta':
      return withTool(message, event.id, (tool) =>
        event.delta === '' || tool?.state !== 'preparing'
          ? tool
          : { ...tool, argsText: joined(tool.argsText, event.delta) },
      );
    case 'tool_call':
      // A call that comes again, as after a reconnect, is the same call.
      return withTool(message, event.id, (tool = newTool(event.id, event.name, 'client')) =>
        tool.state === 'preparing'
          ? { ...tool, args: event.args, state: tool.approval ? 'waiting' : 'running' }
          : tool,
      );
    case 'tool_result':
      return withTool(message, event.id, (tool) => tool && withResult(tool, event));
    case 'tool_approval':
      return withTool(message, event.id, (tool) => withApproval(tool, event));
    case 'source':
    case 'file':
      return withParts(message, addOnce(message.parts, event));
    case 'opaque':
      return { ...message, parts: [...message.parts, event] };
    case 'error':
      return { ...message, status: 'failed', error: messageError(event) };
    case 'done':
      return { ...message, status: finalStatus(message, event) };
    case 'start':
    case 'step':
    case 'block':
    case 'data':
    case 'usage':
    case 'reconnect':
      return message;
    case 'restart':
      return { ...message, parts: [] };
    default:
      return assertNever(event);
  }
}

function withParts(message: Message, parts: readonly MessagePart[]): Message {
  return parts === message.parts ? message : { ...message, parts };
}

function appendText(
  parts: readonly MessagePart[],
  type: 'text' | 'reasoning',
  content: string,
): readonly MessagePart[] {
  const index = openPartIndex(parts);
  const open = parts[index];
  if (open?.type !== type) return [...parts, { type, text: content }];
  return parts.with(index, { type, text: joined(open.text, content) });
}

/** A snapshot covers the text of the whole message, so it takes the place of every text part. */
function setText(parts: readonly MessagePart[], content: string): readonly MessagePart[] {
  const first = parts.findIndex((part) => part.type === 'text');
  if (first < 0) return [...parts, { type: 'text', text: content }];
  return parts
    .map((part, index): MessagePart => (index === first ? { type: 'text', text: content } : part))
    .filter((part, index) => part.type !== 'text' || index === first);
}

function newTool(id: string, name: string, by: ToolPart['by']): ToolPart {
  return { type: 'tool', id, name, by, state: 'preparing', argsText: '' };
}

function withResult(
  tool: ToolPart,
  { result, isError, isRefused, by = 'server' }: ToolResultEvent,
): ToolPart {
  // The page answers a question, and the endpoint runs the tool.
  const isAnswer = by === 'client' && tool.approval !== undefined && tool.approval.by === undefined;
  let state: ToolState = isError ? 'failed' : 'done';
  if (isRefused || (isAnswer && isRefusal(result))) state = 'refused';
  return { ...tool, by: isAnswer ? tool.by : by, result, state };
}

function withApproval(
  tool: ToolPart | undefined,
  { id, name, message, options }: ToolApprovalEvent,
): ToolPart | undefined {
  const approval = { message, options };
  if (!tool)
    return name === undefined ? tool : { ...newTool(id, name, 'server'), approval, state: 'waiting' };
  if (tool.state === 'preparing') return { ...tool, approval };
  // What has its result is not asked about any more.
  return tool.state === 'running' ? { ...tool, approval, state: 'waiting' } : tool;
}

function withTool(
  message: Message,
  id: string,
  change: (tool: ToolPart | undefined) => ToolPart | undefined,
): Message {
  const index = callIndex(message.parts, id);
  const before = message.parts[index] as ToolPart | undefined;
  const after = change(before);
  if (!after || after === before) return message;
  if (!before) return { ...message, parts: [...message.parts, after] };
  return { ...message, parts: message.parts.with(index, after) };
}

function addOnce(
  parts: readonly MessagePart[],
  added: Extract<MessagePart, { type: 'source' | 'file' }>,
): readonly MessagePart[] {
  const known =
    added.type === 'source' && parts.some((part) => part.type === 'source' && part.id === added.id);
  return known ? parts : [...parts, added];
}

function messageError({ code, message, recoverable }: ErrorEvent): NonNullable<Message['error']> {
  return { code, message, recoverable };
}

function finalStatus(message: Message, done: DoneEvent): MessageStatus {
  if (message.status === 'failed') return wasCut(message) ? 'interrupted' : 'failed';
  if (done.reason === 'aborted') return 'aborted';
  if (done.reason === 'error') return 'failed';
  return done.complete ? 'complete' : 'interrupted';
}

/** The connection failed, not the answer: what there is of it can be gone on with. */
function wasCut({ error, parts }: Message): boolean {
  return (error?.code === 'network' || error?.code === 'timeout') && parts.length > 0;
}

function assertNever(event: never): never {
  throw new TypeError(`Not a StreamEvent: ${JSON.stringify(event)}`);
}
