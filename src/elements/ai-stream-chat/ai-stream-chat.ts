import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import {
  createRandomId,
  type Message,
  type MessageInput,
  messageText,
  type RunMetrics,
  type RunOutcome,
  type RunPhase,
  type Strings,
  withStrings,
} from '../../core/index.js';
import type { AiVirtualListElement } from '../ai-virtual-list/ai-virtual-list.define.js';
import { absoluteUrls, JSON_LIST, oneOf } from '../shared/attributes.js';
import { settingsOf } from '../shared/connection.js';
import { PageToolsController } from './page-tools-controller.js';
import { EndpointElement } from '../shared/endpoint-element.js';
import { MessageSendEvent } from '../shared/events/chat-events.js';
import { chatStyles } from './ai-stream-chat.styles.js';
import { Announcer } from './announcer.js';
import {
  LinkDialog,
  type Renderers,
  type ToolActions,
} from '../ai-stream-message/ai-stream-message.define.js';
import { Composer } from './composer.js';
import { ConversationController } from './conversation-controller.js';
import type { Persist } from './conversation-keeper.js';
import type { Tool } from './execute-tool.js';
import { HistoryLoader } from './history-loader.js';
import type { MessageLook } from './message-row.js';
import { MessageRows } from './message-rows.js';
import { MessageSearch } from './message-search.js';
import { ReadingPosition } from './reading-position.js';
import { Transcript } from './transcript.js';

/**
 * An AI chat that talks to any streaming endpoint.
 *
 * @element ai-stream-chat
 * @slot header - Instead of the heading.
 * @slot empty - Shown while there is no message.
 * @slot composer-start - Before the input.
 * @slot composer-end - After the input.
 * @slot footer - Below the composer.
 * @fires {MessageSendEvent} message_send - The user sends a message; before it is added. Cancelable.
 * @fires {StreamStartEvent} stream_start - An answer has begun.
 * @fires {TextAddedEvent} text - Text was added, at most once per frame.
 * @fires {ToolCallDeltaEvent} tool_call_delta - Arguments of a call have come, as far as they are certain.
 * @fires {ToolCallEvent} tool_call - The model calls a tool of the page. `respondWith()` answers. Cancelable.
 * @fires {ToolResultEvent} tool_result - A call has its result.
 * @fires {DataReceivedEvent} data - The endpoint sent something for the page.
 * @fires {StreamEndEvent} stream_end - An answer has ended, however it ended.
 * @fires {StreamErrorEvent} stream_error - Something failed. Cancelable: `preventDefault()` keeps the error row away.
 * @fires {StateChangeEvent} state_change - `state` has changed.
 * @fires {LinkOpenEvent} link_open - The user follows a link the model wrote. Cancelable.
 * @csspart panel - The whole chat.
 * @csspart header - The row above the messages.
 * @csspart transcript - The list of messages.
 * @csspart message - A message.
 * @csspart message-user - A message of the user's.
 * @csspart message-assistant - A message of the assistant's.
 * @csspart content - The rendered text of a message.
 * @csspart code - A code block.
 * @csspart code-header - Its language and the button that copies it.
 * @csspart table - A table, with its scroller.
 * @csspart image - What stands in place of an image, or the image.
 * @csspart link-dialog - The question before a link is followed.
 * @csspart link-host - The name of the site in it.
 * @csspart link-address - The whole address in it.
 * @csspart reasoning - Folded reasoning.
 * @csspart tool - A folded tool call.
 * @csspart sources - The list of sources.
 * @csspart error - The row that says what failed.
 * @csspart notice - The row beneath an answer that was stopped.
 * @csspart composer - The form at the bottom.
 * @csspart input - The text field.
 * @csspart send - The button that sends.
 * @csspart stop - The button that stops.
 * @csspart starters - The suggested first messages.
 * @csspart starter - One of them.
 * @csspart search - The field that finds text in messages that are not mounted, and what it has found.
 * @csspart to-end - The button that leads to the newest message.
 * @cssprop [--ai-surface] - Background.
 * @cssprop [--ai-text] - Color of the text.
 * @cssprop [--ai-muted] - Color of what stands back.
 * @cssprop [--ai-accent] - Color of buttons and links.
 * @cssprop [--ai-on-accent] - Color of text on the accent.
 * @cssprop [--ai-border] - Color of rules and frames.
 * @cssprop [--ai-danger] - Color of errors.
 * @cssprop [--ai-user-surface] - Background of the user's messages.
 * @cssprop [--ai-code-surface] - Background of code.
 * @cssprop [--ai-code-comment] - Color of comments in code.
 * @cssprop [--ai-code-keyword] - Color of keywords, and of tags.
 * @cssprop [--ai-code-string] - Color of strings.
 * @cssprop [--ai-code-number] - Color of numbers.
 * @cssprop [--ai-code-function] - Color of functions that are called or defined.
 * @cssprop [--ai-code-name] - Color of keys, properties, attributes and variables.
 * @cssprop [--ai-code-inserted] - Color of lines that a patch adds.
 * @cssprop [--ai-code-deleted] - Color of lines that a patch takes away.
 * @cssprop [--ai-font] - Font shorthand.
 * @cssprop [--ai-font-mono] - Font family of code.
 * @cssprop [--ai-radius=0.75rem] - Corner radius.
 * @cssprop [--ai-gap=0.75rem] - Space between messages.
 * @cssprop [--ai-message-max=48rem] - Width of the column of messages.
 * @cssstate idle - Nothing is going on.
 * @cssstate submitting - The request is out.
 * @cssstate streaming - The answer is arriving.
 * @cssstate reconnecting - The connection is being made again.
 * @cssstate awaiting_tool - A tool of the page is asked for its answer.
 * @cssstate error - The last run failed.
 */
