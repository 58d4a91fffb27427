import { createTokenizer, type Tokenizer } from './highlight/tokenizer.js';
import { createMarkdownStream } from './markdown-stream.js';
import type {
  BlockPatch,
  EnginePort,
  EngineRequest,
  EngineTokens,
  EngineUpdate,
  MarkdownStream,
} from './protocol.js';

/** How much text one task takes in, in UTF-16 units: in place a task must not hold up the page. */
const MAX_TASK_TEXT = 8192;
/** Milliseconds after which the end of a stream goes on in another task. */
const MAX_TASK_TIME = 8;

/**
 * Milliseconds after which reading that much text is given up, when it happens twice in a row. It takes a few; where it
 * takes this many, what follows would take longer and longer (lists nested hundreds deep).
 */
const MAX_READING_TIME = 250;

type TokenizeRequest = Extract<EngineRequest, { type: 'tokenize' }>;

interface ServedStream {
  readonly markdown: MarkdownStream;
  /** What has come and is not taken in yet. */
  waiting: string;
  /** UTF-16 units taken in. */
  received: number;
  ended: boolean;
  /** The last piece took longer than it may. */
  isSlow: boolean;
  /** The end, once it is being worked out. */
  steps: Generator<void, BlockPatch[]> | undefined;
}

/** Works out the end for a while. Undefined where there is more to do. */
function finishForAWhile(served: ServedStream): BlockPatch[] | undefined {
  served.steps ??= served.markdown.finish();
  const pause = performance.now() + MAX_TASK_TIME;
  while (performance.now() < pause) {
    const step = served.steps.next();
    if (step.done) return step.value;
  }
  return undefined;
}

/**
 * Answers the requests that come in at `port`, in a worker or beside the page's own code.
 *
 * A burst of deltas costs one flush: what is due is done in a later task, and a message to itself is queued behind
 * the requests that have come by then. (A timer would do it too, but is slowed down where a page is hidden and the
 * engine runs in place.) One task does one piece of work for one stream, and tells tokens apart for a while, so that
 * in place the page gets its turn in between, and no stream waits for the whole of another.
 */
export function serveMarkdown(port: EnginePort): void {
  const streams = new Map<number, ServedStream>();
  const dueStreams = new Set<number>();
  const tokenizers = new Map<number, Tokenizer | undefined>();
  let dueLines: TokenizeRequest[] = [];
  let taken = 0;
  let isScheduled = false;
  const { port1: nextTask, port2: self } = new MessageChannel();

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    self.postMessage(null);
  }

  /** One piece of work. */
  function work(stream: number, served: ServedStream): EngineUpdate {
    const delta = served.waiting.slice(0, MAX_TASK_TEXT);
    if (delta !== '' || !served.ended) {
      served.waiting = served.waiting.slice(delta.length);
      served.received += delta.length;
      served.markdown.append(delta);
      const hasMore = served.waiting !== '';
      // With nothing behind it the end shows it, too.
      if (hasMore || !served.ended) {
        const start = performance.now();
        let patches = served.markdown.flush();
        // Once may be a machine that is busy with other things.
        if (performance.now() - start <= MAX_READING_TIME) served.isSlow = false;
        else if (served.isSlow) {
          served.markdown.giveUp();
          patches = served.markdown.flush();
        } else served.isSlow = true;
        const plain = served.markdown.isPlain;
        return { stream, patches, received: served.received, ended: false, hasMore, plain };
      }
    }
    const patches = finishForAWhile(served);
    if (patches) streams.delete(stream);
    // An answer comes after each piece of work, also where it has nothing to say.
    const ended = patches !== undefined;
    const { received, markdown } = served;
    return { stream, patches: patches ?? [], received, ended, hasMore: !ended, plain: markdown.isPlain };
  }

  function workOnStream(): EngineUpdate | undefined {
    const [stream] = dueStreams;
    const served = stream === undefined ? undefined : streams.get(stream);
    if (stream === undefined || !served) return undefined;
    dueStreams.delete(stream);
    const update = work(stream, served);
    if (update.hasMore) dueStreams.add(stream);
    return update;
  }

  function tokenize({ code, language, text }: TokenizeRequest): EngineTokens {
    if (!tokenizers.has(code)) tokenizers.set(code, createTokenizer(language));
    return { code, tokens: tokenizers.get(code)?.next(text) ?? [] };
  }

  function tokenizeForAWhile(): EngineTokens[] {
    const lines = dueLines;
    let done = 0;
    const tokens: EngineTokens[] = [];
    for (const pause = performance.now() + MAX_TASK_TIME; performance.now() < pause; done += 1) {
      const request = lines[done];
      if (!request) break;
      tokens.push(tokenize(request));
    }
    dueLines = lines.slice(done);
    return tokens;
  }

  nextTask.onmessage = () => {
    isScheduled = false;
    port.postMessage({ type: 'done', update: workOnStream(), tokens: tokenizeForAWhile(), taken });
    if (dueStreams.size > 0 || dueLines.length > 0) schedule();
  };

  function take(request: EngineRequest): void {
    switch (request.type) {
      case 'open': {
        const { stream, reading, limits, plain } = request;
        const markdown = createMarkdownStream({ ...reading, limits });
        if (plain) markdown.giveUp();
        streams.set(stream, {
          markdown,
          waiting: '',
          received: 0,
          ended: false,
          isSlow: false,
          steps: undefined,
        });
        break;
      }
      case 'append': {
        const served = streams.get(request.stream);
        if (!served) break;
        served.waiting += request.delta;
        dueStreams.add(request.stream);
        break;
      }
      case 'end': {
        const served = streams.get(request.stream);
        if (!served) break;
        served.ended = true;
        dueStreams.add(request.stream);
        break;
      }
      case 'dispose':
        streams.delete(request.stream);
        dueStreams.delete(request.stream);
        break;
      case 'tokenize':
        dueLines.push(request);
        break;
      case 'forget_code':
        tokenizers.delete(request.code);
        dueLines = dueLines.filter(({ code }) => code !== request.code);
        break;
      case 'close':
        port.onmessage = null;
        nextTask.close();
        break;
    }
  }

  port.onmessage = ({ data: requests }) => {
    taken += 1;
    for (const request of requests) take(request);
    if (dueStreams.size > 0 || dueLines.length > 0) schedule();
  };
  port.postMessage({ type: 'ready' });
}
