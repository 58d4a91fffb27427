import { html, type TemplateResult } from 'lit';
import {
  type Conversation,
  type Message,
  messageText,
  type ReconnectEvent,
  type RunPhase,
  type Strings,
  visibleText,
} from '../../core/index.js';
import { announcement } from './announcement.js';
import { failureText, reconnectText } from './message-row.js';

/** What a run has come to, and the newest message as it stands. */
interface PhaseChange {
  readonly phase: RunPhase;
  readonly previous: RunPhase;
  readonly lastMessage: Message | undefined;
}

/**
 * Tells screen readers how a run goes: once when the answer begins, when it has to wait, and when it has ended. Never
 * the tokens in between, which would talk over each other.
 */
export class Announcer {
  readonly #host: HTMLElement;
  /** What the answer waits for, as was told last. */
  #waitsFor: 'network' | 'attempt' | undefined;

  /** Calls that were told to wait for the user. */
  readonly #asked = new Set<string>();

  /** The host's language is the language of the sentences. */
  constructor(host: HTMLElement) {
    this.#host = host;
  }

  /** The two live regions. Assistive technology knows them only if they were there before their text. */
  template(): TemplateResult {
    return html`<div class="announcer" role="status"></div>
      <div class="announcer" role="alert"></div>`;
  }

  /** Tells of all that happens in a conversation, in these sentences. */
  follow(conversation: Conversation, strings: () => Strings): void {
    conversation.subscribe((change) => {
      const { lastMessage, reconnect } = conversation;
      if (change.type === 'phase') this.#announcePhase({ ...change, lastMessage }, strings());
      // Another attempt changes no phase, only what is said of the message.
      if (change.type === 'phase' || change.type === 'message') {
        this.#announceWait(reconnect, lastMessage, strings());
      }
      if (change.type === 'message') {
        this.#announceQuestions(conversation.find(change.messageId), strings());
      }
    });
  }

  /** Says it when the screen reader has a moment. */
  say(text: string): void {
    this.#say('status', text);
  }

  #announcePhase({ phase, previous, lastMessage }: PhaseChange, strings: Strings): void {
    const error = phase === 'error' ? lastMessage?.error : undefined;
    this.#say('alert', error && lastMessage ? failureText(error, lastMessage, strings) : '');
    if (phase === 'error') this.say('');
    const begins = phase === 'submitting' && previous !== 'awaiting_tool';
    const goesOn = phase === 'streaming' && previous === 'reconnecting';
    if (begins || goesOn) this.say(strings.responding);
    // After an error there is no run: its messages have been taken away.
    if (phase === 'idle') this.say(previous === 'error' ? '' : this.#endText(lastMessage, strings));
  }

  /**
   * Tells why the answer waits, once for the network and once for another attempt: each attempt would be too much to
   * listen to. `reconnect` is undefined where the answer does not wait.
   */
  #announceWait(reconnect: ReconnectEvent | undefined, message: Message | undefined, strings: Strings): void {
    const before = this.#waitsFor;
    this.#waitsFor = reconnect && (reconnect.offline ? 'network' : 'attempt');
    if (reconnect && message && this.#waitsFor !== before)
      this.say(reconnectText(reconnect, message, strings));
  }

  /** Tells, once for each call, that it waits for the user. */
  #announceQuestions(message: Message | undefined, strings: Strings): void {
    const waiting: string[] = [];
    let isNew = false;
    for (const part of message?.parts ?? []) {
      if (part.type !== 'tool') continue;
      if (part.state !== 'waiting') this.#asked.delete(part.id);
      else {
        isNew ||= !this.#asked.has(part.id);
        this.#asked.add(part.id);
        waiting.push(strings.toolAsksFor(visibleText(part.name)));
      }
    }
    // All of them: what is said takes the place of what was.
    if (isNew) this.say(waiting.join(' '));
  }

  #endText(message: Message | undefined, strings: Strings): string {
    if (message?.status === 'interrupted') return strings.interrupted;
    // Stopped, perhaps before there was an answer.
    if (message?.status !== 'complete') return strings.stopped;
    const language = this.#host.closest('[lang]')?.getAttribute('lang') ?? '';
    return announcement(messageText(message), language, strings);
  }

  #say(role: 'status' | 'alert', text: string): void {
    const region = this.#host.shadowRoot?.querySelector(`.announcer[role="${role}"]`);
    if (region) region.textContent = text;
  }
}
