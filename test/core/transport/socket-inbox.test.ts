import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventSocket, EventSocketListener } from '../../../src/core/transport/event-socket.js';
import {
  createSocketInbox,
  MAX_QUEUED_CHARS,
  type SocketInbox,
} from '../../../src/core/transport/socket-inbox.js';
import { createRandom, readSeed } from '../../support/random.js';

interface OpenInbox {
  inbox: SocketInbox;
  push: (text: string) => void;
  /** The socket was told to stop the run. */
  isCancelled: () => boolean;
}

/** An inbox whose socket is the test: no network could fill it in the time of a test. */
function openInbox(): OpenInbox {
  let listener: EventSocketListener | undefined;
  let isCancelled = false;
  const socket: EventSocket = {
    url: 'ws://127.0.0.1/',
    isOpen: true,
    ackWindow: undefined,
    listen: (next) => {
      listener = next;
    },
    send: () => {},
    cancel: () => {
      isCancelled = true;
      listener = undefined;
    },
    close: () => {},
  };
  const inbox = createSocketInbox(socket, { isReused: false, onBytes: () => {} });
  return {
    inbox,
    push: (text) => listener?.onEvent?.({ text, type: undefined, seq: undefined, size: undefined }),
    isCancelled: () => isCancelled,
  };
}

describe('the inbox of a socket', () => {
  const seed = readSeed();
  it(`gives what has come in its order, whenever it is taken (TEST_SEED=${seed})`, () => {
    const random = createRandom(seed);
    const { inbox, push } = openInbox();
    let pushed = 0;
    let taken = 0;
    while (taken < 2000) {
      if (random() < 0.55) {
        push(String(pushed));
        pushed += 1;
      } else {
        const event = inbox.take();
        assert.equal(event?.text, taken < pushed ? String(taken) : undefined);
        if (event) taken += 1;
      }
    }
  });

  it('counts every event, however small it is, and keeps those that wait', () => {
    const { inbox, push, isCancelled } = openInbox();
    let pushed = 0;
    while (!inbox.hasEnded && pushed < MAX_QUEUED_CHARS) {
      push('');
      pushed += 1;
    }
    assert.equal(inbox.failure?.code, 'limit');
    assert.ok(isCancelled());
    assert.ok(pushed < MAX_QUEUED_CHARS / 32, String(pushed));
    let taken = 0;
    while (inbox.take()) taken += 1;
    assert.equal(taken, pushed);
  });

  it('does not count what was taken', () => {
    const { inbox, push } = openInbox();
    const text = 'x'.repeat(MAX_QUEUED_CHARS / 4);
    // Two or three wait at any time.
    push(text);
    push(text);
    for (let round = 0; round < 20; round += 1) {
      push(text);
      assert.equal(inbox.take()?.text.length, text.length);
    }
    assert.equal(inbox.failure, undefined);
  });
});
