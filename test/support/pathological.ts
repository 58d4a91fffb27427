/** A text a count of times, a ramp of indented lines, or a count of numbered pieces. */
export type Segment =
  | readonly [text: string, times: number]
  | { readonly ramp: readonly [indent: string, line: string, from: number, below: number] }
  | { readonly rampHead: readonly [head: string, unit: string, from: number, below: number] }
  | { readonly count: readonly [before: string, behind: string, from: number, to: number] };

/** A text made to be slow, in few words. */
export interface PathologicalCase {
  readonly name: string;
  readonly segments: readonly Segment[];
}

function buildSegment(segment: Segment): string {
  if (!('ramp' in segment || 'rampHead' in segment || 'count' in segment)) {
    return segment[0].repeat(segment[1]);
  }
  const lines: string[] = [];
  if ('count' in segment) {
    const [before, behind, from, to] = segment.count;
    for (let index = from; index <= to; index += 1) lines.push(before + index + behind);
  } else if ('ramp' in segment) {
    const [indent, line, from, below] = segment.ramp;
    for (let depth = from; depth < below; depth += 1) lines.push(indent.repeat(depth) + line);
  } else {
    const [head, unit, from, below] = segment.rampHead;
    for (let depth = from; depth < below; depth += 1) lines.push(head + unit.repeat(depth));
  }
  return lines.join('');
}

/** The text itself. */
export function buildText(segments: readonly Segment[]): string {
  return segments.map(buildSegment).join('');
}

/** Texts that take long to read, that become much more than they are, or that take long to lay out. */
export const OWN_CASES: readonly PathologicalCase[] = [
  {
    name: 'asterisks around a letter',
    segments: [
      ['*', 60_000],
      ['a', 1],
      ['*', 60_000],
    ],
  },
  { name: 'emphasis that crosses', segments: [['_a*_ ', 20_000]] },
  { name: 'code and backslashes', segments: [['``\\ ', 20_000]] },
  { name: 'comments in closing tags', segments: [['</<!--', 100_000]] },
  {
    name: 'quotes, then asterisks',
    segments: [
      ['>', 100_000],
      ['a*', 100_000],
    ],
  },
  {
    name: 'an address without an end',
    segments: [
      ['a.', 50_000],
      ['@b', 1],
    ],
  },
  {
    name: 'quotes in each other',
    segments: [
      ['> ', 30_000],
      ['a', 1],
    ],
  },
  {
    name: 'lists in each other',
    segments: [
      ['- ', 30_000],
      ['a', 1],
    ],
  },
  { name: 'backticks', segments: [['`', 1_000_000]] },
  {
    name: 'references to one long address',
    segments: [
      ['[a]: http://b/', 1],
      ['c', 60_000],
      ['\n\n', 1],
      ['[a] ', 15_000],
    ],
  },
  {
    name: 'a wide table of short rows',
    segments: [
      ['|a', 300],
      ['|\n', 1],
      ['|-', 300],
      ['|\n', 1],
      ['|b|\n', 3000],
    ],
  },
  {
    name: 'a table of many short rows',
    segments: [
      ['|a|b|\n|-|-|\n', 1],
      ['|1|2|\n', 20_000],
    ],
  },
  { name: 'letters that change their direction', segments: [['a\u05D0', 50_000]] },
  { name: 'one word', segments: [['a', 1_000_000]] },
  { name: 'lines of one letter', segments: [['a\n', 200_000]] },
  { name: 'paragraphs of one letter', segments: [['a\n\n', 100_000]] },
  { name: 'headings of one letter', segments: [['# a\n', 20_000]] },
  { name: 'line breaks', segments: [['<br>', 50_000]] },
  { name: 'links', segments: [['[a](b) ', 20_000]] },
  {
    name: 'links in a list item',
    segments: [
      ['- ', 1],
      ['[a](b) ', 20_000],
    ],
  },
  { name: 'code in a line', segments: [['`a` ', 20_000]] },
  {
    name: 'one line of code',
    segments: [
      ['```\n', 1],
      ['a', 1_000_000],
    ],
  },
  {
    name: 'quotes in each other, of much text',
    segments: [
      ['> ', 100],
      ['word ', 20_000],
    ],
  },
];
