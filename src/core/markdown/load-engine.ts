import load from 'closed:./engine.ts';
import type { MarkdownEngine } from './protocol.js';

/**
 * The markdown engine as a closed function: called, it gives the engine; its own text, as in
 * `` `(${loadMarkdownEngine})().serveMarkdown(self)` ``, is the source of a worker that holds the same code.
 */
export const loadMarkdownEngine = load as () => MarkdownEngine;
