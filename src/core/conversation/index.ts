export { canContinue } from './continuation.js';
export * from './conversation.js';
export type { ToolContext } from './open-calls.js';
export * from './reduce-message.js';
export { type CallIds, createCallIds, retell, type Retelling } from './retelling.js';
export * from './run-phase.js';
export * from './session.js';
export * from './run-metrics.js';
