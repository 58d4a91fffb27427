export * from './load-engine.js';
export * from './markdown-client.js';
export type { BlockPatch, MarkdownEngine, MarkdownStream } from './protocol.js';
