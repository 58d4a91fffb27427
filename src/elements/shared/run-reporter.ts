import {
  createMetricsRecorder,
  type DialectName,
  type EndpointObserver,
  type ErrorEvent,
  type StreamEvent,
  type Usage,
} from '../../core/index.js';
import { StreamEndEvent, StreamErrorEvent, StreamStartEvent } from './events/stream-events.js';

/** Tells the page about one request: `stream_start`, `stream_error`, `stream_end`, and the figures in between. */
export class RunReporter {
  readonly observer: EndpointObserver = {
    onConnect: (transport, url) => {
      this.#transport = transport;
      this.#url = url;
    },
    onResponse: ({ url }) => {
      this.#url = url || this.#url;
    },
    onBytes: (byteLength) => this.#metrics.countBytes(byteLength),
    onDialect: (name) => {
      this.#dialect = name;
    },
  };

  readonly #host: HTMLElement;
  readonly #metrics = createMetricsRecorder();
  #url = '';
  #transport: StreamStartEvent['detail']['transport'] = 'sse';
  #dialect: DialectName = 'plain';
  #streamId: string | undefined;
  #usage: Usage | undefined;
  #started = false;

  /** `before`: the reporter of the run that is gone on with. */
  constructor(host: HTMLElement, before?: RunReporter) {
    this.#host = host;
    if (!before) return;
    this.#dialect = before.#dialect;
    this.#streamId = before.#streamId;
  }

  get metrics(): ReturnType<ReturnType<typeof createMetricsRecorder>['snapshot']> {
    return this.#metrics.snapshot();
  }

  /** A frame showed its text late. */
  countLateFrame(): void {
    this.#metrics.countLateFrame();
  }

  /** Dispatches what the page is told of this event. Returns true when it took an error on itself. */
  report(event: StreamEvent): boolean {
    this.#metrics.countEvent(event);
    if (event.type === 'start') this.#streamId = event.streamId ?? this.#streamId;
    if (event.type === 'usage') this.#usage = event;
    if (event.type === 'error') return !this.#host.dispatchEvent(new StreamErrorEvent(errorDetail(event)));
    if (event.type === 'done') this.#end(event.reason, event.complete);
    else if (event.type !== 'reconnect') this.#start();
    return false;
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#host.dispatchEvent(
      new StreamStartEvent({
        streamId: this.#streamId,
        dialect: this.#dialect,
        transport: this.#transport,
        url: this.#url,
      }),
    );
  }

  #end(reason: StreamEndEvent['detail']['reason'], complete: boolean): void {
    this.#host.dispatchEvent(
      new StreamEndEvent({
        streamId: this.#streamId,
        reason,
        complete,
        usage: this.#usage,
        metrics: this.#metrics.snapshot(),
      }),
    );
  }
}

function errorDetail({
  code,
  message,
  status,
  recoverable,
  retryAfter,
}: ErrorEvent): StreamErrorEvent['detail'] {
  return { code, message, status, recoverable, retryAfter };
}
