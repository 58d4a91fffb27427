import { defineOnce } from '../shared/define-once.js';
import { AiVirtualListElement, type ScrollToIndexOptions } from './ai-virtual-list.js';

defineOnce('ai-virtual-list', AiVirtualListElement);

export { AiVirtualListElement, type ScrollToIndexOptions };
