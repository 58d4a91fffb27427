import { Lexer } from 'marked';
import { createMarkdownStream } from '../../../src/core/markdown/markdown-stream.js';
import { BlockView } from './block-view.js';
import { readDocumentation } from './documents.js';

/** UTF-16 units that come at once. */
const TOKEN = 4;
/** How much of one document is read, in UTF-16 units: what is shown is compared as a whole after each token. */
const MAX_DOCUMENT = 6000;

/** The text of HTML without blanks: how they are collapsed depends on what follows. */
const visible = (html: string) => html.replaceAll(/<[^>]*>|\s+/g, '');

/** Kinds of text, and the blocks that make them up. */
export const blockTypes: Readonly<Record<string, readonly string[]>> = {
  prose: ['paragraph', 'heading', 'blockquote'],
  code: ['code'],
  'tables and lists': ['table', 'list'],
};

/** In how many tokens of a text something that was shown is taken back. */
export function takenBack(text: string): { tokens: number; taken: number } {
  const stream = createMarkdownStream();
  const view = new BlockView();
  let before = '';
  let taken = 0;
  for (let from = 0; from < text.length; from += TOKEN) {
    stream.append(text.slice(from, from + TOKEN));
    view.apply(stream.flush());
    const now = visible(view.html);
    if (!now.startsWith(before)) taken += 1;
    before = now;
  }
  return { tokens: Math.ceil(text.length / TOKEN), taken };
}

/** The same over `size` UTF-16 units of documentation, of which only the blocks of these types are read. */
export function takenBackInDocumentation(types: readonly string[], size: number) {
  let tokens = 0;
  let taken = 0;
  for (const { text } of readDocumentation(size)) {
    const blocks = Lexer.lex(text)
      .filter(({ type }) => types.includes(type))
      // A link whose definition comes later is text until then.
      .filter(({ raw }) => !raw.includes(']['))
      .map(({ raw }) => raw.trimEnd());
    const result = takenBack(blocks.join('\n\n').slice(0, MAX_DOCUMENT));
    tokens += result.tokens;
    taken += result.taken;
  }
  return { tokens, taken };
}
