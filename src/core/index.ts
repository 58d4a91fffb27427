export * from './model/index.js';
export * from './markdown/index.js';
