/** Importing this defines `<ai-stream-chat>`, `<ai-stream-message>` and `<ai-virtual-list>`. */
import './elements/ai-stream-chat/ai-stream-chat.define.js';

export * from './elements/ai-stream-chat/ai-stream-chat.js';
export type { Tool, ToolContext } from './elements/ai-stream-chat/execute-tool.js';
export * from './elements/ai-stream-message/ai-stream-message.js';
export type { CodeRenderer, CodeState, Renderers } from './elements/ai-stream-message/code-renderer.js';
export type { ToolActions } from './elements/ai-stream-message/tool-row.js';
export * from './elements/ai-virtual-list/ai-virtual-list.js';
export type { EndpointElement } from './elements/shared/endpoint-element.js';
export type { ArgumentPreview } from './elements/shared/argument-previews.js';
export type { Limits } from './elements/shared/limits.js';
export * from './elements/shared/events/chat-events.js';
export * from './elements/shared/events/stream-events.js';
export type {
  DialectName,
  EndpointSettings,
  HeadersSource,
  Message,
  MessageInput,
  MessageError,
  MessagePart,
  MessageRole,
  PreparedRequest,
  RunMetrics,
  RunOutcome,
  RunPhase,
  StreamErrorCode,
  Strings,
  ToolRequest,
} from './core/index.js';
