import { createTokenizer, type Tokenizer } from './highlight/tokenizer.js';
import { createMarkdownStream } from './markdown-stream.js';
import type { BlockPatch, EnginePort, EngineRequest, MarkdownStream } from './protocol.js';

function finish(markdown: MarkdownStream): BlockPatch[] {
  const steps = markdown.finish();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

type StreamRequest = Extract<EngineRequest, { math?: boolean }>;

interface ServedStream {
  readonly markdown: MarkdownStream;
  /** UTF-16 units taken in. */
  received: number;
  ended: boolean;
}

/**
 * Answers the requests that come in at `port`, in a worker or beside the page's own code.
 *
 * A burst of deltas costs one flush: what is due is done in a later task, and a message to itself is queued behind
 * the requests that have come by then. (A timer would do it too, but is slowed down where a page is hidden and the
 * engine runs in place.) One task flushes one stream, so that in place the page gets its turn in between.
 */
export function serveMarkdown(port: EnginePort): void {
  const streams = new Map<number, ServedStream>();
  const due = new Set<number>();
  const tokenizers = new Map<number, Tokenizer | undefined>();
  const { port1: nextTask, port2: self } = new MessageChannel();

  function streamOf({ stream: id, math }: StreamRequest): ServedStream {
    let served = streams.get(id);
    if (!served) {
      served = { markdown: createMarkdownStream({ math }), received: 0, ended: false };
      streams.set(id, served);
    }
    if (due.size === 0) self.postMessage(null);
    due.add(id);
    return served;
  }

  nextTask.onmessage = () => {
    const [stream] = due;
    if (stream === undefined) return;
    due.delete(stream);
    if (due.size > 0) self.postMessage(null);
    const served = streams.get(stream);
    if (!served) return;
    const { markdown, received, ended } = served;
    if (ended) streams.delete(stream);
    const patches = ended ? finish(markdown) : markdown.flush();
    port.postMessage({ type: 'patches', stream, patches, received, ended });
  };

  port.onmessage = ({ data: request }) => {
    switch (request.type) {
      case 'append': {
        const served = streamOf(request);
        served.markdown.append(request.delta);
        served.received += request.delta.length;
        break;
      }
      case 'end':
        streamOf(request).ended = true;
        break;
      case 'dispose':
        streams.delete(request.stream);
        due.delete(request.stream);
        break;
      case 'tokenize': {
        const { code, language, text } = request;
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
