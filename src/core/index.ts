export type { Decoder, DetectionInput, Dialect, DialectName } from './dialect/dialect.js';
export { createDialectDecoder, DIALECT_NAMES, getDialect, requestDialect } from './dialect/registry.js';
export { createFramer, DEFAULT_MAX_FRAME_CHARS, type Framer, type FramerOptions } from './framing/framing.js';
export * from './model/index.js';
export { runPipeline, toErrorEvent, type PipelineObserver, type PipelineOptions } from './pipeline.js';
export { DEFAULT_IDLE_TIMEOUT, streamEvents, type StreamEventsOptions } from './stream-events.js';
export { createSseTransport, type SseTransportOptions } from './transport/sse-transport.js';
export type { Transport, TransportObserver } from './transport/transport.js';
