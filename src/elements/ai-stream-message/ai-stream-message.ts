import { Task, TaskStatus } from '@lit/task';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import {
  callIndex,
  type DeltaEvent,
  ENGLISH,
  grewPart,
  type Message,
  type MessagePart,
  type MessageRole,
  messageText,
  openPartIndex,
  readArguments,
  reduceMessage,
  type CallIds,
  createCallIds,
  retell,
  type Retelling,
  type SourcePart,
  type StreamEvent,
  type Strings,
  type ToolCallDeltaEvent as ToolCallDelta,
  type ToolCallEvent as CompleteToolCall,
} from '../../core/index.js';
import { originList } from '../shared/attributes.js';
import { pageEndpoint, settingsOf } from '../shared/connection.js';
import { EndpointElement } from '../shared/endpoint-element.js';
import { ArgumentPreviews } from '../shared/argument-previews.js';
import { ToolCallDeltaEvent, ToolCallEvent } from '../shared/events/stream-events.js';
import { completeLimits } from '../shared/limits.js';
import { RunReporter } from '../shared/run-reporter.js';
import { codeColors } from './code-colors.styles.js';
import { messageStyles } from './ai-stream-message.styles.js';
import type { ContentPolicy } from './content-policy.js';
import { followLinks } from './follow-links.js';
import { LinkDialog } from './link-dialog.js';
import { fileTemplate, reasoningTemplate, sourcesTemplate } from './part-templates.js';
import type { Renderers } from './code-renderer.js';
import { PartViews } from './part-views.js';
import { renderedHtml } from './rendered-html.js';
import { type ToolActions, toolTemplate } from './tool-row.js';
import { withoutIndent } from './without-indent.js';

const ROLES: readonly string[] = ['assistant', 'user', 'system', 'tool'] satisfies MessageRole[];

/**
 * One message: streams markdown into the page, fed by hand or from an endpoint.
 *
 * @element ai-stream-message
 * @slot - Markdown source as text: the first content, where `content` is not set.
 * @fires {StreamStartEvent} stream_start - The answer of `src` has begun.
 * @fires {StreamEndEvent} stream_end - It has ended, however it ended.
 * @fires {StreamErrorEvent} stream_error - It failed. Cancelable: `preventDefault()` keeps the error row away.
 * @fires {ToolCallDeltaEvent} tool_call_delta - Arguments of a call have come, as far as they are certain.
 * @fires {ToolCallEvent} tool_call - The model calls a tool of the page. Cancelable.
 * @fires {LinkOpenEvent} link_open - The user follows a link the model wrote. Cancelable.
 * @csspart content - The rendered text.
 * @csspart code - A code block.
 * @csspart code-header - Its language and the button that copies it.
 * @csspart table - A table, with its scroller.
 * @csspart image - What stands in place of an image, or the image.
 * @csspart link-dialog - The question before a link is followed.
 * @csspart link-host - The name of the site in it.
 * @csspart link-address - The whole address in it.
 * @csspart reasoning - The folded reasoning.
 * @csspart tool - A folded tool call.
 * @csspart sources - The list of sources.
 * @csspart error - The row that says what failed.
 * @cssprop [--ai-text=CanvasText] - Color of the text.
 * @cssprop [--ai-muted] - Color of what stands back.
 * @cssprop [--ai-accent=LinkText] - Color of links.
 * @cssprop [--ai-border] - Color of rules and frames.
 * @cssprop [--ai-danger] - Color of errors.
 * @cssprop [--ai-code-surface] - Background of code.
 * @cssprop [--ai-code-comment] - Color of comments in code.
 * @cssprop [--ai-code-keyword] - Color of keywords, and of tags.
 * @cssprop [--ai-code-string] - Color of strings.
 * @cssprop [--ai-code-number] - Color of numbers.
 * @cssprop [--ai-code-function] - Color of functions that are called or defined.
 * @cssprop [--ai-code-name] - Color of keys, properties, attributes and variables.
 * @cssprop [--ai-code-inserted] - Color of lines that a patch adds.
 * @cssprop [--ai-code-deleted] - Color of lines that a patch takes away.
 * @cssprop [--ai-font] - Font shorthand of the text.
 * @cssprop [--ai-font-mono] - Font family of code.
 * @cssprop [--ai-radius=0.75rem] - Corner radius.
 */
