import { defineOnce } from '../shared/define-once.js';
import { AiStreamMessageElement } from './ai-stream-message.js';

defineOnce('ai-stream-message', AiStreamMessageElement);

export { AiStreamMessageElement };
export { LinkDialog } from './link-dialog.js';
export type { ToolActions } from './tool-row.js';
export type { CodeRenderer, CodeState, Renderers } from './code-renderer.js';
