import type { Frame } from '../model/index.js';

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
  /** The ids are numbers that grow, so that an answer that begins anew is known by them. */
  readonly ordered: boolean;
  /** What came again was something else than before: this is another answer. */
  readonly foreign: boolean;
  /** The id of the last whole event, be it one without data. */
  note(id: string): void;
  /** Whether this frame is new. */
  take(frame: Frame): boolean;
  /** A new connection begins, which may repeat what the one before it has brought. */
  reconnect(): void;
  /** A new connection begins, which tells everything again. */
  restart(): void;
}

/** Tells apart what is not the same; 32 bits are enough for what has the same id anyway. */
function digest(text: string): number {
  let hash = text.length;
  for (let index = 0; index < text.length; index += 1) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
}

function isWhole({ closed, data }: Frame): boolean {
  if (closed) return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}

export function createCursor(): Cursor {
  /** A digest of the data of each event, by its id. */
  const seen = new Map<string, number>();
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
  let ordered = true;
  let foreign = false;

  function remember(id: string, data: string): void {
    if (id !== '') {
      ordered &&= /^\d+$/.test(id) && (lastEventId === '' || Number(id) > Number(lastEventId));
      seen.set(id, digest(data));
      if (seen.size > MAX_SEEN_IDS) seen.delete(seen.keys().next().value!);
    }
    lastEventId = id;
    unnumbered = [];
  }

  function takeNumbered(frame: Frame): boolean {
    const { id, data } = frame;
    const known = catchingUp ? seen.get(id) : undefined;
    if (known !== undefined) {
      behind = id !== lastEventId;
      foreign ||= known !== digest(data);
      return false;
    }
    behind = false;
    // A repeated event, which is for the decoder to know; the place is that of the newest.
    if (!catchingUp && seen.has(id)) return true;
    catchingUp = false;
    // Half an event comes again, under the same id.
    if (isWhole(frame)) remember(id, data);
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
    get ordered() {
      return ordered;
    },
    get foreign() {
      return foreign;
    },
    note(id) {
      if (id !== heldId) remember(id, '');
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
      ordered = true;
      foreign = false;
    },
  };
}
