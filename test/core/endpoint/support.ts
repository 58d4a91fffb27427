import type { EndpointSettings } from '../../../src/core/index.js';

/** An endpoint as elements set it, without an address. */
export const SETTINGS: EndpointSettings = {
  urls: [],
  transport: 'auto',
  dialect: 'auto',
  method: 'POST',
  headers: {},
  credentials: 'same-origin',
  idleTimeout: 0,
  maxRetries: 5,
};
