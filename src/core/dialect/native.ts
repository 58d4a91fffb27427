import type { ErrorEvent, Frame, StreamEvent } from '../model/index.js';
import { isRecord, recordOf, textOf } from '../model/json.js';
import { encodeChatRequest, USAGE_WANTED } from './chat-request.js';
import type { Decoder, Dialect } from './dialect.js';
import { unreadableEvents } from './errors.js';
import { createEventCounter } from './event-counter.js';
import { createNativeReader, isNamed } from './native-reader.js';
import { createSequence, type SequenceStep } from './sequence.js';

interface Payload {
  readonly frame: Frame;
  readonly json: unknown;
}

function gapEvent(first: number, last: number): ErrorEvent {
  return {
    type: 'error',
    code: 'protocol',
    message: `The stream left out ${first === last ? `event ${first}` : `events ${first} to ${last}`}; something is missing here.`,
    recoverable: true,
  };
}

const OTHER_STREAM =
  'The endpoint answered with another stream than the one that was asked for. Send the message again.';

/**
 * Decodes what `createNativeReader` reads, in the order of `seq`. `isNative`: `seq` is known to grow by one, and an
 * answer that just ends stopped short.
 */
function createNativeDecoder(isNative: boolean): Decoder {
  const reader = createNativeReader(isNative);
  const sequence = createSequence<Payload>();
  const countOf = createEventCounter();
  let streamId: string | undefined;
  let messageId: string | undefined;
  /** Id of the last event that was given. */
  let lastId = '';
  let sawIds = false;
  /** Events have a `seq`, so that ids are no count. */
  let numbered = false;
  let foreignFrames = 0;
  let hadGap = false;
  let ended = false;

  function give(events: StreamEvent[]): StreamEvent[] {
    return events.map((event) => {
      if (event.type !== 'done') return event;
      ended = true;
      return { ...event, complete: event.complete && !hadGap };
    });
  }

  function readStep(step: SequenceStep<Payload>): StreamEvent[] {
    if (ended) return [];
    if ('gap' in step) {
      hadGap = true;
      return [gapEvent(step.gap.first, step.gap.last)];
    }
    const { frame, json } = step.item;
    lastId = frame.id;
    return give(reader.read(frame, json));
  }

  function numberOf(frame: Frame, json: unknown): number | undefined {
    // Half an event comes again, under the same number.
    if (!frame.closed && json === undefined) return undefined;
    const { seq } = recordOf(json);
    if (!Number.isInteger(seq)) return numbered ? undefined : countOf(frame);
    // Ids may count something else: the numbers begin anew.
    if (!numbered) sequence.restart();
    numbered = true;
    // What its name says holds also where its data counts something else.
    return isNamed(frame) && Number(seq) <= (sequence.last ?? -Infinity) ? undefined : Number(seq);
  }

  /** Remembers which stream and which message this is. `other`: the event is of another one. */
  function identify(json: unknown): 'same' | 'other stream' | 'other message' {
    if (!isRecord(json) || !reader.isNative) return 'same';
    const isStart = json['type'] === 'start';
    const stream = isStart ? textOf(json['streamId']) : undefined;
    streamId ??= stream;
    if (stream !== undefined && stream !== streamId) return 'other stream';
    const message = textOf(json['messageId']);
    if (isStart) messageId ??= message;
    return messageId === undefined || message === undefined || message === messageId
      ? 'same'
      : 'other message';
  }

  /** This number has come, and says nothing. */
  function pass(number: number | undefined): void {
    if (number !== undefined && !numbered) sequence.pass(number);
  }

  function giveUp(): StreamEvent[] {
    return sequence.giveUp().flatMap(readStep);
  }

  return {
    get unknownFrames() {
      return reader.unknownFrames + foreignFrames;
    },
    get endsSilently() {
      return reader.endsSilently && !sequence.hasGap;
    },
    get lacksEvents() {
      return !ended && sequence.lacksItems;
    },
    decode(frame) {
      if (ended) return [];
      sawIds ||= frame.id !== '';
      const json = reader.parse(frame);
      const identity = identify(json);
      if (identity === 'other stream') return give(unreadableEvents(OTHER_STREAM));
      for (const id of frame.passedIds ?? []) pass(countOf({ ...frame, id }));
      if (identity === 'other message') {
        foreignFrames += 1;
        if (!numbered) pass(countOf(frame));
        return [];
      }
      return sequence.take(numberOf(frame, json), { frame, json }, reader.isNative).flatMap(readStep);
    },
    resume({ url, method, body }, lastEventId) {
      const same = { url, method, body, from: 'cursor' } as const;
      if (lastEventId !== undefined) {
        // The same request with that id is what everybody does, but events before it are missing here.
        return sequence.hasGap ? { ...same, lastEventId: lastId || String(sequence.last) } : undefined;
      }
      if (!reader.isNative || sequence.last === undefined) return undefined;
      // Ids that were taken back leave the beginning only; what was here before is dropped by its number.
      return sawIds ? same : { ...same, lastEventId: String(sequence.last) };
    },
    giveUp,
    finish() {
      if (ended) return [];
      const events = giveUp();
      return ended ? events : [...events, ...give(reader.finish())];
    },
  };
}

/**
 * The event union of this package in JSON. An answer is complete when it says `done` and no number is missing. It is
 * gone on with by the same request and the number of the last event, where the events have no ids.
 */
export const nativeDialect: Dialect = {
  name: 'native',
  createDecoder: () => createNativeDecoder(true),
  encode: (input) => encodeChatRequest(input, { conversationId: input.conversationId }),
};

/** The shapes people make themselves. An answer that just ends is complete. */
export const plainDialect: Dialect = {
  name: 'plain',
  createDecoder: () => createNativeDecoder(false),
  // As before anything was known: a lone error looks plain too, and must not change what is sent next.
  encode: (input) => encodeChatRequest(input, USAGE_WANTED),
};
