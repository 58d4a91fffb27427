/**
 * The headless core: no DOM, runs in pages, workers and Node. Start with `streamEvents()` for the events of one
 * answer, or with `Conversation` and `Session` for a whole chat.
 */
export * from './conversation/index.js';
export * from './dialect/index.js';
export * from './endpoint.js';
export * from './framing/index.js';
export * from './i18n/index.js';
export * from './layout/index.js';
export * from './markdown/index.js';
export * from './model/index.js';
export * from './pipeline.js';
export * from './tools/index.js';
export * from './transport/index.js';
