// Plays one connection of a script.
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';
import { isBroken, readStep, type Connection, type PageAction, type Stage } from './fault-steps.js';
import { writeEvent, type Wire, type WireName, type WireOptions } from './fault-wire.js';
import type { Exchange } from './raw-http.js';

/** What a connection has sent so far. */
export interface Sent {
  readonly token: number | undefined;
  readonly call: string | undefined;
}

/** How a script is played. */
export interface ScriptOptions extends WireOptions {
  /** Default: `native`. */
  readonly wire?: WireName | undefined;
  /**
   * Waits until the client has taken in what was sent. Without it the server waits a moment before it breaks a
   * connection. What lies unread in a client when its connection is reset is lost.
   */
  readonly seen?: ((sent: Sent) => Promise<void>) | undefined;
  /** Takes the steps that are the page's. */
  readonly act?: ((action: PageAction, exchange: Exchange) => Promise<void>) | undefined;
  /** Answers the requests after the last connection of the script. Default: status 404. */
  readonly beyond?: Connection | undefined;
  /** Fields of every head. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' };
/** Milliseconds that half an event is given to arrive: a client tells nobody of it. */
const MOMENT = 25;
/** `HTTP-date +3 s` becomes the date. */
function fillIn(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const seconds = /^HTTP-date ([+-]?\d+) s$/.exec(value)?.[1];
      // Dates have whole seconds only.
      const date = Math.round(Date.now() / 1000 + Number(seconds)) * 1000;
      return [name.toLowerCase(), seconds === undefined ? value : new Date(date).toUTCString()];
    }),
  );
}

/** Compresses so that each part can be read when it arrives. */
function createCompressor(): {
  compress(part: Uint8Array | string): Promise<Uint8Array>;
  end(): Promise<Uint8Array>;
} {
  const gzip = createGzip();
  const take = (): Uint8Array => (gzip.read() as Uint8Array | null) ?? new Uint8Array();
  return {
    async compress(part) {
      gzip.write(part);
      await new Promise<void>((resolve) => {
        gzip.flush(constants.Z_SYNC_FLUSH, resolve);
      });
      return take();
    },
    async end() {
      gzip.end();
      await once(gzip, 'readable');
      return take();
    },
  };
}

/** What the connections of a script have in common. */
export interface PlayContext {
  readonly base: string;
  readonly wire: Wire;
  readonly headers: Readonly<Record<string, string>>;
  readonly options: ScriptOptions;
}

/** Answers without steps: a status, a redirect, a body. */
async function answerPlainly(
  exchange: Exchange,
  connection: Connection,
  context: PlayContext,
): Promise<void> {
  const { status = 200, location, body = '' } = connection;
  const target = location?.startsWith('/') ? context.base + location : location;
  exchange.writeHead(status, {
    ...context.headers,
    ...fillIn(connection.headers ?? {}),
    ...(target !== undefined && { location: target }),
    ...(status !== 204 && { 'content-length': String(Buffer.byteLength(body)) }),
  });
  await exchange.write(body);
  exchange.end();
}

async function playSteps(exchange: Exchange, connection: Connection, context: PlayContext): Promise<void> {
  const { wire, options } = context;
  const given = fillIn(connection.headers ?? {});
  const isTypeless = connection.headers !== undefined && Object.keys(given).length === 0;
  const compressor = given['content-encoding'] === 'gzip' ? createCompressor() : undefined;
  let isOpen = false;
  let hasBody = false;
  let isOver = false;
  let sent: Sent = { token: undefined, call: undefined };
  /** Something was sent of which the client tells nobody: half an event, an id, a comment. */
  let isUnseen = false;

  const stage: Stage = {
    wire,
    get hasLeft() {
      return exchange.hasLeft;
    },
    left: exchange.left,
    open() {
      if (isOpen) return;
      isOpen = true;
      const headers = { ...context.headers, ...(!isTypeless && EVENT_STREAM), ...given };
      exchange.writeHead(connection.status ?? 200, headers, !isBroken(connection.steps ?? []));
    },
    async write(part) {
      stage.open();
      const start = hasBody ? undefined : wire.start();
      hasBody = true;
      if (start) await stage.write(writeEvent(start));
      isUnseen = true;
      await exchange.write(compressor ? await compressor.compress(part) : part);
    },
    note(news) {
      sent = { ...sent, ...news };
      isUnseen = false;
    },
    async settled() {
      const { seen } = options;
      const isKnown = (sent.token ?? sent.call) !== undefined;
      if (seen && isKnown) await Promise.race([seen(sent), exchange.left]);
      if (isUnseen || (hasBody && !seen)) await wait(MOMENT);
    },
    async finish(how) {
      isOver = true;
      if (how === 'reset') exchange.reset();
      else if (how === 'close') exchange.close();
      else if (how === 'end' || how === 'cut') {
        stage.open();
        if (how === 'end' && compressor) await exchange.write(await compressor.end());
        exchange.end();
      } else if (how === 'bad-chunk') {
        exchange.writeRaw('this is no size\r\n');
        exchange.close();
      }
    },
    act: async (action) => options.act?.(action, exchange),
  };

  for (const step of connection.steps ?? []) {
    await readStep(step)(stage);
    if (isOver) return;
    if (exchange.hasLeft) {
      // Its other half is still open.
      exchange.close();
      return;
    }
  }
  // The script leaves it open how the connection ends: it just does.
  await stage.settled();
  await stage.finish('end');
}

/** Answers one request as a connection says. */
export async function playConnection(
  exchange: Exchange,
  connection: Connection,
  context: PlayContext,
): Promise<void> {
  await (connection.steps ? playSteps : answerPlainly)(exchange, connection, context);
}
