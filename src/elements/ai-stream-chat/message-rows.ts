import type { TemplateResult } from 'lit';
import type { Message, ReconnectEvent } from '../../core/index.js';
import type { ConversationController } from './conversation-controller.js';
import { type MessageLook, messageRow } from './message-row.js';

/** What the rows need of the chat they stand in. */
export interface MessageRowsOptions {
  readonly controller: Pick<ConversationController, 'conversation' | 'resumable' | 'awaitsGoOn'>;
  /** The reader asks for the rest of the newest answer. */
  readonly resume: () => void;
  /** The reader asks for the newest answer again. */
  readonly retry: () => void;
}

/** What the row of the newest message shows and offers beside it. */
interface Newest {
  readonly id: string | undefined;
  readonly reconnect: ReconnectEvent | undefined;
  readonly resumable: boolean;
  readonly awaitsGoOn: boolean;
}

/** Renders the rows of the list. It owns the list's render function. */
export class MessageRows {
  readonly #options: MessageRowsOptions;
  #newest: Newest = { id: undefined, reconnect: undefined, resumable: false, awaitsGoOn: false };
  #look: MessageLook;
  #render = this.#createRender();

  constructor(look: MessageLook, options: MessageRowsOptions) {
    this.#look = look;
    this.#options = options;
  }

  /** For the list: it renders all its rows again for another function, else only those whose message is another. */
  get render(): (item: Message) => TemplateResult {
    return this.#render;
  }

  /** Looks at the newest message. `render` is another function where rows are to look otherwise. */
  update(look: MessageLook): void {
    const { conversation, resumable, awaitsGoOn } = this.#options.controller;
    const { lastMessage, reconnect } = conversation;
    const { id } = lastMessage ?? {};
    const isSame =
      (Object.keys(look) as (keyof MessageLook)[]).every((name) => look[name] === this.#look[name]) &&
      id === this.#newest.id &&
      reconnect === this.#newest.reconnect &&
      resumable === this.#newest.resumable &&
      awaitsGoOn === this.#newest.awaitsGoOn;
    if (isSame) return;
    this.#newest = { id, reconnect, resumable, awaitsGoOn };
    this.#look = look;
    this.#render = this.#createRender();
  }

  #createRender(): (item: Message) => TemplateResult {
    return (item) => this.#row(item);
  }

  /** The list has items as of its last update; what is shown is the message as it is now. */
  #row(item: Message): TemplateResult {
    const { controller, resume, retry } = this.#options;
    const message = controller.conversation.find(item.id) ?? item;
    const look = this.#look;
    const { id, reconnect, resumable, awaitsGoOn } = this.#newest;
    if (message.id !== id) return messageRow({ ...look, message });
    return messageRow({
      ...look,
      message,
      reconnect,
      awaitsGoOn,
      retry,
      resume: resumable ? resume : undefined,
    });
  }
}
