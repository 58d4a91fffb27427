export * from './conversation.js';
export * from './reduce-message.js';
export * from './run-phase.js';
export * from './session.js';
export * from './run-metrics.js';
