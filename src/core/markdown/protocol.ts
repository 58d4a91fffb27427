/**
 * One change to the blocks of a message part. Blocks are top-level elements in document order; their ids are
 * integers that grow in that order and are never reused within a stream.
 */
export type BlockPatch =
  /** The block `id` now has this HTML, not sanitized. A new id is placed after every smaller one. */
  | { readonly op: 'put'; readonly id: number; readonly html: string }
  /** The block is no more: what it held is now part of an earlier one. */
  | { readonly op: 'remove'; readonly id: number }
  /** Blocks with an id below `before` will not change any more, save by a late link definition or `end`. */
  | { readonly op: 'settle'; readonly before: number };

/** Turns the text of one message part, cut anywhere, into block patches. */
export interface MarkdownStream {
  append(delta: string): void;
  /** What has changed since the last flush. */
  flush(): BlockPatch[];
  /** No more text is to come: the last patches. After them the blocks equal those of the whole text. */
  end(): BlockPatch[];
}

/** What the engine is asked. `stream` is a number of the asking side's choice; the first `append` or `end` opens it. */
export type EngineRequest =
  | { readonly type: 'append'; readonly stream: number; readonly delta: string }
  /** No more text is to come. The engine answers with the last patches and forgets the stream. */
  | { readonly type: 'end'; readonly stream: number }
  /** The engine forgets the stream; no answer follows. */
  | { readonly type: 'dispose'; readonly stream: number }
  /** More whole lines of a block of code; `code` is a number of the asking side's choice. The first opens it. */
  | { readonly type: 'tokenize'; readonly code: number; readonly language: string; readonly text: string }
  /** The engine forgets the block of code. */
  | { readonly type: 'forget_code'; readonly code: number }
  /** The engine stops listening, so that nothing of it stays alive. A worker is terminated instead. */
  | { readonly type: 'close' };

/** What the engine has to say about one stream. */
export interface EngineUpdate {
  readonly type: 'patches';
  readonly stream: number;
  readonly patches: readonly BlockPatch[];
  /** How much of the text has been taken in so far, in UTF-16 units. */
  readonly received: number;
  /** Whether these are the last patches. */
  readonly ended: boolean;
}

/** The tokens of the lines of one `tokenize`, in the order in which they were asked for. */
export interface EngineTokens {
  readonly type: 'tokens';
  readonly code: number;
  /**
   * A flat list, see `NUMBERS_PER_TOKEN`; empty for a language that is not known. Places are counted from the start
   * of the text that was sent.
   */
  readonly tokens: readonly number[];
}

/** What the engine answers. `ready` comes once, at its start. */
export type EngineAnswer = { readonly type: 'ready' } | EngineUpdate | EngineTokens;

/** The engine's end of a connection: a worker's global scope or a `MessagePort`. */
export interface EnginePort {
  postMessage(answer: EngineAnswer): void;
  onmessage: ((event: MessageEvent<EngineRequest>) => void) | null;
}

/** The exports of the engine's module, which stand in one closed function (decision 4). */
export interface MarkdownEngine {
  createMarkdownStream(): MarkdownStream;
  serveMarkdown(port: EnginePort): void;
}
