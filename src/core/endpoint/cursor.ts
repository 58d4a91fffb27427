import type { Frame } from '../model/index.js';
import { parseJson } from '../model/json.js';

/** Event ids that are remembered, to know a replayed event when it comes again. */
const MAX_SEEN_IDS = 10_000;
/** Events without an id of their own that may follow one with an id. Behind more of them the id says too little. */
const MAX_UNNUMBERED = 64;

/** How far an answer has come, by the event ids of its stream. */
export interface Cursor {
  /** The id to name when asking for what follows; undefined where none holds. */
  readonly lastEventId: string | undefined;
  /** The stream has ids, so that what comes twice is known. */
  readonly numbered: boolean;
  /** The id of the last whole event, be it one without data. */
  note(id: string): void;
  /** Whether this frame is new. */
  take(frame: Frame): boolean;
  /** A new connection begins, which may repeat what the one before it has brought. */
  reconnect(): void;
  /** A new connection begins, which tells everything again. */
  restart(): void;
}

function isWhole({ closed, data }: Frame): boolean {
  return closed || parseJson(data) !== undefined;
}

export function createCursor(): Cursor {
  const seen = new Set<string>();
  let lastEventId = '';
  /** The id that holds in this connection. */
  let heldId = '';
  /** Data of the events since the last id. */
  let unnumbered: string[] = [];
  /** Of these, what a new connection may repeat. */
  let repeatable: string[] = [];
  let catchingUp = false;
  /** An event that was seen before has just been dropped, and it was not the last one. */
  let behind = false;

  function remember(id: string): void {
    lastEventId = id;
    unnumbered = [];
    if (id === '') return;
    seen.add(id);
    if (seen.size > MAX_SEEN_IDS) seen.delete(seen.values().next().value!);
  }

  function takeNumbered(frame: Frame): boolean {
    behind = catchingUp && seen.has(frame.id) && frame.id !== lastEventId;
    if (catchingUp && seen.has(frame.id)) return false;
    catchingUp = false;
    // Half an event comes again, under the same id.
    if (isWhole(frame)) remember(frame.id);
    return true;
  }

  function takeUnnumbered({ data }: Frame): boolean {
    if (catchingUp) {
      if (behind) return false;
      const index = repeatable.indexOf(data);
      if (index !== -1) {
        repeatable.splice(0, index + 1);
        return false;
      }
    }
    if (unnumbered.length <= MAX_UNNUMBERED) unnumbered.push(data);
    return true;
  }

  return {
    get lastEventId() {
      return lastEventId === '' ? undefined : lastEventId;
    },
    get numbered() {
      return seen.size > 0 && unnumbered.length <= MAX_UNNUMBERED;
    },
    note(id) {
      if (id !== heldId) remember(id);
      heldId = id;
    },
    take(frame) {
      const isNew = frame.id !== heldId;
      heldId = frame.id;
      return isNew ? takeNumbered(frame) : takeUnnumbered(frame);
    },
    reconnect() {
      heldId = '';
      catchingUp = true;
      behind = false;
      repeatable = [...unnumbered];
    },
    restart() {
      seen.clear();
      lastEventId = '';
      heldId = '';
      unnumbered = [];
      catchingUp = false;
    },
  };
}
