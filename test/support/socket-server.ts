import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** A message of the client. */
export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The server's end of one socket. */
export interface Peer {
  readonly socket: WebSocket;
  /** Path and query that the client asked for. */
  readonly path: string;
  /** All that the client has said so far. */
  readonly received: readonly Message[];
  /** The code that the socket closed with. */
  readonly closed: Promise<number>;
  send(...messages: object[]): void;
  /** The client's next message of a type: each is given once. */
  next(type: string): Promise<Message>;
}

/** A server of sockets on this machine, for one test. */
export interface SocketServer {
  /** Begins with `http:`, as the address of an endpoint does. */
  readonly url: string;
  /** One for each socket, oldest first. */
  readonly peers: readonly Peer[];
  /** Ends it with all its sockets. */
  close(): Promise<void>;
}

function createPeer(socket: WebSocket, path: string): Peer {
  const received: Message[] = [];
  const unread: Message[] = [];
  const waiting: { type: string; resolve: (message: Message) => void }[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    received.push(message);
    const index = waiting.findIndex(({ type }) => type === message.type);
    if (index === -1) unread.push(message);
    else waiting.splice(index, 1)[0]?.resolve(message);
  });
  return {
    socket,
    path,
    received,
    closed: once(socket, 'close').then(([code]) => Number(code)),
    send(...messages) {
      for (const message of messages) socket.send(JSON.stringify(message));
    },
    next(type) {
      const index = unread.findIndex((message) => message.type === type);
      const [message] = index === -1 ? [] : unread.splice(index, 1);
      return message ? Promise.resolve(message) : new Promise((resolve) => waiting.push({ type, resolve }));
    },
  };
}

/** Starts a server on a free port. `attend` is called for every socket, first to last. */
export async function serveSockets(attend: (peer: Peer, index: number) => unknown): Promise<SocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const peers: Peer[] = [];
  server.on('connection', (socket, request) => {
    const peer = createPeer(socket, request.url ?? '');
    peers.push(peer);
    attend(peer, peers.length - 1);
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/chat`,
    peers,
    close: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
