import { lexBlocks, renderBlock, type LexedBlock, type LinkTarget } from './block-lexer.js';
import { isShown, renderBlocks } from './marked-setup.js';
import { plainBlocks, settledPlainLength } from './plain-text.js';
import type { BlockPatch, MarkdownStream } from './protocol.js';
import { settledTokens } from './settled-blocks.js';

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

  const definitions = new Map<string, LinkTarget>();
  const withUnknownLabels = new Map<Block, LexedBlock>();
  const blocksAskingFor = new Map<string, Set<Block>>();

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

  /** Makes the blocks from index `from` on show `html`. They keep their ids by position. */
  function show(from: number, html: readonly string[]): void {
    for (const { id } of blocks.splice(from + html.length)) unsent.push({ op: 'remove', id });
    for (const [offset, blockHtml] of html.entries()) {
      const index = from + offset;
      put((blocks[index] ??= { id: nextId++, html: '' }), blockHtml);
    }
  }

  function settle(count: number): void {
    if (count === 0) return;
    settledCount += count;
    unsent.push({ op: 'settle', before: blocks[settledCount]?.id ?? nextId });
  }

  /** Renders a block that is final, and notes the labels it asked for in vain. */
  function renderSettled(lexed: LexedBlock): { html: string; unknownLabels: Set<string> } {
    const unknownLabels = new Set<string>();
    const html = renderBlock(lexed, (label) => {
      const target = definitions.get(label);
      if (!target) unknownLabels.add(label);
      return target;
    });
    return { html, unknownLabels };
  }

  function awaitLabels(block: Block, lexed: LexedBlock, labels: ReadonlySet<string>): void {
    if (labels.size === 0) return;
    withUnknownLabels.set(block, lexed);
    for (const label of labels) {
      const asking = blocksAskingFor.get(label);
      if (asking) asking.add(block);
      else blocksAskingFor.set(label, new Set([block]));
    }
  }

  /** Renders again the settled blocks that asked for these labels. Only their inline pass is run: the rest stands. */
  function mend(labels: readonly string[]): void {
    const concerned = new Set<Block>();
    for (const label of labels) {
      for (const block of blocksAskingFor.get(label) ?? []) concerned.add(block);
      blocksAskingFor.delete(label);
    }
    for (const block of concerned) {
      const lexed = withUnknownLabels.get(block);
      if (!lexed) continue;
      const { html, unknownLabels } = renderSettled(lexed);
      withUnknownLabels.delete(block);
      awaitLabels(block, lexed, unknownLabels);
      put(block, html);
    }
  }

  function flushMarkdown(): void {
    const { blocks: lexed, definitions: found } = lexBlocks(tail, definitions);
    const { count, length } = settledTokens(
      lexed.map(({ token }) => token),
      tail,
    );
    // A definition in what is open may still change: what is settled must not have used it.
    const settledLabels = [...found].filter(([, { block }]) => block < count);
    for (const [label, { target }] of settledLabels) definitions.set(label, target);

    const final = lexed
      .slice(0, count)
      .filter(({ token }) => isShown(token))
      .map((block) => ({ block, rendered: renderSettled(block) }));
    const open = lexed
      .slice(count)
      .filter(({ token }) => isShown(token))
      .map((block) => renderBlock(block, (label) => definitions.get(label) ?? found.get(label)?.target));

    mend(settledLabels.map(([label]) => label));
    show(settledCount, [...final.map(({ rendered }) => rendered.html), ...open]);
    for (const [offset, { block: lexedBlock, rendered }] of final.entries()) {
      const block = blocks[settledCount + offset];
      if (block) awaitLabels(block, lexedBlock, rendered.unknownLabels);
    }
    tail = tail.slice(length);
    settle(final.length);
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
