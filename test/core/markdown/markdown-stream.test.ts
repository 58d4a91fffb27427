import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lexer } from 'marked';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { createMarkdownStream } from '../../../src/core/markdown/markdown-stream.js';
import { BlockView } from './block-view.js';
import { readDocumentation } from './documents.js';
import {
  chooseSeed,
  commonmarkExamples,
  createRandom,
  cutAtRandom,
  finish,
  gfmExamples,
  streamPieces,
} from './support.js';

/** How much of the packages' own documentation is streamed, in UTF-16 units. */
const DOCUMENTATION_SIZE = 2_000_000;

/** Prose, code, a table, lists and links, as models write them; about `size` UTF-16 units. */
function longAnswer(size: number): string {
  const section = [
    '## A heading',
    'Some **bold** text and a [link](https://example.com) with `code` in it, long enough to be a paragraph.\n',
    '- one item\n- another with *emphasis*\n  - nested\n',
    '| name | value |\n|---|--:|\n| a | 1 |\n| b | 2 |\n',
    '```js\nconst answer = 42;\nconsole.log(answer);\n```\n',
    '1. first\n2. second\n',
  ].join('\n');
  return `${section}\n`.repeat(Math.ceil(size / section.length));
}

describe('a markdown stream', () => {
  for (const { example, section, markdown } of [...commonmarkExamples, ...gfmExamples]) {
    it(`comes to the whole text's blocks at every cut: example ${example}, ${section}`, () => {
      const whole = renderWhole(markdown);
      assert.equal(streamPieces([markdown]).html, whole);
      assert.equal(streamPieces(markdown.split('')).html, whole);
      for (let cut = 1; cut < markdown.length; cut += 1) {
        assert.equal(
          streamPieces([markdown.slice(0, cut), markdown.slice(cut)]).html,
          whole,
          `cut at ${cut}`,
        );
      }
    });
  }

  it("comes to the whole text's blocks for the documentation of this project's packages", () => {
    const random = createRandom(chooseSeed());
    const documents = readDocumentation(DOCUMENTATION_SIZE);
    let mended = 0;
    let size = 0;
    for (const { file, text } of documents) {
      size += text.length;
      const result = streamPieces(cutAtRandom(text, 400, random));
      assert.equal(result.html, renderWhole(text), file);
      if (result.mended > 0) mended += 1;
    }
    console.log(`${documents.length} documents, ${size} characters, ${mended} mended at the end`);
    assert.equal(mended, 0);
  });

  it('shows a block while it is open and settles it when nothing can reach it any more', () => {
    const stream = createMarkdownStream();
    stream.append('# Title\n\nSome te');
    assert.deepEqual(stream.flush(), [
      { op: 'put', id: 0, html: '<h1>Title</h1>\n' },
      { op: 'put', id: 1, html: '<p>Some te</p>\n' },
    ]);
    stream.append('xt\n');
    assert.deepEqual(stream.flush(), [
      { op: 'grow', id: 1, text: 'xt', path: ['p'] },
      { op: 'settle', before: 1 },
    ]);
    assert.deepEqual(finish(stream), [{ op: 'settle', before: 2 }]);
  });

  it('gives no patches when nothing has come since', () => {
    const stream = createMarkdownStream();
    assert.deepEqual(stream.flush(), []);
    stream.append('text');
    stream.flush();
    assert.deepEqual(stream.flush(), []);
    assert.deepEqual(finish(createMarkdownStream()), []);
  });

  it('removes a block that turns out to be part of the one before', () => {
    const stream = createMarkdownStream();
    const view = new BlockView();
    for (const line of ['Heading\n', '- \n', '---\n', 'after\n']) {
      stream.append(line);
      view.apply(stream.flush());
    }
    view.apply(finish(stream));
    assert.equal(view.html, renderWhole('Heading\n- \n---\nafter\n'));
  });

  it('mends only the settled blocks that a late definition concerns', () => {
    const stream = createMarkdownStream();
    stream.append('See [one].\n\nSee [two] and [one][three].\n\nSee none.\n\n');
    stream.flush();
    stream.append('[Three]: /3\n[two]: /2\n\nrest\n');
    assert.deepEqual(stream.flush(), [
      { op: 'put', id: 1, html: '<p>See <a href="/2">two</a> and <a href="/3">one</a>.</p>\n' },
      { op: 'put', id: 3, html: '<p>rest</p>\n' },
      { op: 'settle', before: 3 },
    ]);
  });

  it('keeps a link from a definition that is still open until the definition changes', () => {
    const stream = createMarkdownStream();
    const view = new BlockView();
    const shown: string[] = [];
    for (const piece of ['[a]\n\n', '[a]: /first\n', '"title', '"\n', '\n', 'rest\n']) {
      stream.append(piece);
      view.apply(stream.flush());
      shown.push(view.html);
    }
    assert.deepEqual(
      shown.map((html) => html.split('\n')[0]),
      [
        '<p>[a]</p>',
        '<p><a href="/first">a</a></p>',
        '<p><a href="/first">a</a></p>',
        '<p><a href="/first" title="title">a</a></p>',
        '<p><a href="/first" title="title">a</a></p>',
        '<p><a href="/first" title="title">a</a></p>',
      ],
    );
  });

  it('settles behind a definition whose title is open only when it closes', () => {
    const text = '[a]: /url "title\n\n# heading\n\nover blank lines"\n\n[a]\n\nrest\n';
    const { html, mended } = streamPieces(text.split(''));
    assert.equal(
      html,
      '<p><a href="/url" title="title\n\n# heading\n\nover blank lines">a</a></p>\n<p>rest</p>\n',
    );
    assert.equal(mended, 0);
  });

  it('takes thousands of definitions in a row', () => {
    const definitions = Array.from({ length: 20_000 }, (_, index) => `[label ${index}]: /${index}\n`).join(
      '',
    );
    const text = `[label 19999]\n\n${definitions}\nrest\n`;
    const { html, mended } = streamPieces([text.slice(0, 300_000), text.slice(300_000)]);
    assert.equal(html, '<p><a href="/19999">label 19999</a></p>\n<p>rest</p>\n');
    assert.equal(mended, 0);
  });

  it('takes a line end cut in two for one', () => {
    assert.equal(streamPieces(['a\r', '\nb\r', '\r', 'c']).html, '<p>a\nb</p>\n<p>c</p>\n');
    assert.equal(streamPieces(['```\r', '\nx\r']).html, renderWhole('```\nx\n'));
  });

  it('shows a text that marked gives up on as it is written', (test) => {
    const deep = `${'>'.repeat(60)} x\n\nnext <b>\n`;
    const lex = Lexer.prototype.blockTokens;
    test.mock.method(Lexer.prototype, 'blockTokens', function (this: Lexer, source: string, ...rest: []) {
      if (source.startsWith('>>>>')) throw new RangeError('Maximum call stack size exceeded');
      return lex.call(this, source, ...rest);
    });
    const { html } = streamPieces(['# before\n\n', ...deep]);
    assert.equal(html, renderWhole(`# before\n\n${deep}`));
    assert.equal(html, `<p># before\n\n${'&gt;'.repeat(60)} x\n\nnext &lt;b&gt;\n</p>`);
  });

  it('lexes a long text a bounded number of times', (test) => {
    const text = longAnswer(200_000);
    let lexed = 0;
    let depth = 0;
    const lex = Lexer.prototype.blockTokens;
    test.mock.method(Lexer.prototype, 'blockTokens', function (this: Lexer, source: string, ...rest: []) {
      if (depth === 0) lexed += source.length;
      depth += 1;
      try {
        return lex.call(this, source, ...rest);
      } finally {
        depth -= 1;
      }
    });
    const stream = createMarkdownStream();
    for (let from = 0; from < text.length; from += 16) {
      stream.append(text.slice(from, from + 16));
      stream.flush();
    }
    finish(stream);
    console.log(`${(lexed / text.length).toFixed(1)} characters lexed for each of the text`);
    assert.ok(lexed < 20 * text.length, `lexed ${lexed} for ${text.length}`);
  });
});
