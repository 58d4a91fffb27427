import { defineOnce } from '../shared/define-once.js';
import { AiStreamMessageElement } from './ai-stream-message.js';

defineOnce('ai-stream-message', AiStreamMessageElement);

export { AiStreamMessageElement };
export type { CodeRenderer, CodeState, Renderers } from './code-renderer.js';
