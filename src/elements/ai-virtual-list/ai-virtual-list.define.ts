import { defineOnce } from '../shared/define-once.js';
import { AiVirtualListElement } from './ai-virtual-list.js';

defineOnce('ai-virtual-list', AiVirtualListElement);

export { AiVirtualListElement };
