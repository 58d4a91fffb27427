// How much of the specifications is met. What is missing by default is raw HTML, which is shown as text.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Marked } from 'marked';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { commonmarkExamples, gfmExamples, type Example } from './support.js';

const marked = new Marked({ gfm: true });

interface Mode {
  readonly name: string;
  readonly render: (markdown: string) => string;
  /** How many examples of CommonMark 0.31.2 are met at least. */
  readonly least: number;
  /** Whether raw HTML is shown as text, so that no example with any need be met. */
  readonly escapesHtml: boolean;
}

const MODES: readonly Mode[] = [
  { name: 'by default', render: (markdown) => renderWhole(markdown), least: 577, escapesHtml: true },
];

/** HTML by what it means: the specifications and marked write the same in several ways. */
function meaning(html: string): string {
  return html
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&gt;', '>')
    .replaceAll(/<(br|hr|img|input)([^>]*?)\s*\/?>/g, (_, name: string, attributes: string) => {
      const sorted = (attributes.match(/[\w-]+(?:="[^"]*")?/g) ?? []).toSorted();
      return `<${[name, ...sorted].join(' ').replaceAll('=""', '')}>`;
    })
    .replaceAll(/\s*(<\/?(?:p|ul|ol|li|blockquote|table|thead|tbody|tr|th|td|pre|h\d|hr)\b[^>]*>)\s*/g, '$1')
    .trim();
}

function hasRawHtml(markdown: string): boolean {
  let found = false;
  marked.walkTokens(marked.lexer(markdown), ({ type }) => {
    found ||= type === 'html';
  });
  return found;
}

/** The examples that are not met. */
function missed(examples: readonly Example[], render: Mode['render']): Example[] {
  return examples.filter(({ markdown, html }) => meaning(render(markdown)) !== meaning(html));
}

const byMarked = (markdown: string): string => marked.parse(markdown, { async: false });

for (const { name, render, least, escapesHtml } of MODES) {
  describe(`markdown ${name}`, () => {
    it('meets CommonMark as marked does', { skip: commonmarkExamples.length === 0 }, () => {
      const own = new Set(missed(commonmarkExamples, byMarked).map(({ example }) => example));
      const misses = missed(commonmarkExamples, render);
      const met = commonmarkExamples.length - misses.length;
      console.log(`${met} of ${commonmarkExamples.length} examples, marked ${652 - own.size}`);
      assert.ok(met >= least, `${met} examples are met`);
      for (const { example, markdown } of misses) {
        const isExcused = own.has(example) || (escapesHtml && hasRawHtml(markdown));
        assert.ok(isExcused, `example ${example}`);
      }
    });

    it('meets the extensions of GFM', { skip: gfmExamples.length === 0 }, () => {
      const misses = missed(gfmExamples, render);
      console.log(`${gfmExamples.length - misses.length} of ${gfmExamples.length} examples`);
      // The tag filter, which escapes some tags and lets others pass.
      assert.ok(misses.length <= 1, misses.map(({ example }) => example).join());
    });
  });
}
