// A server that misbehaves as a script says: one script for each conversation, one connection of it for each request.
import { playConnection, type PlayContext, type ScriptOptions } from './fault-player.js';
import { readTokens, type Connection } from './fault-steps.js';
import { createWire, writeEvent, type Wire } from './fault-wire.js';
import { startRawServer, type Exchange, type RawServer, type RecordedRequest } from './raw-http.js';

export type { ScriptOptions, Sent } from './fault-player.js';
export type { Connection, PageAction } from './fault-steps.js';
export type { WireName } from './fault-wire.js';
export type { RecordedRequest } from './raw-http.js';

/** A script that is being played. */
export interface Script {
  /** Where to ask. */
  readonly url: string;
  /** Oldest first; without those that a browser sends to ask for permission. */
  readonly requests: readonly RecordedRequest[];
  /** What went wrong in playing it: a step that nobody knows. */
  readonly failures: readonly Error[];
  /** The client has met a refusal: the connection after it is to be played. */
  passRefusal(): Promise<void>;
  /** Fulfils when no connection is open: each was ended by the script, or left by the client. */
  over(): Promise<void>;
}

/** A file that the server gives, so that a page has its origin. */
export interface Page {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

export interface FaultServer {
  readonly origin: string;
  play(connections: readonly Connection[], options?: ScriptOptions): Promise<Script>;
  close(): Promise<void>;
}

export interface FaultServerOptions {
  /** Pages of other origins may ask. */
  readonly cors?: boolean | undefined;
  /** Files by path. */
  readonly pages?: ReadonlyMap<string, Page> | undefined;
}

const NOTHING_SCRIPTED: Connection = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: '{"error":{"message":"The script has no further connection."}}',
};

function corsHeaders(request: RecordedRequest): Record<string, string> {
  return {
    'access-control-allow-origin': request.headers.get('origin') ?? '*',
    'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '*',
    'access-control-expose-headers': '*',
  };
}

class PlayedScript implements Script {
  readonly url: string;
  readonly requests: RecordedRequest[] = [];
  readonly failures: Error[] = [];
  readonly #exchanges: Exchange[] = [];
  readonly #connections: Connection[];
  readonly #server: RawServer;
  readonly #options: ScriptOptions;
  readonly #base: string;
  readonly #wire: Wire;

  constructor(server: RawServer, base: string, connections: readonly Connection[], options: ScriptOptions) {
    this.#server = server;
    this.#base = base;
    this.#options = options;
    this.#wire = createWire(options.wire ?? 'native', options);
    this.#connections = connections.flatMap((each) => Array<Connection>(each.times ?? 1).fill(each));
    this.url = `${server.origin}${base}/chat`;
  }

  /** The next connection is refused: nothing may be listening. */
  async refuseIfDue(): Promise<void> {
    if (this.#connections[0]?.refuse) await this.#server.refuse();
  }

  async passRefusal(): Promise<void> {
    if (!this.#connections[0]?.refuse) return;
    this.#connections.shift();
    if (!this.#connections[0]?.refuse) await this.#server.accept();
  }

  async over(): Promise<void> {
    await Promise.all(this.#exchanges.map((exchange) => exchange.over));
  }

  async answer(exchange: Exchange, headers: Readonly<Record<string, string>>): Promise<void> {
    this.requests.push(exchange.request);
    this.#exchanges.push(exchange);
    const connection = this.#connections.shift() ?? this.#options.beyond ?? NOTHING_SCRIPTED;
    await this.refuseIfDue();
    const context: PlayContext = {
      base: this.#base,
      wire: this.#wire,
      headers: { ...headers, ...this.#options.headers },
      options: this.#options,
    };
    try {
      if (this.#connections[0]?.late !== undefined) await this.#wake(this.#connections.shift()!.late!);
      await playConnection(exchange, connection, context);
    } catch (error) {
      this.failures.push(error as Error);
      exchange.reset();
    }
  }

  /** "first connection wakes and sends 8-20": it does so before the newest one says anything. */
  async #wake(late: string): Promise<void> {
    const [, ordinal = '', spec = ''] = /^(\w+) connection wakes and sends ([\d,-]+)$/.exec(late) ?? [];
    const old = this.#exchanges[['first', 'second', 'third'].indexOf(ordinal)];
    if (!old) throw new Error(`The server knows no way to do "${late}".`);
    for (const k of readTokens(spec)) await old.write(writeEvent(this.#wire.token(k)));
  }
}

/** Starts a server that plays scripts, each under an address of its own. */
export async function startFaultServer({
  cors = false,
  pages,
}: FaultServerOptions = {}): Promise<FaultServer> {
  const scripts: PlayedScript[] = [];

  function answer(exchange: Exchange): void {
    const { method, path } = exchange.request;
    const headers = cors ? corsHeaders(exchange.request) : {};
    const page = pages?.get(path);
    if (method === 'OPTIONS') {
      exchange.writeHead(204, headers);
      exchange.end();
    } else if (page) {
      const length = String(Buffer.byteLength(page.body));
      exchange.writeHead(200, { ...headers, 'content-type': page.contentType, 'content-length': length });
      void exchange.write(page.body).then(() => exchange.end());
    } else {
      const script = scripts[Number(/^\/run\/(\d+)\//.exec(path)?.[1] ?? -1)];
      if (script) void script.answer(exchange, headers);
      else {
        exchange.writeHead(404, { ...headers, 'content-length': '0' });
        exchange.end();
      }
    }
  }

  const server = await startRawServer(answer);
  return {
    origin: server.origin,
    async play(connections, options = {}) {
      const script = new PlayedScript(server, `/run/${scripts.length}`, connections, options);
      scripts.push(script);
      await script.refuseIfDue();
      return script;
    },
    close: () => server.close(),
  };
}
