import type { Random } from './support.js';

// Lines that start, continue, end or break every kind of block, and what marked reads across lines.
const LINES = [
  [
    '# heading',
    'text with [foo] in it',
    '- item',
    '* item *em*',
    '1. one',
    '2) two',
    '> quote',
    '```',
    '~~~js',
  ],
  ['| a | b |', '|---|:-:|', '| 1 [foo] | `x` |', 'a | b', '--|--', '---', '===', '***', '', '', '', '', ' '],
  ['    indented code', '\ttab code', '[foo]: /url', '[foo]: /url "title', '[bar]: <x> (title', "[b]: /u 't"],
  ['[ba\\]r]:', '/late', 't" ', ')', "x'", '[foo][bar]', '![pic][foo]', '[foo *bar*][]', '*a [foo* b]'],
  ['<div>', '</div>', '<details>', '<!-- comment', '-->', '<b>bold', '</b>', '<kbd>K</kbd> & <i>', 'x<br>y'],
  [
    '**bold',
    'bold**',
    '`code',
    'code`',
    '![image](',
    'u)',
    '[link](http://a.b/c',
    '- [ ] task',
    '- [x] done',
  ],
  [
    '-',
    '1.',
    '+ plus',
    '  continued',
    '   - nested',
    '     deeper',
    'https://example.com/a_b',
    'break\\',
    'two  ',
  ],
  [
    '<script>',
    '</script>',
    '<a href="x">',
    '</a> [bar][]',
    '\\# escaped',
    '&amp; &copy; &#35;',
    '<https://x.y>',
  ],
  [
    'me@example.com',
    '~~del~~',
    'Foo\n---',
    '[^1]: note',
    'text[^1]',
    '<p align="center">',
    '<?php',
    '?>',
    '<pre>',
  ],
].flat();

// Long lists and tables, where one block stays open for many lines.
const LIST_LINES = [
  [
    '- a [foo]',
    '- b',
    '- c `x`',
    '* d',
    '1. e',
    '2. f',
    '3. g [bar]',
    '',
    '',
    '  paragraph',
    '  ```',
    '  - nested',
  ],
  [
    '| a | b |',
    '|--|--|',
    '| 1 | 2 [foo] |',
    '| 3 | 4 |',
    '```',
    'code',
    '[foo]: /u',
    '[bar]: /v',
    '# heading',
    '---',
  ],
].flat();

// What begins, ends or looks like math, and what markdown would make of it inside.
const MATH_LINES = [
  [
    '$$',
    '$$',
    '$$',
    '\\[',
    '\\]',
    '$$ x $$',
    'text $a_b$ and $c_d$',
    '\\(a*b\\) and \\(c*d\\)',
    '$5 and $6',
    '$',
  ],
  [
    '$$ a',
    'b $$',
    'text:\n$$\n+ c\n$$',
    '= d',
    '=',
    '- e',
    '+ f',
    '# g',
    '> h',
    '```',
    '1. i',
    '| $a$ | b |\n|--|--|',
  ],
  [
    '*em $a* b$ em*',
    '`$a` b$',
    '[$x$](/u)',
    '\\$ $y\\$z$',
    '\\\\(no)',
    '$$ x $$ y',
    '- item $$',
    '  $$',
    '  \\]',
    '',
    '',
    '',
  ],
].flat();

/** A text of random lines with math in it. */
export function randomMath(random: Random): string {
  let text = '';
  for (let left = random.integer(2, 12); left > 0; left -= 1) {
    if (random.chance(0.1)) text += ' '.repeat(random.integer(1, 5));
    else if (random.chance(0.05)) text += random.pick(['> ', '- ', '1. ']);
    text += `${random.pick(random.chance(0.7) ? MATH_LINES : LINES)}\n`;
  }
  return random.chance(0.3) ? text.trimEnd() : text;
}

/** A text of random lines, with random indents, line ends and end. */
export function randomText(random: Random): string {
  const isList = random.chance(1 / 3);
  const lines = isList ? LIST_LINES : LINES;
  let text = '';
  for (let left = random.integer(2, isList ? 24 : 12); left > 0; left -= 1) {
    if (random.chance(0.15)) text += ' '.repeat(random.integer(1, 5));
    else if (random.chance(0.05)) text += '> ';
    text += random.pick(lines) + (random.chance(0.03) ? random.pick(['\r\n', '\r']) : '\n');
  }
  return random.chance(0.3) ? text.trimEnd() : text;
}

/** Examples of a specification one after another. */
export function randomConcatenation(examples: readonly string[], random: Random): string {
  let text = '';
  for (let left = random.integer(2, 6); left > 0; left -= 1) {
    text += random.pick(examples) + (random.chance(0.6) ? '\n' : '');
  }
  return text;
}
