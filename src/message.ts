/** `<ai-stream-message>` alone. Importing this defines it. */
import './elements/ai-stream-message/ai-stream-message.define.js';

export * from './elements/ai-stream-message/ai-stream-message.js';
export type { CodeRenderer, CodeState, Renderers } from './elements/ai-stream-message/code-renderer.js';
export * from './elements/shared/events/stream-events.js';
export type { Limits } from './elements/shared/limits.js';
