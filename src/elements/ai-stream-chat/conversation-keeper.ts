import type { ReactiveController } from 'lit';
import {
  type Conversation,
  type ConversationChange,
  createSavedConversation,
  type KeepingProblem,
  type KeptConversation,
  type KeptRun,
  type SavedConversation,
  type ToolPart,
} from '../../core/index.js';
import { warnOnce } from '../shared/warn-once.js';
import { TabLock } from './tab-lock.js';

/** Where a conversation is kept: nowhere, for this tab, or for this browser. */
export type Persist = 'none' | 'session' | 'local';

/** What is kept, and where. */
export interface KeeperSettings {
  readonly persist: Persist;
  /** Tells the conversations of an origin apart. */
  readonly name: string;
}

export interface ConversationKeeperOptions {
  readonly host: HTMLElement;
  readonly conversation: Conversation;
  /** The run that is going on, as another page would have to know it. */
  readonly run: () => KeptRun | undefined;
  readonly awaitsGoOn: () => boolean;
  readonly conversationId: () => string;
  readonly draft: () => string;
  /** Shows a conversation that was kept. */
  readonly show: (conversation: KeptConversation) => void;
  readonly showDraft: (draft: string) => void;
  /** Goes on with a run that another page has left. */
  readonly takeOver: (run: KeptRun) => void;
  /** Ends such a run where it is. */
  readonly giveUp: (run: KeptRun) => void;
  /** Another page goes on with the run of this one. */
  readonly handOver: () => void;
  /** Fulfils when the run that is going on has ended. */
  readonly ended: () => Promise<unknown>;
}

/** Who may go on with what: `take over` a run, or `give up` what it was. */
export type Readiness = 'take over' | 'give up';

const PROBLEMS: Readonly<Record<KeepingProblem, string>> = {
  foreign: 'what is stored of the conversation cannot be read and is ignored',
  full: 'the storage is full: old messages, or the conversation, will not survive a reload',
};

/** The conversations that chats of this page keep. */
const kept = new Map<string, ConversationKeeper>();

/**
 * Keeps a conversation over reloads: what settles is stored at once, and what is unfinished when the page is left. Of
 * the tabs that show the same conversation one owns it: it writes and runs, and the others show what it writes.
 */
export class ConversationKeeper implements ReactiveController {
  readonly #options: ConversationKeeperOptions;
  #key: string | undefined;
  #saved: SavedConversation | undefined;
  #storage: Storage | undefined;
  #lock: TabLock | undefined;
  /** The page is on its way out; a page that becomes hidden by that hears of it after `pagehide`. */
  #isLeft = false;
  /** The id it is kept with: the element may have got another one by now. */
  #conversationId = '';
  #isOwner = false;
  /** There is something new that is worth keeping. */
  #isDue = false;
  /** What the page has set counts, not what was kept before. */
  #isReplaced = false;
  /** What is shown now was kept already. */
  #isShowing = false;
  /** What another page has left, until something becomes of it. */
  #leftRun: KeptRun | undefined;
  /** The storage as it was shown last. */
  #shown: string | null = null;
  /** What waits until this tab owns the conversation. */
  #waiting: (() => void)[] = [];
  #draft = '';
  /** The calls of the newest message and their states. */
  #calls = '';
  #end = new AbortController();

  constructor(options: ConversationKeeperOptions) {
    this.#options = options;
  }

  hostDisconnected(): void {
    // A move is a disconnect and a connect in one task. What stops now is kept as stopped.
    queueMicrotask(() => {
      if (this.#options.host.isConnected) return;
      void this.#options.ended().then(() => {
        if (!this.#options.host.isConnected) this.#close();
      });
    });
  }

