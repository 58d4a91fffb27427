import { parseJson, recordOf } from '../model/json.js';

/** What a transport has to know of a server's message. All else in it is the decoder's business. */
export interface ServerMessage {
  /** Undefined where there is none, and where the message cannot be read. */
  readonly type: string | undefined;
  /** The number of an event. */
  readonly seq: number | undefined;
  /** Of `ack_window`: how many events the server sends beyond the one acknowledged last; 1 or more. */
  readonly size: number | undefined;
}

/** Messages about the connection itself. They are no events, and no frames. */
const CONTROL_TYPES: ReadonlySet<string | undefined> = new Set(['ack_window', 'ping', 'pong']);

/** Reads one message of a server. Never throws. */
export function readServerMessage(text: string): ServerMessage {
  const { type, seq, size } = recordOf(parseJson(text));
  return {
    type: typeof type === 'string' ? type : undefined,
    seq: Number.isInteger(seq) ? Number(seq) : undefined,
    size: Number.isInteger(size) && Number(size) > 0 ? Number(size) : undefined,
  };
}

/** Whether a message is about the connection, not about the answer. */
export function isControlMessage({ type }: ServerMessage): boolean {
  return CONTROL_TYPES.has(type);
}
