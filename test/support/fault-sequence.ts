// Random sequences of faults: what a server has to say, and how each of its connections goes wrong.
import { writeEvent, type WireEvent, type WireName } from './fault-wire.js';
import type { Exchange, RecordedRequest } from './raw-http.js';

/** A piece of an answer: text, or a call of the page's tool. */
export type Piece =
  { readonly type: 'text'; readonly text: string } | { readonly type: 'call'; readonly id: string };

/** How a connection goes wrong. All but the first two send some of the answer first. */
export type Fault =
  | { readonly kind: 'reset before the head' }
  | { readonly kind: 'reset after the head' }
  | { readonly kind: 'status'; readonly status: number }
  | {
      readonly kind: 'reset' | 'close' | 'bad chunk' | 'clean end' | 'stall';
      /** How much of what is left is sent, from 0 to 1; the cut is at a byte, not at an event. */
      readonly share: number;
      /** How many events before what was asked for are told again. */
      readonly overlap: number;
      /** The whole answer is told again. */
      readonly fromStart: boolean;
      /** After how many events the last ones are doubled; 0: never. */
      readonly doubleEvery: number;
    };

/** What one sequence is about. All of it follows from its seed. */
export interface Sequence {
  readonly wire: WireName;
  readonly forced: boolean;
  /** The rest of an answer is asked for by `GET` at an address of its own. */
  readonly hasResumeAddress: boolean;
  /** The answer to the question, and the one to the results of its tools, where it has any. */
  readonly turns: readonly (readonly Piece[])[];
  readonly faults: readonly Fault[];
  /** Bytes of one write, at most. */
  readonly maxWrite: number;
}

const WIRES: readonly WireName[] = ['native', 'native-ids', 'native-seq', 'plain-ids'];
const LETTERS = [...'abc ÄΩ中🙂👩‍💻\n"\\'];
const STATUSES = [429, 500, 502, 503, 504];
const BREAKS = ['reset', 'close', 'bad chunk', 'clean end', 'stall'] as const;

/** Makes the sequence of a seeded random source. */
export function createSequence(random: () => number, number: number): Sequence {
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
  const wire = pick(WIRES);
  const isNative = wire !== 'plain-ids';

  function piecesOf(turn: number, hasCalls: boolean): Piece[] {
    return Array.from({ length: 1 + below(30) }, (_, index): Piece => {
      if (hasCalls && random() < 0.1) return { type: 'call', id: `call-${number}-${turn}-${index}` };
      const noise = Array.from({ length: below(6) }, () => pick(LETTERS)).join('');
      return { type: 'text', text: `${index}:${noise} ` };
    });
  }

  function fault(): Fault {
    const dice = random();
    if (dice < 0.08) return { kind: 'reset before the head' };
    if (dice < 0.14) return { kind: 'reset after the head' };
    if (dice < 0.24) return { kind: 'status', status: pick(STATUSES) };
    return {
      kind: pick(BREAKS),
      share: random(),
      overlap: random() < 0.5 ? 0 : below(8),
      fromStart: random() < 0.1,
      doubleEvery: random() < 0.2 ? 1 + below(5) : 0,
    };
  }

  const first = piecesOf(1, isNative && random() < 0.6);
  const hasCalls = first.some(({ type }) => type === 'call');
  return {
    wire,
    forced: isNative && random() < 0.5,
    hasResumeAddress: isNative && random() < 0.3,
    turns: hasCalls ? [first, piecesOf(2, false)] : [first],
    faults: Array.from({ length: below(7) }, fault),
    maxWrite: pick([1, 7, 64, 65_536]),
  };
}

/** What a server has seen of one sequence. */
export interface SequenceLog {
  readonly requests: RecordedRequest[];
  /** What it did with each request, in words. */
  readonly connections: string[];
}

function eventsOf(piece: Piece, isPlain: boolean): readonly Record<string, unknown>[] {
  if (piece.type === 'text') return [isPlain ? { text: piece.text } : { type: 'text', content: piece.text }];
  const { id } = piece;
  return [
    { type: 'tool_call_start', id, name: 'lookup', by: 'client' },
    { type: 'tool_call_delta', id, delta: `{"id":` },
    { type: 'tool_call_delta', id, delta: `"${id}"}` },
    { type: 'tool_call', id, name: 'lookup', args: { id } },
  ];
}

