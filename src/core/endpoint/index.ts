export { type Connectivity } from './connectivity.js';
export { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.js';
export { type EndpointObserver, type EndpointRun } from './endpoint-run.js';
export * from './settings.js';
