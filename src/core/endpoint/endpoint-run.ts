import type { Decoder, DialectName, Reply, Resumption } from '../dialect/dialect.js';
import { createDialectDecoder } from '../dialect/registry.js';
import {
  HANDED_OVER,
  type LeftAnswer,
  StreamError,
  type RunInput,
  type RunRequest,
  type StreamEvent,
  type ToolResultEvent,
} from '../model/index.js';
import {
  failureEvents,
  readEvents,
  toErrorEvent,
  type ConnectionEnd,
  type PipelineObserver,
} from '../pipeline.js';
import { retryDelay } from '../transport/retry-schedule.js';
import type { Transport } from '../transport/transport.js';
import type { UrlHealth } from '../transport/url-health.js';
import { waitForNetwork, watchNetwork, type Connectivity } from './connectivity.js';
import { createCursor, type Cursor } from './cursor.js';
import { leaveAnswer } from './left-answer.js';
import { resumeRequest, runRequest, toRunRequest, type AskedRequest } from './request.js';
import { findResumption, type AnswerPosition } from './resumption.js';
import { DEFAULT_MAX_ANSWER_CHARS, type EndpointSettings } from './settings.js';
import { createUrlChoice, type UrlChoice } from './url-choice.js';

/** Events that leave nothing behind for a second answer to double. */
const INVISIBLE: ReadonlySet<StreamEvent['type']> = new Set(['start', 'step', 'usage', 'error', 'done']);

export interface EndpointObserver extends PipelineObserver {
  /** The answer's dialect, as soon as it shows; again when a later frame corrects a first impression. */
  onDialect?(name: DialectName): void;
  /** A request is about to go out this way. */
  onConnect?(transport: Transport['name'], url: string): void;
}

/** What the runs of one endpoint share. */
export interface EndpointContext {
  readonly health: UrlHealth;
  readonly connectivity: Connectivity;
  /** Gives a number from 0 to 1. */
  readonly random: () => number;
  transportOf(url: string, settings: EndpointSettings): Transport;
  /** The dialect to ask in: as set, or as an earlier answer of this URL has told. */
  dialectOf(url: string, settings: EndpointSettings): DialectName | 'auto';
  /** An answer of this URL has told its dialect. */
  remember(url: string, name: DialectName): void;
  /** Tells the endpoint that the reader has stopped a run, where it wants to know. Never throws. */
  cancel(settings: EndpointSettings, conversationId: string, streamId: string | undefined): void;
  /** Answers what the endpoint has asked. Never throws. */
  reply(settings: EndpointSettings, url: string, reply: Reply): void;
}

/** What a run is made of. */
export interface EndpointRunOptions {
  readonly settings: EndpointSettings;
  readonly input: RunInput;
  readonly observer?: EndpointObserver | undefined;
  /** The same for every attempt, so that the endpoint can tell a repeated request from a new one. */
  readonly idempotencyKey: string;
  /** Where another page has left the answer: its rest is asked for. Default: the whole answer is. */
  readonly left?: LeftAnswer | undefined;
}

/** Why another connection is made. */
interface Attempt {
  readonly error: StreamError;
  /** Milliseconds; undefined: at once, and without a word. */
  readonly delay?: number;
}

/** How much an event adds to what was given. */
function sizeOf(event: StreamEvent): number {
  switch (event.type) {
    case 'text':
    case 'reasoning':
      return event.content.length;
    case 'tool_call_delta':
      return event.delta.length;
    case 'data':
    case 'opaque':
      // An endpoint can send these for ever without getting anywhere.
      return 0;
    default:
      return 1;
  }
}

/** A failure after which the same again may succeed, without anybody doing anything about it. */
function isPassing({ code, recoverable }: StreamError): boolean {
  return recoverable && (code === 'network' || code === 'timeout' || code === 'http');
}

function answerTooLong(limit: number): StreamError {
  return new StreamError('limit', `The answer is longer than ${limit} characters and was stopped there.`);
}

function leftBehind(): StreamError {
  return new StreamError('network', 'The page was left before the answer was complete.', {
    recoverable: true,
  });
}

function anotherAnswer(): StreamError {
  return new StreamError('protocol', 'The endpoint began another answer in place of going on.');
}

/** What `work` gives; undefined as soon as `signal` fires. The page's own functions may take for ever. */
function unlessAborted<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener('abort', stop);
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

/**
 * One request and its answer, over as many connections as it takes. A connection that is refused, breaks or falls
 * silent is made again: with the same request while nothing visible has arrived, else only where what follows can be
 * asked for. What had arrived stands, and nothing is given twice.
 */
