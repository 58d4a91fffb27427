import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Marked, type Token } from 'marked';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { randomText } from './line-grammar.js';
import { chooseSeed, commonmarkExamples, createRandom, gfmExamples } from './support.js';

const marked = new Marked({ gfm: true });

function hasRawHtml(markdown: string): boolean {
  let found = false;
  marked.walkTokens(marked.lexer(markdown), (token: Token) => {
    found ||= token.type === 'html';
  });
  return found;
}

describe('markdown as this package reads it', () => {
  it("is marked's own where there is no raw HTML", () => {
    const random = createRandom(chooseSeed());
    const texts = [...commonmarkExamples, ...gfmExamples].map(({ markdown }) => markdown);
    for (let left = 5000; left > 0; left -= 1) texts.push(randomText(random));
    let compared = 0;
    for (const text of texts) {
      if (hasRawHtml(text)) continue;
      compared += 1;
      assert.equal(renderWhole(text), marked.parse(text), JSON.stringify(text));
    }
    console.log(`${compared} of ${texts.length} texts are without raw HTML`);
    assert.ok(compared > texts.length / 4);
  });

  it("is marked's own in paragraphs so long that they are read in pieces", () => {
    const sentences = [
      'Plain words, and more of them. ',
      'Some **bold *and* text**, `code * [x`, ~~gone~~ and [a *link*](https://example.com/a_b "title"). ',
      'A snake_case_name, 2 * 3 * 4, (an aside), an ![image](u.png) and https://example.com/x. ',
      'A line\nthat breaks  \nhard \\* and soft, with [a label] in it; ',
    ];
    const random = createRandom(chooseSeed());
    for (let left = 50; left > 0; left -= 1) {
      const text = Array.from({ length: 300 }, () => random.pick(sentences))
        .join('')
        .trimEnd();
      assert.equal(renderWhole(text), marked.parse(text));
    }
  });

  it('differs from marked only in the CommonMark examples of raw HTML', () => {
    const different = commonmarkExamples.filter(
      ({ markdown }) => renderWhole(markdown) !== marked.parse(markdown),
    );
    for (const { example, markdown } of different) assert.ok(hasRawHtml(markdown), `example ${example}`);
    console.log(
      `${different.length} of ${commonmarkExamples.length} CommonMark examples differ, all with raw HTML`,
    );
  });
});

describe('raw HTML', () => {
  const cases: readonly { title: string; markdown: string; html: string }[] = [
    {
      title: 'shows as text',
      markdown: 'a <img src=x onerror=alert(1)> b <!-- c -->',
      html: '<p>a &lt;img src=x onerror=alert(1)&gt; b &lt;!-- c --&gt;</p>\n',
    },
    {
      title: 'shows as a paragraph of text where it is a block',
      markdown: '<div id="x">\n*y*\n</div>\n\nz',
      html: '<p>&lt;div id=&quot;x&quot;&gt;\n*y*\n&lt;/div&gt;</p>\n<p>z</p>\n',
    },
    {
      title: 'passes allowed tags without attributes, in one spelling',
      markdown: 'H<sub>2</sub>O<BR/>x<br >y <Kbd>K</kbd >',
      html: '<p>H<sub>2</sub>O<br>x<br>y <kbd>K</kbd></p>\n',
    },
    {
      title: 'passes allowed tags that make a block by themselves',
      markdown: '<br>\n\n<b>\n\n<mark>\nx <i>\n</mark>',
      html: '<p><br></p>\n<p>&lt;b&gt;</p>\n<p><mark>\nx &lt;i&gt;\n</mark></p>\n',
    },
    {
      title: 'shows allowed tags with attributes as text',
      markdown: 'a <b class="x">c</b>',
      html: '<p>a &lt;b class=&quot;x&quot;&gt;c&lt;/b&gt;</p>\n',
    },
    {
      title: 'keeps an opener without its closer from leaking',
      markdown: 'a <b>c\n\nd</b> e',
      html: '<p>a &lt;b&gt;c</p>\n<p>d&lt;/b&gt; e</p>\n',
    },
    {
      title: 'pairs tags within one run of inline tokens only',
      markdown: '<u>a **b</u> c**',
      html: '<p>&lt;u&gt;a <strong>b&lt;/u&gt; c</strong></p>\n',
    },
    {
      title: 'nests tags that cross properly',
      markdown: 'x <b>1<i>2</b>3</i>',
      html: '<p>x <b>1&lt;i&gt;2</b>3&lt;/i&gt;</p>\n',
    },
    {
      title: 'does not stop the text behind it from being escaped',
      markdown: 'x <kbd>a < b <img src=x onerror=y </kbd> <script>"1" < 2</script>',
      html: '<p>x <kbd>a &lt; b &lt;img src=x onerror=y </kbd> &lt;script&gt;&quot;1&quot; &lt; 2&lt;/script&gt;</p>\n',
    },
    {
      title: 'does not stop addresses behind an unclosed anchor from becoming links',
      markdown: 'x <a href="y"> z\n\nhttps://example.com',
      html: '<p>x &lt;a href=&quot;y&quot;&gt; z</p>\n<p><a href="https://example.com">https://example.com</a></p>\n',
    },
    {
      title: 'shows as text in table cells, headings, list items and image descriptions',
      markdown: '# a <i>\n\n- <p>\n\n| <s>x</s> |\n|-|\n| <s> |\n\n![<b>](u)',
      html:
        '<h1>a &lt;i&gt;</h1>\n<ul>\n<li><p>&lt;p&gt;</p>\n</li>\n</ul>\n<table>\n<thead>\n<tr>\n<th><s>x</s></th>\n</tr>\n</thead>\n' +
        '<tbody><tr>\n<td>&lt;s&gt;</td>\n</tr>\n</tbody></table>\n<p><img src="u" alt="&lt;b&gt;"></p>\n',
    },
  ];
  for (const { title, markdown, html } of cases) {
    it(title, () => {
      assert.equal(renderWhole(markdown), html);
    });
  }

  it('leaves no tag but its own in random texts', () => {
    const random = createRandom(chooseSeed());
    const written =
      /<\/?(?:h[1-6]|p|ul|ol|li|hr|br|em|strong|del|code|pre|a|img|blockquote|table|thead|tbody|tr|th|td|input|sub|sup|kbd|b|i|u|s|mark)(?: [a-z]+="[^"<>]*")*>/g;
    for (let left = 3000; left > 0; left -= 1) {
      const text = randomText(random);
      const html = renderWhole(text);
      assert.doesNotMatch(html.replaceAll(written, ''), /[<>]/, JSON.stringify(text));
    }
  });
});
