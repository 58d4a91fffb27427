/**
 * The headless core: no DOM, runs in pages, workers and Node. Start with `streamEvents()` for the events of one
 * answer, or with `Conversation` and `Session` for a whole chat.
 */
export * from './conversation/index.js';
export type {
  AskedRequest,
  Decoder,
  DetectionInput,
  Dialect,
  DialectName,
  Reply,
  Resumption,
} from './dialect/dialect.js';
export { type CustomShape, type JsonPath, parsePath } from './dialect/path.js';
export { createDialectDecoder, DIALECT_NAMES, getDialect } from './dialect/registry.js';
export * from './endpoint/index.js';
export { createFramer, DEFAULT_MAX_FRAME_CHARS, type Framer, type FramerOptions } from './framing/framing.js';
export * from './i18n/index.js';
export * from './layout/index.js';
export * from './markdown/index.js';
export * from './model/index.js';
export { type PipelineObserver, type PipelineOptions, runPipeline } from './pipeline.js';
export { streamEvents, type StreamEventsOptions } from './stream-events.js';
export * from './tools/index.js';
export type {
  PlatformSocket,
  PlatformSocketConstructor,
  PlatformSocketEvent,
} from './transport/event-socket.js';
export { createSseTransport, type SseTransportOptions } from './transport/sse-transport.js';
export type { ClientMessage, Transport, TransportObserver } from './transport/transport.js';
export { createWebSocketTransport, type WebSocketTransportOptions } from './transport/websocket-transport.js';
export {
  createWebTransportTransport,
  type WebTransportTransportOptions,
} from './transport/webtransport-transport.js';
