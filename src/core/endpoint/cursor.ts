import type { Frame, LeftAnswer } from '../model/index.js';
import { parseJson } from '../model/json.js';

/** Event ids that are remembered, to know a replayed event when it comes again. */
const MAX_SEEN_IDS = 10_000;
/** Characters of an id that is worth remembering. */
const MAX_ID_CHARS = 1024;
/** Steps of one that ids have to show before they are believed to count, if they do not begin at 0 or 1. */
const ENOUGH_STEPS = 3;
/** Events without an id of their own that may follow one with an id. Behind more of them the id says too little. */
const MAX_UNNUMBERED = 64;

/** How far an answer has come, by the event ids of its stream. */
export interface Cursor {
  /** The id to name when asking for what follows; undefined where none holds. */
  readonly lastEventId: string | undefined;
  /** The stream has ids, so that what comes twice is known. */
  readonly numbered: boolean;
  /**
   * What the ids are: a count of the events, so that what follows is known by its number; numbers of another kind, as
   * times, which an answer that begins anew has as well; or names.
   */
  readonly ids: 'count' | 'numbers' | 'names';
  /** This connection has brought an event with an id, or none of its kind had one before. */
  readonly inPlace: boolean;
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
  return closed || parseJson(data) !== undefined;
}

/** A cursor at the start of an answer, or where another page has left one. */
export function createCursor(left?: LeftAnswer['cursor']): Cursor {
  /** A digest of the data of each event, by its id; undefined where another page has read it. */
  const seen = new Map<string, number | undefined>();
  let lastEventId = left?.lastEventId ?? '';
  /** The id that holds in this connection. */
  let heldId = '';
  /** Data of the events since the last id. */
  let unnumbered: string[] = [];
  /** Of these, what a new connection may repeat. */
  let repeatable: string[] = [];
  let catchingUp = false;
  /** An event that was seen before has just been dropped, and it was not the last one. */
  let behind = false;
  let kind: Cursor['ids'] = left?.ids ?? 'count';
  let steps = 0;
  let needed = ENOUGH_STEPS;
  /** The highest number that is not remembered any more. */
  let forgotten = -1;
  /** An event without an id of its own has come behind one with an id. */
  let mixed = false;
  /** This connection has brought an id. */
  let placed = false;
  let foreign = false;
  if (left) {
    seen.set(lastEventId, undefined);
    steps = needed;
    if (kind === 'count') forgotten = Number(lastEventId);
  }

  function classify(id: string): void {
    if (kind === 'names') return;
    if (!/^\d{1,15}$/.test(id)) kind = 'names';
    else if (lastEventId === '') needed = Number(id) <= 1 ? 1 : ENOUGH_STEPS;
    else if (Number(id) === Number(lastEventId) + 1) steps += 1;
    else if (steps < needed) kind = 'numbers';
  }

  function counts(): boolean {
    return kind === 'count' && steps >= needed - 1;
  }

  function remember(id: string, data: string): void {
    if (id.length > MAX_ID_CHARS) return;
    if (id !== '') {
      classify(id);
      seen.set(id, digest(data));
      if (seen.size > MAX_SEEN_IDS) forget();
    }
    lastEventId = id;
    unnumbered = [];
  }

  function forget(): void {
    const [oldest = ''] = seen.keys();
    seen.delete(oldest);
    if (counts()) forgotten = Math.max(forgotten, Number(oldest));
  }

  /** What comes again. Of a count, also what is too long ago to be remembered. */
  function isKnown(id: string): boolean {
    return seen.has(id) || (counts() && Number(id) <= forgotten);
  }

  function takeNumbered(frame: Frame): boolean {
    const { id, data } = frame;
    placed = true;
    if (catchingUp && isKnown(id)) {
      behind = id !== lastEventId;
      const known = seen.get(id);
      foreign ||= known !== undefined && known !== digest(data);
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
      // How a connection begins says nothing of the place in the answer.
      if (!placed) return true;
    }
    mixed ||= lastEventId !== '' && heldId !== '';
    if (unnumbered.length <= MAX_UNNUMBERED) unnumbered.push(data);
    return true;
  }

  return {
    get lastEventId() {
      return lastEventId === '' ? undefined : lastEventId;
    },
    get numbered() {
      // An id that covers several events says nothing of its place among them.
      if (seen.size === 1 && unnumbered.length > 0) return false;
      return seen.size > 0 && unnumbered.length <= MAX_UNNUMBERED;
    },
    get ids() {
      return counts() || kind !== 'count' ? kind : 'numbers';
    },
    get inPlace() {
      return placed || mixed || seen.size === 0;
    },
    get foreign() {
      return foreign;
    },
    note(id) {
      if (id !== heldId) remember(id, '');
      placed = true;
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
      placed = false;
      foreign = false;
      repeatable = [...unnumbered];
    },
    restart() {
      seen.clear();
      lastEventId = '';
      heldId = '';
      unnumbered = [];
      catchingUp = false;
      kind = 'count';
      steps = 0;
      forgotten = -1;
      mixed = false;
      placed = false;
      foreign = false;
    },
  };
}
