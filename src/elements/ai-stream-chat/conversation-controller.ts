import type { ReactiveController, ReactiveControllerHost } from 'lit';
import {
  Conversation,
  canContinue,
  isAnswered,
  pageCalls,
  type ClientMessage,
  type ConversationChange,
  type EndpointObserver,
  type EndpointRun,
  type EndpointSettings,
  type KeptConversation,
  type KeptRun,
  type Message,
  type MessageInput,
  messageText,
  type RunInput,
  type RunMetrics,
  type RunOutcome,
  Session,
  type StreamEvent,
  type ToolResultEvent as ToolResult,
} from '../../core/index.js';
import { pageEndpoint } from '../shared/connection.js';
import { DataReceivedEvent, StateChangeEvent } from '../shared/events/chat-events.js';
import { TextAddedEvent, ToolResultEvent } from '../shared/events/stream-events.js';
import { oncePerFrame } from '../shared/frame.js';
import { RunReporter } from '../shared/run-reporter.js';
import { completeLimits, type Limits } from '../shared/limits.js';
import type { Tool, ToolProvider } from './execute-tool.js';
import { ConversationKeeper, type KeeperSettings } from './conversation-keeper.js';
import { OfferedTools } from './offered-tools.js';
import type { Transcript } from './transcript.js';

/** UTF-16 units of text after which reading from the network waits until the page has shown them. */
const MAX_UNSHOWN_TEXT = 262_144;
/** Milliseconds after which text that is due counts as shown late. */
const LATE_FRAME = 50;

/** The configuration of one run. */
export interface RunSettings {
  readonly src: string | undefined;
  readonly endpoint: EndpointSettings;
  readonly input: Omit<RunInput, 'messages' | 'tools'>;
  readonly tools: readonly Tool[];
  readonly limits: Partial<Limits>;
}

export interface ConversationControllerOptions {
  readonly transcript: Transcript;
  /** Copies the element's configuration as it stands. Called when a request is about to be made. */
  readonly settings: () => RunSettings;
  readonly onRunEnd: (outcome: RunOutcome) => void;
  /** What the user has written and not sent. */
  readonly draft: () => string;
  readonly showDraft: (draft: string) => void;
  /** A conversation that was kept is about to be shown. */
  readonly onRestore: (kept: Pick<KeptConversation, 'conversationId' | 'messages'>) => void;
  /** Tools that come from elsewhere than the settings. Default: none. */
  readonly providers?: () => readonly ToolProvider[];
}

/**
 * Ties a conversation and its session to an element: requests go in by methods, state comes out as updates of the
 * element and as DOM events.
 */
export class ConversationController implements ReactiveController {
  readonly conversation = new Conversation();
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #transcript: Transcript;
  readonly #settings: () => RunSettings;
  readonly #session: Session;
  readonly #tools: OfferedTools;
  readonly #options: ConversationControllerOptions;
  #keeper: ConversationKeeper | undefined;
  #reporter: RunReporter | undefined;
  /** What was asked last. */
  #src: string | undefined;
  /** The request that is answered, or was last. */
  #run: EndpointRun | undefined;
  /** Reaches the endpoint while its answer goes on, where the transport can. */
  #channel: ((message: ClientMessage) => void) | undefined;
  /** What went to the endpoint that way since its answer began. */
  #sent: ClientMessage[] = [];
  /** Characters of an answer told again that the page has heard of already. */
  #heard = 0;
  /** When the oldest text that is not shown yet was due. */
  #dueSince: number | undefined;
  /** Text since the last `text` event, by message. */
  #unreported = new Map<string, string>();
  #unshown = 0;
  readonly #reportText = oncePerFrame(() => this.#dispatchText());

  constructor(host: ReactiveControllerHost & HTMLElement, options: ConversationControllerOptions) {
    const { transcript, settings, onRunEnd, providers = () => [] } = options;
    this.#options = options;
    this.#host = host;
    this.#transcript = transcript;
    this.#settings = settings;
    this.#tools = new OfferedTools({ host, providers, limits: () => settings().limits });
    host.addController(this);
    this.conversation.subscribe((change) => this.#show(change));
    this.#session = new Session(this.conversation, {
      connect: (messages, signal) => this.#connect(messages, signal),
      reconnect: (signal) => this.#reconnect(signal),
      deliver: (result) => this.#deliver(result),
      onRunEnd: (outcome) => {
        host.requestUpdate();
        this.#keeper?.runEnded();
        onRunEnd(outcome);
      },
      onEvent: (event, messageId) => this.#report(event, messageId),
      callTool: (call, context) => {
        // That it was dispatched is known before anything can come of it.
        this.#keeper?.flush();
        return this.#tools.call(call, context);
      },
      toolNames: () => this.#tools.names,
      confirms: (name) => this.#tools.confirms(name),
      toolLimits: () => completeLimits(this.#settings().limits),
      takesResults: () => this.#channel !== undefined,
    });
  }

