import type { DeltaEvent, Message } from '../../core/index.js';
import type { AiStreamMessageElement } from '../ai-stream-message/ai-stream-message.define.js';

/**
 * The messages that are mounted at the moment. What is added at the end of a part goes to its element directly: no
 * render of the chat, none of the list, however long the conversation is. A message that is not mounted gets
 * everything when it is.
 */
export class Transcript {
  readonly #root: () => ParentNode;
  #newest: AiStreamMessageElement | undefined;

  constructor(root: () => ParentNode) {
    this.#root = root;
  }

  /** Shows what was added at the end of a part of a message. */
  append(messageId: string, delta: DeltaEvent): void {
    this.find(messageId)?.appendDelta(delta);
  }

  /** Shows a message that changed in any other way than at the end of a part. */
  update(message: Message): void {
    const element = this.find(message.id);
    if (!element) return;
    element.parts = message.parts;
    element.streaming = message.status === 'streaming';
  }

  /** Fulfils when a message, or every message, shows all it has been given. */
  async settled(messageId?: string): Promise<void> {
    const elements = messageId === undefined ? this.#mounted : [this.find(messageId)];
    await Promise.all(elements.map((element) => element?.settled));
  }

  /** The element of a message, where it is mounted. */
  find(messageId: string): AiStreamMessageElement | undefined {
    if (this.#newest?.isConnected && this.#newest.messageId === messageId) return this.#newest;
    this.#newest = this.#mounted.find((element) => element.messageId === messageId);
    return this.#newest;
  }

  get #mounted(): AiStreamMessageElement[] {
    return [...this.#root().querySelectorAll('ai-stream-message')];
  }
}
