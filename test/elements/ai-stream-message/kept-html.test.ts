import { expect, fixture, html } from '@open-wc/testing';
import createDOMPurify from 'dompurify';
import { Marked } from 'marked';
import '../../../src/message.js';
import type { AiStreamMessageElement } from '../../../src/message.js';
import { until } from '../support.js';

interface Example {
  readonly example: number;
  readonly markdown: string;
  readonly html: string;
}

const marked = new Marked({ gfm: true });

async function message(markdown: string, keepsHtml: boolean): Promise<AiStreamMessageElement> {
  const element = await fixture<AiStreamMessageElement>(
    html`<ai-stream-message .html=${keepsHtml}></ai-stream-message>`,
  );
  element.content = markdown;
  await element.settled;
  return element;
}

async function shared<T>(name: string, count: number): Promise<T[]> {
  const response = await fetch(`/__shared/conformance/${name}.json`);
  if (response.ok) return (await response.json()) as T[];
  console.log(`${name}.json is missing: ${count} cases skipped`);
  return [];
}

/** HTML by what it means: blanks beside tags, the order of attributes and the spelling of characters do not count. */
function meaning(markup: string): string {
  const page = document.implementation.createHTMLDocument();
  page.body.innerHTML = markup;
  const walk = (node: Node): string => {
    if (node instanceof Text) {
      return node.parentElement?.closest('pre') ? node.data : node.data.replaceAll(/\s+/g, ' ');
    }
    if (!(node instanceof Element)) return '';
    const attributes = [...node.attributes].map(({ name, value }) => ` ${name}="${decodeURI(value)}"`);
    const children = [...node.childNodes].map(walk);
    return `<${node.localName}${attributes.toSorted().join('')}>${children.join('')}</>`;
  };
  return [...page.body.childNodes]
    .map(walk)
    .join('')
    .replaceAll(/\s*(<[^>]*>)\s*/g, '$1')
    .trim();
}

describe('raw HTML', () => {
  it('is text where nobody asked for more', async () => {
    const element = await message('<details><summary>a</summary>b</details>', false);
    expect(element.shadowRoot!.querySelector('[part~="content"] details')).to.equal(null);
  });

  it('is let through where the page asks for it, sanitized', async () => {
    const element = await message(
      '<details open class="x" style="color:red" onclick="z()"><summary>a</summary>\n\n*b*\n\n</details>\n\n<script>alert(1)</script><iframe src="/"></iframe>\n\nc <abbr title="d" data-e="f" aria-label="g">h</abbr><img src="https://example.com/i.png" alt="j">',
      true,
    );
    expect(element.renderedHtml.replaceAll('\n', '')).to.equal(
      '<details open="" class="x"><summary>a</summary><p><em>b</em></p></details><p>c <abbr title="d">h</abbr><img src="https://example.com/i.png" alt="j"></p>',
    );
    const content = element.shadowRoot!.querySelector('[part~="content"]')!;
    expect(content.querySelector('img, script, iframe, [style], [onclick]')).to.equal(null);
    element.html = false;
    await element.updateComplete;
    await element.settled;
    expect(content.querySelector('details')).to.equal(null);
  });

  it('is let through where the page asks for it before it shows the message', async () => {
    const element = document.createElement('ai-stream-message');
    element.content = '<details>a</details>';
    await until(() => element.renderedHtml !== '');
    element.html = true;
    document.body.append(element);
    await element.updateComplete;
    await element.settled;
    expect(element.renderedHtml).to.equal('<details>a</details>');
    element.remove();
  });

  it('streams to what it is as a whole', async () => {
    const text =
      'a\n\n<div align="center">\n\n# b\n\n<b>c\n\nd</b>\n\n</div>\n\n| e |\n|---|\n| <span>f</span> |\n\n```html\n<div>\n```\n\n- <p>g\n- h\n';
    const streamed = await message('', true);
    for (const character of text) {
      streamed.append(character);
      if (Number(character === '\n')) await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    streamed.finish();
    await streamed.settled;
    const oneShot = createDOMPurify(window).sanitize(marked.parse(text, { async: false }));
    expect(streamed.renderedHtml).to.equal(oneShot);
  });
});

describe('the examples of CommonMark', () => {
  it("are met at marked's own level where raw HTML is kept, and miss only raw HTML by default", async function () {
    this.timeout(60_000);
    const examples = await shared<Example>('commonmark-0.31.2', 652);
    if (examples.length === 0) this.skip();
    const purifier = createDOMPurify(window);
    const met = { html: 0, byDefault: 0 };
    for (const { example, markdown, html: expected } of examples) {
      const wanted = meaning(purifier.sanitize(expected));
      const tokens: string[] = [];
      marked.walkTokens(marked.lexer(markdown), ({ type }) => void tokens.push(type));
      const elements = [true, false].map((keepsHtml) => {
        const element = document.createElement('ai-stream-message');
        element.html = keepsHtml;
        element.content = markdown;
        document.body.append(element);
        return element;
      });
      await Promise.all(elements.map((element) => element.settled));
      const [kept, byDefault] = elements.map(({ renderedHtml }) => meaning(renderedHtml) === wanted);
      for (const element of elements) element.remove();
      met.html += Number(kept);
      met.byDefault += Number(byDefault);
      const isMarkedsOwn = meaning(marked.parse(markdown, { async: false })) !== meaning(expected);
      // A text field is no text, whoever sends it.
      expect(kept || isMarkedsOwn || markdown.includes('<textarea>'), `example ${example}`).to.equal(true);
      expect(byDefault || isMarkedsOwn || tokens.includes('html'), `example ${example}`).to.equal(true);
    }
    console.log(`of ${examples.length} examples ${met.html} with html, ${met.byDefault} by default`);
    expect(met.html).to.be.at.least(644);
    expect(met.byDefault).to.be.at.least(576);
  });
});

describe('the copy of DOMPurify in use', () => {
  it('is as its own suite has it', async function () {
    interface Fixture {
      readonly title: string;
      readonly payload: string;
      readonly expected: readonly string[];
      readonly match: 'exact' | 'substring';
    }
    const fixtures = await shared<Fixture>('dompurify-expect-a', 112);
    if (fixtures.length === 0) this.skip();
    const purifier = createDOMPurify(window);
    for (const { title, payload, expected, match } of fixtures) {
      const clean = purifier.sanitize(payload);
      const [first = ''] = expected;
      expect(match === 'exact' ? expected.includes(clean) : first.includes(clean), title).to.equal(true);
    }
  });
});
