import { html, nothing, type TemplateResult } from 'lit';
import type { Message, MessageError, ReconnectEvent, Strings } from '../../core/index.js';
import type { LinkDialog, Renderers, ToolActions } from '../ai-stream-message/ai-stream-message.define.js';
import type { Limits } from '../shared/limits.js';

/** The parts of a message that a page reaches through the chat. */
const MESSAGE_PARTS = 'content, code, code-header, table, image, reasoning, tool, sources, file';

/** What all messages of a chat have in common. */
export interface MessageLook {
  readonly strings: Strings;
  readonly renderers: Renderers;
  readonly imageOrigins: string | undefined;
  readonly linkOrigins: string | undefined;
  readonly html: boolean;
  readonly linkDialog: LinkDialog;
  readonly limits: Partial<Limits>;
  readonly workerUrl: string | undefined;
  readonly toolActions: ToolActions;
}

/** What a row shows and offers. */
export interface MessageRow extends MessageLook {
  readonly message: Message;
  /** The connection is being made again. */
  readonly reconnect?: ReconnectEvent | undefined;
  /** The answer has used tools as often in a row as it may: `resume` lets it go on. */
  readonly awaitsGoOn?: boolean | undefined;
  /** Asks for the answer again; undefined where it is not the newest. */
  readonly retry?: (() => void) | undefined;
  /** Goes on with the answer; undefined where nothing can be gone on with. */
  readonly resume?: (() => void) | undefined;
}

/** One message with what the chat says about it. */
export function messageRow(row: MessageRow): TemplateResult {
  const { message, strings } = row;
  const { id, role, parts, status } = message;
  return html`<div class="row ${role}">
    <ai-stream-message
      part="message message-${role}"
      exportparts=${MESSAGE_PARTS}
      role-name=${role}
      aria-label=${role === 'user' ? strings.userSaid : strings.assistantSaid}
      .messageId=${id}
      .strings=${strings}
      .renderers=${row.renderers}
      .imageOrigins=${row.imageOrigins}
      .linkOrigins=${row.linkOrigins}
      .html=${row.html}
      .linkDialog=${row.linkDialog}
      .limits=${row.limits}
      .workerUrl=${row.workerUrl}
      .toolActions=${row.toolActions}
      .parts=${parts}
      .streaming=${status === 'streaming'}
    ></ai-stream-message>
    ${noticeTemplate(row)}
  </div>`;
}

/** What went wrong, in words, and the ways on. */
function noticeTemplate(row: MessageRow): TemplateResult | typeof nothing {
  const { message, reconnect, strings } = row;
  const { status, error } = message;
  if (reconnect) {
    return html`<div part="error" class="notice quiet">
      <p>${reconnectText(reconnect, message, strings)}</p>
    </div>`;
  }
  if (error) {
    return html`<div part="error" class="notice">
      <p>${failureText(error, message, strings)}</p>
      ${waysOnTemplate(row)}
    </div>`;
  }
  if (status === 'interrupted') {
    return html`<div part="error" class="notice quiet">
      <p>${strings.interrupted}</p>
      ${waysOnTemplate(row)}
    </div>`;
  }
  if (row.awaitsGoOn) {
    return html`<div part="notice" class="notice quiet">
      <p>${strings.manyTurns}</p>
      <button type="button" @click=${row.resume}>${strings.goOn}</button>
    </div>`;
  }
  // Whoever stopped an answer knows that it is not whole: later ones need no word about it.
  if (status !== 'aborted' || !row.retry) return nothing;
  return html`<div part="notice" class="notice quiet">
    <p>${strings.stopped}</p>
    ${waysOnTemplate(row)}
  </div>`;
}

function waysOnTemplate({ strings, retry, resume }: MessageRow): TemplateResult {
  return html`${resume ? html`<button type="button" @click=${resume}>${strings.continue}</button>` : nothing}
  ${retry ? html`<button type="button" @click=${retry}>${strings.retry}</button>` : nothing}`;
}

/** What a reader is told of a failure of this answer. */
export function failureText(error: MessageError, { parts }: Message, strings: Strings): string {
  return strings.errorText(error, parts.length > 0);
}

/** Why the answer waits, and for how long. */
export function reconnectText(
  { offline, error, delay }: ReconnectEvent,
  message: Message,
  strings: Strings,
): string {
  if (offline) return strings.offline;
  return strings.reconnecting(failureText(error, message, strings), Math.round(delay / 1000));
}
