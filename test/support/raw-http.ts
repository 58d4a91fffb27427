// HTTP/1.1 by hand, over node:net: a server that can leave any rule of the protocol out. Node's own server will not
// reset in the middle of a chunk, send a chunk size that is none, or answer a request with nothing at all.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A request as it came over the wire. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** By name in lower case; one character a byte, as in RFC 9112. */
  readonly headers: ReadonlyMap<string, string>;
  /** Parsed JSON, the text where it is none, undefined where there is no body. */
  readonly body: unknown;
  /** The header's bytes, read as UTF-8. */
  readonly lastEventId: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** Milliseconds since the process began. */
  readonly at: number;
  /** When the client closed the connection, if it did so before the answer had ended. */
  leftAt?: number;
}

/** One request and the connection its answer goes over. */
export class Exchange {
  readonly request: RecordedRequest;
  /** Fulfils when the client has closed its side, or the connection is gone. */
  readonly left: Promise<void>;
  /** Fulfils when either side has ended the connection. */
  readonly over: Promise<void>;
  readonly #socket: Socket;
  #hasLeft = false;
  #isChunked = false;

  constructor(socket: Socket, request: RecordedRequest) {
    this.#socket = socket;
    this.request = request;
    this.left = new Promise((resolve) => {
      const leave = (): void => {
        if (!socket.writableEnded && !this.#hasLeft) request.leftAt = performance.now();
        this.#hasLeft = true;
        resolve();
      };
      socket.once('end', leave);
      socket.once('close', leave);
    });
    const finished = new Promise<void>((resolve) => {
      socket.once('finish', resolve);
    });
    this.over = Promise.race([this.left, finished]);
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /**
   * Sends the head; what is written from then on is chunked unless the headers give a length. `isLast`: it says that
   * the connection ends with the answer. Node's fetch takes any end for a good one then, even RST.
   */
  writeHead(status: number, headers: Readonly<Record<string, string>>, isLast = true): void {
    this.#isChunked = headers['content-length'] === undefined && status !== 204 && status !== 304;
    const lines = Object.entries({
      ...headers,
      ...(isLast && { connection: 'close' }),
      ...(this.#isChunked && { 'transfer-encoding': 'chunked' }),
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`);
  }

  /** Sends part of the body. Fulfils when the connection can take more, or the client has left. */
  async write(part: Uint8Array | string): Promise<void> {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    if (bytes.length === 0 || !this.#socket.writable) return;
    const framed = this.#isChunked
      ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
      : bytes;
    if (!this.#socket.write(framed)) {
      await Promise.race([once(this.#socket, 'drain').catch(() => {}), this.left]);
    }
  }

  /** Sends bytes as they stand, whatever the framing of the body. */
  writeRaw(bytes: string): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Ends the answer as the protocol has it. */
  end(): void {
    if (this.#isChunked) this.writeRaw('0\r\n\r\n');
    this.#socket.end();
  }

  /** Closes the connection in the middle of the answer (FIN). */
  close(): void {
    this.#socket.end();
  }

  /** Breaks the connection (RST). */
  reset(): void {
    this.#socket.resetAndDestroy();
  }
}

/** A server on a free port of the loopback. */
export interface RawServer {
  readonly origin: string;
  /** New connections are refused from now on; those that are open go on. */
  refuse(): Promise<void>;
  /** Takes connections again, on the same port. */
  accept(): Promise<void>;
  /** Ends it with all its connections. */
  close(): Promise<void>;
}

function parse(head: string, bodyBytes: Buffer): RecordedRequest {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', path = ''] = requestLine.split(' ');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const lastEventId = headers.get('last-event-id');
  return {
    method,
    path,
    headers,
    body: bodyBytes.length === 0 ? undefined : parseBody(bodyBytes.toString('utf8')),
    lastEventId: lastEventId === undefined ? undefined : Buffer.from(lastEventId, 'latin1').toString('utf8'),
    idempotencyKey: headers.get('idempotency-key'),
    at: performance.now(),
  };
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads the one request of a connection; undefined where the client leaves without one. */
function readRequest(socket: Socket): Promise<RecordedRequest | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    function read(chunk: Buffer): void {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = received.toString('latin1', 0, end);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      socket.off('data', read);
      // Keeps reading, so that the client's FIN is noticed.
      socket.resume();
      resolve(parse(head, received.subarray(end + 4, end + 4 + length)));
    }
    socket.on('data', read);
    socket.once('close', () => resolve(undefined));
  });
}

/** Starts a server that hands every request to `answer`, one on each connection. */
export async function startRawServer(answer: (exchange: Exchange) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();

  async function take(socket: Socket): Promise<void> {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    const request = await readRequest(socket);
    if (request) answer(new Exchange(socket, request));
  }

  // Half open: a server may go on talking to a client that has left.
  const server = createServer({ allowHalfOpen: true }, (socket) => void take(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    origin: `http://127.0.0.1:${port}`,
    async refuse() {
      if (!server.listening) return;
      // The listening socket is closed at once; the callback would wait for the connections that go on.
      server.close();
    },
    async accept() {
      if (server.listening) return;
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) server.close();
    },
  };
}
