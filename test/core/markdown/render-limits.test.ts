import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMarkdownStream } from '../../../src/core/markdown/markdown-stream.js';
import { plainBlocks } from '../../../src/core/markdown/plain-text.js';
import type { BlockPatch } from '../../../src/core/markdown/protocol.js';
import {
  DEFAULT_RENDER_LIMITS,
  isTooMuch,
  MAX_BLOCK_ELEMENTS,
  sizeOfHtml,
  type RenderLimits,
} from '../../../src/core/markdown/render-limits.js';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { buildText, OWN_CASES } from '../../support/pathological.js';
import { BlockView } from './block-view.js';
import { chooseSeed, createRandom, cutAtRandom, finish, streamPieces } from './support.js';

/** As the worker takes in what comes. */
const TASK_LENGTH = 16_384;

function inTasks(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; from += TASK_LENGTH)
    pieces.push(text.slice(from, from + TASK_LENGTH));
  return pieces;
}

const wideTable = `${'|a'.repeat(100)}|\n${'|-'.repeat(100)}|\n${'|b|\n'.repeat(500)}`;

/** Whether a text is shown as it is written; if so, all of it is. */
function isShownPlain(text: string, limits?: Partial<RenderLimits>): boolean {
  const stream = createMarkdownStream({ limits });
  for (const piece of inTasks(text)) {
    stream.append(piece);
    stream.flush();
  }
  finish(stream);
  if (stream.isPlain) assert.ok(streamPieces(inTasks(text), { limits }).html === plainBlocks(text).join(''));
  return stream.isPlain;
}

describe('what one text may become', () => {
  it('is limited in the cells of its tables', () => {
    assert.ok(isShownPlain(wideTable));
    assert.ok(!isShownPlain(wideTable, { maxTableCells: 60_000, maxElements: 60_000 }));
  });

  it('is limited in its elements', () => {
    const text = '*a*\n\n'.repeat(2000);
    assert.ok(isShownPlain(text, { maxElements: 1000 }));
    assert.ok(!isShownPlain(text));
  });

  it('is limited in the length of its HTML', () => {
    const text = `[a]: http://b/${'c'.repeat(30_000)}\n\n${'[a] '.repeat(300)}`;
    assert.ok(isShownPlain(text));
    assert.ok(!isShownPlain(text, { maxHtmlChars: 20_000_000 }));
  });

  it('has no limit where it is the text as it is written', () => {
    const text = `${'"'.repeat(100_000)}\n\n${'*a*\n\n'.repeat(2000)}`;
    assert.ok(isShownPlain(text, { maxElements: 0, maxHtmlChars: 0 }));
  });

  it('grows with the text: a long answer keeps its looks', () => {
    const answer =
      '## A heading\n\nSome **bold** text.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n'.repeat(
        3000,
      );
    const size = sizeOfHtml(renderWhole(answer));
    assert.ok(size.elements > DEFAULT_RENDER_LIMITS.maxElements);
    assert.ok(!isTooMuch(size, answer.length, DEFAULT_RENDER_LIMITS));
    assert.ok(isTooMuch(size, 1000, DEFAULT_RENDER_LIMITS));
  });

  it('is found out while the text streams in, and all that was shown before is void', () => {
    const random = createRandom(chooseSeed());
    const stream = createMarkdownStream();
    let view = new BlockView();
    let isPlain = false;
    const apply = (patches: readonly BlockPatch[]): void => {
      if (stream.isPlain && !isPlain) view = new BlockView();
      ({ isPlain } = stream);
      view.apply(patches);
    };
    const text = `# before\n\n${wideTable}`;
    for (const piece of cutAtRandom(text, 200, random)) {
      stream.append(piece);
      apply(stream.flush());
    }
    assert.ok(stream.isPlain);
    apply(finish(stream));
    assert.ok(view.html === plainBlocks(text).join(''));
  });

  it('is counted by tags, not by text that looks like them', () => {
    assert.deepEqual(
      sizeOfHtml('<table>\n<thead>\n<tr>\n<th align="left">a &lt;td&gt;</th>\n</tr>\n</thead>\n</table>'),
      {
        chars: 79,
        elements: 4,
        cells: 1,
      },
    );
  });

  for (const { name, segments } of OWN_CASES) {
    it(`comes in blocks that a page can take one by one: ${name}`, () => {
      const text = buildText(segments).slice(0, 200_000);
      const stream = createMarkdownStream();
      const patches: BlockPatch[] = [];
      for (const piece of inTasks(text)) {
        stream.append(piece);
        patches.push(...stream.flush());
      }
      patches.push(...finish(stream));
      for (const patch of patches) {
        if (patch.op !== 'put') continue;
        const { elements, cells } = sizeOfHtml(patch.html);
        assert.ok(elements - cells <= MAX_BLOCK_ELEMENTS);
      }
    });
  }
});

describe('quotes and lists in each other', () => {
  const depth = (html: string, tag: string) => html.split(`<${tag}>`).length - 1;

  it('are read up to a hundred deep, and the marks further in are text', () => {
    const quotes = renderWhole(`${'> '.repeat(150)}word`);
    assert.equal(depth(quotes, 'blockquote'), 100);
    assert.match(quotes, new RegExp(`<p>(?:&gt; ){50}word</p>`));
    assert.equal(depth(renderWhole(`${'- '.repeat(150)}word`), 'ul'), 100);
    const mixed = renderWhole(`${'> - '.repeat(80)}word`);
    assert.equal(depth(mixed, 'blockquote') + depth(mixed, 'ul'), 100);
  });

  it('come to the same however the text is cut', () => {
    const random = createRandom(chooseSeed());
    const limits = { maxNesting: 3 };
    const text =
      '> a\n> > b\n> > > c\n> > > > d\n> > > > > e\n\n- a\n  - b\n    - c\n      - d\n        - e\n\nz\n';
    const whole = streamPieces([text], { limits });
    assert.equal(depth(whole.html, 'blockquote'), 3);
    assert.equal(depth(whole.html, 'ul'), 3);
    for (let left = 200; left > 0; left -= 1) {
      const pieces = cutAtRandom(text, 10, random);
      const { html } = streamPieces(pieces, { limits, nestFrom: 0 });
      assert.equal(html, whole.html, JSON.stringify(pieces));
    }
  });
});

describe('a table', () => {
  it('is text where it has more than 256 columns', () => {
    const table = (columns: number) => `${'|a'.repeat(columns)}|\n${'|-'.repeat(columns)}|\n`;
    assert.match(renderWhole(table(256)), /^<table>/);
    assert.match(renderWhole(table(257)), /^<p>\|a/);
  });
});