export class EndpointRun {
  readonly #context: EndpointContext;
  readonly #settings: EndpointSettings;
  readonly #input: RunInput;
  readonly #observer: EndpointObserver;
  readonly #idempotencyKey: string;
  readonly #cursor: Cursor;
  #decoder: Decoder | undefined;
  #dialect: DialectName | undefined;
  /** Where another page has left the answer. */
  readonly #left: LeftAnswer | undefined;
  #streamId: string | undefined;
  #streamRetry: number | undefined;
  readonly #urls: UrlChoice;
  /** The request for the whole answer. */
  #asked: AskedRequest | undefined;
  /** How the next connection goes on; undefined: it asks for the whole answer. */
  #resumption: Resumption | undefined;
  #attempt = 0;
  #reconnects = 0;
  /** Headers were refreshed since the endpoint has answered last. */
  #refreshedHeaders = false;
  /** A missing event is asked for again once. */
  #gap: StreamError | undefined;
  /** Why the connection was given up on this side, where a change of the network was the reason. */
  #lost: StreamError | undefined;
  /** The endpoint has reported a failure of its own. */
  #failed = false;
  /** How the connection ended that the attempts since then try to go on with. */
  #broken: ConnectionEnd | undefined;
  /** The answer is told again, and nothing of it has come yet. */
  #restarts = false;
  /** Size of what was given: in this telling, and at most. */
  #given = 0;
  #most = 0;
  /** Of the connection: its status, whether it is waited for, what it has brought, and whether an event was in it. */
  #status = 0;
  #waits = false;
  #bytes = 0;
  #answered = false;

  constructor(
    context: EndpointContext,
    { settings, input, observer = {}, idempotencyKey, left }: EndpointRunOptions,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#urls = createUrlChoice(context.health, settings.urls);
    this.#input = input;
    this.#observer = observer;
    this.#idempotencyKey = idempotencyKey;
    this.#cursor = createCursor(left?.cursor);
    this.#left = left;
    if (left) this.#takeUp(left);
  }

