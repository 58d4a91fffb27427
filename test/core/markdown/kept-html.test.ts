import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Marked } from 'marked';
import { createMarkdownStream } from '../../../src/core/markdown/markdown-stream.js';
import { readingOf } from '../../../src/core/markdown/math-setup.js';
import { renderWhole, wholeBlocks } from '../../../src/core/markdown/whole-text.js';
import { BlockView } from './block-view.js';
import { randomConcatenation, randomText } from './line-grammar.js';
import {
  chooseSeed,
  commonmarkExamples,
  createRandom,
  cutAtRandom,
  finish,
  gfmExamples,
  streamPieces,
} from './support.js';

const marked = new Marked({ gfm: true });
const html = true;

describe('raw HTML that is kept', () => {
  it("leaves every CommonMark and GFM example as marked's own", () => {
    for (const { markdown, example } of [...commonmarkExamples, ...gfmExamples]) {
      assert.equal(renderWhole(markdown, { html }), marked.parse(markdown), `example ${example}`);
    }
  });

  it('keeps the blocks that an element reaches over together', () => {
    const blocks = (text: string) => [...wholeBlocks(text, readingOf({ html }), Infinity)];
    assert.deepEqual(blocks('a\n\n<details>\n\n*b*\n\n</details>\n\nc'), [
      '<p>a</p>\n',
      '<details><p><em>b</em></p>\n</details>',
      '<p>c</p>\n',
    ]);
    assert.equal(blocks('<div>\n\n<b>x\n\n</div>\n\ny</b>\n\nz').length, 2);
    assert.equal(blocks('see `<div>` and \\<b>\n\n<br>\n\n<https://x.y>\n\nz').length, 4);
    assert.equal(blocks('<script>\nif (a<b> c) "</div>"\n</script>\n\nz').length, 2);
  });

  it('comes to the blocks of the whole text, however it is cut', () => {
    const random = createRandom(chooseSeed());
    const examples = [...commonmarkExamples, ...gfmExamples].map(({ markdown }) => markdown);
    let mended = 0;
    for (let left = 600; left > 0; left -= 1) {
      const text =
        left % 2 === 0 && examples.length > 0 ? randomConcatenation(examples, random) : randomText(random);
      const result = streamPieces(cutAtRandom(text, 12, random), { html, nestFrom: 0 });
      assert.equal(result.html, renderWhole(text, { html }), JSON.stringify(text));
      mended += result.mended;
    }
    assert.ok(mended < 6, `${mended} blocks were mended at the end`);
  });

  it('never writes text at the end of a block that an element is open in', () => {
    const stream = createMarkdownStream({ html });
    const view = new BlockView();
    for (const piece of ['<details>\n\nwords', ' and', ' more\n\n', 'x <span>y', ' z', '\n']) {
      stream.append(piece);
      const patches = stream.flush();
      assert.ok(patches.every(({ op }) => op !== 'grow'));
      view.apply(patches);
    }
    view.apply(finish(stream));
    assert.equal(view.html, renderWhole('<details>\n\nwords and more\n\nx <span>y z\n', { html }));
  });
});
