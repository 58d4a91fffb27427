import type { Tokens } from 'marked';
import { lexBlocks, readInline, type FoundDefinition, type LinkTarget } from './block-lexer.js';
import { BlockTree, type Block, type Flow } from './block-tree.js';
import { closeInline, shownLength } from './half-open.js';
import { readingOf } from './math-setup.js';
import { createTextCleaner, withVisibleControls } from './odd-text.js';
import { lineStartsOf, type LexedSource, type Part } from './parts.js';
import { plainBlocks, settledPlainLength } from './plain-text.js';
import {
  finalCodeLines,
  finalLabels,
  makePlan,
  openRun,
  Rewind,
  type NestedPlan,
  type OpenContainer,
  type Plan,
} from './plan.js';
import type { MarkdownStream, MarkdownStreamOptions } from './protocol.js';
import { DEFAULT_RENDER_LIMITS, type RenderLimits } from './render-limits.js';
import { escapeHtml } from './raw-html.js';
import { endOfStretch } from './stretches.js';
import { wholeBlocks } from './whole-text.js';

/** From which length of its source on an open block is shown as a container, in UTF-16 units. */
const NEST_FROM = 1024;
/** Code stands in stretches of whole lines, each at least this long, in UTF-16 units. */
const CODE_STRETCH = 4096;
/** A line of code longer than this is broken: layout of one long line takes time by the square of its length. */
const LONGEST_CODE_STRETCH = 8192;
/**
 * An open tail longer than this, of which nothing can be final, is read again only when it has grown by an eighth:
 * so whatever a text is, it is read less than ten times as a whole.
 */
const LONG_TAIL = 8192;
const LONG_TAIL_GROWTH = 1.125;
/** How often one flush may start over before it does without containers. */
const MAX_REWINDS = 64;

/** A settled block that shows a label without a definition that is final. */
interface Unresolved {
  readonly flow: Flow;
  readonly part: Part;
}

function endOfCode(text: string): number | undefined {
  return endOfStretch(text, 0, CODE_STRETCH, LONGEST_CODE_STRETCH);
}

/**
 * Makes a stream of block patches for one text. Only the open tail is parsed at each flush: a settled block comes
 * back for a link definition that it lacked, and otherwise when the end finds that it differs.
 */
