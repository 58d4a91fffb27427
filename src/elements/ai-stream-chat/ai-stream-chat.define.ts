import '../ai-stream-message/ai-stream-message.define.js';
import '../ai-virtual-list/ai-virtual-list.define.js';
import { defineOnce } from '../shared/define-once.js';
import { AiStreamChatElement } from './ai-stream-chat.js';

defineOnce('ai-stream-chat', AiStreamChatElement);

export { AiStreamChatElement };
