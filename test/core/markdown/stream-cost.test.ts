import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMarkdownStream } from '../../../src/core/markdown/markdown-stream.js';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { BlockView } from './block-view.js';
import { finish } from './support.js';

/** How long a text that is one open block gets, in UTF-16 units. */
const SIZE = 1_000_000;
/** How much comes at once. */
const DELTA = 200;
/** How often each character may be lexed, and how much of HTML and text may be sent for it. */
const MAX_LEXED_RATIO = 8;
const MAX_SENT_RATIO = 10;
/** A batch may hold one stretch of code beside what is new. */
const MAX_BATCH = 12_000;

const fill = (start: string, line: string) => start + line.repeat(Math.ceil(SIZE / line.length));

const giants: Readonly<Record<string, string>> = {
  'a fence': fill('```js\n', 'const a = [1, 2];\nif (a < 2) b();\n'),
  'a list': fill('', '- an item with *text* and `code`\n'),
  'a loose list': fill('', '1. an item with *text*\n\n'),
  'a table': fill('| a | b |\n|---|--:|\n', '| some *text* | 12 |\n'),
  'a paragraph of one line': fill('', 'Some words with **bold text** and `code` in it, and more. '),
  'a paragraph of many lines': fill('', 'Some words with **bold text** and `code` in it, and more.\n'),
  'a paragraph without spaces': fill('', '漢字仮名交じり文'),
  'a quote': fill('', '> a quote with *text*, and\n> more of it\n>\n'),
  'a quote of one paragraph': fill('> start\n', 'a quote with *text*, and more of it\n'),
  'a fence in a list item': fill('1. item\n\n   ```js\n', '   const a = 1;\n'),
  'a table in a list item': fill('- item\n\n  | a | b |\n  |---|--:|\n', '  | some *text* | 12 |\n'),
  'a list in a list item': fill('- item\n', '  - an item with *text*\n'),
  'a list in a quote': fill('', '> - an item with *text*\n'),
  'a loose list in a quote': fill('', '> - an item with *text*\n>\n'),
  'an open <details>': fill('<details>\n<summary>x</summary>\n', 'some <b>text</b> that goes on\n'),
  'an open <details> of many blocks': fill('<details>\n\n', 'some <b>text</b>\n\n- item\n\n'),
  'an open comment': fill('<!--\n', 'some text\n\n'),
};

/** What no rule divides: read again only when it has grown by an eighth. */
const indivisible: Readonly<Record<string, string>> = {
  'code of one line': fill('```\n', 'const a = [1, 2]; '),
  'one list item': fill('- ', 'some words of text and so on. '),
  'indented code': fill('', '    code\n'),
  'open brackets': fill('', '['),
};

function measure(text: string) {
  const stream = createMarkdownStream();
  const view = new BlockView();
  let largest = 0;
  for (let from = 0; from < text.length; from += DELTA) {
    const before = view.size;
    stream.append(text.slice(from, from + DELTA));
    view.apply(stream.flush());
    largest = Math.max(largest, view.size - before);
  }
  const { lexed } = stream.work;
  const sent = view.size;
  view.apply(finish(stream));
  return {
    lexed: lexed / text.length,
    sent: sent / text.length,
    largest,
    work: stream.work,
    html: view.html,
  };
}

describe('an open block of a megabyte', () => {
  for (const [name, text] of Object.entries(giants)) {
    it(`costs what is new: ${name}`, () => {
      const { lexed, sent, largest, work, html } = measure(text);
      console.log(`${name}: lexed ${lexed.toFixed(1)}, sent ${sent.toFixed(1)}, largest batch ${largest}`);
      assert.ok(lexed < MAX_LEXED_RATIO, `each character was lexed ${lexed} times`);
      assert.ok(sent < MAX_SENT_RATIO, `each character was sent ${sent} times`);
      assert.ok(largest < MAX_BATCH, `a batch was ${largest} long`);
      assert.equal(work.mended, 0);
      assert.ok(html === renderWhole(text), 'the blocks are those of the whole text');
    });
  }

  for (const [name, text] of Object.entries(indivisible)) {
    it(`is read a bounded number of times: ${name}`, () => {
      const { lexed, html } = measure(text.slice(0, 200_000));
      console.log(`${name}: lexed ${lexed.toFixed(1)}`);
      // A geometric series with the factor 1.125, and the part before it begins.
      assert.ok(lexed < 40, `each character was lexed ${lexed} times`);
      assert.ok(html === renderWhole(text.slice(0, 200_000)), 'the blocks are those of the whole text');
    });
  }
});
