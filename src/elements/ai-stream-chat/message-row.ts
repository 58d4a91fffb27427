import { html, nothing, type TemplateResult } from 'lit';
import type { Message, ReconnectEvent, Strings } from '../../core/index.js';
import type { Renderers } from '../ai-stream-message/ai-stream-message.define.js';

/** The parts of a message that a page reaches through the chat. */
const MESSAGE_PARTS = 'content, code, code-header, table, image, reasoning, tool, sources, file';

/** What a row shows and offers. */
export interface MessageRow {
  readonly message: Message;
  readonly strings: Strings;
  readonly renderers: Renderers;
  /** The connection is being made again. */
  readonly reconnect?: ReconnectEvent | undefined;
  /** Asks for the answer again; undefined where it is not the newest. */
  readonly retry?: (() => void) | undefined;
  /** Goes on with the answer; undefined where nothing can be gone on with. */
  readonly resume?: (() => void) | undefined;
}

/** One message with what the chat says about it. */
export function messageRow(row: MessageRow): TemplateResult {
  const { message, strings, renderers } = row;
  const { id, role, parts, status } = message;
  return html`<div class="row ${role}">
    <ai-stream-message
      part="message message-${role}"
      exportparts=${MESSAGE_PARTS}
      role-name=${role}
      aria-label=${role === 'user' ? strings.userSaid : strings.assistantSaid}
      .messageId=${id}
      .strings=${strings}
      .renderers=${renderers}
      .parts=${parts}
      .streaming=${status === 'streaming'}
    ></ai-stream-message>
    ${noticeTemplate(row)}
  </div>`;
}

/** What went wrong, in words, and the ways on. */
function noticeTemplate({
  message: { status, error },
  reconnect,
  strings,
  retry,
  resume,
}: MessageRow): TemplateResult | typeof nothing {
  if (reconnect) {
    return html`<div part="error" class="notice quiet">
      <p>${reconnectText(reconnect, strings)}</p>
    </div>`;
  }
  if (!error && status !== 'interrupted') return nothing;
  return html`<div part="error" class="notice ${error ? '' : 'quiet'}">
    <p>${error?.message ?? strings.interrupted}</p>
    ${resume ? html`<button type="button" @click=${resume}>${strings.continue}</button>` : nothing}
    ${retry ? html`<button type="button" @click=${retry}>${strings.retry}</button>` : nothing}
  </div>`;
}

/** Why the answer waits, and for how long. */
export function reconnectText({ offline, error, delay }: ReconnectEvent, strings: Strings): string {
  return offline ? strings.offline : strings.reconnecting(error.message, Math.round(delay / 1000));
}