export class AiStreamChatElement extends EndpointElement {
  static override styles = chatStyles;
  static override shadowRootOptions: ShadowRootInit = {
    ...LitElement.shadowRootOptions,
    delegatesFocus: true,
  };

  /** Name of the model, sent where the dialect has a place for it. */
  @property() model: string | undefined;

  /** Instructions for the model, sent where the dialect has a place for them. */
  @property() system: string | undefined;

  /**
   * Goes into requests of dialects that have a place for it. Default: random. Where the conversation is kept, one that
   * the page sets says which conversation it is, and another one shows another.
   */
  @property({ attribute: 'conversation-id' }) conversationId: string = createRandomId();

  /**
   * Where messages, the draft, an unfinished run and its waiting calls survive a reload: `session` (this tab), `local`
   * (this browser), `none` (default).
   */
  @property() persist: Persist = 'none';

  /**
   * Tools that the page offers to the model. Where there are any, calls of other names are refused; where there are
   * none, listeners of `tool_call` may answer calls of any name. Default: none.
   */
  @property({ attribute: false }) tools: readonly Tool[] = [];

  /**
   * Offers the page's own tools as well: every `<form toolname="…" tooldescription="…">` of the document and its open
   * shadow roots; with `all`, also whatever is registered with the browser's model context, which may be more than the
   * page's own code has put there. Default false.
   */
  @property({ attribute: 'page-tools', converter: pageToolsOf }) pageTools: boolean | 'all' = false;

  /** The heading above the messages. */
  @property() heading: string | undefined;

  /** Placeholder of the input. */
  @property() placeholder: string | undefined;

  /** The user cannot write. */
  @property({ type: Boolean, reflect: true }) disabled = false;

  /** Suggested first messages: an array, or JSON in the attribute. */
  @property({ converter: JSON_LIST }) starters: readonly string[] = [];

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

  /**
   * `follow` (default): the list stays with the end of an answer. `question`: what the user sends goes to the top, and
   * stays there while the answer grows beneath it.
   */
  @property({ attribute: 'scroll-mode' }) scrollMode: 'follow' | 'question' = 'follow';

  /** `off` keeps every loaded message mounted. Anything else is `on`, the default. */
  @property() windowing: 'on' | 'off' = 'on';

  /**
   * URL template with `{conversationId}`: gives earlier messages by `GET`, with `headers` and `credentials`, when the
   * reader comes to the first one, and the newest where there are none. `?before=` names the message that they are to
   * come before. The answer is `{"messages": […], "hasMore": true}`, oldest first; a list alone will do.
   */
  @property({ attribute: 'history-src' }) historySrc: string | undefined;

  /** Overrides of the texts. */
  @property({ attribute: false }) strings: Partial<Strings> = {};

  @query('ai-virtual-list') private list!: AiVirtualListElement;

