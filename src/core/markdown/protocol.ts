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
