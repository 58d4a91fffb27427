import {
  aborted,
  type DoneReason,
  jsonCopy,
  type Message,
  type StreamEvent,
  type ToolResultEvent,
  type Usage,
} from '../model/index.js';
import { DEFAULT_TOOL_LIMITS, type ToolLimits } from '../tools/index.js';
import { askToContinue } from './continuation.js';
import type { Conversation } from './conversation.js';
import { OpenCalls, REFUSED, type CallAnswer, type ToolContext } from './open-calls.js';
import { isAnswered, pageCalls } from './run-phase.js';
import { INCOMPLETE, TurnCalls } from './turn-calls.js';

/** A complete call, as the page is asked to answer it. */
export interface ToolRequest {
  readonly id: string;
  readonly name: string;
  /** Deep-frozen. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly messageId: string;
}

/** How a run ended. */
export interface RunOutcome {
  readonly reason: DoneReason;
  /** False: the answer stopped short of its own end. */
  readonly complete: boolean;
  readonly usage: Usage | undefined;
}

/** What a session needs of the world outside. */
export interface SessionHost {
  /** Sends these messages and gives what comes back. Never throws; its last event is `done`. */
  connect(messages: readonly Message[], signal: AbortSignal): AsyncIterable<StreamEvent>;
  /**
   * Gives the rest of the answer that `connect` gave last, where it can still be asked for; undefined where it cannot.
   * Without it the model is asked to continue.
   */
  reconnect?(signal: AbortSignal): AsyncIterable<StreamEvent> | undefined;
  /** Every event of the run, after the conversation has taken it in. A promise holds the stream back. */
  onEvent?(event: StreamEvent, messageId: string): Promise<void> | void;
  /** Asks the page to answer a call. Undefined: nobody took it. */
  callTool?(call: ToolRequest, context: ToolContext): Promise<unknown> | undefined;
  /** The tools that were offered: calls of other names are refused. Undefined, as by default: calls of any name are taken. */
  toolNames?(): readonly string[] | undefined;
  /** Whether the user is asked before a call of this name goes to `callTool`. Default: no. */
  confirms?(name: string): boolean;
  /** How much of its tools the page lets a model use. Asked when a run starts. */
  toolLimits?(): ToolLimits;
  /** Whether `deliver` would take a result now. Default: no. */
  takesResults?(): boolean;
  /** Hands a result to an endpoint that waits for it while its answer goes on. False: it takes none. */
  deliver?(result: ToolResultEvent): boolean;
  /** A run has ended, also one that began by itself. */
  onRunEnd?(outcome: RunOutcome): void;
}

/** One request of a run, and the message that its answer fills. */
interface Turn {
  readonly messageId: string;
  readonly events: AsyncIterable<StreamEvent>;
}

interface TurnEnd {
  readonly reason: DoneReason;
  readonly complete: boolean;
  /** The endpoint wants its answer back, to go on with it. */
  readonly paused: boolean;
}

interface TurnOutcome extends TurnEnd {
  readonly messageId: string;
  readonly usage: Usage | undefined;
}

/** What the model is told of a call that nobody answered. */
const NO_ANSWER = 'No tool on the page answered this call.';
/** What the model is told of a call whose question has come back with a saved conversation. */
const OUTLIVED =
  'The page was loaded anew before the user allowed this call, so it went no further. Call the tool again.';

/**
 * Drives a run: one request after the other until the answer needs no tool of the page any more. It owns the
 * abort handle; there is one run at a time, and a new one stops the one before. Which calls were dispatched stands in
 * the conversation, as the state of their parts: whoever saves and restores that dispatches none twice.
 */
export class Session {
  readonly #conversation: Conversation;
  readonly #host: SessionHost;
  readonly #calls: OpenCalls;
  #limits: ToolLimits = DEFAULT_TOOL_LIMITS;
  #abort: AbortController | undefined;
  #run: Promise<RunOutcome> | undefined;
  /** Calls whose results the endpoint has had before its answer ended. */
  readonly #delivered = new Set<string>();
  /** The answer after which the user is asked whether to go on. */
  #lastTurn: string | undefined;

