import type { TextStorage } from '../../src/core/conversation/saved-conversation.js';

/** A storage in memory that counts what is written into it. */
export interface MemoryStorage extends TextStorage {
  /** Characters, keys included. */
  written: number;
}

/** @param room characters, keys included, beyond which nothing is taken */
export function createMemoryStorage(room = Infinity): MemoryStorage {
  const items = new Map<string, string>();

  function sizeWithout(key: string): number {
    return [...items].reduce(
      (size, [name, text]) => (name === key ? size : size + name.length + text.length),
      0,
    );
  }

  return {
    written: 0,
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem(key, text) {
      if (room !== Infinity && sizeWithout(key) + key.length + text.length > room) {
        throw new DOMException('There is no room.', 'QuotaExceededError');
      }
      this.written += key.length + text.length;
      items.set(key, text);
    },
    removeItem: (key) => void items.delete(key),
  };
}
