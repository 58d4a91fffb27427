export * from './frame.js';
export * from './joined.js';
export * from './message.js';
export * from './provider-error.js';
export * from './random-id.js';
export * from './run-request.js';
export * from './stream-error.js';
export * from './stream-event.js';