export class AiStreamMessageElement extends EndpointElement {
  static override styles = [messageStyles, codeColors];

  /** Who speaks: `assistant` (default), `user`, `system` or `tool`. */
  @property({ attribute: 'role-name', reflect: true }) roleName: MessageRole = 'assistant';

  /** More is to come. `append()` sets it, `finish()` takes it away. */
  @property({ type: Boolean, reflect: true }) streaming = false;

  /** Texts of the element; English by default. */
  @property({ attribute: false }) strings: Strings = ENGLISH;

  /** Goes into the `link_open` event; the chat sets it. */
  @property({ attribute: false }) messageId = '';

  /**
   * Shows blocks of code of a language in the page's own way: the function gets the code and an empty element in its
   * place. Called once per frame at most while the code is still growing, and once when it is complete. One for
   * `math` also gets what stands between `$`, `$$`, `\(` and `\[` and their partners. Default: none.
   */
  @property({ attribute: false }) renderers: Renderers = {};

  /** Origins, separated by spaces, whose images are loaded at once. Default: none, each image waits for a click. */
  @property({ attribute: 'image-origins' }) imageOrigins: string | undefined;

  /** Origins, separated by spaces, that links lead to without a question, beside the page's own. */
  @property({ attribute: 'link-origins' }) linkOrigins: string | undefined;

  /**
   * Lets raw HTML of the text through, sanitized: what structures text, and nothing that runs, loads, takes input or
   * has a style. For pages that trust whoever writes the text. Default false: tags are shown as text.
   */
  @property({ type: Boolean }) html = false;

  /** Asks before a link is followed. The chat has one for all its messages, which come and go. */
  @property({ attribute: false }) linkDialog: LinkDialog | undefined;

  /** What the reader may do about tool calls; the chat sets it. Default: nothing. */
  @property({ attribute: false }) toolActions: ToolActions | undefined;

