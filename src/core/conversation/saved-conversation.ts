import type { LeftAnswer, Message } from '../model/index.js';
import { isRecord, parseJson } from '../model/json.js';
import { isMessage } from '../model/message-check.js';
import type { LeftRun } from './left-run.js';

/** Of the shape in which conversations are kept. Another one is not read. */
const VERSION = 1;
const PREFIX = 'ai-stream-chat:conversation:';

/** Where texts are kept by name, as in `localStorage`. */
export interface TextStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  /** @throws where there is no room */
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

/** A run that was going on, with what its answer can be asked for by, where it can. */
export interface KeptRun extends LeftRun {
  readonly answer?: LeftAnswer | undefined;
}

/** A conversation as it is kept. */
export interface KeptConversation {
  readonly conversationId: string;
  readonly messages: readonly Message[];
  /** Undefined: none was going on. */
  readonly run?: KeptRun | undefined;
  /** The user is to say whether the run goes on. */
  readonly awaitsGoOn?: boolean | undefined;
  /** Whoever wrote this was leaving: it is the whole truth, and theirs no more. */
  readonly isLeft: boolean;
}

/** What stands beside the messages, and says which of them there are: those numbered from `first` up to `end`. */
interface Head extends Omit<KeptConversation, 'messages'> {
  readonly version: typeof VERSION;
  readonly first: number;
  readonly end: number;
  /** Grows, so that other pages hear of each change. */
  readonly revision: number;
}

/**
 * - `foreign`: what is kept cannot be read, and is ignored
 * - `full`: there is no room; the oldest messages are not kept, or nothing is
 */
export type KeepingProblem = 'foreign' | 'full';

/** Keeps one conversation, each message by itself, so that to keep a new one costs no more in a long one. */
export interface SavedConversation {
  /** Changes whenever anything is kept, as other pages see by the storage. */
  readonly headKey: string;
  readonly draftKey: string;
  /** What is kept; undefined: nothing that can be read. */
  read(): KeptConversation | undefined;
  /** These are the messages that were read, or others with the same content. */
  note(messages: readonly Message[]): void;
  /** Keeps what is new. A message is new when it is another object than last time. */
  write(kept: KeptConversation): void;
  /** Nothing is kept any more, but the draft. */
  erase(): void;
}

/** @param name tells the conversations of one storage apart */
export function createSavedConversation(
  storage: TextStorage,
  name: string,
  onProblem: (problem: KeepingProblem) => void,
): SavedConversation {
  const headKey = PREFIX + encodeURIComponent(name);
  const draftKey = `${headKey}:draft`;
  /** As kept, from the number `first` on. */
  let written: (Message | undefined)[] = [];
  let first = 0;
  /** Id of the message with the number `first`. */
  let startId: string | undefined;
  let revision = 0;
  /** What stands in the storage is what is known here. */
  let isKnown = false;
  /** Old messages had to give way: those before the first are not kept. */
  let isFull = false;
  /** Not even the newest messages have room. */
  let hasNoRoom = false;

  function keyOf(number: number): string {
    return `${headKey}:${number}`;
  }

  function erase(): void {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    for (const key of keys) {
      const isOurs = key === headKey || key?.startsWith(`${headKey}:`);
      if (isOurs && key !== draftKey) storage.removeItem(key!);
    }
    written = [];
    first = 0;
    startId = undefined;
    isFull = false;
    hasNoRoom = false;
  }

  function readMessages(head: Head): Message[] | undefined {
    const messages: Message[] = [];
    for (let number = head.first; number < head.end; number += 1) {
      const message = parseJson(storage.getItem(keyOf(number)) ?? '');
      if (!isMessage(message)) return undefined;
      messages.push(message);
    }
    return messages;
  }

  /** The messages that are to be kept: all but those that had to give way. */
  function keptOf(messages: readonly Message[]): readonly Message[] {
    const start = startId === undefined ? 0 : messages.findIndex(({ id }) => id === startId);
    if (start < 0) erase();
    if (start <= 0 || !isFull) {
      // Earlier messages have come.
      first -= Math.max(start, 0);
      written = [...Array<undefined>(Math.max(start, 0)), ...written];
      return messages;
    }
    return messages.slice(start);
  }

  function writeMessages(kept: readonly Message[]): void {
    startId = kept[0]?.id;
    for (let place = kept.length; place < written.length; place += 1)
      storage.removeItem(keyOf(first + place));
    written.length = Math.min(written.length, kept.length);
    kept.forEach((message, place) => {
      if (written[place] === message) return;
      storage.setItem(keyOf(first + place), JSON.stringify(message));
      written[place] = message;
    });
  }

  /** Leaves out the oldest question and what follows it. Undefined: it is the only one. */
  function makeRoom(kept: readonly Message[]): readonly Message[] | undefined {
    const next = kept.findIndex(({ role }, place) => place > 0 && role === 'user');
    if (next < 0) return undefined;
    for (let place = 0; place < next; place += 1) storage.removeItem(keyOf(first + place));
    written.splice(0, next);
    first += next;
    isFull = true;
    onProblem('full');
    return kept.slice(next);
  }

  function writeHead({ conversationId, run, awaitsGoOn, isLeft }: KeptConversation): void {
    revision += 1;
    const facts = { conversationId, run, awaitsGoOn, isLeft };
    const head: Head = { version: VERSION, ...facts, first, end: first + written.length, revision };
    storage.setItem(headKey, JSON.stringify(head));
  }

  return {
    headKey,
    draftKey,
    read() {
      const text = storage.getItem(headKey);
      if (text === null) return undefined;
      const head = parseJson(text);
      const messages = isHead(head) ? readMessages(head) : undefined;
      if (!isHead(head) || !messages) {
        onProblem('foreign');
        return undefined;
      }
      ({ first, revision } = head);
      written = messages;
      startId = messages[0]?.id;
      isKnown = true;
      const { conversationId, run, awaitsGoOn, isLeft } = head;
      return { conversationId, messages, run, awaitsGoOn, isLeft };
    },
    note(messages) {
      written = [...messages];
    },
    write(kept) {
      if (hasNoRoom) return;
      // Nothing is known of it yet, or somebody else has emptied the storage.
      if (!isKnown || storage.getItem(headKey) === null) erase();
      isKnown = true;
      let messages: readonly Message[] | undefined = keptOf(kept.messages);
      while (messages) {
        try {
          writeMessages(messages);
          writeHead(kept);
          return;
        } catch {
          messages = makeRoom(messages);
        }
      }
      // Half of what there is says something else than all of it.
      erase();
      hasNoRoom = true;
      onProblem('full');
    },
    erase,
  };
}

function isHead(value: unknown): value is Head {
  if (!isRecord(value) || value['version'] !== VERSION) return false;
  const { conversationId, first, end, revision, run } = value;
  const isRun = run === undefined || (isRecord(run) && isLeftRun(run));
  return typeof conversationId === 'string' && [first, end, revision].every(Number.isInteger) && isRun;
}

function isLeftRun({ messageId, turns, delivered, answer }: Record<string, unknown>): boolean {
  const isAnswer =
    answer === undefined ||
    (isRecord(answer) && typeof answer['url'] === 'string' && typeof answer['source'] === 'string');
  return typeof messageId === 'string' && Number.isInteger(turns) && Array.isArray(delivered) && isAnswer;
}
