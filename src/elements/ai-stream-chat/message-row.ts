import { html, nothing, type TemplateResult } from 'lit';
import type { Message, Strings } from '../../core/index.js';

/** The parts of a message that a page reaches through the chat. */
const MESSAGE_PARTS = 'content, code, table, image, reasoning, tool, sources, file';

/** One message with what the chat says about it. */
export function messageRow(message: Message, strings: Strings, retry: () => void): TemplateResult {
  const { id, role, parts, status } = message;
  return html`<div class="row ${role}">
    <ai-stream-message
      part="message message-${role}"
      exportparts=${MESSAGE_PARTS}
      role-name=${role}
      aria-label=${role === 'user' ? strings.userSaid : strings.assistantSaid}
      .messageId=${id}
      .strings=${strings}
      .parts=${parts}
      .streaming=${status === 'streaming'}
    ></ai-stream-message>
    ${noticeTemplate(message, strings, retry)}
  </div>`;
}

/** What went wrong, in words, and the way on. */
function noticeTemplate(
  { status, error }: Message,
  strings: Strings,
  retry: () => void,
): TemplateResult | typeof nothing {
  const button = html`<button type="button" @click=${retry}>${strings.retry}</button>`;
  if (error) {
    return html`<div part="error" class="notice">
      <p>${error.message}</p>
      ${button}
    </div>`;
  }
  if (status !== 'interrupted') return nothing;
  return html`<div part="error" class="notice quiet">
    <p>${strings.interrupted}</p>
    ${button}
  </div>`;
}
