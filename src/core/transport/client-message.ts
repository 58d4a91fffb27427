import type { RunRequest } from '../model/index.js';
import type { ClientMessage } from './transport.js';

// What a client says on a connection that goes both ways: one JSON object a message, told apart by its `type`. Over a
// byte stream an LF ends each of them.

function bodyOf({ body }: RunRequest): Readonly<Record<string, unknown>> {
  return body === undefined ? {} : (JSON.parse(body) as Record<string, unknown>);
}

/**
 * The first message of a run: `{type: "run"}` beside the fields of the request's body, or, where the run is gone on
 * with, `{type: "resume", streamId?, lastEventId?}` beside them. Fields of the body never win over these.
 */
export function runMessage(request: RunRequest): string {
  const { resume } = request;
  const type = resume ? 'resume' : 'run';
  return JSON.stringify({ ...bodyOf(request), ...resume, type });
}

/**
 * What goes to the endpoint while its answer arrives: `{type: "tool_result", id, result, isError}`. A result that is
 * undefined goes as null.
 *
 * @throws {TypeError} the result is no JSON: it goes round in a circle, or has a BigInt in it
 */
export function channelMessage({ type, id, result = null, isError }: ClientMessage): string {
  return JSON.stringify({ type, id, result, isError });
}

/** All events up to the one with this `seq` were taken. */
export function ackMessage(seq: number): string {
  return JSON.stringify({ type: 'ack', seq });
}

/** The run is to stop. A connection that closes without it has dropped: the rest may be asked for. */
export function cancelMessage(): string {
  return JSON.stringify({ type: 'cancel' });
}

/** Asks for a sign of life. */
export function pingMessage(): string {
  return JSON.stringify({ type: 'ping' });
}

/** Gives a sign of life. */
export function pongMessage(): string {
  return JSON.stringify({ type: 'pong' });
}
