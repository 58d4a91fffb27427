import type { Token, Tokens } from 'marked';

/** Type of the token for raw HTML that is kept, in place of marked's `html`, which is shown as text. */
export const RAW_HTML = 'raw_html';
/** Type of the token that holds the blocks an element of raw HTML reaches over. */
export const HTML_GROUP = 'html_group';

/** Elements without an end tag (HTML, section 13.1.2, void elements). */
const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/;
/** Elements in which nothing but their end tag is a tag. */
const RAW_TEXT = /^(?:script|style|textarea|title|xmp|iframe|noembed|noframes|plaintext)$/;

const TAG = /<!--[^]*?(?:-->|$)|<(\/?)([a-z][a-z\d-]*)(?=[\s/>])(?:"[^"]*"|'[^']*'|[^"'>])*>/gi;
/** What is text in an inline run, whatever it looks like. */
const NO_TAGS = /\\[^]|(`+)(?!`)[^]*?(?<!`)\1(?!`)/g;

/** An inline run without what looks like a tag and is none. */
export function withoutCode(source: string): string {
  return source.replaceAll(NO_TAGS, '');
}

/** Takes the tags in a piece of HTML into account. `open` holds the names of the elements that are open. */
function noteTags(html: string, open: string[]): void {
  for (const [, slash, written] of html.matchAll(TAG)) {
    const name = written?.toLowerCase();
    const last = open.at(-1);
    if (name === undefined || (last !== undefined && RAW_TEXT.test(last) && name !== last)) continue;
    if (slash === '') {
      if (!VOID.test(name)) open.push(name);
    } else {
      // Those opened in between stay open: the HTML parser carries `<i>` on behind the `</b>` of `<b><i></b>`.
      const index = open.lastIndexOf(name);
      if (index !== -1) open.splice(index, 1);
    }
  }
}

/**
 * Blocks with those put together that an element of raw HTML reaches over, such as `<details>`, which is one block of
 * markdown, and `</details>`, which is another: sanitized one by one, the element would end with the block it begins
 * in. `htmlOf` gives the raw HTML in a block. `places` says where each block has gone.
 */
export function groupHtml(
  tokens: readonly Token[],
  htmlOf: (token: Token) => readonly string[],
): { readonly tokens: Token[]; readonly places: readonly number[] } {
  const grouped: Token[] = [];
  const open: string[] = [];
  let group: Tokens.Generic | undefined;
  const places = tokens.map((token) => {
    for (const html of htmlOf(token)) noteTags(html, open);
    if (group) {
      group.raw += token.raw;
      group.tokens?.push(token);
    } else if (open.length > 0) {
      group = { type: HTML_GROUP, raw: token.raw, tokens: [token] };
      grouped.push(group);
    } else grouped.push(token);
    if (open.length === 0) group = undefined;
    return grouped.length - 1;
  });
  return { tokens: grouped, places };
}
