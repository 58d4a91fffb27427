export { type Connectivity } from './connectivity.js';
export { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.js';
export { type EndpointObserver, type EndpointRun } from './endpoint-run.js';
export { loadHistory, type HistoryPage, type HistoryQuery, MAX_HISTORY_CHARS } from './history.js';
export * from './settings.js';
