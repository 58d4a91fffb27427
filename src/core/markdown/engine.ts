// Built as one closed function: whatever this module imports is in the bundle once, for the worker and in place.
export { createMarkdownStream } from './markdown-stream.js';
export { serveMarkdown } from './serve-markdown.js';
