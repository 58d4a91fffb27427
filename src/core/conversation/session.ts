import type { DoneReason, Message, StreamEvent, ToolResultEvent, Usage } from '../model/index.js';
import { freezeArguments } from '../tools/index.js';
import { askToContinue } from './continuation.js';
import type { Conversation } from './conversation.js';
import { clientCalls } from './run-phase.js';

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
  /** Asks the page to answer a call. Undefined: nobody took it. `signal` fires when the run is stopped. */
  callTool?(call: ToolRequest, signal: AbortSignal): Promise<unknown> | undefined;
  /** Hands a result to an endpoint that waits for it while its answer goes on. False: it takes none. */
  deliver?(result: ToolResultEvent): boolean;
  /** A run has ended, also one that began by itself. */
  onRunEnd?(outcome: RunOutcome): void;
}

export interface SessionOptions {
  /** Requests that one question may lead to, its tool results included. Default: 16. */
  readonly maxTurns?: number;
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

const MAX_TURNS = 16;

/** What the model is told of a call that nobody answered. */
const NO_ANSWER = 'No tool on the page answered this call.';

/**
 * Drives a run: one request after the other until the answer needs no tool of the page any more. It owns the
 * abort handle; there is one run at a time, and a new one stops the one before.
 */
export class Session {
  readonly #conversation: Conversation;
  readonly #host: SessionHost;
  readonly #maxTurns: number;
  #abort: AbortController | undefined;
  #run: Promise<RunOutcome> | undefined;
  /** Calls whose results the endpoint has had before its answer ended. */
  readonly #delivered = new Set<string>();

  constructor(conversation: Conversation, host: SessionHost, options: SessionOptions = {}) {
    this.#conversation = conversation;
    this.#host = host;
    this.#maxTurns = options.maxTurns ?? MAX_TURNS;
  }

  /** The run that is going on, if there is one. */
  get running(): Promise<RunOutcome> | undefined {
    return this.#run;
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
  answerTool(id: string, result: unknown, isError = false): boolean {
    if (!isError && !isJson(result)) {
      return this.answerTool(id, 'The tool gave a result that JSON cannot hold.', true);
    }
    const messageId = this.#conversation.findTool(id)?.message.id;
    if (!messageId || !this.#conversation.answerTool(id, result, isError)) return false;
    const event: ToolResultEvent = { type: 'tool_result', id, result, isError };
    if (this.#run && this.#host.deliver?.(event)) this.#delivered.add(id);
    void this.#host.onEvent?.(event, messageId);
    // A run that is going on finds the answer by itself.
    if (!this.#run && this.#awaitsOnlyUs()) void this.run();
    return true;
  }

  /** Closes the calls that nobody answered, so that a provider accepts the next request. */
  closeOpenCalls(): void {
    for (const message of this.#conversation.messages) {
      for (const part of message.parts) {
        if (
          part.type === 'tool' &&
          part.by === 'client' &&
          part.state !== 'done' &&
          part.state !== 'failed'
        ) {
          const result = { result: NO_ANSWER, isError: true, by: 'client' } as const;
          void this.#apply(message.id, { type: 'tool_result', id: part.id, ...result });
        }
      }
    }
  }

  async #start(resumed?: string): Promise<RunOutcome> {
    // Two callers may have waited for the same end: the later one stops the earlier one's run too.
    while (this.#run) await this.stop();
    this.#delivered.clear();
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
      if (turn === this.#maxTurns) {
        this.#apply(answer.messageId, {
          type: 'error',
          code: 'limit',
          message: `The answer went on ${this.#maxTurns} times in a row and was stopped. Send a message to go on.`,
          recoverable: true,
        });
        this.#conversation.apply(answer.messageId, { type: 'done', reason: 'error', complete: false });
        return { reason: 'error', complete: false, usage };
      }
    }
  }

  /** One request and its answer; the calls it makes are answered when this fulfils, unless nobody took them. */
  async #turn(signal: AbortSignal, resumed: string | undefined): Promise<TurnOutcome> {
    const { messageId, events } =
      resumed === undefined ? this.#ask(signal) : this.#askForRest(resumed, signal);
    const called = new Set(this.#knownCalls(messageId));
    const answers: Promise<void>[] = [];
    let usage: Usage | undefined;
    let end: TurnEnd = { reason: 'unknown', complete: false, paused: false };

    for await (const event of events) {
      if (event.type === 'usage') usage = event;
      if (event.type === 'done') {
        const { reason, complete, paused = false } = event;
        end = { reason, complete, paused };
      }
      await this.#apply(messageId, event);
      if (event.type === 'tool_call' && !called.has(event.id) && !signal.aborted) {
        called.add(event.id);
        const answer = this.#call(event.id, messageId, signal);
        if (answer) answers.push(answer);
      }
    }
    // A page that never answers must not outlive the Stop button.
    await Promise.race([Promise.all(answers), aborted(signal)]);
    if (signal.aborted) {
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

  /** Calls of this message that the page was asked about already. */
  #knownCalls(messageId: string): string[] {
    const message = this.#conversation.find(messageId);
    if (!message) return [];
    return clientCalls(message).flatMap(({ id, state }) => (state === 'preparing' ? [] : [id]));
  }

  #hasUndelivered(message: Message): boolean {
    return clientCalls(message).some(({ id }) => !this.#delivered.has(id));
  }

  #call(id: string, messageId: string, signal: AbortSignal): Promise<void> | undefined {
    const tool = this.#conversation.findTool(id)?.tool;
    if (!tool || tool.by !== 'client' || tool.state !== 'running') return undefined;
    const args = freezeArguments(tool.args);
    if (!args) {
      this.answerTool(id, 'The arguments are not a JSON object. Send an object of named arguments.', true);
      return undefined;
    }
    let answer: Promise<unknown> | undefined;
    try {
      answer = this.#host.callTool?.({ id, name: tool.name, args, messageId }, signal);
    } catch (error) {
      answer = Promise.reject(error);
    }
    return answer?.then(
      (result) => void this.answerTool(id, result ?? null),
      (error: unknown) =>
        void this.answerTool(id, error instanceof Error ? error.message : String(error), true),
    );
  }

  #apply(messageId: string, event: StreamEvent): Promise<void> | void {
    this.#conversation.apply(messageId, event);
    return this.#host.onEvent?.(event, messageId);
  }

  /** Whether the newest message waits for nothing but the next request. */
  #awaitsOnlyUs(): boolean {
    const last = this.#conversation.lastMessage;
    return last?.status === 'complete' && hasAnsweredCalls(last) && this.#hasUndelivered(last);
  }
}

function hasAnsweredCalls(message: Message): boolean {
  const calls = clientCalls(message);
  return calls.length > 0 && calls.every((call) => call.state === 'done' || call.state === 'failed');
}

/** Whether a result can be sent: no cycles, no big integers. */
function isJson(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
