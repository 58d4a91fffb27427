import type { MarkdownClient, MarkdownUpdate } from '../../../src/core/markdown/markdown-client.js';
import { BlockView } from './block-view.js';

/** What a consumer of a session has in hand. */
export interface SessionView {
  readonly html: () => string;
  readonly updates: MarkdownUpdate[];
  readonly ended: Promise<void>;
}

/** Opens a session and keeps its blocks as a consumer would. */
export function openView(client: MarkdownClient) {
  let blocks = new BlockView();
  const updates: MarkdownUpdate[] = [];
  let resolveEnded = () => {};
  const ended = new Promise<void>((resolve) => (resolveEnded = resolve));
  const session = client.open((update) => {
    updates.push(update);
    if (update.reset) blocks = new BlockView();
    blocks.apply(update.patches);
    if (update.ended) resolveEnded();
  });
  const html = () => blocks.html;
  return { session, view: { html, updates, ended } satisfies SessionView };
}

/** A text with every kind of block and a late definition. */
export const sampleText = [
  '# Title\n\nSome *text* with [a link] and <b>bold',
  '\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```js\nlet x = 1;\n```\n\n',
  '[a link]: https://example.com\n\nlast words',
].join('');
