import type { StartEvent, StreamEvent } from '../model/index.js';
import { textOf } from '../model/json.js';
import type { DialectName } from './dialect.js';
import { opaqueEvent } from './events.js';

/** What is told of an answer when it starts, of any type as the wire has it. */
export type WireStart = { readonly [Name in Exclude<keyof StartEvent, 'type'>]?: unknown };

/** Gives the start of an answer, once, as soon as something is told of it: endpoints repeat it with every event. */
export function createStartOnce(): (start: WireStart) => StartEvent[] {
  let started = false;
  return (start) => {
    const known = Object.entries(start).filter(([, value]) => textOf(value) !== undefined);
    if (started || known.length === 0) return [];
    started = true;
    return [{ type: 'start', ...Object.fromEntries(known) }];
  };
}

/**
 * The same for an endpoint that keeps conversations under ids of its own, which go back with the next request as the
 * opaque value `{[key]: id}` of the dialect.
 */
export function createIdentify(
  dialect: DialectName,
  key: string,
): (start: WireStart, conversation: unknown) => StreamEvent[] {
  const startOnce = createStartOnce();
  let lastId: string | undefined;
  return (start, conversation) => {
    const events: StreamEvent[] = startOnce(start);
    const id = textOf(conversation);
    if (id === undefined || id === lastId) return events;
    lastId = id;
    return [...events, opaqueEvent(dialect, { [key]: id })];
  };
}
