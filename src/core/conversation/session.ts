import {
  aborted,
  type DoneReason,
  HANDED_OVER,
  jsonCopy,
  type Message,
  type StreamEvent,
  type ToolResultEvent,
  type Usage,
} from '../model/index.js';
import { DEFAULT_TOOL_LIMITS, type ToolLimits } from '../tools/index.js';
import { askToContinue } from './continuation.js';
import type { Conversation } from './conversation.js';
import { brokenOff, callsAtWork, callsNotAskedYet, type LeftRun, LOST, noMore } from './left-run.js';
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
  /** Of the run that is going on. */
  #turns = 0;
  #messageId = '';

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

  /** The run that is going on, as another page would have to know it; undefined where none is. */
  get left(): LeftRun | undefined {
    if (!this.#run) return undefined;
    return { messageId: this.#messageId, turns: this.#turns, delivered: [...this.#delivered] };
  }

  /** Asks for an answer to the conversation as it stands. Fulfils when the run has ended, however it ended. */
  async run(): Promise<RunOutcome> {
    return this.#start();
  }

  /** Goes on with the answer `messageId`, which stopped short. Fulfils like `run`. */
  async resume(messageId: string): Promise<RunOutcome> {
    return this.#start(messageId);
  }

  /**
   * Goes on with a run that another page has left, its messages being in the conversation already. Calls that nobody
   * has heard of are asked about again; those that ran are answered as failed, as nobody knows how far they came.
   * Fulfils like `run`.
   */
  async takeOver(left: LeftRun): Promise<RunOutcome> {
    return this.#start(undefined, left);
  }

  /** Ends a run that another page has left: its answer stays as it is, and its calls have failed. */
  giveUp({ messageId }: LeftRun): void {
    const message = this.#conversation.find(messageId);
    if (!message) return;
    this.#lose([...callsAtWork(message), ...callsNotAskedYet(message)]);
    if (message.status !== 'streaming') return;
    this.#conversation.apply(messageId, { type: 'done', reason: 'unknown', complete: false });
  }

  /** Lets go of the run, as another page goes on with it. */
  handOver(): void {
    this.#abort?.abort(HANDED_OVER);
  }

  /** The user is to say whether the run goes on, as they were to on another page. */
  awaitGoOn(): void {
    this.#lastTurn = this.#conversation.lastMessage?.id;
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
    if (tool.approval?.by !== undefined) {
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

  async #start(resumed?: string, left?: LeftRun): Promise<RunOutcome> {
    // Two callers may have waited for the same end: the later one stops the earlier one's run too.
    while (this.#run) await this.stop();
    this.#delivered.clear();
    for (const id of left?.delivered ?? []) this.#delivered.add(id);
    this.#lastTurn = undefined;
    this.#limits = this.#host.toolLimits?.() ?? DEFAULT_TOOL_LIMITS;
    const abort = new AbortController();
    this.#abort = abort;
    const run = this.#takeTurns(abort.signal, resumed, left).finally(() => {
      if (this.#run === run) this.#run = undefined;
    });
    this.#run = run;
    const outcome = await run;
    // The last answer may have come in between.
    if (!this.#run && this.#awaitsOnlyUs()) void this.run();
    this.#host.onRunEnd?.(outcome);
    return outcome;
  }

  async #takeTurns(
    signal: AbortSignal,
    resumed: string | undefined,
    left: LeftRun | undefined,
  ): Promise<RunOutcome> {
    let usage: Usage | undefined;
    const first = left?.turns ?? 1;
    for (let turn = first; ; turn += 1) {
      this.#turns = turn;
      const answer = await (turn === first ? this.#turn(signal, resumed, left) : this.#turn(signal));
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
  async #turn(signal: AbortSignal, resumed?: string, left?: LeftRun): Promise<TurnOutcome> {
    const { messageId, events } = this.#begin(signal, resumed, left);
    this.#messageId = messageId;
    const calls = new TurnCalls({
      conversation: this.#conversation,
      host: this.#host,
      limits: this.#limits,
      messageId,
      start: (call) => this.#calls.start(call, signal),
      confirm: (call) => this.#calls.confirm(call, signal),
      refuse: (id, reason) => this.#refuse(id, reason),
    });
    let usage: Usage | undefined;
    let end: TurnEnd = { reason: 'unknown', complete: false, paused: false };
    const message = left && this.#conversation.find(messageId);
    let lost = message ? callsAtWork(message) : [];
    if (message?.status === 'complete') end = { reason: 'tool_calls', complete: true, paused: false };
    if (left) calls.askAgain();

    for await (const told of events) {
      // Where the endpoint waits for results while it answers, there is a connection for them now.
      this.#lose(lost);
      lost = [];
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
    this.#lose(lost);
    // A page that never answers must not outlive the Stop button.
    await Promise.race([calls.end(signal), aborted(signal)]);
    if (signal.aborted) {
      await this.#calls.close();
      end = { reason: 'aborted', complete: false, paused: false };
      this.#conversation.apply(messageId, { type: 'done', reason: 'aborted', complete: false });
    }
    return { messageId, usage, ...end };
  }

  #begin(signal: AbortSignal, resumed: string | undefined, left: LeftRun | undefined): Turn {
    if (resumed !== undefined) return this.#askForRest(resumed, signal);
    if (!left) return this.#ask(signal);
    const { messageId } = left;
    if (this.#conversation.find(messageId)?.status !== 'streaming') return { messageId, events: noMore() };
    this.#conversation.reopen(messageId, 'same');
    return { messageId, events: this.#host.reconnect?.(signal) ?? brokenOff() };
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

  #lose(ids: readonly string[]): void {
    for (const id of ids) {
      const tool = this.#conversation.findTool(id)?.tool;
      if (!tool || isAnswered(tool)) continue;
      // Nobody is asked any more, and the model is told that it failed.
      this.#conversation.updateTool(id, { state: 'running', approval: undefined });
      this.#refuse(id, LOST);
    }
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