/** The events of an answer, numbered from 1. */
function numberedEvents(pieces: readonly Piece[], wire: WireName): WireEvent[] {
  return pieces
    .flatMap((piece) => eventsOf(piece, wire === 'plain-ids'))
    .map((data, index) => {
      const seq = index + 1;
      const hasSeq = wire === 'native' || wire === 'native-seq';
      return {
        ...(wire !== 'native-seq' && { id: String(seq) }),
        data: hasSeq ? { seq, ...data } : data,
      };
    });
}

async function writeInPieces(exchange: Exchange, bytes: Buffer, maxWrite: number): Promise<void> {
  // A kilobyte of single bytes says as much as all of them.
  const step = Math.max(maxWrite, Math.ceil(bytes.length / 1024));
  for (let from = 0; from < bytes.length && !exchange.hasLeft; from += step) {
    await exchange.write(bytes.subarray(from, from + step));
  }
}

/** Answers the requests of one sequence; each uses up one of its faults, until none is left. */
export function serveSequence({
  wire,
  turns,
  faults,
  maxWrite,
}: Sequence): SequenceLog & { answer(exchange: Exchange): Promise<void> } {
  const requests: RecordedRequest[] = [];
  const connections: string[] = [];
  const left = [...faults];
  const isPlain = wire === 'plain-ids';
  /** How far each turn's answer has surely reached the client: it asked for what follows. */
  const done: WireEvent = { data: isPlain ? '[DONE]' : { type: 'done', reason: 'stop', complete: true } };

  function turnOf({ path, body }: RecordedRequest): number {
    const resumed = /\/resume\/turn-(\d)$/.exec(path)?.[1];
    if (resumed !== undefined) return Number(resumed);
    return JSON.stringify(body).includes('"role":"tool"') ? 1 : 0;
  }

  /** The events as the connection tells them: from `first`, and with the last two doubled now and then. */
  function tell(events: readonly WireEvent[], first: number, doubleEvery: number): Buffer[] {
    const told = events.slice(first).flatMap((event, index) => {
      const isDoubled = doubleEvery > 0 && index > 0 && index % doubleEvery === 0;
      return isDoubled ? [event, ...events.slice(first + index - 1, first + index + 1)] : [event];
    });
    return told.map((event) => Buffer.from(writeEvent(event)));
  }

  async function answer(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    requests.push(request);
    const turn = turnOf(request);
    const events = numberedEvents(turns[turn] ?? [], wire);
    const cursor = Number(request.lastEventId ?? 0);
    const fault = left.shift();
    connections.push(`turn ${turn}, after ${cursor} of ${events.length}: ${JSON.stringify(fault ?? 'good')}`);
    const start = isPlain
      ? ''
      : writeEvent({ data: { type: 'start', streamId: `turn-${turn}`, messageId: `message-${turn}` } });
    const head = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

    if (!fault) {
      exchange.writeHead(200, head);
      const bytes = Buffer.concat([
        Buffer.from(start),
        ...tell(events, cursor, 0),
        Buffer.from(writeEvent(done)),
      ]);
      await writeInPieces(exchange, bytes, maxWrite);
      exchange.end();
      return;
    }
    if (fault.kind === 'reset before the head') {
      exchange.reset();
      return;
    }
    if (fault.kind === 'status') {
      exchange.writeHead(fault.status, { 'retry-after-ms': '1', 'content-length': '0' });
      exchange.end();
      return;
    }
    exchange.writeHead(200, head, false);
    if (fault.kind === 'reset after the head') {
      exchange.reset();
      return;
    }
    const first = fault.fromStart ? 0 : Math.max(0, cursor - fault.overlap);
    // Only numbers tell a doubled event from two of the same id.
    const told = tell(events, first, wire.endsWith('ids') ? 0 : fault.doubleEvery);
    const bytes = Buffer.concat([Buffer.from(start), ...told]);
    let cut = Math.floor(bytes.length * fault.share);
    // An answer that ends cleanly before it has begun is an empty one; a plain one is whole when it ends cleanly.
    const beginning = start.length + (told[0]?.length ?? 0);
    const kind = fault.kind === 'clean end' && (isPlain || bytes.length < beginning) ? 'reset' : fault.kind;
    if (kind === 'clean end') cut = Math.max(cut, beginning);
    await writeInPieces(exchange, bytes.subarray(0, cut), maxWrite);
    if (kind === 'reset') exchange.reset();
    else if (kind === 'close') exchange.close();
    else if (kind === 'clean end') exchange.end();
    else if (kind === 'bad chunk') {
      exchange.writeRaw('no size\r\n');
      exchange.close();
    } else {
      await exchange.left;
      exchange.close();
    }
  }

  return { requests, connections, answer };
}
