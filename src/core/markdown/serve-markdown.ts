import { createTokenizer, type Tokenizer } from './highlight/tokenizer.js';
import { createMarkdownStream } from './markdown-stream.js';
import type { BlockPatch, EnginePort, MarkdownStream } from './protocol.js';

/** How much text one task takes in, in UTF-16 units: in place a task must not hold up the page. */
const MAX_TASK_TEXT = 16_384;
/** Milliseconds after which the end of a stream goes on in another task. */
const MAX_TASK_TIME = 8;

/**
 * Milliseconds after which reading that much text is given up, when it happens twice in a row. It takes a few; where it
 * takes this many, what follows would take longer and longer (lists nested hundreds deep).
 */
const MAX_READING_TIME = 250;

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
 * engine runs in place.) One task does one piece of work for one stream, so that in place the page gets its turn
 * in between, and no stream waits for the whole of another.
 */
export function serveMarkdown(port: EnginePort): void {
  const streams = new Map<number, ServedStream>();
  const due = new Set<number>();
  const tokenizers = new Map<number, Tokenizer | undefined>();
  const { port1: nextTask, port2: self } = new MessageChannel();

  function makeDue(id: number): void {
    if (due.size === 0) self.postMessage(null);
    due.add(id);
  }

  function answer(
    stream: number,
    { received, markdown }: ServedStream,
    patches: BlockPatch[],
    ended: boolean,
  ): void {
    port.postMessage({ type: 'patches', stream, patches, received, ended, plain: markdown.isPlain });
  }

  /** One piece of work. Says whether there is more to do for the stream. */
  function work(stream: number, served: ServedStream): boolean {
    const delta = served.waiting.slice(0, MAX_TASK_TEXT);
    if (delta !== '' || !served.ended) {
      served.waiting = served.waiting.slice(delta.length);
      served.received += delta.length;
      served.markdown.append(delta);
      // With nothing behind it the end shows it, too.
      if (served.waiting !== '' || !served.ended) {
        const start = performance.now();
        let patches = served.markdown.flush();
        // Once may be a machine that is busy with other things.
        if (performance.now() - start <= MAX_READING_TIME) served.isSlow = false;
        else if (served.isSlow) {
          served.markdown.giveUp();
          patches = served.markdown.flush();
        } else served.isSlow = true;
        answer(stream, served, patches, false);
        return served.waiting !== '';
      }
    }
    const patches = finishForAWhile(served);
    // An answer comes after each piece of work, also where it has nothing to say.
    answer(stream, served, patches ?? [], patches !== undefined);
    if (patches) streams.delete(stream);
    return patches === undefined;
  }

  nextTask.onmessage = () => {
    const [stream] = due;
    if (stream === undefined) return;
    due.delete(stream);
    const served = streams.get(stream);
    if (served) {
      port.postMessage({ type: 'working', on: stream });
      if (work(stream, served)) due.add(stream);
    }
    if (due.size > 0) self.postMessage(null);
  };

  port.onmessage = ({ data: request }) => {
    switch (request.type) {
      case 'open': {
        const { stream, math, limits, plain } = request;
        const markdown = createMarkdownStream({ math, limits });
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
        makeDue(request.stream);
        break;
      }
      case 'end': {
        const served = streams.get(request.stream);
        if (!served) break;
        served.ended = true;
        makeDue(request.stream);
        break;
      }
      case 'dispose':
        streams.delete(request.stream);
        due.delete(request.stream);
        break;
      case 'tokenize': {
        const { code, language, text } = request;
        port.postMessage({ type: 'working', on: code });
        if (!tokenizers.has(code)) tokenizers.set(code, createTokenizer(language));
        const tokens = tokenizers.get(code)?.next(text) ?? [];
        port.postMessage({ type: 'tokens', code, tokens });
        break;
      }
      case 'forget_code':
        tokenizers.delete(request.code);
        break;
      case 'close':
        port.onmessage = null;
        nextTask.close();
        break;
    }
  };
  port.postMessage({ type: 'ready' });
}
