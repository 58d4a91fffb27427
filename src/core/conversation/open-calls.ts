import type { ToolApproval } from '../model/index.js';
import type { Conversation } from './conversation.js';
import type { SessionHost, ToolRequest } from './session.js';

/** What a tool of the page may do while it answers a call. */
export interface ToolContext {
  /** Fires when the run is stopped or the call timed out. */
  readonly signal: AbortSignal;
  readonly callId: string;
  /**
   * Asks the user on the call's row; false: refused. `question` is shown above the arguments. While the user is asked
   * the call cannot time out.
   *
   * @throws {DOMException} `AbortError`: the run was stopped
   */
  approve(question?: string): Promise<boolean>;
  /** Offers an Undo button on the call's row; called once when pressed, and then the button goes. */
  offerUndo(undo: () => void): void;
}

/** What a call has come to. */
export interface CallAnswer {
  readonly result: unknown;
  readonly isError?: boolean;
  readonly isRefused?: boolean;
}

/** What the calls need of the session. */
export interface OpenCallsOptions {
  readonly conversation: Conversation;
  readonly host: Pick<SessionHost, 'callTool' | 'confirms'>;
  /** Milliseconds; 0: any. Asked for each call. */
  readonly timeout: () => number;
  readonly answer: (id: string, answer: CallAnswer) => void;
}

/** Something that the user is asked. */
interface Question {
  readonly settle: (approved: boolean) => void;
  /** The answer does not matter any more. */
  readonly drop: () => void;
}

/** What the model is told of a call that the user did not allow. */
export const REFUSED = 'The user refused this call. Do not repeat it; ask what they want instead.';
const STOPPED = 'The user stopped the run before they allowed this call.';
/** What the model is told of a call that was at work when the run was stopped, and went on. */
const STOPPED_AT_WORK = 'The user stopped the run while this call was at work. It may have had its effect.';

/** Milliseconds that can be stopped, and started anew. */
interface Countdown {
  start(): void;
  stop(): void;
}

function createCountdown(milliseconds: number, onEnd: () => void): Countdown {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    start() {
      clearTimeout(timer);
      if (milliseconds > 0) timer = setTimeout(onEnd, milliseconds);
    },
    stop: () => clearTimeout(timer),
  };
}

/** The calls that the page is at work on: what the user is asked about them, and what can be taken back. */
export class OpenCalls {
  readonly #options: OpenCallsOptions;
  readonly #questions = new Map<string, Question>();
  readonly #undos = new Map<string, () => void>();
  /** By the ids of the calls that tools are at work on. They stand still while the user is asked anything. */
  readonly #countdowns = new Map<string, Countdown>();

  constructor(options: OpenCallsOptions) {
    this.#options = options;
    const { conversation } = options;
    conversation.subscribe(({ type }) => {
      if (type !== 'messages') return;
      for (const id of this.#undos.keys()) {
        if (!conversation.findTool(id)?.tool.canUndo) this.#undos.delete(id);
      }
    });
  }

  /** Whether a tool of the page is at work on a call. */
  isAtWork(id: string): boolean {
    return this.#countdowns.has(id);
  }

