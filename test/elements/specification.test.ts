// How much of the specifications is met, compared as a page would read the HTML.
import { expect } from '@open-wc/testing';
import { Marked } from 'marked';
import { loadMarkdownEngine } from '../../src/core/markdown/index.js';

interface Example {
  readonly example: number;
  readonly markdown: string;
  readonly html: string;
}

interface Mode {
  readonly name: string;
  readonly render: (markdown: string) => string;
  /** How many of the 652 examples of CommonMark 0.31.2 are met at least. */
  readonly least: number;
  /** Raw HTML is shown as text: an example with any need not be met. */
  readonly escapesHtml: boolean;
}

const marked = new Marked({ gfm: true });

function renderEscaped(markdown: string): string {
  const stream = loadMarkdownEngine().createMarkdownStream();
  stream.append(markdown);
  const steps = stream.finish();
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value.map((patch) => (patch.op === 'put' ? patch.html : '')).join('');
}

const MODES: readonly Mode[] = [{ name: 'by default', render: renderEscaped, least: 576, escapesHtml: true }];

async function readExamples(name: string): Promise<Example[]> {
  const response = await fetch(`/__shared/conformance/${name}`);
  if (response.ok) return (await response.json()) as Example[];
  console.log(`${name} is missing: its examples are skipped`);
  return [];
}

/** HTML by what it means: blanks beside tags, the order of attributes and the spelling of characters do not count. */
function meaning(markup: string): string {
  const write = (node: Node): string => {
    if (node instanceof Text) {
      return node.parentElement?.closest('pre') ? node.data : node.data.replaceAll(/\s+/g, ' ');
    }
    if (!(node instanceof Element)) return '';
    const attributes = [...node.attributes].map(({ name, value }) => ` ${name}="${decodeURI(value)}"`);
    const children = [...node.childNodes].map(write);
    return `<${node.localName}${attributes.toSorted().join('')}>${children.join('')}</>`;
  };
  const { body } = new DOMParser().parseFromString(markup, 'text/html');
  return [...body.childNodes]
    .map(write)
    .join('')
    .replaceAll(/\s*(<[^>]*>)\s*/g, '$1')
    .trim();
}

function hasRawHtml(markdown: string): boolean {
  let found = false;
  marked.walkTokens(marked.lexer(markdown), ({ type }) => {
    found ||= type === 'html';
  });
  return found;
}

function missed(examples: readonly Example[], render: Mode['render']): Example[] {
  return examples.filter(({ markdown, html }) => meaning(render(markdown)) !== meaning(html));
}

for (const { name, render, least, escapesHtml } of MODES) {
  describe(`markdown ${name}`, () => {
    it('meets CommonMark as marked does', async function () {
      this.timeout(60_000);
      const examples = await readExamples('commonmark-0.31.2.json');
      if (examples.length === 0) return this.skip();
      const byMarked = missed(examples, (markdown) => marked.parse(markdown, { async: false }));
      const own = new Set(byMarked.map(({ example }) => example));
      const misses = missed(examples, render);
      console.log(`${examples.length - misses.length} of ${examples.length}, marked ${652 - own.size}`);
      expect(examples.length - misses.length).to.be.at.least(least);
      for (const { example, markdown } of misses) {
        const isExcused = own.has(example) || (escapesHtml && hasRawHtml(markdown));
        expect(isExcused, `example ${example}`).to.equal(true);
      }
      return undefined;
    });

    it('meets the extensions of GFM, but for the tags it filters', async function () {
      const examples = await readExamples('gfm-extensions.json');
      if (examples.length === 0) return this.skip();
      const misses = missed(examples, render).map(({ example }) => example);
      console.log(`${examples.length - misses.length} of ${examples.length}`);
      expect(misses).to.deep.equal([653]);
      return undefined;
    });
  });
}
