import DOMPurify from 'dompurify';
import { default_renderer, parser, parser_write } from 'streaming-markdown';

/**
 * The parser with the check that is published with it (developer.chrome.com, "Best practices to render streamed LLM
 * responses"): all of the text so far is sanitized for each delta, and rendering stops where something is removed. It
 * goes on here, so that there is something to measure: code with `Array<string>` in it is reason enough to stop.
 */
export async function createContender(root) {
  const state = parser(default_renderer(root));
  let source = '';
  return {
    feed(delta) {
      source += delta;
      DOMPurify.sanitize(source);
      parser_write(state, delta);
    },
    settled: async () => {},
    node: () => root,
  };
}
