import {
  lexBlocks,
  renderBlock,
  type FoundDefinition,
  type LexedBlock,
  type LinkTarget,
} from './block-lexer.js';
import { isShown, renderBlocks } from './marked-setup.js';
import { plainBlocks, settledPlainLength } from './plain-text.js';
import type { BlockPatch, MarkdownStream } from './protocol.js';
import { findCertainty, type Certainty } from './settled-blocks.js';

/** A block as the other side has it. */
interface Block {
  readonly id: number;
  html: string;
}

/**
 * Makes a stream of block patches for one text. Only the open tail is parsed at each flush: a settled block comes
 * back for a link definition that it lacked, and otherwise when `end` finds that it differs.
 */
export function createMarkdownStream(): MarkdownStream {
  /** All text, for the parse of the whole at the end. */
  let source = '';
  /** The text behind the last settled block. */
  let tail = '';
  /** A `\r` at the end of a delta may be half of a line end; it waits here for the next. */
  let heldReturn = '';
  let unflushed = false;
  /** Set when marked gave up: from there on the text is shown as it is. */
  let isPlain = false;

  let unsent: BlockPatch[] = [];
  const blocks: Block[] = [];
  let settledCount = 0;
  let nextId = 0;

  /** Definitions of the settled blocks, and those of the open tail, which may still change. */
  const definitions = new Map<string, LinkTarget>();
  let openDefinitions = new Map<string, LinkTarget>();
  /** Settled blocks with a label that no settled definition has, and the way back from such a label to them. */
  const unresolved = new Map<Block, LexedBlock>();
  const askingFor = new Map<string, Set<Block>>();

  function take(text: string): void {
    const normalized = text.replaceAll(/\r\n?/g, '\n');
    source += normalized;
    tail += normalized;
  }

  function put(block: Block, html: string): void {
    if (block.html === html) return;
    block.html = html;
    unsent.push({ op: 'put', id: block.id, html });
  }

  /** The block at a place in the document. Open blocks keep their ids by place. */
  function blockAt(index: number): Block {
    return (blocks[index] ??= { id: nextId++, html: '' });
  }

  function keepOnly(count: number): void {
    for (const { id } of blocks.splice(count)) unsent.push({ op: 'remove', id });
  }

  /** Makes the blocks from index `from` on show `html`. */
  function show(from: number, html: readonly string[]): void {
    keepOnly(from + html.length);
    for (const [offset, blockHtml] of html.entries()) put(blockAt(from + offset), blockHtml);
  }

  function settle(count: number): void {
    if (count === 0) return;
    settledCount += count;
    unsent.push({ op: 'settle', before: blocks[settledCount]?.id ?? nextId });
  }

  function findTarget(label: string): LinkTarget | undefined {
    return definitions.get(label) ?? openDefinitions.get(label);
  }

  /** Shows a settled block, and notes the labels in it whose definition may still come or change. */
  function showSettled(block: Block, lexed: LexedBlock): void {
    unresolved.delete(block);
    const html = renderBlock(lexed, (label) => {
      if (!definitions.has(label)) {
        unresolved.set(block, lexed);
        const asking = askingFor.get(label);
        if (asking) asking.add(block);
        else askingFor.set(label, new Set([block]));
      }
      return findTarget(label);
    });
    put(block, html);
  }

  /** Takes over what the tail defines. Settled blocks that asked for what is new in it are rendered again. */
  function define(found: ReadonlyMap<string, FoundDefinition>, { settled, begun }: Certainty): void {
    const before = new Map(
      [...openDefinitions.keys(), ...found.keys()].map((label) => [label, findTarget(label)]),
    );
    openDefinitions = new Map();
    for (const [label, { block, target }] of found) {
      if (block < settled) definitions.set(label, target);
      else if (block < begun) openDefinitions.set(label, target);
    }
    const concerned = new Set<Block>();
    for (const [label, target] of before) {
      const now = findTarget(label);
      if (now?.href !== target?.href || now?.title !== target?.title) {
        for (const block of askingFor.get(label) ?? []) concerned.add(block);
      }
      if (definitions.has(label)) askingFor.delete(label);
    }
    for (const block of concerned) {
      const lexed = unresolved.get(block);
      if (lexed) showSettled(block, lexed);
    }
  }

  function flushMarkdown(): void {
    const { blocks: lexed, definitions: found } = lexBlocks(tail, definitions);
    const certainty = findCertainty(
      lexed.map(({ token }) => token),
      tail,
    );
    define(found, certainty);
    const shown = lexed.filter(({ token }) => isShown(token));
    const settled = lexed.slice(0, certainty.settled).filter(({ token }) => isShown(token)).length;
    keepOnly(settledCount + shown.length);
    for (const [offset, block] of shown.entries()) {
      const place = blockAt(settledCount + offset);
      if (offset < settled) showSettled(place, block);
      else put(place, renderBlock(block, findTarget));
    }
    tail = tail.slice(certainty.settledLength);
    settle(settled);
  }

  function flushPlain(): void {
    const length = settledPlainLength(tail);
    const final = plainBlocks(tail.slice(0, length));
    show(settledCount, [...final, ...plainBlocks(tail.slice(length))]);
    tail = tail.slice(length);
    settle(final.length);
  }

  function sent(): BlockPatch[] {
    const patches = unsent;
    unsent = [];
    return patches;
  }

  return {
    append(delta) {
      const text = heldReturn + delta;
      heldReturn = text.endsWith('\r') ? '\r' : '';
      take(heldReturn ? text.slice(0, -1) : text);
      unflushed = true;
    },

    flush() {
      if (unflushed && !isPlain) {
        try {
          flushMarkdown();
        } catch {
          isPlain = true;
        }
      }
      if (unflushed && isPlain) flushPlain();
      unflushed = false;
      return sent();
    },

    end() {
      take(heldReturn);
      heldReturn = '';
      show(0, renderBlocks(source));
      settle(blocks.length - settledCount);
      return sent();
    },
  };
}
