import type { StreamEvent } from '../model/index.js';

/** The visible text of one answer, in pieces that may arrive as deltas, as snapshots, or as both. */
export interface AnswerText {
  /** All text so far. */
  readonly text: string;
  /** Whether a piece of this key has begun. */
  has(key: string): boolean;
  /** Adds a delta to the piece of this key. */
  append(key: string, delta: string): StreamEvent[];
  /** Takes a snapshot for the piece of this key. What it only repeats is said once. */
  set(key: string, snapshot: string): StreamEvent[];
}

/**
 * Makes the text of one answer. Its pieces (messages, artifacts) stand in the order in which they began. What grows
 * at the end is `text`; all else is `text_set`, which covers the whole answer.
 */
export function createAnswerText(): AnswerText {
  // As long as the answer itself, which the conversation keeps as well.
  const pieces = new Map<string, string>();
  let lastKey: string | undefined;

  function begin(key: string): string {
    const before = pieces.get(key);
    if (before === undefined) lastKey = key;
    return before ?? '';
  }

  function whole(): string {
    return [...pieces.values()].join('');
  }

  return {
    get text() {
      return whole();
    },
    has: (key) => pieces.has(key),
    append(key, delta) {
      pieces.set(key, begin(key) + delta);
      if (delta === '') return [];
      return [key === lastKey ? { type: 'text', content: delta } : { type: 'text_set', content: whole() }];
    },
    set(key, snapshot) {
      const before = begin(key);
      pieces.set(key, snapshot);
      if (snapshot === before) return [];
      if (key !== lastKey || !snapshot.startsWith(before)) return [{ type: 'text_set', content: whole() }];
      return [{ type: 'text', content: snapshot.slice(before.length) }];
    },
  };
}
