// A socket for the browser tests: each run says by `want` what it is to get.
//
//   /endpoint/socket?key=…      the socket
//   /endpoint/no-socket         an address that has none
//   /endpoint/socket-log?key=…  what was received with that key so far
import { WebSocketServer } from 'ws';

/** How many events are sent beyond the one acknowledged last. */
const WINDOW = 8;

/** What was received with a key: one list for each socket, of message types, and the close code in the end. */
const log = new Map();

/** want → how it is answered. */
const ANSWERS = {
  /** 300 events and more, in the window. */
  async numbers(socket) {
    let acknowledged = -1;
    const events = [
      { type: 'start', streamId: 's1' },
      ...Array.from({ length: 300 }, (_, index) => ({ type: 'text', content: `${index} ` })),
      { type: 'done', reason: 'stop', complete: true },
    ];
    for (const [seq, event] of events.entries()) {
      while (seq - acknowledged > WINDOW) acknowledged = (await socket.next('ack')).seq;
      socket.say({ ...event, seq });
    }
  },
  async tool(socket) {
    socket.say(
      { type: 'start', streamId: 's1' },
      { type: 'tool_call', id: 'c1', name: 'add', args: { a: 1 } },
    );
    const { result } = await socket.next('tool_result');
    socket.say(
      { type: 'text', content: `It is ${result}.` },
      { type: 'done', reason: 'stop', complete: true },
    );
  },
  binary(socket) {
    socket.send(Buffer.from('{"type":"text","content":"👍🏽 ä"}'), { binary: true });
    socket.say({ type: 'done', reason: 'stop', complete: true });
  },
  hang(socket) {
    socket.say({ type: 'start', streamId: 's1' }, { type: 'text', content: 'waiting' });
  },
  drop(socket) {
    socket.say({ type: 'start', streamId: 's1' }, { type: 'text', content: 'half' });
    socket.terminate();
  },
  refuse(socket) {
    socket.close(4401, 'Sign in first.');
  },
};

function attend(socket, key) {
  const entries = [];
  log.set(key, [...(log.get(key) ?? []), entries]);
  const waiting = new Map();
  socket.say = (...messages) => {
    for (const message of messages) socket.send(JSON.stringify(message));
  };
  socket.next = (type) => new Promise((resolve) => waiting.set(type, resolve));
  socket.say({ type: 'ack_window', size: WINDOW });
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    entries.push(message.type);
    if (message.type === 'run') ANSWERS[message.want]?.(socket);
    else waiting.get(message.type)?.(message);
  });
  socket.on('close', (code) => entries.push(code));
}

/** A plugin of the test runner. */
export function socketEndpoint() {
  const sockets = new WebSocketServer({ noServer: true });
  return {
    name: 'socket-endpoint',
    serverStart({ server }) {
      server.on('upgrade', (request, connection, head) => {
        const url = new URL(request.url, 'http://localhost');
        if (url.pathname === '/endpoint/no-socket') connection.end('HTTP/1.1 404 Not Found\r\n\r\n');
        if (url.pathname !== '/endpoint/socket') return;
        sockets.handleUpgrade(request, connection, head, (socket) => {
          attend(socket, url.searchParams.get('key'));
        });
      });
    },
    serve({ path, URL: { searchParams } }) {
      if (path !== '/endpoint/socket-log') return undefined;
      return { body: JSON.stringify(log.get(searchParams.get('key')) ?? []), type: 'json' };
    },
  };
}
