// Runs a conversation against a script of faults, and writes down all that came of it.
import {
  Conversation,
  messageText,
  Session,
  streamEvents,
  type Message,
  type RunOutcome,
  type StreamEvent,
  type StreamEventsOptions,
  type ToolRequest,
} from '../../src/core/index.js';
import type { Connection, RecordedRequest, Script, ScriptOptions, Sent } from './fault-server.js';
import { startFaultServer } from './fault-server.js';
import { createWire } from './fault-wire.js';

type Reconnect = Extract<StreamEvent, { type: 'reconnect' }>;

/** What a run came to. */
export interface FaultRun {
  readonly script: Script;
  readonly requests: readonly RecordedRequest[];
  /** Of every request of the session and its answer, in order. */
  readonly answers: readonly (readonly StreamEvent[])[];
  readonly events: readonly StreamEvent[];
  readonly reconnects: readonly Reconnect[];
  readonly errors: readonly Extract<StreamEvent, { type: 'error' }>[];
  readonly done: readonly Extract<StreamEvent, { type: 'done' }>[];
  readonly messages: readonly Message[];
  /** The first answer as the conversation holds it. */
  readonly message: Message | undefined;
  /** All text of the assistant's. */
  readonly text: string;
  readonly calls: readonly ToolRequest[];
  readonly outcome: RunOutcome;
}

export interface FaultRunOptions extends ScriptOptions {
  /** For `streamEvents`. */
  readonly stream?: StreamEventsOptions | undefined;
  /** The run is stopped after this event. */
  readonly stopAfter?: ((event: StreamEvent, text: string) => boolean) | undefined;
  /** Path of `resume-src`, within the script. */
  readonly resumePath?: string | undefined;
}

/** Milliseconds of the waits that runs have announced, each as often as it is due. */
const announced: number[] = [];
const platformTimeout = globalThis.setTimeout;

/** A run has announced that it waits so long. */
export function announceWait(delay: number): void {
  announced.push(delay);
}

/**
 * Lets the waits that `announceWait` tells of pass at once. All other timers take their time: an idle timeout is
 * about real bytes. Returns the function that ends it.
 */
export function hurryAnnouncedWaits(): () => void {
  const hurried = (callback: (...args: unknown[]) => void, delay = 0, ...args: unknown[]): NodeJS.Timeout => {
    const index = announced.indexOf(delay);
    if (index >= 0) announced.splice(index, 1);
    return platformTimeout(callback, index >= 0 ? 0 : delay, ...args);
  };
  globalThis.setTimeout = Object.assign(hurried, platformTimeout) as typeof setTimeout;
  return () => {
    globalThis.setTimeout = platformTimeout;
    announced.length = 0;
  };
}

/** Tells a script what its client has taken in. */
function createReaderNews(word: (k: number) => string): {
  tell(text: string, calls: readonly string[]): void;
  seen(sent: Sent): Promise<void>;
} {
  const waiting = new Set<() => void>();
  let text = '';
  let calls: readonly string[] = [];
  const has = ({ token, call }: Sent): boolean =>
    (token === undefined || text.includes(word(token))) && (call === undefined || calls.includes(call));
  return {
    tell(newText, newCalls) {
      text = newText;
      calls = newCalls;
      for (const look of waiting) look();
    },
    seen: (sent) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!has(sent)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Plays a script to a session that asks one question and answers every call with what it was called with. */
export async function runFaults(
  connections: readonly Connection[],
  { stream = {}, stopAfter, resumePath, ...options }: FaultRunOptions = {},
): Promise<FaultRun> {
  const server = await startFaultServer();
  const stopHurrying = hurryAnnouncedWaits();
  const { word } = createWire(options.wire ?? 'native', options);
  const news = createReaderNews(word);
  const script = await server.play(connections, { seen: news.seen, ...options });
  const conversation = new Conversation();
  conversation.append({ role: 'user', content: 'question' });
  const answers: StreamEvent[][] = [];
  const calls: ToolRequest[] = [];

  function text(): string {
    return conversation.messages
      .filter(({ role }) => role === 'assistant')
      .map(messageText)
      .join('');
  }

  const session = new Session(conversation, {
    async *connect(messages, signal) {
      const answer: StreamEvent[] = [];
      answers.push(answer);
      const resumeUrl = resumePath && new URL(resumePath, script.url).href;
      for await (const event of streamEvents(script.url, {
        idleTimeout: 10_000,
        ...stream,
        ...(resumeUrl && { resumeUrl }),
        messages,
        signal,
      })) {
        answer.push(event);
        yield event;
      }
    },
    async onEvent(event) {
      const heard = text();
      news.tell(
        heard,
        calls.map(({ id }) => id),
      );
      if (stopAfter?.(event, heard)) void session.stop();
      else if (event.type === 'reconnect') {
        announceWait(event.delay);
        await script.passRefusal();
      }
    },
    async callTool(call) {
      calls.push(call);
      news.tell(
        text(),
        calls.map(({ id }) => id),
      );
      return call.args;
    },
  });
  try {
    const outcome = await session.run();
    await script.over();
    const [failure] = script.failures;
    if (failure) throw failure;
    const events = answers.flat();
    return {
      script,
      requests: script.requests,
      answers,
      events,
      reconnects: events.filter((event) => event.type === 'reconnect'),
      errors: events.filter((event) => event.type === 'error'),
      done: events.filter((event) => event.type === 'done'),
      messages: conversation.messages,
      message: conversation.messages.find(({ role }) => role === 'assistant'),
      text: text(),
      calls,
      outcome,
    };
  } finally {
    stopHurrying();
    await server.close();
  }
}
