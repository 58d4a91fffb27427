export * from './layout/index.js';
export * from './model/index.js';
