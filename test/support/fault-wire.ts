/**
 * How the events of a scripted answer are written down:
 * - `native`: the native dialect, each event with its SSE id and its `seq`
 * - `native-ids`: the native dialect, SSE ids only
 * - `native-seq`: the native dialect, `seq` only
 * - `plain-ids`: objects as people make them, SSE ids only
 */
export type WireName = 'native' | 'native-ids' | 'native-seq' | 'plain-ids';

/** How the lines of an event end. */
export type Newline = '\n' | '\r\n' | '\r';

/** An SSE event before it is text. */
export interface WireEvent {
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  /** A string stands as it is; anything else becomes JSON. */
  readonly data?: unknown;
}

/** Writes an event of an event stream (WHATWG HTML, section 9.2.5). */
export function writeEvent({ id, event, data }: WireEvent, newline: Newline = '\n'): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(data === undefined ? [] : [`data: ${typeof data === 'string' ? data : JSON.stringify(data)}`]),
    '',
    '',
  ];
  return lines.join(newline);
}

/** The events of a scripted answer, in one way of writing. */
export interface Wire {
  readonly name: WireName;
  /** What a reader sees of token `k`. */
  word(k: number): string;
  start(): WireEvent | undefined;
  /** Token `k`; its id is `k` unless said otherwise. */
  token(k: number, id?: string): WireEvent;
  /** Call `n` of the page's tool `lookup`, from its beginning to its last argument. */
  toolCall(n: number): WireEvent[];
  /** Text of another message than the one that is being written. */
  foreign(): WireEvent;
  done(): WireEvent;
}

export interface WireOptions {
  /** Default: `tk ` for token k. */
  readonly word?: ((k: number) => string) | undefined;
  /** An answer begins with `start` and this id. Default: it begins with what it says. */
  readonly streamId?: string | undefined;
}

/** Id of tool call `n` on every wire. */
export function callId(n: number): string {
  return `call-${n}`;
}

export function createWire(name: WireName, { word = (k) => `t${k} `, streamId }: WireOptions = {}): Wire {
  const isPlain = name === 'plain-ids';
  const hasId = name !== 'native-seq';
  const hasSeq = name === 'native' || name === 'native-seq';
  return {
    name,
    word,
    start() {
      if (streamId === undefined || isPlain) return undefined;
      return { data: { type: 'start', streamId, messageId: `message-${streamId}` } };
    },
    token(k, id = String(k)) {
      const data = isPlain ? { text: word(k) } : { type: 'text', content: word(k) };
      return { ...(hasId && { id }), data: hasSeq ? { seq: k, ...data } : data };
    },
    toolCall(n) {
      // Ids only: the numbers belong to the tokens.
      const id = callId(n);
      const identify = (step: string): WireEvent => (hasId ? { id: `${id}-${step}` } : {});
      return [
        { ...identify('start'), data: { type: 'tool_call_start', id, name: 'lookup', by: 'client' } },
        { ...identify('delta'), data: { type: 'tool_call_delta', id, delta: `{"n":${n}}` } },
        { ...identify('whole'), data: { type: 'tool_call', id, name: 'lookup', args: { n } } },
      ];
    },
    foreign: () => ({
      data: { type: 'text', content: 'of another message', messageId: 'message-of-another-thread' },
    }),
    done: () => ({ data: isPlain ? '[DONE]' : { type: 'done', reason: 'stop', complete: true } }),
  };
}
