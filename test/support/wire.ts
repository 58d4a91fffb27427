import {
  createFramer,
  type Frame,
  type FramerOptions,
  type StreamEvent,
  type Decoder,
} from '../../src/core/index.js';
import { createRandom } from './random.js';

/** How bytes arrive. */
export type Split = (bytes: Uint8Array) => Uint8Array[];

/** All at once. */
export const whole: Split = (bytes) => [bytes];

/** One byte after the other. */
export const byteByByte: Split = (bytes) => Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));

/** In pieces that end at `count` random places. */
export function atRandomPlaces(count: number, seed: number): Split {
  return (bytes) => {
    const random = createRandom(seed);
    const places = Uint32Array.from({ length: count + 2 }, () => Math.floor(random() * (bytes.length + 1)));
    places[0] = 0;
    places[1] = bytes.length;
    places.sort();
    return Array.from(places.subarray(1), (place, index) => bytes.subarray(places[index], place));
  };
}

/** What a framer makes of bytes, as a transport feeds it: one decoder, flushed at the end. */
export function* frameBytes(
  pieces: Iterable<Uint8Array>,
  options: FramerOptions = {},
): Generator<Frame, void, undefined> {
  const framer = createFramer(options);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const piece of pieces) yield* framer.push(decoder.decode(piece, { stream: true }));
  yield* framer.push(decoder.decode());
  yield* framer.end();
}

/** All events of frames, the last ones included. */
export function decodeFrames(frames: Iterable<Frame>, decoder: Decoder): StreamEvent[] {
  const events: StreamEvent[] = [];
  for (const frame of frames) events.push(...decoder.decode(frame));
  return [...events, ...decoder.finish()];
}

/** What a reader gets out of events. */
export interface Answer {
  text: string;
  reasoning: string;
  /** Of the page's tools. */
  toolCalls: { id: string; name: string; args: unknown }[];
  /** Calls of the endpoint's own tools, whole or not. */
  serverTools: { id: string; type: string }[];
  /** Whole calls, whoever runs the tool. */
  calls: { id: string; name: string; args: unknown }[];
  toolResults: { id: string; result: unknown; isError: boolean }[];
  sources: string[];
  files: number;
  usage: Extract<StreamEvent, { type: 'usage' }> | undefined;
  errors: Extract<StreamEvent, { type: 'error' }>[];
  done: Extract<StreamEvent, { type: 'done' }>[];
}

/** Sums events up. */
export function readAnswer(events: Iterable<StreamEvent>): Answer {
  const answer: Answer = {
    text: '',
    reasoning: '',
    toolCalls: [],
    serverTools: [],
    calls: [],
    toolResults: [],
    sources: [],
    files: 0,
    usage: undefined,
    errors: [],
    done: [],
  };
  for (const event of events) {
    if (event.type === 'text') answer.text += event.content;
    else if (event.type === 'text_set') answer.text = event.content;
    else if (event.type === 'reasoning') answer.reasoning += event.content;
    else if (event.type === 'tool_call_start' && event.by === 'server') {
      answer.serverTools.push({ id: event.id, type: event.name });
    } else if (event.type === 'tool_call') {
      const { id, name, args } = event;
      answer.calls.push({ id, name, args });
      if (!answer.serverTools.some((tool) => tool.id === id)) answer.toolCalls.push({ id, name, args });
    } else if (event.type === 'tool_result') {
      const { id, result, isError = false } = event;
      answer.toolResults.push({ id, result, isError });
    } else if (event.type === 'source') answer.sources.push(event.url ?? event.id);
    else if (event.type === 'file') answer.files += 1;
    else if (event.type === 'usage') answer.usage = event;
    else if (event.type === 'error') answer.errors.push(event);
    else if (event.type === 'done') answer.done.push(event);
  }
  return answer;
}