  constructor(conversation: Conversation, host: SessionHost) {
    this.#conversation = conversation;
    this.#host = host;
    this.#calls = new OpenCalls({
      conversation,
      host,
      timeout: () => this.#limits.toolTimeout,
      answer: (id, answer) => void this.#answer(id, answer),
    });
  }

  /** The run that is going on, if there is one. */
  get running(): Promise<RunOutcome> | undefined {
    return this.#run;
  }

  /** The run has made as many requests as it may: the user is to say whether it goes on, which `run()` does. */
  get awaitsGoOn(): boolean {
    const { lastMessage } = this.#conversation;
    return !this.#run && lastMessage !== undefined && lastMessage.id === this.#lastTurn;
  }

  /** Asks for an answer to the conversation as it stands. Fulfils when the run has ended, however it ended. */
  async run(): Promise<RunOutcome> {
    return this.#start();
  }

  /** Goes on with the answer `messageId`, which stopped short. Fulfils like `run`. */
  async resume(messageId: string): Promise<RunOutcome> {
    return this.#start(messageId);
  }

  /** Stops the run. Fulfils when it has ended; at once where none is going. */
  async stop(): Promise<void> {
    this.#abort?.abort();
    await this.#run;
  }

  /**
   * Answers a call from outside, at any time. When it was the last one its message waited for, the run goes on.
   * Returns false where no call waits under this id.
   */
  answerTool(id: string, result: unknown): boolean {
    return this.#answer(id, { result });
  }

  /**
   * The user's answer to what a call waits with: whether it may run, or one of the endpoint's options. False where no
   * call waits under this id.
   */
  approve(id: string, answer: boolean | string): boolean {
    const tool = this.#conversation.findTool(id)?.tool;
    if (tool?.state !== 'waiting') return false;
    if (typeof answer === 'boolean' && this.#calls.settle(id, answer)) return true;
    if (tool.approval?.by === 'client') {
      // Saved and restored: nobody is left who would run it.
      const isRefused = answer === false;
      return this.#answer(id, { result: isRefused ? REFUSED : OUTLIVED, isError: true, isRefused });
    }
    return this.answerTool(id, typeof answer === 'boolean' ? { approved: answer } : answer);
  }

  /** Takes back what a call did, where its tool has offered that. */
  undo(id: string): void {
    this.#calls.undo(id);
  }

  /** Closes the calls that nobody answered, so that a provider accepts the next request. */
  closeOpenCalls(): void {
    for (const message of this.#conversation.messages) {
      for (const call of pageCalls(message)) {
        if (!isAnswered(call)) this.#refuse(call.id, call.state === 'preparing' ? INCOMPLETE : NO_ANSWER);
      }
    }
  }

  async #start(resumed?: string): Promise<RunOutcome> {
    // Two callers may have waited for the same end: the later one stops the earlier one's run too.
    while (this.#run) await this.stop();
    this.#delivered.clear();
    this.#lastTurn = undefined;
    this.#limits = this.#host.toolLimits?.() ?? DEFAULT_TOOL_LIMITS;
    const abort = new AbortController();
    this.#abort = abort;
    const run = this.#turns(abort.signal, resumed).finally(() => {
      if (this.#run === run) this.#run = undefined;
    });
    this.#run = run;
    const outcome = await run;
    // The last answer may have come in between.
    if (!this.#run && this.#awaitsOnlyUs()) void this.run();
    this.#host.onRunEnd?.(outcome);
    return outcome;
  }

  async #turns(signal: AbortSignal, resumed: string | undefined): Promise<RunOutcome> {
    let usage: Usage | undefined;
    for (let turn = 1; ; turn += 1) {
      const answer = await this.#turn(signal, turn === 1 ? resumed : undefined);
      usage = answer.usage ?? usage;
      const message = this.#conversation.find(answer.messageId);
      const isSendable = answer.reason !== 'aborted' && message?.status === 'complete';
      const hasResults =
        isSendable &&
        hasAnsweredCalls(message) &&
        (answer.reason === 'tool_calls' || this.#hasUndelivered(message));
      const goesOn = hasResults || (isSendable && answer.paused);
      if (!goesOn || signal.aborted) {
        if (message && hasAnsweredCalls(message)) this.#conversation.settle();
        return { reason: answer.reason, complete: answer.complete, usage };
      }
      if (turn >= this.#limits.maxTurns) {
        this.#lastTurn = answer.messageId;
        this.#conversation.settle();
        return { reason: answer.reason, complete: answer.complete, usage };
      }
    }
  }

  /** One request and its answer; the calls it makes are answered when this fulfils, unless nobody took them. */
  async #turn(signal: AbortSignal, resumed: string | undefined): Promise<TurnOutcome> {
    const { messageId, events } =
      resumed === undefined ? this.#ask(signal) : this.#askForRest(resumed, signal);
    const calls = new TurnCalls({
      conversation: this.#conversation,
      host: this.#host,
      limits: this.#limits,
      messageId,
      start: (call) => this.#calls.start(call, signal),
      refuse: (id, reason) => this.#refuse(id, reason),
    });
    let usage: Usage | undefined;
    let end: TurnEnd = { reason: 'unknown', complete: false, paused: false };

    for await (const told of events) {
      const event = calls.read(this.#conversation.recognize(messageId, told));
      // Whether a tool of the page may run is not the endpoint's to ask, and no yes stands for its result.
      if (event.type === 'tool_approval' && this.#calls.isAtWork(event.id)) continue;
      if (event.type === 'usage') usage = event;
      if (event.type === 'done') {
        const { reason, complete, paused = false } = event;
        end = { reason, complete, paused };
      }
      await this.#apply(messageId, event);
      calls.note(event, signal);
    }
    // A page that never answers must not outlive the Stop button.
    await Promise.race([calls.end(signal), aborted(signal)]);
    if (signal.aborted) {
      await this.#calls.close();
      end = { reason: 'aborted', complete: false, paused: false };
      this.#conversation.apply(messageId, { type: 'done', reason: 'aborted', complete: false });
    }
    return { messageId, usage, ...end };
  }

  #ask(signal: AbortSignal): Turn {
    this.closeOpenCalls();
    const history = this.#conversation.messages;
    const { id: messageId } = this.#conversation.begin();
    return { messageId, events: this.#host.connect(history, signal) };
  }

  #askForRest(messageId: string, signal: AbortSignal): Turn {
    const history = this.#conversation.messages;
    const rest = this.#host.reconnect?.(signal);
    this.#conversation.reopen(messageId, rest ? 'same' : 'another');
    return { messageId, events: rest ?? this.#host.connect(askToContinue(history), signal) };
  }

  #hasUndelivered(message: Message): boolean {
    return pageCalls(message).some(({ id }) => !this.#delivered.has(id));
  }

  #answer(id: string, { result, isError = false, isRefused }: CallAnswer): boolean {
    const found = this.#conversation.findTool(id);
    if (!found || isAnswered(found.tool) || found.tool.state === 'preparing') return false;
    const copy = jsonCopy(result ?? null);
    if (copy === undefined) {
      return this.#answer(id, { result: 'The tool gave a result that JSON cannot hold.', isError: true });
    }
    this.#report(found.message.id, {
      type: 'tool_result',
      id,
      result: copy,
      isError,
      isRefused,
      by: 'client',
    });
    // A run that is going on finds the answer by itself.
    if (!this.#run && this.#awaitsOnlyUs()) void this.run();
    return true;
  }

  #refuse(id: string, reason: string): void {
    const messageId = this.#conversation.findTool(id)?.message.id;
    if (messageId === undefined) return;
    this.#report(messageId, { type: 'tool_result', id, result: reason, isError: true, by: 'client' });
  }

  /** A result of the page's, for everybody who waits for it. */
  #report(messageId: string, event: ToolResultEvent): void {
    const isListening = this.#run !== undefined && !this.#abort?.signal.aborted;
    if (isListening && this.#host.deliver?.(event)) this.#delivered.add(event.id);
    void this.#apply(messageId, event);
  }

  #apply(messageId: string, event: StreamEvent): Promise<void> | void {
    if (event.type === 'tool_result') this.#calls.drop(event.id);
    this.#conversation.apply(messageId, event);
    return this.#host.onEvent?.(event, messageId);
  }

  /** Whether the newest message waits for nothing but the next request. */
  #awaitsOnlyUs(): boolean {
    const last = this.#conversation.lastMessage;
    if (last?.status !== 'complete' || last.id === this.#lastTurn) return false;
    return hasAnsweredCalls(last) && this.#hasUndelivered(last);
  }
}

function hasAnsweredCalls(message: Message): boolean {
  const calls = pageCalls(message);
  return calls.length > 0 && calls.every(isAnswered);
}
