import type { RenderLimits } from './render-limits.js';

/**
 * One change to the blocks of a message part.
 *
 * Blocks stand in document order: top-level elements, and where an element is long and still open, what is in it:
 * items, rows, stretches of text. Ids are integers that grow in document order among the blocks of one parent and
 * are never reused within a stream. `within` is the id of the parent, absent at the top.
 */
export type BlockPatch =
  /** The block `id` now has this HTML, not sanitized. A new id is placed after all others of its parent. */
  | { readonly op: 'put'; readonly id: number; readonly html: string; readonly within?: number }
  /**
   * `text` goes on where the text of the block ends: in the last element of the name `path[0]`, in the last
   * element of the name `path[1]` in it, and so on.
   */
  | { readonly op: 'grow'; readonly id: number; readonly text: string; readonly path: readonly string[] }
  /** As `grow`, with HTML that is not sanitized and follows what is there. */
  | { readonly op: 'insert'; readonly id: number; readonly html: string; readonly path: readonly string[] }
  /**
   * What stands in the element `place` of the block is blocks of its own from now on, all of which are put in the
   * same batch. `html` is the block without them, for when it is new.
   */
  | {
      readonly op: 'nest';
      readonly id: number;
      readonly html: string;
      readonly place: string;
      readonly within?: number;
    }
  /** The block is no more: what it held is now part of an earlier one. */
  | { readonly op: 'remove'; readonly id: number }
  /** Blocks of the parent with an id below `before` change no more, save by a late definition, a list that turns out loose, or `end`. */
  | { readonly op: 'settle'; readonly before: number; readonly within?: number };

/** How a text is read. */
export interface ReadingOptions {
  /** Math between its usual delimiters is kept from markdown. Default false. */
  readonly math?: boolean | undefined;
  /** Raw HTML is kept, for whoever sanitizes it. Default false: it is shown as text, save a few inline tags. */
  readonly html?: boolean | undefined;
}

/** How a stream reads its text. */
export interface MarkdownStreamOptions extends ReadingOptions {
  /** From which length on an open block is shown in parts. Default 1024 UTF-16 units. */
  readonly nestFrom?: number | undefined;
  /** Default: `DEFAULT_RENDER_LIMITS`, of which these override some. */
  readonly limits?: Partial<RenderLimits> | undefined;
}

/** Turns the text of one message part, cut anywhere, into block patches. */
export interface MarkdownStream {
  append(delta: string): void;
  /** What has changed since the last flush. */
  flush(): BlockPatch[];
  /** From now on the text is shown as it is written: reading it takes too long. */
  giveUp(): void;
  /**
   * No more text is to come: the last patches, worked out in steps. After them the blocks equal those of the whole
   * text, which is read once more to be sure of it.
   */
  finish(): Generator<void, BlockPatch[]>;
  /**
   * Whether the text is shown as it is written: it cannot be read, or becomes too much. With the first flush of which
   * this is true all blocks before it are void.
   */
  readonly isPlain: boolean;
  /** What the stream has done so far. */
  readonly work: StreamWork;
}

/** Counts of what a stream has done. */
export interface StreamWork {
  /** UTF-16 units of markdown that were lexed before the end, each as often as it was. */
  readonly lexed: number;
  /** How often a long block had to be read again from its start. */
  readonly rewound: number;
  /** Blocks that differed from the whole text's at the end and were mended. */
  readonly mended: number;
}

/**
 * What the engine is asked. `stream` and `code` are numbers of the asking side's choice, from one sequence. Requests
 * come in batches: one message wakes a worker once.
 */
export type EngineRequest =
  /**
   * A text is to come. `plain`: it is shown as it is written, because reading it has ended an engine before.
   */
  | {
      readonly type: 'open';
      readonly stream: number;
      readonly reading: ReadingOptions;
      readonly limits: Partial<RenderLimits>;
      readonly plain: boolean;
    }
  | { readonly type: 'append'; readonly stream: number; readonly delta: string }
  /** No more text is to come. The engine answers with the last patches and forgets the stream. */
  | { readonly type: 'end'; readonly stream: number }
  /** The engine forgets the stream; no answer follows. */
  | { readonly type: 'dispose'; readonly stream: number }
  /** More whole lines of a block of code. The first opens it. */
  | { readonly type: 'tokenize'; readonly code: number; readonly language: string; readonly text: string }
  /** The engine forgets the block of code. */
  | { readonly type: 'forget_code'; readonly code: number }
  /** The engine stops listening, so that nothing of it stays alive. A worker is terminated instead. */
  | { readonly type: 'close' };

/** What the engine has to say about one stream. */
export interface EngineUpdate {
  readonly stream: number;
  readonly patches: readonly BlockPatch[];
  /** How much of the text has been taken in so far, in UTF-16 units. */
  readonly received: number;
  /** Whether these are the last patches. */
  readonly ended: boolean;
  /** Whether there is more to do for the stream without another request. */
  readonly hasMore: boolean;
  /**
   * Whether the text is shown as it is written, blanks and line ends included. With the first update that says so all
   * blocks before it are void.
   */
  readonly plain: boolean;
}

/** The tokens of the lines of one `tokenize`, in the order in which they were asked for. */
export interface EngineTokens {
  readonly code: number;
  /**
   * A flat list, see `NUMBERS_PER_TOKEN`; empty for a language that is not known. Places are counted from the start
   * of the text that was sent.
   */
  readonly tokens: readonly number[];
}

/**
 * What the engine answers: `ready` once, at its start, then what came of a piece of work. It works on streams in the
 * order in which they were asked for; one that has more to do then comes behind those whose requests are `taken`.
 */
export type EngineAnswer =
  | { readonly type: 'ready' }
  | {
      readonly type: 'done';
      readonly update: EngineUpdate | undefined;
      readonly tokens: readonly EngineTokens[];
      /** How many batches of requests have come by now. */
      readonly taken: number;
    };

/** The engine's end of a connection: a worker's global scope or a `MessagePort`. */
export interface EnginePort {
  postMessage(answer: EngineAnswer): void;
  onmessage: ((event: MessageEvent<readonly EngineRequest[]>) => void) | null;
}

/** The exports of the engine's module, which stand in one closed function (decision 4). */
export interface MarkdownEngine {
  createMarkdownStream(options?: MarkdownStreamOptions): MarkdownStream;
  serveMarkdown(port: EnginePort): void;
}
