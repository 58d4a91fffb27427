import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_MATH_LENGTH } from '../../../src/core/markdown/math-syntax.js';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { randomMath } from './line-grammar.js';
import { chooseSeed, commonmarkExamples, createRandom, cutAtRandom, streamPieces } from './support.js';

/** How many texts are made; `COUNT` in the environment, as `npm run fuzz` sets it. */
const CASES = Number(process.env.COUNT ?? 1500);

const inline = (tex: string) => `<code class="language-math">${tex}</code>`;
const display = (tex: string) => `<code class="language-math-display">${tex}</code>`;
const block = (tex: string) => `<pre>${inline(`${tex}\n`)}</pre>\n`;

const EXAMPLES: [what: string, markdown: string, html: string][] = [
  [
    'dollars in a line',
    'so $a_1 + b_1$ and $c*d*e$.',
    `<p>so ${inline('a_1 + b_1')} and ${inline('c*d*e')}.</p>\n`,
  ],
  [
    'parentheses in a line',
    String.raw`so \(a_1\) and \(b_1\)`,
    `<p>so ${inline('a_1')} and ${inline('b_1')}</p>\n`,
  ],
  [
    'display math in a line',
    String.raw`so $$a$$ and \[b\].`,
    `<p>so ${display('a')} and ${display('b')}.</p>\n`,
  ],
  ['a block', '$$\na\n+ b\n= c\n$$\n', block('a\n+ b\n= c')],
  [
    'a block in brackets',
    '\\[\n# a \\\\\n\\\\[4pt] > b\n\\]\n\nafter',
    `${block('# a \\\\\n\\\\[4pt] &gt; b')}<p>after</p>\n`,
  ],
  ['a block behind text', 'so:\n$$\n=\n$$\nthen', `<p>so:</p>\n${block('=')}<p>then</p>\n`],
  ['a block in one line', '$$ a $$\n- b', `${block('a')}<ul>\n<li>b</li>\n</ul>\n`],
  ['a block in an item', '- so\n  $$\n  - a\n  $$\n', `<ul>\n<li>so${block('- a')}</li>\n</ul>\n`],
  ['math in emphasis', '*a $b*c$ d*', `<p><em>a ${inline('b*c')} d</em></p>\n`],
  [
    'math in a table',
    '| a |\n|---|\n| $b_1$ |\n',
    `<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody><tr>\n<td>${inline('b_1')}</td>\n</tr>\n</tbody></table>\n`,
  ],
  ['tags', '$a<b>c$', `<p>${inline('a&lt;b&gt;c')}</p>\n`],
];

const TEXTS: [what: string, markdown: string][] = [
  ['prices', '$5 and $6, US$5–US$6 and 8 $.\n'],
  ['an escaped dollar', 'so \\$a$ b'],
  ['code', '`$a$` and\n\n```\n$$\na\n$$\n```\n'],
  ['a dollar alone', 'one $ and *more*'],
  ['nothing', '$$$$ and $ $ and \\(\\)'],
];

describe('math', () => {
  for (const [what, markdown, html] of EXAMPLES) {
    it(`is kept from markdown: ${what}`, () => {
      assert.equal(renderWhole(markdown, true), html);
    });
  }

  for (const [what, markdown] of TEXTS) {
    it(`is not seen in ${what}`, () => {
      assert.equal(renderWhole(markdown, true), renderWhole(markdown));
    });
  }

  it('is text where nobody asked for it', () => {
    assert.equal(renderWhole('$a_1$ and $b_1$'), '<p>$a_1$ and $b_1$</p>\n');
    assert.ok(!renderWhole('$$\na\n$$').includes('language-math'));
  });

  it('that has no end within the limit is text', () => {
    for (const [opening, closing] of [
      ['$$', '$$'],
      ['\\(', '\\)'],
      ['$', '$'],
    ]) {
      const long = `${opening}${'a '.repeat(MAX_MATH_LENGTH)}b${closing} *c*`;
      assert.ok(!renderWhole(long, true).includes('language-math'), opening);
      assert.ok(renderWhole(long, true).includes('<em>c</em>'), opening);
    }
  });

  it('comes to the same blocks for text that is nothing but delimiters', () => {
    for (const unit of ['$', '$$', '$a ', '\\(', '\\[', '$$a\n', '\\\\(', '*$', 'a\n$$b$$ c\n', '$a* *b']) {
      const text = unit.repeat(10_000 / unit.length);
      assert.equal(streamPieces([text], { math: true }).html, renderWhole(text, true), unit);
    }
  });

  it('comes to the blocks of the whole text for random texts in random pieces', () => {
    const random = createRandom(chooseSeed());
    let runs = 0;
    let mended = 0;
    for (let left = CASES; left > 0; left -= 1) {
      const text = randomMath(random);
      const whole = renderWhole(text, true);
      for (const [longest, nestFrom] of [
        [1, 0],
        [12, 0],
        [60, undefined],
      ] as const) {
        const pieces = cutAtRandom(text, longest, random);
        const result = streamPieces(pieces, { math: true, nestFrom });
        runs += 1;
        assert.equal(result.html, whole, JSON.stringify(pieces));
        if (result.mended > 0) {
          mended += 1;
          if (mended <= 5) console.log(`mended at the end: ${JSON.stringify(text)}`);
        }
      }
    }
    console.log(`${runs} runs, ${mended} mended at the end`);
    assert.ok(mended <= runs * 0.002, `${mended} of ${runs} runs were mended at the end`);
  });

  it('changes no example of CommonMark that has none of its delimiters', () => {
    for (const { markdown, example } of commonmarkExamples) {
      if (/\$|\\[([]/.test(markdown)) continue;
      assert.equal(renderWhole(markdown, true), renderWhole(markdown), `example ${example}`);
    }
  });
});
