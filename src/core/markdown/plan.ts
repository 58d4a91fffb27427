import type { Token, Tokens } from 'marked';
import { tokensInside, type InlineRun } from './block-lexer.js';
import { HTML_GROUP } from './html-groups.js';
import { containerOf, documentParts, listContainer, type Container } from './containers.js';
import { isLooseForSure, type LexedSource, type Part, type Parts } from './parts.js';

/** From this length on even one line of code is shown in stretches, in UTF-16 units. */
const LONG_LINE_OF_CODE = 8192;

/** A block whose parts are blocks of their own, and which is still open. */
export interface OpenContainer {
  readonly container: Container;
  /** Where the line it starts in starts in the whole text, in UTF-16 units. */
  readonly start: number;
  /** What is final of the last stretch of its text, where it is code. */
  readonly stretch: string;
}

/** What to show of blocks one after another. */
export interface Plan {
  readonly parts: readonly Part[];
  readonly settled: number;
  readonly begun: number;
  /** The parts that are shown as containers, by their index. */
  readonly nested: ReadonlyMap<number, NestedPlan>;
}

/** What to show of a part that is a container. */
export interface NestedPlan extends Plan {
  readonly container: Container;
  readonly part: Part;
  /** Set when the container was open before. */
  readonly resumed: OpenContainer | undefined;
  /** Whether nothing more can come into it. */
  readonly isFinal: boolean;
}

/** What was final in a container turns out not to be: it has to be read again from its start. */
export class Rewind extends Error {
  readonly depth: number;
  /** Whether it is another block than it was taken for. */
  readonly isMismatch: boolean;

  constructor(depth: number, isMismatch: boolean) {
    super('An open block has to be read again.');
    this.depth = depth;
    this.isMismatch = isMismatch;
  }
}

/** What a plan is made from. */
interface PlanContext {
  readonly source: LexedSource;
  readonly path: readonly OpenContainer[];
  /** From which length of their source on blocks become containers, in UTF-16 units. */
  readonly nestFrom: number;
  /** Whether raw HTML is kept. Then nothing but code can be cut, for an element may reach over what is in a block. */
  readonly html: boolean;
}

function planNested(
  context: PlanContext,
  wanted: Container,
  part: Part,
  depth: number,
  isFinal: boolean,
): NestedPlan {
  const { source, path } = context;
  const resumed = path[depth];
  let container = wanted;
  let inner = container.partsOf(source, part, resumed !== undefined);
  if (part.token.type === 'list') {
    const list = part.token as Tokens.List;
    const isLoose = isFinal ? list.loose : isLooseForSure(source, inner);
    if (isLoose && !container.isLoose) {
      if (resumed) throw new Rewind(depth, false);
      container = listContainer(list, true);
    }
    // While it only looks loose, nothing more of it is final.
    if (list.loose && !container.isLoose) inner = { ...inner, settled: 0 };
  }
  const plan = planParts(context, inner, resumed ? depth + 1 : Infinity, isFinal);
  return { ...plan, container, part, resumed, isFinal };
}

/** A plan for a part as a container, if it is long enough and something in it is final. */
function planNew(context: PlanContext, part: Part): NestedPlan | undefined {
  const { source, nestFrom, html } = context;
  if (html && part.token.type !== 'code') return undefined;
  if (!part.isShown || !(source.text.length - part.offset >= nestFrom)) return undefined;
  const container = containerOf(part.token, source);
  if (!container) return undefined;
  const plan = planNested(context, container, part, Infinity, false);
  if (container.type === 'code') {
    const isLongLine = (part.token as Tokens.Code).text.length > LONG_LINE_OF_CODE;
    return isLongLine || finalCodeLines(source, part) > 0 ? plan : undefined;
  }
  return plan.settled > 0 || plan.nested.size > 0 ? plan : undefined;
}

function planParts(context: PlanContext, found: Parts, depth: number, isFinal: boolean): Plan {
  const { parts, begun } = found;
  const settled = isFinal ? parts.length : found.settled;
  const nested = new Map<number, NestedPlan>();
  const open = context.path[depth];
  const [first] = parts;
  if (open) {
    if (!first?.isShown || first.token.type !== open.container.type) throw new Rewind(0, true);
    nested.set(0, planNested(context, open.container, first, depth, settled > 0));
  }
  const next = parts[settled];
  if (next && settled < begun && !nested.has(settled)) {
    const plan = planNew(context, next);
    if (plan) nested.set(settled, plan);
  }
  return { parts, settled, begun, nested };
}

/** What to show of a lexed text, of which `path` was open before. */
export function makePlan(context: PlanContext, isFinal: boolean): Plan {
  return planParts(context, documentParts(context.source), 0, isFinal);
}

/** The labels that are defined in what is final. */
export function finalLabels({ parts, settled, nested }: Plan): Set<string> {
  const labels = new Set<string>();
  const collect = (token: Token): void => {
    if (token.type === 'def') labels.add((token as Tokens.Def).tag);
    if (token.type !== 'paragraph') tokensInside(token).forEach(collect);
  };
  for (const { token } of parts.slice(0, settled)) collect(token);
  for (const plan of nested.values()) for (const label of finalLabels(plan)) labels.add(label);
  return labels;
}

/** The token in which the text of a token ends, if that is inline text. */
function lastText(token: Token): Tokens.Generic | undefined {
  switch (token.type) {
    case 'list': {
      const item = (token as Tokens.List).items.at(-1);
      return item && lastText(item);
    }
    case 'list_item':
    case 'blockquote':
    case HTML_GROUP: {
      const last = (token as Tokens.ListItem).tokens.at(-1);
      return last && lastText(last);
    }
    case 'table':
    case 'row': {
      const { rows, header = [] } = token as Tokens.Generic & Tokens.Table;
      // Cells that have not come yet are there, but empty.
      return (rows.at(-1) ?? header).findLast(({ text }) => text !== '') as Tokens.Generic | undefined;
    }
    case 'heading':
    case 'paragraph':
    case 'text':
      return token as Tokens.Generic;
    default:
      return undefined;
  }
}

/** The inline run in which a part that is last in its text ends: more may come into it. */
export function openRun({ token, runs }: Part): InlineRun | undefined {
  const last = lastText(token);
  const run = last && runs.find(({ tokens }) => tokens === last.tokens);
  // The run of a piece of a paragraph is its own.
  return run ?? (last === token ? runs.at(-1) : undefined);
}

/** How many lines of open code are final: all but the last that is whole and not blank, and what follows it. */
export function finalCodeLines({ text, lineStarts }: LexedSource, { token, offset }: Part): number {
  const code = token as Tokens.Code;
  const lines = code.text.split('\n');
  const firstLine = lineStarts.findIndex((start) => start > offset);
  if (firstLine === -1) return 0;
  const lengthOf = (line: number) => (lineStarts[line + 1] ?? text.length + 1) - (lineStarts[line] ?? 0) - 1;
  // In a list item marked takes lines for code that are not indented like it. None of them can come first.
  const isIndented = lengthOf(firstLine - 1) > (code.raw.split('\n', 1)[0] ?? '').length;
  const canComeFirst = (index: number) => {
    const line = lines[index] ?? '';
    return line.trim() !== '' && !(isIndented && lengthOf(firstLine + index) === line.length);
  };
  let last = Math.min(lines.length, lineStarts.length - 1 - firstLine) - 1;
  while (last > 0 && !canComeFirst(last)) last -= 1;
  return Math.max(0, last);
}