  readonly #internals = this.attachInternals();
  /** The id of the conversation where the page has set none. */
  #ownId = this.conversationId;
  readonly #transcript = new Transcript(() => this.renderRoot);
  readonly #controller = new ConversationController(this, {
    transcript: this.#transcript,
    settings: () => {
      const { src, conversationId, model, system, tools, body, limits } = this;
      const input = { conversationId, model, system, body };
      return { src, endpoint: settingsOf(this), input, tools, limits };
    },
    onRunEnd: ({ complete }) => this.#composer.answerEnded(complete),
    draft: () => this.#composer.draft,
    showDraft: (draft) => {
      this.#composer.draft = draft;
    },
    onRestore: ({ conversationId, messages }) => {
      this.#history.replaced(messages);
      if (this.conversationId === this.#ownId) this.conversationId = this.#ownId = conversationId;
    },
    providers: () => this.#pageTools.update(),
  });
  readonly #composer = new Composer({
    root: () => this.renderRoot,
    busy: () => this.#controller.running !== undefined,
    send: (text) => !this.disabled && this.#submit(text) !== undefined,
    stop: () => void this.stop(),
    onWait: (waits) => {
      this.#announcer.say(waits ? this.#texts.waiting : '');
      this.requestUpdate();
    },
  });
  readonly #announcer = new Announcer(this);
  #texts = withStrings(undefined);
  readonly #pageTools = new PageToolsController(this, {
    wanted: () => this.pageTools,
    question: (form) => this.#texts.submitForm(form),
  });
  /** One for all messages: rows come and go while it is open. */
  readonly #linkDialog = new LinkDialog({ root: () => this.renderRoot, strings: () => this.#texts });
  readonly #toolActions: ToolActions = {
    approve: (id, answer) => this.#controller.approve(id, answer),
    undo: (id) => this.#controller.undo(id),
  };
  readonly #rows = new MessageRows(this.#look, {
    controller: this.#controller,
    resume: () => {
      void this.resume();
      this.focus();
    },
    retry: () => {
      void this.retry();
      // The button goes with the failed answer; focus must not fall to the page.
      this.focus();
    },
  });
  readonly #history = new HistoryLoader(this, {
    conversation: this.#controller.conversation,
    needed: () => this.#items.length === 0 || isNearStart(this.list),
    settings: () => {
      const { conversationId, historySrc } = this;
      return { template: absoluteUrls(historySrc)[0], conversationId, endpoint: settingsOf(this) };
    },
    onLoad: (count) => {
      // At the end it is the page that has come, and nothing that anybody asked for.
      if (!this.list.following) this.#announcer.say(this.#texts.earlierLoaded(count));
    },
  });
  readonly #reader = new ReadingPosition(this, {
    list: () => this.list,
    items: () => this.#items,
    conversationId: () => (this.#isKnownAgain ? this.conversationId : undefined),
    keepsQuestion: () => oneOf('scroll-mode', this.scrollMode, ['follow', 'question']) === 'question',
    history: this.#history,
  });
  readonly #search = new MessageSearch(this, {
    root: () => this.renderRoot,
    messages: () => this.#items,
    showsAll: () => this.list.range.last - this.list.range.first + 1 === this.#items.length,
    show: (id) => this.scrollToMessage(id),
    find: (id) => this.#transcript.find(id),
    list: () => this.list,
    onClose: () => this.list.focus(),
  });
  #items: readonly Message[] = [];
  /** What had the focus when the update began. */
  #focused: Element | undefined;

  /** The conversation, oldest message first. Setting also takes `{role, content}`. */
  @property({ attribute: false })
  get messages(): readonly Message[] {
    return this.#controller.conversation.messages;
  }

  set messages(messages: readonly MessageInput[]) {
    this.#controller.replace(messages);
    this.#history.replaced(messages);
  }

  /** What is going on; also as a CSS state, `:state(streaming)`. */
  get state(): RunPhase {
    return this.#controller.conversation.phase;
  }

  /** Figures of the last run; undefined before the first. */
  get metrics(): RunMetrics | undefined {
    return this.#controller.metrics;
  }

  /** Fulfils when no run is going and all that has arrived is in the DOM. */
  get settled(): Promise<void> {
    return this.#settle();
  }

  /**
   * Sends a message of the user's. A run that is going on is stopped first, or, with `wait`, waited for. Fulfils when
   * the new one has ended; with undefined where there was nothing to send, or the page kept it back.
   */
  async send(
    message: string | { readonly text: string; readonly wait?: boolean },
  ): Promise<RunOutcome | undefined> {
    const { text, wait = false } = typeof message === 'string' ? { text: message } : message;
    if (wait) await this.#runsEnded();
    return this.#submit(text);
  }

  /** Stops the run that is going on. What was shown stays. */
  stop(): Promise<void> {
    return this.#controller.stop();
  }

  /**
   * Goes on with the last answer if it stopped short: where it broke, if the endpoint can, else by asking the model to
   * continue; or if it has used tools as often in a row as it may. Fulfils when the run has ended; with undefined where
   * there is nothing to go on with.
   */
  resume(): Promise<RunOutcome | undefined> {
    return this.#controller.resume();
  }

  /** Asks for the last answer again. */
  retry(): Promise<RunOutcome> {
    return this.#controller.regenerate();
  }

  /**
   * Asks for an answer again, in place of it and of all that came after. Default: the last one.
   *
   * @throws {Error} when there is no such answer
   */
  regenerate(messageId?: string): Promise<RunOutcome> {
    return this.#controller.regenerate(messageId);
  }

  /**
   * Puts other words in place of a message of the user's, drops all that came after, and asks for a new answer.
   *
   * @throws {Error} when there is no such message
   */
  edit(messageId: string, text: string): Promise<RunOutcome> {
    return this.#controller.edit(messageId, text);
  }

  /** Adds a message without asking for an answer. Nodes are appended as children, as in every element. */
  override append(message: MessageInput): Message;
  override append(...nodes: (Node | string)[]): void;
  override append(...items: (MessageInput | Node | string)[]): Message | void {
    const [first] = items;
    if (typeof first === 'object' && 'role' in first && !(first instanceof Node)) {
      return this.#controller.conversation.append(first);
    }
    return super.append(...(items as (Node | string)[]));
  }

  /** Stops the run and removes all messages. */
  clear(): Promise<void> {
    this.#history.replaced([]);
    return this.#controller.clear();
  }

  /** Answers a tool call, at any time after its `tool_call`. Returns false where no call waits under this id. */
  respondToTool(id: string, result: unknown): boolean {
    return this.#controller.answerTool(id, result);
  }

  /** Brings a message into view. */
  scrollToMessage(id: string): void {
    this.#reader.goTo(id);
  }

  /** Brings the newest message into view and stays with it. */
  scrollToEnd(): void {
    this.#reader.goToEnd();
  }

  override focus(options?: FocusOptions): void {
    this.#composer.focus(options);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // At once, so that the page finds the messages, or sets its own.
    this.#keep();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Whoever is asked now has nothing to do with an answer that another one is giving.
    if (changed.has('src')) this.#controller.leave(this.src);
    if (changed.has('persist') || changed.has('conversationId')) this.#keep();
    if (changed.has('strings')) this.#texts = withStrings(this.strings);
    if (changed.has('historySrc') || changed.has('conversationId')) {
      this.#history.reset();
      this.#reader.reset();
    }
    this.#rows.update(this.#look);
    this.#items = this.messages;
    this.#focused = this.shadowRoot?.activeElement ?? undefined;
  }

  protected override render(): TemplateResult {
    const texts = this.#texts;
    const { disabled, placeholder } = this;
    const isEmpty = this.#items.length === 0;
    const { newCount, seesEnd } = this.#reader;
    const heading = this.heading ?? texts.heading;
    return html`<section class="panel" part="panel" aria-label=${heading}>
        <header part="header"><slot name="header">${heading}</slot></header>
        <div class="body">
          <ai-virtual-list
            part="transcript"
            role="log"
            aria-live="off"
            aria-label=${texts.transcript}
            tabindex="0"
            pin="end"
            .items=${this.#items}
            .keyOf=${messageKey}
            .renderItem=${this.#rows.render}
            .textOf=${messageText}
            .windowing=${oneOf('windowing', this.windowing, ['on', 'off'])}
            @pin_change=${this.#notePosition}
            @end_shown=${this.#notePosition}
            @reach_start=${this.#loadEarlier}
            @reach_end=${stop}
            @range_change=${stop}
          ></ai-virtual-list>
          ${this.#history.template(texts)} ${this.#search.template(texts)}
          <div class="welcome" ?hidden=${!isEmpty || this.#history.loading}>
            <slot name="empty"></slot>
            ${this.#startersTemplate()}
          </div>
          <button
            type="button"
            class="to-end"
            part="to-end"
            ?hidden=${seesEnd || isEmpty}
            @click=${this.#toEndByHand}
          >
            ${newCount > 0 ? texts.newMessages(newCount) : texts.toEnd}
          </button>
        </div>
        ${this.#composer.template({ disabled, placeholder, strings: texts })}
        <slot name="footer"></slot>
      </section>
      ${this.#announcer.template()}`;
  }

  protected override firstUpdated(): void {
    this.#announcer.follow(this.#controller.conversation, () => this.#texts);
  }

  protected override updated(): void {
    // The list shows them in an update of its own.
    void this.list.updateComplete.then(() => this.#history.loadIfNeeded());
    this.#reader.goBack();
    const { states } = this.#internals;
    states.clear();
    states.add(this.state);
    // A button that goes while it has the focus must not drop it onto the page.
    if (this.#focused && !this.#focused.checkVisibility()) this.focus();
  }

  get #look(): MessageLook {
    const { renderers, imageOrigins, linkOrigins, html: keepsHtml, limits, workerUrl } = this;
    return {
      strings: this.#texts,
      renderers,
      imageOrigins,
      linkOrigins,
      html: keepsHtml,
      linkDialog: this.#linkDialog,
      limits,
      workerUrl,
      toolActions: this.#toolActions,
    };
  }

  #startersTemplate(): TemplateResult | typeof nothing {
    if (this.starters.length === 0) return nothing;
    return html`<div class="starters" part="starters">
      ${this.starters.map(
        (text) =>
          html`<button
            type="button"
            part="starter"
            ?disabled=${this.disabled}
            @click=${() => this.send(text)}
          >
            ${text}
          </button>`,
      )}
    </div>`;
  }

  /** Whether the conversation has the same id when the page is loaded again. */
  get #isKnownAgain(): boolean {
    return this.conversationId !== this.#ownId || this.#storageKind !== 'none';
  }

  get #storageKind(): Persist {
    return oneOf('persist', this.persist, ['none', 'session', 'local']);
  }

  #keep(): void {
    const isOwn = this.conversationId === this.#ownId;
    const name = isOwn ? `chat ${this.id}` : `conversation ${this.conversationId}`;
    if (this.isConnected) this.#controller.keep({ persist: this.#storageKind, name });
  }

  #toEndByHand(): void {
    this.scrollToEnd();
    // The button goes. The input would open the keyboard of a phone.
    this.list.focus({ preventScroll: true });
  }

  #notePosition(event: Event): void {
    event.stopPropagation();
    this.#reader.note();
  }

  #loadEarlier(event: Event): void {
    event.stopPropagation();
    void this.#history.load();
  }

  /** Undefined where nothing was sent. */
  #submit(text: string): Promise<RunOutcome> | undefined {
    if (text.trim() === '' || !this.dispatchEvent(new MessageSendEvent({ text }))) return undefined;
    const run = this.#controller.send(text);
    this.#reader.goToQuestion(this.messages.findLast(({ role }) => role === 'user')?.id);
    return run;
  }

  async #runsEnded(): Promise<void> {
    while (this.#controller.running) await this.#controller.running;
  }

  async #settle(): Promise<void> {
    do {
      await this.#runsEnded();
      await this.updateComplete;
      await this.list?.updateComplete;
      await this.#transcript.settled();
    } while (this.#controller.running);
  }
}

function pageToolsOf(attribute: string | null): boolean | 'all' {
  return attribute === 'all' ? 'all' : attribute !== null;
}

/** What the list tells is about rows, which are the chat's own. */
function stop(event: Event): void {
  event.stopPropagation();
}

function isNearStart({ range, scrollTop, clientHeight }: AiVirtualListElement): boolean {
  return range.first === 0 && scrollTop < clientHeight;
}

function messageKey(message: Message): string {
  return message.id;
}

declare global {
  interface HTMLElementTagNameMap {
    'ai-stream-chat': AiStreamChatElement;
  }
}