  /** Keeps the conversation as it is set now. What is kept of it is shown, unless the page has set messages already. */
  update({ persist, name }: KeeperSettings): void {
    const key = persist === 'none' ? undefined : `${persist}:${name}`;
    if (key === this.#key) return;
    const isFirst = this.#key === undefined;
    // Its run goes on when it is shown again.
    if (!isFirst && key !== undefined) this.#options.handOver();
    const saved = this.#isOwner ? this.#saved : undefined;
    this.#close();
    if (key === undefined) {
      saved?.erase();
      return;
    }
    this.#key = key;
    const storage = storageOf(persist);
    if (storage) this.#open(storage, key, name, isFirst);
  }

  /**
   * Called before the user or the page does something with the conversation: makes this tab its owner, and something of
   * a run that another page has left. Undefined: there is nothing to wait for.
   */
  prepare(readiness: Readiness): Promise<void> | undefined {
    if (!this.#saved || this.#isOwner) {
      this.#settleLeft(readiness);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        this.#settleLeft(readiness);
        resolve();
      });
      this.#lock?.take();
    });
  }

  /** Whether another tab has the conversation. */
  get isElsewhere(): boolean {
    return this.#saved !== undefined && !this.#isOwner;
  }

  /** The page has set other messages. */
  replaced(): void {
    this.#leftRun = undefined;
    if (!this.isElsewhere) return;
    this.#isReplaced = true;
    this.#lock?.take();
  }

  /** The run has ended. */
  runEnded(): void {
    this.#isDue = true;
    this.flush();
  }

  /** Stores what is new, before anything is done that must not be done twice. */
  flush(): void {
    if (this.#isDue) this.#write();
  }

  #open(storage: Storage, key: string, name: string, isFirst: boolean): void {
    const { conversation, conversationId, showDraft } = this.#options;
    const holder = kept.get(key);
    if (holder && holder.#options.host.isConnected) {
      warnOnce(`kept-twice:${key}`, 'another chat of this page keeps this conversation: give each an id');
      return;
    }
    if (holder) holder.#close();
    kept.set(key, this);
    const problem = (code: KeepingProblem): void => warnOnce(`persist-${code}`, PROBLEMS[code]);
    this.#storage = storage;
    this.#shown = null;
    this.#saved = createSavedConversation(storage, name, problem);
    this.#end = new AbortController();
    const { signal } = this.#end;
    this.#isReplaced = isFirst && conversation.messages.length > 0;
    const ended = conversation.subscribe((change) => this.#note(change));
    signal.addEventListener('abort', ended);
    addEventListener('pagehide', () => this.#leave(), { signal });
    addEventListener('pageshow', ({ persisted }) => persisted && this.#return(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden && this.#write(), { signal });
    addEventListener('storage', (event) => this.#mirror(event), { signal });
    this.#conversationId = conversationId();
    this.#draft = storage.getItem(this.#saved.draftKey) ?? '';
    if (this.#draft !== '') showDraft(this.#draft);
    if (!this.#isReplaced) this.#show(this.#read() ?? (isFirst ? undefined : this.#nothing()));
    // Elsewhere nobody else can have it.
    if (storage === sessionStorage || !('locks' in navigator)) this.#own(false);
    else {
      this.#lock = new TabLock(`ai-stream-chat:${name}`, {
        onHeld: () => this.#own(true),
        onLost: () => this.#lose(),
      });
      this.#lock.wait();
    }
  }

  #nothing(): KeptConversation {
    return { conversationId: this.#options.conversationId(), messages: [], isLeft: true };
  }

  #close(): void {
    // Nothing goes on here.
    this.#isLeft = true;
    this.#write();
    this.#isLeft = false;
    this.#lock?.release();
    this.#end.abort();
    if (this.#key !== undefined && kept.get(this.#key) === this) kept.delete(this.#key);
    this.#key = undefined;
    this.#saved = undefined;
    this.#lock = undefined;
    this.#isOwner = false;
    this.#leftRun = undefined;
  }

  /** `isLocked`: nobody else can be at work on what was left. */
  #own(isLocked: boolean): void {
    const isReplaced = this.#isReplaced;
    const before = isReplaced ? undefined : this.#read();
    this.#isOwner = true;
    this.#isReplaced = false;
    if (isReplaced) this.#saved?.erase();
    if (before) {
      this.#show(before);
      const { run, isLeft } = before;
      // A tab that was duplicated has a copy of what the other one is still at work on.
      if (run && (isLocked || isLeft)) this.#leftRun = run;
      else if (run) this.#options.giveUp(run);
    }
    if (before || this.#options.conversation.messages.length > 0) this.#write();
    if (this.#waiting.length === 0) this.#takeOverWhenLoaded();
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /** Listeners of the page, and its tools, are there when all of it is. */
  #takeOverWhenLoaded(): void {
    if (!this.#leftRun) return;
    if (document.readyState === 'complete') this.#settleLeft('take over');
    else
      addEventListener('load', () => this.#settleLeft('take over'), { once: true, signal: this.#end.signal });
  }

  #settleLeft(readiness: Readiness): void {
    const run = this.#leftRun;
    this.#leftRun = undefined;
    if (run) this.#options[readiness === 'take over' ? 'takeOver' : 'giveUp'](run);
  }

  /** Another tab goes on. */
  #lose(): void {
    this.#isOwner = false;
    this.#leftRun = undefined;
    this.#options.handOver();
    void this.#options.ended().then(() => {
      if (!this.isElsewhere) return;
      this.#show(this.#read());
      this.#lock?.wait();
    });
  }

  #read(): KeptConversation | undefined {
    return this.#saved?.read();
  }

  #show(conversation: KeptConversation | undefined): void {
    if (!conversation || !this.#saved) return;
    const head = this.#storage?.getItem(this.#saved.headKey) ?? null;
    if (head === null || head !== this.#shown) {
      this.#isShowing = true;
      this.#options.show(conversation);
      this.#conversationId = this.#options.conversationId();
      this.#isShowing = false;
      this.#isDue = false;
    }
    this.#shown = head;
    this.#saved.note(this.#options.conversation.messages);
  }

  #mirror({ storageArea, key }: StorageEvent): void {
    if (!this.isElsewhere || storageArea !== this.#storage || key !== this.#saved?.headKey) return;
    this.#show(this.#read() ?? this.#nothing());
  }

  #note(change: ConversationChange): void {
    if (this.#isShowing || change.type === 'text' || change.type === 'tool_arguments') return;
    if (change.type === 'message') {
      const message = this.#options.conversation.find(change.messageId);
      const calls = (message?.parts ?? [])
        .filter((part): part is ToolPart => part.type === 'tool')
        .map(({ id, state }) => `${id} ${state}`)
        .join('\n');
      if (message?.status === 'streaming' && calls === this.#calls) return;
      this.#calls = calls;
    }
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.flush());
  }

  #leave(): void {
    this.#isLeft = true;
    this.#write();
  }

  /** The page comes back as it was; somebody else may have gone on with the conversation. */
  #return(): void {
    if (!this.#isOwner) return;
    this.#isLeft = false;
    this.#isOwner = false;
    this.#options.handOver();
    void this.#options.ended().then(() => this.#own(this.#lock !== undefined));
  }

  #write(): void {
    this.#isDue = false;
    if (!this.#saved) return;
    this.#writeDraft(this.#saved.draftKey);
    if (!this.#isOwner) return;
    const { conversation, run, awaitsGoOn } = this.#options;
    const { messages } = conversation;
    try {
      if (messages.length === 0) this.#saved.erase();
      else
        this.#saved.write({
          conversationId: this.#conversationId,
          messages,
          run: this.#leftRun ?? run(),
          awaitsGoOn: awaitsGoOn(),
          isLeft: this.#isLeft,
        });
    } catch {
      warnDenied();
    }
  }

  #writeDraft(key: string): void {
    const draft = this.#options.draft();
    if (draft === this.#draft) return;
    this.#draft = draft;
    try {
      if (draft === '') this.#storage?.removeItem(key);
      else this.#storage?.setItem(key, draft);
    } catch {
      warnOnce('persist-full', PROBLEMS.full);
    }
  }
}

/** Undefined, with a warning, where the page may not store anything. */
function storageOf(persist: Persist): Storage | undefined {
  try {
    return persist === 'local' ? localStorage : sessionStorage;
  } catch {
    warnDenied();
    return undefined;
  }
}

function warnDenied(): void {
  warnOnce('persist-denied', 'this page may not store anything: the conversation will not survive a reload');
}
