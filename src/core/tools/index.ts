export * from './tool-arguments.js';
