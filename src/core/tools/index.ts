export * from './approval.js';
export { FORBIDDEN_KEYS } from './forbidden-keys.js';
export type { JsonKey } from './growth.js';
export * from './partial-json.js';
export * from './tool-arguments.js';
export * from './tool-limits.js';
export * from './visible-text.js';
