import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closeInline, shownLength } from '../../../src/core/markdown/half-open.js';
import { createMarkdownStream } from '../../../src/core/markdown/markdown-stream.js';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { BlockView } from './block-view.js';
import { finish } from './support.js';
import { blockTypes, takenBackInDocumentation } from './taken-back.js';

/** What a reader sees after each character: the HTML, each only once in a row. */
function snapshots(text: string): string[] {
  const stream = createMarkdownStream();
  const view = new BlockView();
  const shown: string[] = [];
  const note = () => {
    // A blank at the end of a block does not show.
    const html = view.html.replaceAll('\n', '').replace(/ (?=<\/p>|<\/li>)/g, '');
    if (html !== shown.at(-1) && html !== '') shown.push(html);
  };
  for (const character of text) {
    stream.append(character);
    view.apply(stream.flush());
    note();
  }
  view.apply(finish(stream));
  note();
  return shown;
}

describe('syntax that is not complete yet', () => {
  const cases: readonly { title: string; text: string; shown: readonly string[] }[] = [
    {
      title: 'is bold from the first letter',
      text: 'a **bo** c',
      shown: [
        '<p>a</p>',
        '<p>a <strong>b</strong></p>',
        '<p>a <strong>bo</strong></p>',
        '<p>a <strong>bo</strong> c</p>',
      ],
    },
    {
      title: 'is emphasis in emphasis',
      text: '*a **b***',
      shown: ['<p><em>a</em></p>', '<p><em>a <strong>b</strong></em></p>'],
    },
    {
      title: 'is struck out from the first letter',
      text: '~~a~~',
      shown: ['<p><del>a</del></p>'],
    },
    {
      title: 'is code from the first letter',
      text: 'a `b*c` d',
      shown: [
        '<p>a</p>',
        '<p>a <code>b</code></p>',
        '<p>a <code>b*</code></p>',
        '<p>a <code>b*c</code></p>',
        '<p>a <code>b*c</code> d</p>',
      ],
    },
    {
      title: 'is the text of a link without its bracket, and then the link',
      text: 'a [bc](http://d.e) f',
      shown: [
        '<p>a</p>',
        '<p>a bc</p>',
        '<p>a <a href="http://d.e">bc</a></p>',
        '<p>a <a href="http://d.e">bc</a> f</p>',
      ],
    },
    {
      title: 'waits with a short bracket, and shows it where it is one',
      text: 'a [1] b',
      shown: ['<p>a</p>', '<p>a [1]</p>', '<p>a [1] b</p>'],
    },
    {
      title: 'is nothing of an image',
      text: 'a ![b](c.png)',
      shown: ['<p>a</p>', '<p>a <img src="c.png" alt="b"></p>'],
    },
    {
      title: 'is nothing of an entity',
      text: 'a &copy; b',
      shown: ['<p>a</p>', '<p>a &copy;</p>', '<p>a &copy; b</p>'],
    },
    {
      title: 'is a tag that may pass from its opening on',
      text: 'a <kbd>b</kbd>',
      shown: ['<p>a</p>', '<p>a <kbd>b</kbd></p>'],
    },
    {
      title: 'waits with a list marker',
      text: '- a\n- b',
      shown: ['<ul><li>a</li></ul>', '<ul><li>a</li><li>b</li></ul>'],
    },
    {
      title: 'waits with the box of a task',
      text: '- [x] a',
      shown: ['<ul><li><input checked="" disabled="" type="checkbox"> a</li></ul>'],
    },
    {
      title: 'waits with the line that opens code, and with one that may close it',
      text: '```js\na\n``\n```\n',
      shown: [
        '<pre><code class="language-js"></code></pre>',
        '<pre><code class="language-js">a</code></pre>',
        '<pre><code class="language-js">a``</code></pre>',
      ],
    },
    {
      title: 'waits with the head of a table for the row under it',
      text: '| a | b |\n|---|---|\n| 1 | 2 |\n',
      shown: [
        '<table><thead><tr><th>a</th><th>b</th></tr></thead></table>',
        '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td></td></tr></tbody></table>',
        '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>',
      ],
    },
    {
      title: 'shows a bar that is no table',
      text: '| a\nb',
      shown: ['<p>| ab</p>'],
    },
    {
      title: 'waits with the line under a heading',
      text: 'ab\n==\n',
      shown: ['<p>a</p>', '<p>ab</p>', '<h1>ab</h1>'],
    },
    {
      title: 'waits with a definition',
      text: '[a]: /b\n\nc',
      shown: ['<p>c</p>'],
    },
    {
      title: 'shows at the end what turns out to be literal',
      text: 'a **b',
      shown: ['<p>a</p>', '<p>a <strong>b</strong></p>', '<p>a **b</p>'],
    },
    {
      title: 'shows a bracket that nothing closes',
      text: 'a [b',
      shown: ['<p>a</p>', '<p>a [b</p>'],
    },
  ];
  for (const { title, text, shown } of cases) {
    it(title, () => {
      assert.deepEqual(snapshots(text), [...shown]);
      assert.equal(snapshots(text).at(-1), renderWhole(text).replaceAll('\n', ''));
    });
  }

  it('leaves complete text as it is', () => {
    for (const text of ['a', 'a **b** c', '`a`', '[a](b)', 'a * b', '2 < 3 and', 'snake_case', '\\*a']) {
      assert.equal(closeInline(text), text);
      assert.equal(shownLength(text), text.length);
    }
  });

  /** Text may be taken back in this share of the tokens. */
  const MAX_TAKEN_BACK = 0.001;

  for (const [kind, types] of Object.entries(blockTypes)) {
    it(`is taken back in at most 0.1 % of the tokens: ${kind}`, () => {
      const { tokens, taken } = takenBackInDocumentation(types, 2_000_000);
      console.log(`${kind}: ${taken} of ${tokens} tokens, ${((100 * taken) / tokens).toFixed(3)} %`);
      assert.ok(tokens > 10_000);
      assert.ok(taken <= tokens * MAX_TAKEN_BACK);
    });
  }
});
