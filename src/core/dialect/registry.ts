import type { Frame, ResponseInfo, StreamEvent } from '../model/index.js';
import { a2aDialect } from './a2a.js';
import { agUiDialect } from './ag-ui.js';
import { aiSdkUiDialect } from './ai-sdk-ui.js';
import { anthropicDialect } from './anthropic.js';
import { cohereDialect } from './cohere.js';
import { cozeDialect } from './coze.js';
import { detectDialect, detectFromHead, type Detection } from './detect.js';
import type { Decoder, Dialect, DialectName } from './dialect.js';
import { difyDialect } from './dify.js';
import { flowiseDialect } from './flowise.js';
import { geminiDialect } from './gemini.js';
import { geminiInteractionsDialect } from './gemini-interactions.js';
import { langGraphDialect } from './langgraph.js';
import { langServeDialect } from './langserve.js';
import { mcpDialect } from './mcp.js';
import { n8nDialect } from './n8n.js';
import { nativeDialect, plainDialect } from './native.js';
import { ollamaDialect } from './ollama.js';
import { ollamaGenerateDialect } from './ollama-generate.js';
import { openAiAssistantsDialect } from './openai-assistants.js';
import { openAiChatDialect } from './openai-chat.js';
import { openAiCompletionsDialect } from './openai-completions.js';
import { openAiResponsesDialect } from './openai-responses.js';
import { createPathDecoder, type CustomShape } from './path.js';
import { isHeartbeat } from './plain-shape.js';
import { replicateDialect } from './replicate.js';
import { tgiDialect } from './tgi.js';
import { watsonxDialect } from './watsonx.js';
import { writerCompletionsDialect } from './writer-completions.js';

/** Frames after which an undecided answer is taken for what it looks like. */
const MAX_UNDECIDED_FRAMES = 12;

/** All dialects, by the alphabet of their names. */
const DIALECTS: readonly Dialect[] = [
  a2aDialect,
  agUiDialect,
  aiSdkUiDialect,
  anthropicDialect,
  cohereDialect,
  cozeDialect,
  difyDialect,
  flowiseDialect,
  geminiDialect,
  geminiInteractionsDialect,
  langGraphDialect,
  langServeDialect,
  mcpDialect,
  n8nDialect,
  nativeDialect,
  ollamaDialect,
  ollamaGenerateDialect,
  openAiAssistantsDialect,
  openAiChatDialect,
  openAiCompletionsDialect,
  openAiResponsesDialect,
  plainDialect,
  replicateDialect,
  tgiDialect,
  watsonxDialect,
  writerCompletionsDialect,
];

const BY_NAME = Object.fromEntries(DIALECTS.map((dialect) => [dialect.name, dialect])) as Readonly<
  Record<DialectName, Dialect>
>;

/** The names that `dialect` takes, beside `auto`, in alphabetical order. */
export const DIALECT_NAMES: readonly DialectName[] = DIALECTS.map(({ name }) => name);

/** The dialect of a name. */
export function getDialect(name: DialectName): Dialect {
  return BY_NAME[name];
}

/**
 * The dialect to ask in. The first request cannot wait for an answer to tell, so `auto` asks as OpenAI's Chat
 * Completions does, which most endpoints understand.
 */
export function requestDialect(name: DialectName | 'auto'): Dialect {
  return getDialect(name === 'auto' ? 'openai-chat' : name);
}

/** Whether an event says something that is not on the screen yet when its frame was shown before. */
function isNews(event: StreamEvent): boolean {
  return event.type === 'done' || (event.type === 'error' && event.code === 'protocol');
}

interface HeldFrame {
  readonly frame: Frame;
  /** Its events were given already. */
  readonly shown: boolean;
}

function createDetectingDecoder(onDetected: (name: DialectName) => void): Decoder {
  let name: DialectName | undefined;
  let decoder = plainDialect.createDecoder();
  /** What the head of the answer said. */
  let expected: DialectName | undefined;
  let head: ResponseInfo | undefined;
  // The frames so far, while the dialect may still turn out to be another.
  let held: HeldFrame[] | undefined = [];
  let ended = false;

  function become(next: DialectName): void {
    if (next === name) return;
    if (next !== 'plain') {
      decoder = getDialect(next).createDecoder();
      if (head) decoder.onResponse?.(head);
    }
    name = next;
    onDetected(next);
  }

  function switchTo(next: DialectName, past: readonly HeldFrame[]): StreamEvent[] {
    if (next === name) return [];
    become(next);
    // The new decoder has to know what has happened; what is on the screen already is not said twice.
    return past.flatMap(({ frame, shown }) => {
      const events = decoder.decode(frame);
      if (!shown) return events;
      // What was shown behind a gap must not be held back behind it as well.
      const missing = decoder.giveUp?.() ?? [];
      return [...events, ...missing].filter(isNews);
    });
  }

  function detect(frame: Frame): Detection {
    if (expected !== undefined && frame.framing === 'sse') return { dialect: expected, decisive: true };
    return detectDialect(frame, held?.at(-1)?.frame);
  }

  function decode(frame: Frame): StreamEvent[] {
    if (!held) return decoder.decode(frame);
    const { dialect, decisive } = detect(frame);
    if (decisive) {
      const past = held;
      held = undefined;
      return [...switchTo(dialect, past), ...decoder.decode(frame)];
    }
    let events: StreamEvent[] = [];
    if (dialect !== undefined) {
      become(dialect);
      events = decoder.decode(frame);
    }
    if (!isHeartbeat(frame)) held.push({ frame, shown: events.length > 0 });
    if (held.length >= MAX_UNDECIDED_FRAMES) held = undefined;
    return events;
  }

  function give(events: StreamEvent[]): StreamEvent[] {
    ended = events.at(-1)?.type === 'done';
    return events;
  }

  return {
    get unknownFrames() {
      return decoder.unknownFrames;
    },
    get endsSilently() {
      return decoder.endsSilently ?? false;
    },
    get lacksEvents() {
      return decoder.lacksEvents ?? false;
    },
    onResponse(response) {
      head = response;
      expected = detectFromHead(response);
      decoder.onResponse?.(response);
    },
    decode: (frame) => (ended ? [] : give(decode(frame))),
    resume: (asked, lastEventId) => decoder.resume?.(asked, lastEventId),
    answer: (result) => decoder.answer?.(result),
    giveUp: () => (ended ? [] : give(decoder.giveUp?.() ?? [])),
    finish() {
      if (ended) return [];
      ended = true;
      return decoder.finish();
    },
  };
}

/**
 * Makes the decoder of one run. With `auto` the answer itself tells the dialect, usually by its first frame;
 * `onDetected` is told at once, and again when a later frame corrects a first impression. With `auto` and `plain`, a
 * `custom` shape is read by its rules, and is plain; other dialects know better.
 */
export function createDialectDecoder(
  name: DialectName | 'auto',
  onDetected: (name: DialectName) => void = () => {},
  custom: CustomShape = {},
): Decoder {
  if ((custom.textPath || custom.doneToken) && (name === 'auto' || name === 'plain')) {
    if (name === 'auto') onDetected('plain');
    return createPathDecoder(custom);
  }
  return name === 'auto' ? createDetectingDecoder(onDetected) : getDialect(name).createDecoder();
}
