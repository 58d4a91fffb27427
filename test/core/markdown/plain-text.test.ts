import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMarkdownStream } from '../../../src/core/markdown/markdown-stream.js';
import { plainBlocks } from '../../../src/core/markdown/plain-text.js';
import { BlockView } from './block-view.js';
import { chooseSeed, createRandom, cutAtRandom, finish } from './support.js';

const seed = chooseSeed();

const TEXTS = {
  'paragraphs between blank lines': 'one *two*\nthree\n\n\nfour <b>\n \nfive',
  'lines between long ones': `${'line\n'.repeat(3000)}${'x'.repeat(5000)}\n\n\n${'line\n'.repeat(3000)}`,
  'a long paragraph': 'a word and '.repeat(5000),
  'a long paragraph without spaces, of characters of two units': '😀'.repeat(20_000),
  'long ones among short ones': `short\n\n${'- item '.repeat(3000)}\n\nshort\n\n${'x'.repeat(30_000)}\nend`,
};

describe('text that is shown as it is written', () => {
  for (const [name, text] of Object.entries(TEXTS)) {
    it(`is all there, blanks and line ends included, in blocks of a limited length: ${name}`, () => {
      const shown = plainBlocks(text).map((block) => /^<p>([^]*)<\/p>$/.exec(block)?.[1] ?? '');
      assert.ok(Math.max(...shown.map(({ length }) => length)) <= 4200);
      const plain = shown.join('').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
      assert.ok(plain === text);
      assert.ok(shown.every((block) => !/[\ud800-\udbff]$/.test(block)));
    });

    it(`has the same blocks however it is cut, and those that are settled stay: ${name}`, () => {
      const stream = createMarkdownStream();
      const view = new BlockView();
      stream.giveUp();
      for (const piece of cutAtRandom(text, Math.ceil(text.length / 10), createRandom(seed))) {
        stream.append(piece);
        view.apply(stream.flush());
      }
      view.apply(finish(stream));
      assert.ok(view.html === plainBlocks(text).join(''));
      assert.deepEqual([view.rewrites, stream.work.mended], [0, 0]);
    });
  }
});