export function createMarkdownStream({
  math = false,
  html: keepsHtml = false,
  nestFrom = NEST_FROM,
  limits,
}: MarkdownStreamOptions = {}): MarkdownStream {
  const renderLimits: RenderLimits = { ...DEFAULT_RENDER_LIMITS, ...limits };
  /** All text, for the parse of the whole at the end. */
  let source = '';
  /** The text behind what is final. */
  let tail = '';
  /** The blocks the tail starts in, from the outermost. */
  let path: OpenContainer[] = [];
  let unflushed = false;
  /** All of the text is shown as it is written. */
  let isPlain = false;
  /** Length of the tail below which it is not worth reading again. */
  let lexFrom = 0;
  /** Raised while a block is open that turned out to be none of the containers. */
  let minimumNested = nestFrom;
  const work = { lexed: 0, rewound: 0, mended: 0 };

  // Where an element of raw HTML is open, text does not end where the last tag closes.
  const tree = new BlockTree(renderLimits, keepsHtml);
  const { root } = tree;
  /** Definitions of what is final, and those of the open tail, which may still change. */
  const definitions = new Map<string, LinkTarget>();
  let openDefinitions = new Map<string, LinkTarget>();
  /** Settled blocks with a label that no final definition has, and the way back from such a label to them. */
  const unresolved = new Map<Block, Unresolved>();
  const askingFor = new Map<string, Set<Block>>();
  /** What is final of the last stretch of open code. */
  const stretches = new WeakMap<Part, string>();

  const cleaner = createTextCleaner();
  const reading = readingOf({ math, html: keepsHtml });

  function take(text: string): void {
    source += text;
    tail += text;
  }

  function findTarget(label: string): LinkTarget | undefined {
    return definitions.get(label) ?? openDefinitions.get(label);
  }

  /** Shows a settled block, and notes the labels in it whose definition may still come or change. */
  function showSettled(flow: Flow, block: Block, part: Part): void {
    unresolved.delete(block);
    readInline(part.runs, (label) => {
      if (!definitions.has(label)) {
        unresolved.set(block, { flow, part });
        const asking = askingFor.get(label);
        if (asking) asking.add(block);
        else askingFor.set(label, new Set([block]));
      }
      return findTarget(label);
    });
    tree.put(flow, block, part.html());
  }

  /** Shows an open block. Where it `goesOn`, syntax at its end may be incomplete. */
  function showOpen(flow: Flow, block: Block, part: Part, goesOn: boolean): void {
    const open = goesOn ? openRun(part) : undefined;
    const runs = part.runs.map((run) => (run === open ? { ...run, source: closeInline(run.source) } : run));
    readInline(runs, findTarget);
    tree.put(flow, block, part.html());
  }

  /** Takes over what the tail defines. Settled blocks that asked for what is new in it are rendered again. */
  function define(found: ReadonlyMap<string, FoundDefinition>, plan: Plan): void {
    const final = finalLabels(plan);
    const before = new Map(
      [...openDefinitions.keys(), ...found.keys()].map((label) => [label, findTarget(label)]),
    );
    openDefinitions = new Map();
    for (const [label, { block, target }] of found) {
      if (block < plan.settled || final.has(label)) definitions.set(label, target);
      else if (block < plan.begun) openDefinitions.set(label, target);
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
      const asking = unresolved.get(block);
      if (asking) showSettled(asking.flow, block, asking.part);
    }
  }

  function showParts(lexed: LexedSource, flow: Flow, { parts, settled, nested }: Plan): void {
    let place = flow.settled;
    let settledPlace = place;
    tree.keepOnly(flow, place + parts.filter(({ isShown }) => isShown).length);
    for (const [index, part] of parts.entries()) {
      if (!part.isShown) continue;
      const block = tree.at(flow, place);
      place += 1;
      const plan = nested.get(index);
      if (plan) {
        const inner = tree.nest(flow, block, plan.container.shell, plan.container.place);
        if (plan.container.type === 'code') showCode(lexed, inner, plan);
        else showParts(lexed, inner, plan);
      } else if (index < settled) showSettled(flow, block, part);
      else showOpen(flow, block, part, index === parts.length - 1);
      if (index < settled) settledPlace = place;
    }
    tree.settle(flow, settledPlace);
  }

  /** Shows code in stretches of whole lines, of which the last one grows. */
  function showCode(lexed: LexedSource, flow: Flow, { part, resumed, isFinal }: NestedPlan): void {
    const text = withVisibleControls((part.token as Tokens.Code).text);
    const finalLines = isFinal ? 0 : finalCodeLines(lexed, part);
    const lines = text.split('\n');
    let stretch =
      (resumed?.stretch ?? '') +
      lines
        .slice(0, finalLines)
        .map((line) => `${line}\n`)
        .join('');
    let place = flow.settled;
    const putStretches = (): void => {
      for (let end = endOfCode(stretch); end !== undefined; end = endOfCode(stretch)) {
        tree.put(flow, tree.at(flow, place), escapeHtml(stretch.slice(0, end)));
        stretch = stretch.slice(end);
        place += 1;
      }
    };
    putStretches();
    tree.settle(flow, place);
    stretches.set(part, stretch);
    const rest = lines.slice(finalLines).join('\n').replace(/\n$/, '');
    // The last line end comes last, so that what is shown only grows.
    stretch += rest + (isFinal && text !== '' ? '\n' : '');
    putStretches();
    if (stretch !== '') {
      tree.put(flow, tree.at(flow, place), escapeHtml(stretch));
      place += 1;
    }
    tree.keepOnly(flow, place);
    if (isFinal) tree.settle(flow, place);
  }

  /** Cuts from the tail what is final, and notes which blocks the rest starts in. */
  function cut(lexed: LexedSource, plan: Plan, opening: number): void {
    const tailStart = source.length - tail.length - opening;
    const nextPath: OpenContainer[] = [];
    let level: Plan = plan;
    let offset = opening;
    for (;;) {
      const open = level.nested.get(level.settled);
      if (!open || open.isFinal) break;
      const lineStart = lexed.text.lastIndexOf('\n', open.part.offset - 1) + 1;
      nextPath.push({
        container: open.container,
        start: open.resumed?.start ?? tailStart + lineStart,
        stretch: stretches.get(open.part) ?? '',
      });
      level = open;
      if (open.container.type === 'code') {
        const firstLine = lexed.lineStarts.findIndex((start) => start > open.part.offset);
        offset = lexed.lineStarts[firstLine + finalCodeLines(lexed, open.part)] ?? opening;
      }
    }
    const next = level.parts[level.settled];
    if (next && Number.isFinite(next.offset)) ({ offset } = next);
    tail = tail.slice(Math.max(0, offset - opening));
    path = nextPath;
  }

  function lexTail(isFinal: boolean): void {
    let prefix = '';
    let opening = '';
    for (const { container } of path) {
      opening += container.opening(prefix);
      prefix += container.indent;
    }
    const whole = opening + tail;
    const text = isFinal ? whole : whole.slice(0, shownLength(whole));
    work.lexed += text.length;
    const found = lexBlocks(text, definitions, reading, renderLimits.maxNesting);
    const lexed: LexedSource = { ...found, text, lineStarts: lineStartsOf(text) };
    const plan = makePlan({ source: lexed, path, nestFrom: minimumNested, html: keepsHtml }, isFinal);
    define(found.definitions, plan);
    if (plan.settled > 0) minimumNested = nestFrom;
    showParts(lexed, root, plan);
    if (!isFinal) cut(lexed, plan, opening.length);
  }

  /** Goes back to where the block at `depth` of the path starts. */
  function rewind({ depth, isMismatch }: Pick<Rewind, 'depth' | 'isMismatch'>): void {
    let level = isMismatch ? 0 : depth;
    // A block that starts in the same line as the one around it cannot be read without that.
    while (level > 0 && path[level]?.start === path[level - 1]?.start) level -= 1;
    const start = path[level]?.start ?? source.length - tail.length;
    let flow = root;
    for (let left = level; left > 0; left -= 1) flow = flow.blocks[flow.settled]?.flow ?? flow;
    const block = flow.blocks[flow.settled];
    if (block) unsettle(block);
    tail = source.slice(start);
    path = path.slice(0, level);
    lexFrom = 0;
    if (isMismatch) minimumNested = Math.max(nestFrom, tail.length * 2);
    work.rewound += 1;
  }

  function unsettle(block: Block): void {
    unresolved.delete(block);
    if (!block.flow) return;
    block.flow.settled = 0;
    block.flow.blocks.forEach(unsettle);
  }

  function flushMarkdown(isFinal: boolean): void {
    if (!isFinal && tail.length < lexFrom) return;
    for (let left = MAX_REWINDS; ; left -= 1) {
      try {
        lexTail(isFinal);
        break;
      } catch (error) {
        if (!(error instanceof Rewind)) throw error;
        rewind(left > 0 ? error : { depth: 0, isMismatch: true });
      }
    }
    lexFrom = tail.length > LONG_TAIL ? tail.length * LONG_TAIL_GROWTH : 0;
  }

  function flushPlain(): void {
    const length = settledPlainLength(tail);
    const final = plainBlocks(tail.slice(0, length));
    const html = [...final, ...plainBlocks(tail.slice(length))];
    tree.keepOnly(root, root.settled + html.length);
    for (const [offset, block] of html.entries()) tree.put(root, tree.at(root, root.settled + offset), block);
    tail = tail.slice(length);
    tree.settle(root, root.settled + final.length);
  }

  function giveUp(): void {
    if (isPlain) return;
    isPlain = true;
    tree.clear();
    unresolved.clear();
    askingFor.clear();
    path = [];
    tail = source;
  }

  function flush(isFinal: boolean): void {
    tree.textLength = source.length;
    if (!isPlain) {
      try {
        flushMarkdown(isFinal);
      } catch {
        // There is more to show than a page can bear, or marked has run out of stack.
        giveUp();
      }
    }
    if (isPlain) flushPlain();
    unflushed = false;
  }

  /** Makes the block at a place of the document show `html`, if it does not yet. */
  function mend(index: number, html: string): void {
    const block = tree.at(root, index);
    if (tree.htmlOf(block) === html) return;
    work.mended += 1;
    tree.put(root, block, html);
  }

  /** Makes the blocks equal to those of the whole text. */
  function* mendAll(): Generator<void, void> {
    let count = 0;
    for (const html of wholeBlocks(source, reading, renderLimits.maxNesting)) {
      mend(count, html);
      count += 1;
      yield;
    }
    work.mended += Math.max(0, root.blocks.length - count);
    tree.keepOnly(root, count);
  }

  return {
    work,

    get isPlain() {
      return isPlain;
    },

    append(delta) {
      take(cleaner.push(delta));
      unflushed = true;
    },

    flush() {
      if (unflushed) flush(false);
      return tree.take();
    },

    giveUp() {
      giveUp();
      unflushed = true;
    },

    *finish() {
      take(cleaner.end());
      flush(true);
      if (!isPlain) {
        try {
          yield* mendAll();
        } catch {
          giveUp();
          flushPlain();
        }
      }
      tree.settle(root, root.blocks.length);
      return tree.take();
    },
  };
}
