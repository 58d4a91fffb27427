export { NUMBERS_PER_TOKEN, TOKEN_KINDS, type TokenKind } from './highlight/token-kind.js';
export * from './load-engine.js';
export * from './markdown-client.js';
export type { BlockPatch, MarkdownEngine, MarkdownStream, ReadingOptions } from './protocol.js';
export { withoutOddText } from './odd-text.js';
export { plainPieces } from './plain-text.js';
export { DEFAULT_RENDER_LIMITS, type RenderLimits } from './render-limits.js';