  get metrics(): RunMetrics | undefined {
    return this.#reporter?.metrics;
  }

  get running(): Promise<RunOutcome> | undefined {
    return this.#session.running;
  }

  hostDisconnected(): void {
    // A move is a disconnect and a connect in one task; only a chat that stays out stops its run.
    queueMicrotask(() => {
      if (!this.#host.isConnected) void this.#session.stop();
    });
  }

  /** Adds the user's message and asks for the answer. */
  async send(text: string): Promise<RunOutcome> {
    const ready = this.#ready();
    if (ready) await ready;
    if (this.running) await this.#session.stop();
    this.#session.closeOpenCalls();
    this.#tools.begin();
    this.conversation.append({ role: 'user', content: text });
    return this.#session.run();
  }

  stop(): Promise<void> {
    return this.#session.stop();
  }

  /** Stops a run that asks another one than `src`. */
  leave(src: string | undefined): void {
    if (this.running && this.#src !== src) void this.#session.stop();
  }

  /** Asks again for the answer `messageId`, in place of it and of all that came after; by default the last one. */
  async regenerate(messageId?: string): Promise<RunOutcome> {
    const ready = this.#ready();
    if (ready) await ready;
    await this.#session.stop();
    const { messages } = this.conversation;
    const last = messages.findLast((message) => message.role === 'assistant');
    const target = messageId === undefined ? last : this.conversation.find(messageId);
    if (messageId !== undefined && target?.role !== 'assistant') {
      throw new Error(`There is no answer ${messageId}. regenerate() takes the id of one in "messages".`);
    }
    if (target?.role === 'assistant') this.conversation.cut(this.#firstAnswer(messages, target).id);
    return this.#session.run();
  }

  /** The answer has used tools as often as it may, and the user is to say whether it goes on. */
  get awaitsGoOn(): boolean {
    return this.#session.awaitsGoOn;
  }

  /** Whether `resume` has something to go on with: from where it broke, or by asking the model to continue. */
  get resumable(): boolean {
    if (this.awaitsGoOn) return true;
    const last = this.conversation.lastMessage;
    if (!last || last.status === 'complete' || last.status === 'streaming') return false;
    return this.#run?.resumable === true || canContinue(last);
  }

  /** Goes on with the last answer, which stopped short. Undefined where there is nothing to go on with. */
  async resume(): Promise<RunOutcome | undefined> {
    const ready = this.#ready();
    if (ready) await ready;
    if (this.awaitsGoOn) return this.#session.run();
    const { lastMessage } = this.conversation;
    return lastMessage && this.resumable ? this.#session.resume(lastMessage.id) : undefined;
  }

  /** Puts other words in place of a message of the user's and asks for a new answer. */
  async edit(messageId: string, text: string): Promise<RunOutcome> {
    const ready = this.#ready();
    if (ready) await ready;
    await this.#session.stop();
    if (this.conversation.find(messageId)?.role !== 'user') {
      throw new Error(`There is no user message ${messageId}. edit() takes the id of one in "messages".`);
    }
    this.conversation.cut(messageId);
    return this.send(text);
  }

  answerTool(id: string, result: unknown): boolean {
    if (this.#keeper?.isElsewhere) return false;
    void this.#keeper?.prepare('take over');
    return this.#session.answerTool(id, result);
  }

  /** The user's answer to what a call waits with: whether it may run, or one of the endpoint's own options. */
  approve(id: string, answer: boolean | string): void {
    const ready = this.#keeper?.prepare('take over');
    if (ready) void ready.then(() => this.#session.approve(id, answer));
    else this.#session.approve(id, answer);
  }

  /** Takes back what a call did. */
  undo(id: string): void {
    this.#session.undo(id);
  }

  /** Puts other messages in place of all there are. A run that is going on has lost its question, and is stopped. */
  replace(messages: readonly MessageInput[]): void {
    this.#keeper?.replaced();
    void this.#session.stop();
    this.#run = undefined;
    this.conversation.replace(messages);
  }

  async clear(): Promise<void> {
    this.replace([]);
    await this.running;
  }

  /** Keeps the conversation over reloads, or does so no more. */
  keep(settings: KeeperSettings): void {
    if (settings.persist === 'none' && !this.#keeper) return;
    this.#keeper ??= this.#createKeeper();
    this.#keeper.update(settings);
  }

  /** Undefined where there is nothing to wait for: what was asked for has begun when the method returns. */
  #ready(): Promise<void> | undefined {
    return this.#keeper?.prepare('give up');
  }

  #createKeeper(): ConversationKeeper {
    const { draft, showDraft } = this.#options;
    const keeper = new ConversationKeeper({
      host: this.#host,
      conversation: this.conversation,
      run: () => this.#left,
      awaitsGoOn: () => this.awaitsGoOn,
      conversationId: () => this.#settings().input.conversationId,
      draft,
      showDraft,
      show: (conversation) => this.#restore(conversation),
      takeOver: (run) => this.#takeOver(run),
      giveUp: (run) => this.#session.giveUp(run),
      handOver: () => this.#session.handOver(),
      ended: async () => {
        while (this.running) await this.running;
      },
    });
    this.#host.addController(keeper);
    return keeper;
  }

  get #left(): KeptRun | undefined {
    const run = this.#session.left;
    // The rest of an answer that continues another one says nothing of where that one had ended.
    const isWhole = this.conversation.prefixLength === 0;
    return run && { ...run, answer: isWhole ? this.#run?.left : undefined };
  }

  #restore({ conversationId, messages, run, awaitsGoOn }: KeptConversation): void {
    const { conversation } = this;
    this.#run = undefined;
    this.#options.onRestore({ conversationId, messages });
    conversation.replace(messages);
    if (awaitsGoOn) this.#session.awaitGoOn();
    const last = conversation.lastMessage;
    const waits = last?.status === 'complete' && (run ?? !pageCalls(last).every(isAnswered));
    if (waits) conversation.apply(last.id, { type: 'done', reason: 'tool_calls', complete: true });
  }

  #takeOver(left: KeptRun): void {
    const { src, endpoint, input, tools } = this.#settings();
    const { messages } = this.conversation;
    const asked = messages.slice(
      0,
      messages.findIndex(({ id }) => id === left.messageId),
    );
    const request = { ...input, messages: asked, tools: this.#tools.offer(tools) };
    this.#src = src;
    this.#sent = [];
    this.#run = left.answer && pageEndpoint().takeUp(endpoint, request, left.answer, this.#observer);
    void this.#session.takeOver(left);
    this.#host.requestUpdate();
  }

  /** An answer that called tools is several messages: the first one after the question. */
  #firstAnswer(messages: readonly Message[], target: Message): Message {
    let index = messages.indexOf(target);
    while (index > 0 && messages[index - 1]?.role === 'assistant') index -= 1;
    return messages[index] ?? target;
  }

  #connect(messages: readonly Message[], signal: AbortSignal): AsyncIterable<StreamEvent> {
    const { src, endpoint, input, tools } = this.#settings();
    this.#src = src;
    this.#reporter = new RunReporter(this.#host);
    this.#sent = [];
    const request = { ...input, messages, tools: this.#tools.offer(tools) };
    this.#run = pageEndpoint().open(endpoint, request, this.#observer);
    return this.#run.events(signal);
  }

  get #observer(): EndpointObserver {
    // What goes on by hand has a reporter of its own.
    const observer = (): EndpointObserver | undefined => this.#reporter?.observer;
    return {
      onConnect: (transport, url) => observer()?.onConnect?.(transport, url),
      onResponse: (response) => observer()?.onResponse?.(response),
      onBytes: (byteLength) => observer()?.onBytes?.(byteLength),
      onDialect: (name) => observer()?.onDialect?.(name),
      onChannel: (send) => this.#openChannel(send),
    };
  }

  #reconnect(signal: AbortSignal): AsyncIterable<StreamEvent> | undefined {
    if (!this.#run?.resumable) return undefined;
    this.#reporter = new RunReporter(this.#host, this.#reporter);
    return this.#run.events(signal);
  }

  #openChannel(send: (message: ClientMessage) => void): void {
    this.#channel = send;
    // The connection that these went over may have broken before they arrived; the endpoint knows them by their ids.
    for (const message of this.#sent) send(message);
  }

  #deliver({ id, result, isError = false }: ToolResult): boolean {
    const message: ClientMessage = { type: 'tool_result', id, result, isError };
    if (!this.#channel) return this.#run?.answer(message) ?? false;
    this.#sent.push(message);
    this.#channel(message);
    return true;
  }

  #report(event: StreamEvent, messageId: string): Promise<void> | undefined {
    if (event.type === 'restart') {
      this.#heard = this.#textLength(messageId) - this.conversation.prefixLength;
    }
    if (event.type === 'text') this.#noteText(messageId, event.content);
    if (event.type === 'done') {
      this.#channel = undefined;
      this.#heard = 0;
      // What the page hears of the end comes after all of the text.
      this.#dispatchText();
      this.#tools.end((id) => (this.conversation.findTool(id)?.tool.state ?? 'preparing') !== 'preparing');
    }
    if (event.type === 'tool_call') this.#tools.finishPreview(event.id);
    const prevented = this.#reporter?.report(event) ?? false;
    if (event.type === 'error' && prevented) this.conversation.hideError(messageId);
    if (event.type === 'data')
      this.#host.dispatchEvent(new DataReceivedEvent({ name: event.name, value: event.value }));
    if (event.type === 'tool_approval') {
      const { id, message, options } = event;
      this.#host.dispatchEvent(
        new DataReceivedEvent({ name: 'tool_approval', value: { id, message, options } }),
      );
    }
    if (event.type === 'tool_result') {
      const { id, result, isError = false } = event;
      this.#tools.cancel(id);
      const name = this.conversation.findTool(id)?.tool.name ?? '';
      this.#host.dispatchEvent(new ToolResultEvent({ id, name, result, isError }));
    }
    const hasText = event.type === 'text' || event.type === 'reasoning';
    return hasText ? this.#holdBack(event.content.length, messageId) : undefined;
  }

  #noteText(messageId: string, content: string): void {
    const known = Math.min(this.#heard, content.length);
    this.#heard -= known;
    if (known === content.length) return;
    this.#unreported.set(messageId, (this.#unreported.get(messageId) ?? '') + content.slice(known));
    this.#dueSince ??= performance.now();
    this.#reportText();
  }

  #textLength(messageId: string): number {
    const message = this.conversation.find(messageId);
    return message ? messageText(message).length : 0;
  }

  /** Lets the network wait while the page is behind: nothing is dropped, and nothing piles up. */
  #holdBack(length: number, messageId: string): Promise<void> | undefined {
    this.#unshown += length;
    if (this.#unshown < MAX_UNSHOWN_TEXT) return undefined;
    this.#unshown = 0;
    return this.#transcript.settled(messageId);
  }

  #previewCall(id: string, delta: string): void {
    const tool = this.conversation.findTool(id)?.tool;
    if (tool) this.#tools.preview(tool, delta);
  }

  /** Calls whose arguments have changed otherwise than at their end, as in an answer that is told again. */
  #previewCalls({ parts }: Message): void {
    for (const part of parts) {
      if (part.type === 'tool' && part.argsText !== '') this.#tools.preview(part);
    }
  }

  #dispatchText(): void {
    const isLate = this.#dueSince !== undefined && performance.now() - this.#dueSince > LATE_FRAME;
    if (isLate) this.#reporter?.countLateFrame();
    this.#dueSince = undefined;
    const unreported = this.#unreported;
    this.#unreported = new Map();
    for (const [messageId, content] of unreported) {
      this.#host.dispatchEvent(new TextAddedEvent({ messageId, content }));
    }
  }

  #show(change: ConversationChange): void {
    switch (change.type) {
      case 'text':
        this.#transcript.append(change.messageId, { type: change.part, content: change.content });
        break;
      case 'tool_arguments':
        this.#transcript.append(change.messageId, {
          type: 'tool_call_delta',
          id: change.id,
          delta: change.delta,
        });
        this.#previewCall(change.id, change.delta);
        break;
      case 'message': {
        const message = this.conversation.find(change.messageId);
        if (message) this.#transcript.update(message);
        if (message?.status === 'streaming') this.#previewCalls(message);
        this.#host.requestUpdate();
        break;
      }
      case 'phase':
        this.#host.requestUpdate();
        this.#host.dispatchEvent(new StateChangeEvent({ state: change.phase, previous: change.previous }));
        break;
      case 'messages':
        this.#host.requestUpdate();
        break;
      default:
        change satisfies never;
    }
  }
}