  #takeUp({ source, dialect, streamId, url, method, from, lastEventId, given }: LeftAnswer): void {
    this.#context.remember(source, dialect as DialectName);
    this.#streamId = streamId;
    this.#resumption = { url, method, body: undefined, lastEventId, from };
    // Nothing of it is here, but its question must not be asked twice.
    this.#most = Math.max(given, 1);
    this.#given = this.#most;
    this.#broken = { kind: 'failed', error: leftBehind() };
  }

  /** What it takes to go on with the answer in another page; undefined where that is not possible. */
  get left(): LeftAnswer | undefined {
    const position = this.#position;
    const facts = { source: this.#urls.url, idempotencyKey: this.#idempotencyKey, given: this.#most };
    // Left again before anything of it has come, it is where it was.
    return (position && leaveAnswer(this.#settings, { ...position, ...facts })) ?? this.#left;
  }

  /** The answer has ended short of its end, and the rest of it can still be asked for. */
  get resumable(): boolean {
    return this.#broken !== undefined && this.#resumption !== undefined;
  }

  /** Answers what the endpoint has asked while it goes on answering. False: it waits for no such request. */
  answer(result: Pick<ToolResultEvent, 'id' | 'result' | 'isError'>): boolean {
    const url = this.#asked?.sent.url;
    const reply = this.#decoder?.answer?.(result);
    if (url === undefined || !reply) return false;
    this.#context.reply(this.#settings, url, reply);
    return true;
  }

  /**
   * Sends the request and gives the events of the answer. Never throws; the last event is `done`. Called again after
   * that, it goes on where the answer broke, if it is `resumable`.
   */
  async *events(signal: AbortSignal): AsyncGenerator<StreamEvent, void, undefined> {
    if (this.#urls.url === '') {
      const message = 'src is empty. Set the "src" attribute to the URL of your chat endpoint.';
      yield* failureEvents(new StreamError('network', message));
      return;
    }
    this.#attempt = 0;
    this.#gap = undefined;
    this.#urls.begin();
    for (;;) {
      const end = yield* this.#connect(signal);
      if (end.kind === 'done') return;
      if (signal.aborted) {
        this.#resumption = undefined;
        if (this.#asked && signal.reason !== HANDED_OVER)
          this.#context.cancel(this.#settings, this.#input.conversationId, this.#streamId);
        yield { type: 'done', reason: 'aborted', complete: false };
        return;
      }
      const next = this.#next(end);
      if (!next) {
        yield* this.#close(end);
        return;
      }
      if (next.delay !== undefined) yield* this.#pause(next.error, next.delay, signal);
    }
  }

  async *#connect(signal: AbortSignal): AsyncGenerator<StreamEvent, ConnectionEnd, undefined> {
    this.#answered = false;
    this.#status = 0;
    let request: RunRequest | undefined;
    try {
      request = await unlessAborted(() => this.#request(), signal);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      // What made one request may fail to make another while the network is bad: it is asked again.
      const recoverable = this.#asked !== undefined;
      const message = `The request could not be made: ${reason}`;
      const error = new StreamError('network', message, { cause, recoverable });
      return { kind: 'failed', error };
    }
    if (!request) return { kind: 'ended' };
    const transport = this.#context.transportOf(request.url, this.#settings);
    const drop = new AbortController();
    this.#observer.onConnect?.(transport.name, request.url);
    const events = readEvents(
      request,
      {
        transport,
        decoder: this.#openDecoder(transport.name),
        signal: AbortSignal.any([signal, drop.signal]),
        observer: this.#watchConnection(),
      },
      (frame) => {
        if (this.#decoder?.lacksEvents) this.#askForGap(drop);
        const isNew = this.#cursor.take(frame);
        if (this.#cursor.foreign) drop.abort(anotherAnswer());
        return isNew && !this.#cursor.foreign;
      },
    );
    const unwatch = this.#watchNetwork(drop);
    try {
      for (;;) {
        this.#waits = true;
        const { done, value } = await events.next();
        this.#waits = false;
        if (done) return value;
        if (this.#isStray(value)) drop.abort(anotherAnswer());
        else yield* this.#take(value);
        if (this.#given > this.#maxAnswerChars) drop.abort(answerTooLong(this.#maxAnswerChars));
      }
    } finally {
      unwatch();
      await events.return({ kind: 'ended' });
    }
  }

  /** The next request, with the reading side set to what it will bring. */
  async #request(): Promise<RunRequest> {
    const settings = { ...this.#settings, dialect: this.#context.dialectOf(this.#urls.url, this.#settings) };
    const draft = {
      url: this.#urls.url,
      settings,
      input: this.#input,
      idempotencyKey: this.#idempotencyKey,
    };
    const resumption = this.#resumption;
    if (resumption?.from === 'cursor') this.#cursor.reconnect();
    else {
      this.#cursor.restart();
      this.#decoder = undefined;
      this.#restarts = this.#most > 0;
    }
    if (resumption) this.#asked ??= await runRequest(draft);
    if (resumption && this.#asked) {
      const { lastEventId } = resumption;
      const request = await resumeRequest(draft, this.#asked, resumption);
      return toRunRequest(request, settings, { streamId: this.#streamId, lastEventId });
    }
    this.#streamId = undefined;
    this.#asked = await runRequest(draft);
    return toRunRequest(this.#asked.sent, settings);
  }

  #openDecoder(transport: Transport['name']): Decoder {
    if (this.#decoder) return this.#decoder;
    const { dialect, textPath, doneToken } = this.#settings;
    // Over a socket nobody else talks.
    const fallback =
      transport === 'websocket' ? 'native' : ((this.#left?.dialect as DialectName | undefined) ?? 'auto');
    const name = dialect === 'auto' ? fallback : dialect;
    const learn = (learnt: DialectName): void => {
      this.#dialect = learnt;
      this.#observer.onDialect?.(learnt);
    };
    const detect = (detected: DialectName): void => {
      this.#context.remember(this.#urls.url, detected);
      learn(detected);
    };
    this.#decoder = createDialectDecoder(name, detect, { textPath, doneToken });
    if (name !== 'auto') learn(name);
    return this.#decoder;
  }

  #watchConnection(): PipelineObserver {
    const observer = this.#observer;
    return {
      onResponse: (response) => {
        this.#status = response.status;
        observer.onResponse?.(response);
      },
      onBytes: (byteLength) => {
        this.#bytes += byteLength;
        observer.onBytes?.(byteLength);
      },
      onRetry: (milliseconds) => {
        this.#streamRetry = milliseconds;
        observer.onRetry?.(milliseconds);
      },
      onEventId: (id) => this.#cursor.note(id),
      onFrame: (frame) => observer.onFrame?.(frame),
      onChannel: (send) => observer.onChannel?.(send),
    };
  }

  /** Gives up a connection that a change of the network has ended, where nothing is lost by that. */
  #watchNetwork(drop: AbortController): () => void {
    return watchNetwork(this.#context.connectivity, {
      received: () => this.#bytes,
      waits: () => this.#waits,
      lose: (code, message) => {
        if (this.#findResumption()?.from !== 'cursor') return;
        this.#lost = new StreamError(code, message, { recoverable: true });
        drop.abort(this.#lost);
      },
    });
  }

  /** What comes without an id, in place of the rest of an answer whose events had ids, is none of it. */
  #isStray(event: StreamEvent): boolean {
    const isRest = this.#resumption?.from === 'cursor' && this.#most > 0;
    return isRest && !INVISIBLE.has(event.type) && !this.#cursor.inPlace;
  }

  get #maxAnswerChars(): number {
    return this.#settings.maxAnswerChars ?? DEFAULT_MAX_ANSWER_CHARS;
  }

  *#take(event: StreamEvent): Generator<StreamEvent, void, undefined> {
    if (!this.#answered) this.#urls.succeed();
    this.#answered = true;
    this.#refreshedHeaders = false;
    if (event.type === 'error') this.#failed = true;
    if (event.type === 'start') this.#streamId ??= event.streamId;
    if (!INVISIBLE.has(event.type)) {
      if (this.#restarts) {
        this.#restarts = false;
        this.#given = 0;
        yield { type: 'restart' };
      }
      this.#given += sizeOf(event);
      if (this.#given > this.#most) {
        this.#most = this.#given;
        this.#attempt = 0;
        this.#broken = undefined;
        this.#urls.begin();
      }
    }
    yield event;
  }

  #askForGap(drop: AbortController): void {
    if (this.#gap || !this.#findResumption()) return;
    this.#gap = new StreamError('protocol', 'The stream left out an event.', { recoverable: true });
    drop.abort(this.#gap);
  }

  /** What to do about a connection that has ended; undefined: the answer ends with it. */
  #next(end: ConnectionEnd): Attempt | undefined {
    const error = end.kind === 'failed' ? end.error : this.#cutError();
    if (!error) return undefined;
    if (error.status === 401 && typeof this.#settings.headers === 'function' && !this.#refreshedHeaders) {
      this.#refreshedHeaders = true;
      return { error };
    }
    // A decoder that has read nothing yet does not know what its predecessor knew.
    const resumption = (this.#answered ? undefined : this.#resumption) ?? this.#findResumption();
    if (this.#most > 0) {
      this.#broken ??= end;
      this.#resumption = resumption;
    } else this.#resumption = resumption?.from === 'cursor' ? resumption : undefined;
    if (!isPassing(error) && error !== this.#gap) {
      // The endpoint will not go on with it for anybody.
      this.#resumption = undefined;
      return undefined;
    }
    if (this.#most > 0 ? !resumption : this.#failed) return undefined;
    const isElsewhere = this.#resumption && this.#resumption.url !== this.#asked?.sent.url;
    if (!this.#answered && !isElsewhere && this.#urls.refuse(error.retryAfter)) return { error };
    // That the network changed is nobody's failure.
    if (error !== this.#lost) {
      if (this.#attempt >= this.#settings.maxRetries) return undefined;
      this.#attempt += 1;
    }
    this.#reconnects += 1;
    const { retryAfter } = error;
    const { random } = this.#context;
    const attempt = Math.max(this.#attempt, 1);
    const facts = {
      attempt,
      reconnects: this.#reconnects,
      retryAfter,
      streamRetry: this.#streamRetry,
      random,
    };
    return { error, delay: retryDelay(facts) };
  }

  /** The error of an answer that was cut, if it was, and asking for the rest can help. */
  #cutError(): StreamError | undefined {
    if (this.#status === 204) {
      // There is nothing, or nothing any more.
      this.#resumption = undefined;
      return undefined;
    }
    if (this.#decoder?.endsSilently || !this.#findResumption()) return undefined;
    return new StreamError('network', 'The connection ended before the answer was complete.', {
      recoverable: true,
    });
  }

  #findResumption(): Resumption | undefined {
    const position = this.#position;
    return position && findResumption(this.#settings, position);
  }

  get #position(): AnswerPosition | undefined {
    const asked = this.#asked;
    const decoder = this.#decoder;
    if (!asked || !decoder) return undefined;
    return {
      asked: asked.sent,
      decoder,
      dialect: this.#dialect,
      cursor: this.#cursor,
      streamId: this.#streamId,
      conversationId: this.#input.conversationId,
    };
  }

  /** Tells of the wait, and waits. */
  async *#pause(
    error: StreamError,
    delay: number,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent, void, undefined> {
    const { connectivity } = this.#context;
    let change: 'ready' | 'lost';
    do {
      const offline = !connectivity.available;
      yield {
        type: 'reconnect',
        attempt: this.#attempt,
        delay: offline ? 0 : delay,
        offline,
        error: toErrorEvent(error),
      };
      change = await waitForNetwork(connectivity, delay, error.retryAfter !== undefined, signal);
    } while (change === 'lost' && !signal.aborted);
  }

  /** The last events of an answer that is not gone on with. */
  *#close(end: ConnectionEnd): Generator<StreamEvent, void, undefined> {
    // What broke the answer says more than why it could not be mended.
    const cause = this.#broken ?? end;
    if (cause.kind === 'failed') {
      const events = this.#decoder?.giveUp?.() ?? [];
      yield* events;
      if (events.at(-1)?.type !== 'done') yield* failureEvents(cause.error);
      return;
    }
    yield* this.#decoder?.finish() ?? [];
    // It has said its last word; whoever goes on by hand needs a new one.
    this.#decoder = undefined;
  }
}
