// A WebTransport server over HTTP/3 on this machine: just as much of RFC 9114 and draft-ietf-webtrans-http3-02, which
// is what browsers speak, as a test of one bidirectional stream per run needs. Nothing is read of the request
// but that there is one: every path is served.
import { execFileSync } from 'node:child_process';
import { createHash, createHmac, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Browsers accept a certificate by its hash only where it is valid for less than two weeks. */
const CERTIFICATE_DAYS = 13;
/** Milliseconds without a packet before the server gives a connection up. */
const MAX_IDLE_TIMEOUT = 30_000;

const FRAME = { headers: 0x01, settings: 0x04, webTransportStream: 0x41 };
const UNI_STREAM = { control: 0x00, qpackEncoder: 0x02, qpackDecoder: 0x03 };

/** No dynamic table, extended CONNECT, datagrams, and WebTransport by the names of its drafts. */
const SETTINGS = [
  [0x01, 0],
  [0x07, 0],
  [0x08, 1],
  [0x33, 1],
  [0xff_d2_77, 1],
  [0x2b_60_37_42, 1],
  [0xc6_71_70_6a, 1],
  [0x14_e9_cd_29, 1],
];

/** Entries of the static table of QPACK (RFC 9204, appendix A). */
const STATUS_FIELD = { 200: 0xd9, 404: 0xdb };

/** HTTP/3 carries the codes of streams in a range of its own, with gaps for reserved values. */
const FIRST_STREAM_CODE = 0x52_e4_a4_0f_a8_db;

function toHttpCode(code) {
  return FIRST_STREAM_CODE + code + Math.floor(code / 0x1e);
}

function fromHttpCode(code) {
  const shifted = code - FIRST_STREAM_CODE;
  return shifted < 0 ? undefined : shifted - Math.floor(shifted / 0x1f);
}

/** A variable-length integer (RFC 9000, section 16). */
function varint(value) {
  if (value < 0x40) return Buffer.from([value]);
  if (value < 0x4000) return Buffer.from([0x40 | (value >> 8), value & 0xff]);
  const bytes = Buffer.alloc(value < 0x4000_0000 ? 4 : 8);
  if (bytes.length === 4) bytes.writeUInt32BE(value);
  else bytes.writeBigUInt64BE(BigInt(value));
  bytes[0] |= bytes.length === 4 ? 0x80 : 0xc0;
  return bytes;
}

function frame(type, payload) {
  return Buffer.concat([varint(type), varint(payload.length), payload]);
}

/** A header block of one static `:status` and one literal field, both without the dynamic table. */
function responseHeaders(status) {
  const name = Buffer.from('sec-webtransport-http3-draft');
  const value = Buffer.from('draft02');
  return Buffer.concat([
    Buffer.from([0, 0, STATUS_FIELD[status], 0x27, name.length - 7]),
    name,
    Buffer.from([value.length]),
    value,
  ]);
}

/** Reads one stream by numbers first, and what follows as it comes. */
function createByteReader(readable) {
  const reader = readable.getReader();
  let rest = Buffer.alloc(0);

  async function more() {
    const { done, value } = await reader.read();
    if (done) return false;
    rest = Buffer.concat([rest, value]);
    return true;
  }

  return {
    /** The next number; undefined where the stream has ended. */
    async varint() {
      while (rest.length === 0 || rest.length < 1 << (rest[0] >> 6)) {
        if (!(await more())) return undefined;
      }
      const length = 1 << (rest[0] >> 6);
      let value = rest[0] & 0x3f;
      for (const byte of rest.subarray(1, length)) value = value * 256 + byte;
      rest = rest.subarray(length);
      return value;
    },
    async drain() {
      do rest = Buffer.alloc(0);
      while (await more());
    },
    async *chunks() {
      do {
        const chunk = rest;
        rest = Buffer.alloc(0);
        if (chunk.length > 0) yield chunk;
      } while (await more());
    },
  };
}

/** Why nothing can be served here; undefined where it can. */
export async function whyNoWebTransport() {
  try {
    await import('@matrixai/quic');
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    return `@matrixai/quic and openssl are needed: ${error.message}`;
  }
}

/** A key and a certificate for 127.0.0.1, made for one run of the tests, and the hash that a page pins. */
export function createCertificate() {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-stream-chat-'));
  try {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(path.join(folder, 'key.pem'), key, { mode: 0o600 });
    const request = `req -x509 -new -sha256 -key key.pem -days ${CERTIFICATE_DAYS}`;
    const subject = '-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1';
    const cert = execFileSync('openssl', `${request} ${subject}`.split(' '), {
      cwd: folder,
      encoding: 'utf8',
    });
    const hash = createHash('sha256').update(new X509Certificate(cert).raw).digest();
    return { key, cert, hash: [...hash] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The library writes a line for every stream unless it is given something else to write to. */
const silentLogger = { getChild: () => silentLogger, debug() {}, info() {}, warn() {}, error() {} };

/** Connections that may hand out their streams; see `holdStreamsBack`. */
const listening = new WeakSet();

/** The library hands out streams before anybody can listen, and fails on those of a connection that still starts. */
function holdStreamsBack({ prototype }) {
  const { processStreams } = prototype;
  if (processStreams.isHeldBack) return;
  prototype.processStreams = function processStreamsOnceListening() {
    if (listening.has(this)) processStreams.call(this);
  };
  prototype.processStreams.isHeldBack = true;
}

/**
 * What a browser has opened: one run.
 *
 * @typedef {object} RunStream
 * @property {AsyncGenerator<Record<string, unknown>>} messages the client's lines, and `{reset: code}` if it breaks off
 * @property {(bytes: string | Uint8Array) => Promise<void>} write waits for flow control
 * @property {() => Promise<void>} end the answer is whole
 * @property {(code: number) => Promise<void>} reset the answer breaks off
 * @property {() => Promise<void>} kill ends the connection, with all its streams
 * @property {Promise<number | undefined>} stopped resolves when the client wants no more, to the code it gives
 */

/**
 * Starts a server of `answer` on a UDP port of the loopback.
 *
 * @param {object} options
 * @param {number} options.port
 * @param {{key: string, cert: string}} options.certificate
 * @param {(run: RunStream) => Promise<void>} options.answer a failure of it is a stream that the client has left
 * @param {200 | 404 | 'none'} [options.status] of the answer to who asks for a session; default: 200
 */
export async function startWebTransportServer({ port, certificate: { key, cert }, answer, status = 200 }) {
  const { QUICServer, QUICConnection, events } = await import('@matrixai/quic');
  holdStreamsBack(QUICConnection);
  const secret = randomBytes(32);
  const sign = (data) => createHmac('sha256', secret).update(Buffer.from(data)).digest();
  const server = new QUICServer({
    crypto: {
      key: secret,
      ops: {
        sign: async (_key, data) => Uint8Array.from(sign(data)).buffer,
        verify: async (_key, data, signature) => sign(data).equals(Buffer.from(signature)),
      },
    },
    config: {
      key,
      cert,
      applicationProtos: ['h3'],
      enableDgram: [true, 1000, 1000],
      maxIdleTimeout: MAX_IDLE_TIMEOUT,
    },
    logger: silentLogger,
    reasonToCode: (_side, reason) => reason?.httpCode ?? 0,
    codeToReason: (side, code) => Object.assign(new Error(`${side} ${code}`), { code: fromHttpCode(code) }),
  });
  const sessions = { made: 0, open: 0 };

  async function serveStream(connection, stream) {
    const reader = createByteReader(stream.readable);
    const type = await reader.varint();
    if (stream.type === 'uni') {
      await reader.drain();
      return;
    }
    if (type === FRAME.headers) {
      await serveSession(stream, reader);
      return;
    }
    if (type !== FRAME.webTransportStream) return;
    await reader.varint();
    await serveRun(connection, stream, reader);
  }

  async function serveSession({ writable }, reader) {
    const writer = writable.getWriter();
    if (status !== 'none') await writer.write(frame(FRAME.headers, responseHeaders(status)));
    if (status === 404) await writer.close();
    if (status !== 200) return;
    sessions.made += 1;
    sessions.open += 1;
    try {
      await reader.drain();
      await writer.close();
    } finally {
      sessions.open -= 1;
    }
  }

  async function serveRun(connection, stream, reader) {
    const writer = stream.writable.getWriter();
    async function* readMessages() {
      const decoder = new TextDecoder();
      let text = '';
      try {
        for await (const chunk of reader.chunks()) {
          const lines = (text + decoder.decode(chunk, { stream: true })).split('\n');
          text = lines.pop();
          for (const line of lines) yield JSON.parse(line);
        }
      } catch (error) {
        yield { reset: error?.code };
      }
    }
    await answer({
      messages: readMessages(),
      write: (bytes) => writer.write(Buffer.from(bytes)),
      end: () => writer.close(),
      reset: (code) => writer.abort({ httpCode: toHttpCode(code) }),
      kill: () => connection.stop({ force: true }),
      stopped: writer.closed.then(
        () => undefined,
        (error) => error?.code,
      ),
    });
  }

  async function serveConnection(connection) {
    connection.addEventListener(events.EventQUICConnectionStream.name, ({ detail: stream }) => {
      // A stream ends with its connection, or because the client has left it: neither is a failure of the server.
      serveStream(connection, stream).catch(() => {});
    });
    listening.add(connection);
    for (const [type, payload] of [
      [UNI_STREAM.control, frame(FRAME.settings, Buffer.concat(SETTINGS.flat().map(varint)))],
      [UNI_STREAM.qpackEncoder, Buffer.alloc(0)],
      [UNI_STREAM.qpackDecoder, Buffer.alloc(0)],
    ]) {
      const writer = connection.newStream('uni').writable.getWriter();
      await writer.write(Buffer.concat([varint(type), payload]));
    }
    connection.processStreams();
    await connection.send();
  }

  server.addEventListener(events.EventQUICServerConnection.name, ({ detail }) => {
    serveConnection(detail).catch(() => {});
  });
  await server.start({ host: '127.0.0.1', port });
  return {
    /** Sessions made so far, and those of them that are open. */
    get sessions() {
      return { ...sessions };
    },
    stop: () => server.stop({ force: true }),
  };
}
