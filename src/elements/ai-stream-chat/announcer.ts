import { html, type TemplateResult } from 'lit';
import {
  type Message,
  messageText,
  type ReconnectEvent,
  type RunPhase,
  type Strings,
} from '../../core/index.js';
import { announcement } from './announcement.js';
import { reconnectText } from './message-row.js';

/** How a run goes on, and the newest message as it stands. */
export interface RunProgress {
  readonly phase: RunPhase;
  readonly previous: RunPhase;
  readonly lastMessage: Message | undefined;
  readonly reconnect: ReconnectEvent | undefined;
}

/**
 * Tells screen readers how a run goes: once when the answer begins, and once when it has ended. Never the tokens in
 * between, which would talk over each other.
 */
export class Announcer {
  readonly #host: HTMLElement;

  /** The host's language is the language of the sentences. */
  constructor(host: HTMLElement) {
    this.#host = host;
  }

  /** The two live regions. Assistive technology knows them only if they were there before their text. */
  template(): TemplateResult {
    return html`<div class="announcer" role="status"></div>
      <div class="announcer" role="alert"></div>`;
  }

  announce({ phase, previous, lastMessage, reconnect }: RunProgress, strings: Strings): void {
    this.#say('alert', phase === 'error' ? (lastMessage?.error?.message ?? '') : '');
    if (reconnect) this.#say('status', reconnectText(reconnect, strings));
    if (phase === 'submitting' && previous !== 'awaiting_tool') this.#say('status', strings.responding);
    if (phase !== 'idle' || lastMessage?.status !== 'complete') return;
    const language = this.#host.closest('[lang]')?.getAttribute('lang') ?? '';
    this.#say('status', announcement(messageText(lastMessage), language, strings));
  }

  #say(role: 'status' | 'alert', text: string): void {
    const region = this.#host.shadowRoot?.querySelector(`.announcer[role="${role}"]`);
    if (region) region.textContent = text;
  }
}
