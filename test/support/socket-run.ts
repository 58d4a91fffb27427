import { WebSocket } from 'ws';
import {
  createDialectDecoder,
  runPipeline,
  type PipelineObserver,
  type RunRequest,
  type StreamEvent,
  type Transport,
} from '../../src/core/index.js';
import type { ClientMessage } from '../../src/core/transport/transport.js';
import {
  createWebSocketTransport,
  type WebSocketTransportOptions,
} from '../../src/core/transport/websocket-transport.js';

/** The transport over the sockets of `ws`. */
export function createTransport(options: WebSocketTransportOptions = {}): Transport {
  return createWebSocketTransport({ WebSocket, ...options });
}

/** A request to `url`. */
export function requestTo(url: string, more: Partial<RunRequest> = {}): RunRequest {
  return {
    url,
    method: 'POST',
    headers: {},
    body: '{"messages":[]}',
    credentials: 'same-origin',
    idleTimeout: 0,
    ...more,
  };
}

/** What a test does while a run goes on. */
export interface RunOptions {
  readonly transport?: Transport;
  readonly signal?: AbortSignal;
  readonly observer?: PipelineObserver;
  readonly onChannel?: (send: (message: ClientMessage) => void) => void;
  /** Called with every event; the next is asked for when it is through. */
  readonly onEvent?: (event: StreamEvent) => unknown;
}

/** Runs a request through the pipeline, as the native dialect, and gives the events. */
export async function run(
  request: RunRequest,
  {
    transport = createTransport(),
    signal = new AbortController().signal,
    observer,
    onChannel,
    onEvent,
  }: RunOptions = {},
): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  const listening: Transport = {
    name: transport.name,
    open: (asked, stop, own) => transport.open(asked, stop, { ...own, ...(onChannel && { onChannel }) }),
  };
  const decoder = createDialectDecoder('native');
  for await (const event of runPipeline(request, { transport: listening, decoder, signal, observer })) {
    events.push(event);
    await onEvent?.(event);
  }
  return events;
}

/** All the text in the events of a run. */
export function textOf(events: readonly StreamEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.content : '')).join('');
}

/** The events that an answer begins and ends with. */
export const START = { type: 'start', streamId: 's1' } as const;
export const DONE = { type: 'done', reason: 'stop', complete: true } as const;
