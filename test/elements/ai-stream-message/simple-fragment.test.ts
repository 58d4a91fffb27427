import { expect } from '@open-wc/testing';
import { sanitize } from '../../../src/elements/ai-stream-message/sanitizer.js';
import { simpleFragment } from '../../../src/elements/ai-stream-message/simple-fragment.js';

const SIMPLE = [
  'text &amp; &lt;b&gt; &quot;quoted&quot; it&#39;s',
  '<p>one <strong>two <em>three</em></strong><br>four</p>\n',
  '<p><a href="https://example.com/a-b/c?d=1&amp;e=%20#f">link <code>code</code></a></p>\n',
  '<p><a href="http://example.com">one</a> <a href="http://example.com">two</a></p>\n',
  '<ol start="7">\n<li>item</li>\n</ol>\n',
  '<ul>\n<li><input checked="" disabled="" type="checkbox"> done</li>\n</ul>\n',
  '<pre><code class="language-c++">int a;\n</code></pre>\n',
  '<pre><code>\n\ntwo lines above\n</code></pre>\n',
  '<table>\n<thead>\n<tr>\n<th align="right">a</th>\n</tr>\n</thead>\n<tbody><tr>\n<td align="center">1</td>\n</tr>\n</tbody></table>\n',
];

const LEFT_TO_THE_SANITIZER = [
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JAVASCRIPT:alert(1)">x</a>',
  '<a href="data:text/html,x">x</a>',
  '<a href="//example.com">x</a>',
  '<a href="https://example.com/a b">x</a>',
  '<a href="https://example.com/\u202E">x</a>',
  '<a href="https://example.com" title="words">x</a>',
  '<a href="https://example.com" onclick="alert(1)">x</a>',
  '<a href="https://example.com"><a href="https://example.com">x</a></a>',
  "<a href='https://example.com'>x</a>",
  '<a HREF="https://example.com">x</a>',
  '<p style="color:red">x</p>',
  '<p class="x">x</p>',
  '<code class="language-js other">x</code>',
  '<code class="x">x</code>',
  '<input type="text">',
  '<input type="checkbox" autofocus="">',
  '<ol start="-1"><li>x</li></ol>',
  '<ol start="99999999999"><li>x</li></ol>',
  '<td align="justify">x</td>',
  '<img src="https://example.com/x.png" alt="x">',
  '<script>alert(1)</script>',
  '<style>*{}</style>',
  '<svg><a href="https://example.com">x</a></svg>',
  '<p>open',
  '<p></b></p>',
  '</p>',
  'a < b',
  '&copy; &#0;',
  'a\0b',
  'a\rb',
];

describe('HTML that needs no parser', () => {
  for (const html of SIMPLE) {
    it(`becomes what the sanitizer makes of it: ${html.slice(0, 40).trim()}`, () => {
      const fragment = simpleFragment(html)!;
      fragment.normalize();
      const wanted = sanitize(html);
      wanted.normalize();
      expect(fragment.isEqualNode(wanted), html).to.equal(true);
    });
  }

  it('is nothing that the sanitizer would have to look at', () => {
    for (const html of LEFT_TO_THE_SANITIZER) expect(simpleFragment(html), html).to.equal(undefined);
  });
});