  #message: Message = { id: '', role: 'assistant', parts: [] };
  readonly #views = new PartViews({
    strings: () => this.strings,
    renderers: () => this.renderers,
    policy: () => this.#contentPolicy,
    limits: () => this.limits,
    workerUrl: () => this.workerUrl,
  });
  readonly #previews = new ArgumentPreviews({
    limits: () => this.limits,
    onPreview: (preview) => this.dispatchEvent(new ToolCallDeltaEvent(preview)),
  });
  /** Set when a text was read by it, with the settings it was made from. */
  #policy: (ContentPolicy & { readonly rules: string }) | undefined;
  /** `src` tells its answer again from the start. */
  #retelling: Retelling | undefined;
  /** What tells the calls of an answer that was told again, to its end. */
  #callIds: CallIds | undefined;
  /** What the light children say counts until somebody sets something else. */
  #hasContent = false;

  readonly #stream = new Task(this, {
    args: () => [this.src] as const,
    task: ([src], { signal }) => (src ? this.#run(signal) : undefined),
  });

  constructor() {
    super();
    const root = () => this.renderRoot;
    const ownDialog = new LinkDialog({ root, strings: () => this.strings });
    followLinks(this, {
      root,
      messageId: () => this.messageId,
      dialog: () => this.linkDialog ?? ownDialog,
    });
  }

  /** The markdown source. Setting it replaces everything the message shows. */
  @property()
  get content(): string {
    return messageText(this.#message);
  }

  set content(text: string | null) {
    this.parts = text ? [{ type: 'text', text }] : [];
  }

  /** All parts of the message. Text that only grew is appended, the rest is shown anew. */
  @property({ attribute: false })
  get parts(): readonly MessagePart[] {
    return this.#message.parts;
  }

  set parts(parts: readonly MessagePart[]) {
    this.#hasContent = true;
    // Whoever sets other content does not want what still streams in.
    if (this.#stream.status === TaskStatus.PENDING) this.stop();
    this.#setMessage({ ...this.#message, parts });
  }

  /** The sanitized HTML of the text as it is shown now, without the elements that only group. */
  get renderedHtml(): string {
    return this.parts
      .map((part, index) => (part.type === 'text' ? this.#views.text(index) : undefined))
      .map((view) => (view ? renderedHtml(view.element) : ''))
      .join('');
  }

  /** Fulfils when all that was appended so far is in the DOM. */
  get settled(): Promise<void> {
    return this.updateComplete.then(() => this.#views.settled());
  }

  /** Adds text. May be called thousands of times a second. Nodes are appended as children, as in every element. */
  override append(...deltas: (string | Node)[]): void {
    for (const delta of deltas) {
      if (delta instanceof Node) super.append(delta);
      else this.appendDelta({ type: 'text', content: String(delta) });
    }
  }

  /**
   * Adds what an event of a stream adds at the end of a part: text, reasoning, or arguments of a tool call that has
   * begun. May be called thousands of times a second.
   */
  appendDelta(delta: DeltaEvent): void {
    this.#hasContent = true;
    this.streaming = true;
    this.#apply(delta);
  }

  /** No more is to come. */
  finish(): void {
    this.streaming = false;
  }

  /** Aborts what `src` streams; what was shown stays. */
  stop(): void {
    this.#stream.abort();
    this.finish();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#views.resume();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // A move is a disconnect and a connect in one task; only what stays out ends.
    queueMicrotask(() => {
      if (this.isConnected) return;
      if (this.#stream.status === TaskStatus.PENDING) this.stop();
      this.#views.dispose();
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('roleName') && !ROLES.includes(this.roleName)) this.roleName = 'assistant';
    if (this.#policy && changed.has('strings')) this.#policy = { ...this.#policy, strings: this.strings };
    if (this.#policy && this.#policy.rules !== this.#rules) {
      this.#policy = undefined;
      this.#views.reread();
    } else if (this.hasUpdated && (changed.has('renderers') || changed.has('strings'))) this.#views.refresh();
    this.#views.endAllBut(this.streaming ? openPartIndex(this.parts) : undefined);
  }

  protected override render(): TemplateResult {
    const { parts, error } = this.#message;
    const isEmpty = parts.every(({ type }) => type === 'opaque');
    const sources = parts.filter((part): part is SourcePart => part.type === 'source');
    return html`<slot class="first-content" @slotchange=${this.#readChildren}></slot> ${repeat(
        parts,
        (_part, index) => index,
        (part, index) => this.#partTemplate(part, index),
      )}
      ${sourcesTemplate(sources, this.#contentPolicy)}
      ${isEmpty ? html`<div part="content" class=${this.streaming ? 'pending' : ''}></div>` : nothing}
      ${error ? html`<p part="error" role="alert">${error.message}</p>` : nothing}`;
  }

  #partTemplate(part: MessagePart, index: number): unknown {
    switch (part.type) {
      case 'text':
        return this.#views.text(index)?.element;
      case 'reasoning': {
        const view = this.#views.text(index);
        const inProgress = this.streaming && index === openPartIndex(this.parts);
        return view && reasoningTemplate(view.element, inProgress, this.strings);
      }
      case 'tool': {
        const view = this.#views.arguments(index);
        // Results may be long, and putting them into words is not for every render.
        const { strings, streaming, toolActions: actions } = this;
        return (
          view &&
          guard([part, view, strings, streaming, actions], () =>
            toolTemplate(part, { content: view.node, strings, streaming, actions }),
          )
        );
      }
      case 'file':
        return fileTemplate(part, this.#contentPolicy);
      case 'source':
      case 'opaque':
      default:
        // Sources stand together at the end; what else is not shown, or not known to this version, is passed over.
        return nothing;
    }
  }

  #apply(event: StreamEvent): void {
    if (event.type === 'restart') {
      this.#callIds = createCallIds();
      this.#retelling = retell(this.#message, [], this.#callIds);
    }
    if (this.#retelling) {
      this.#applyRetold(event, this.#retelling);
      return;
    }
    const before = this.#message;
    const after = reduceMessage(before, event);
    if (after === before) return;
    if (grewPart(before, after, event)) {
      this.#message = after;
      this.#views.append(after.parts, event);
    } else this.#setMessage(after);
  }

  #applyRetold(event: StreamEvent, retelling: Retelling): void {
    if (event.type === 'restart') return;
    const { message, finished } = retelling.apply(this.#message, event);
    if (finished) this.#retelling = undefined;
    if (message !== this.#message) this.#setMessage(message);
  }

  #setMessage(message: Message): void {
    this.#message = message;
    this.#views.show(message.parts);
    this.requestUpdate();
  }

  #readChildren(): void {
    if (this.#hasContent || this.src) return;
    const text = withoutIndent(this.textContent ?? '');
    if (text === '') return;
    this.content = text;
    this.#hasContent = false;
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#retelling = undefined;
    this.#callIds = undefined;
    this.#setMessage({ ...this.#message, parts: [], error: undefined });
    this.#hasContent = true;
    this.streaming = true;
    const reporter = new RunReporter(this);
    const called = new Set<string>();
    const input = { conversationId: '', messages: [], tools: [], body: this.body };
    for await (const told of pageEndpoint().run(settingsOf(this), input, signal, reporter.observer)) {
      const event = this.#recognize(told);
      const prevented = reporter.report(event);
      // A run that another has taken the place of has nothing more to show.
      if (signal.aborted) continue;
      if (event.type !== 'error' || !prevented) this.#apply(event);
      if (event.type === 'tool_call_delta') this.#preview(event);
      if (event.type !== 'tool_call' || called.has(event.id)) continue;
      called.add(event.id);
      this.#callTool(event);
    }
    this.#previews.clear();
    if (!signal.aborted) this.finish();
  }

  #recognize(event: StreamEvent): StreamEvent {
    return this.#callIds?.recognize(event, this.#message) ?? event;
  }

  #preview({ id, delta }: ToolCallDelta): void {
    const { parts } = this.#message;
    const call = parts[callIndex(parts, id)];
    const isOpen = call?.type === 'tool' && call.by === 'client' && call.state === 'preparing';
    if (isOpen) this.#previews.follow(call, this.#retelling ? undefined : delta);
  }

  /** A message alone has nobody to send a result to: it is shown. */
  #callTool({ id, name, args }: CompleteToolCall): void {
    this.#previews.finish(id);
    const { parts } = this.#message;
    const part = parts[callIndex(parts, id)];
    if (part?.type !== 'tool' || part.by !== 'client') return;
    const reading = readArguments(args, part.argsText, completeLimits(this.limits));
    if ('error' in reading) {
      this.#apply({ type: 'tool_result', id, result: reading.error, isError: true, by: 'client' });
      return;
    }
    const call = new ToolCallEvent({ id, name, args: reading.args, messageId: this.messageId });
    this.dispatchEvent(call);
    call.answer?.then(
      (result) => this.#apply({ type: 'tool_result', id, result, by: 'client' }),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#apply({ type: 'tool_result', id, result: reason, isError: true, by: 'client' });
      },
    );
  }

  get #rules(): string {
    return [this.html, this.imageOrigins, this.linkOrigins].join();
  }

  /** What the page lets the model write. */
  get #contentPolicy(): ContentPolicy {
    return (this.#policy ??= {
      rules: this.#rules,
      strings: this.strings,
      imageOrigins: originList('image-origins', this.imageOrigins),
      linkOrigins: originList('link-origins', this.linkOrigins),
      html: this.html,
    });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ai-stream-message': AiStreamMessageElement;
  }
}