  /** The run was stopped: what is still at work when its tool has had time to hear of that is closed. */
  async close(): Promise<void> {
    if (this.#countdowns.size === 0) return;
    // A tool that ends on the signal says better what has become of its call, and takes no more than microtasks.
    await new Promise((resolve) => setTimeout(resolve));
    for (const id of this.#countdowns.keys()) {
      this.#options.answer(id, { result: STOPPED_AT_WORK, isError: true });
    }
  }

  /** Has a call answered, after the user was asked where that is wanted. Undefined: nobody took it. */
  start(call: ToolRequest, signal: AbortSignal): Promise<void> | undefined {
    return this.#options.host.confirms?.(call.name) ? this.confirm(call, signal) : this.#run(call, signal);
  }

  /** Has a call answered after the user was asked. */
  async confirm(call: ToolRequest, signal: AbortSignal): Promise<void> {
    let approved = false;
    try {
      approved = await this.#ask(call.id, { by: 'page' }, signal);
    } catch {
      this.#options.answer(call.id, { result: STOPPED, isError: true, isRefused: true });
      return;
    }
    if (approved) await this.#run(call, signal);
    else this.#options.answer(call.id, { result: REFUSED, isError: true, isRefused: true });
  }

  /** The user's answer to the question that a call waits with. False: it waits with none of ours. */
  settle(id: string, approved: boolean): boolean {
    const question = this.#questions.get(id);
    question?.settle(approved);
    return question !== undefined;
  }

  /** Somebody else answers the call: nobody waits for the user any more. */
  drop(id: string): void {
    this.#questions.get(id)?.drop();
  }

  /** Takes back what a call did. Once: then there is nothing to take back. */
  undo(id: string): void {
    const undo = this.#undos.get(id);
    this.#undos.delete(id);
    this.#options.conversation.updateTool(id, { canUndo: false });
    undo?.();
  }

  #run(call: ToolRequest, runSignal: AbortSignal): Promise<void> | undefined {
    const { conversation, host, answer } = this.#options;
    const { id } = call;
    const timeout = this.#options.timeout();
    const expiry = new AbortController();
    const expired = new Promise<never>((_resolve, reject) => {
      expiry.signal.addEventListener('abort', () => reject(expiry.signal.reason), { once: true });
    });
    const countdown = createCountdown(timeout, () =>
      expiry.abort(new DOMException(`The tool gave no answer within ${timeout} ms.`, 'TimeoutError')),
    );
    const signal = AbortSignal.any([runSignal, expiry.signal]);
    let isRefused = false;
    const context: ToolContext = {
      signal,
      callId: id,
      approve: async (question) => {
        const approved = await this.#ask(id, { by: 'tool', message: question }, signal);
        isRefused = !approved;
        return approved;
      },
      offerUndo: (undo) => {
        this.#undos.set(id, undo);
        conversation.updateTool(id, { canUndo: true });
      },
    };
    const work = begin(() => host.callTool?.(call, context));
    if (!work) return undefined;
    this.#countdowns.set(id, countdown);
    if (this.#questions.size === 0) countdown.start();
    runSignal.addEventListener('abort', countdown.stop, { once: true });
    const end = (): void => {
      countdown.stop();
      if (this.#countdowns.get(id) === countdown) this.#countdowns.delete(id);
    };
    return Promise.race([work, expired]).then(
      (result) => {
        end();
        answer(id, { result: result ?? null, isRefused });
      },
      (error: unknown) => {
        end();
        const result =
          error instanceof Error || error instanceof DOMException ? error.message : String(error);
        answer(id, { result, isError: true, isRefused });
      },
    );
  }

  #ask(id: string, approval: ToolApproval, signal: AbortSignal): Promise<boolean> {
    const { conversation } = this.#options;
    if (this.#questions.has(id)) return Promise.reject(new Error('The user is being asked already.'));
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        signal.removeEventListener('abort', drop);
        this.#questions.delete(id);
        if (this.#questions.size === 0 && !signal.aborted) {
          for (const countdown of this.#countdowns.values()) countdown.start();
        }
        conversation.updateTool(id, { state: 'running', approval: undefined });
      };
      const drop = (): void => {
        end();
        reject(signal.reason ?? new DOMException('The call was answered elsewhere.', 'AbortError'));
      };
      signal.addEventListener('abort', drop);
      for (const countdown of this.#countdowns.values()) countdown.stop();
      this.#questions.set(id, {
        drop,
        settle(approved) {
          end();
          resolve(approved);
        },
      });
      conversation.updateTool(id, { state: 'waiting', approval });
    });
  }
}

/** A tool that throws is one that rejects. */
function begin(work: () => Promise<unknown> | undefined): Promise<unknown> | undefined {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}
