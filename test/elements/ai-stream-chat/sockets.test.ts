import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import type { AiStreamChatElement, ToolCallEvent } from '../../../src/index.js';
import { endpoint, recordEvents, until } from '../support.js';

/** A chat on the socket of test/support/socket-endpoint.mjs, which answers as `want` says. */
async function chatOn(want: string): Promise<{ chat: AiStreamChatElement; log: () => Promise<unknown[][]> }> {
  const { src, key } = endpoint('socket');
  const address = new URL(src, location.href);
  address.protocol = 'ws:';
  const chat = await fixture<AiStreamChatElement>(html`
    <ai-stream-chat style="block-size: 480px" src=${address.href}></ai-stream-chat>
  `);
  chat.body = { want };
  return {
    chat,
    async log() {
      const response = await fetch(`/endpoint/socket-log?key=${encodeURIComponent(key)}`);
      return (await response.json()) as unknown[][];
    },
  };
}

function answer(chat: AiStreamChatElement): string {
  const message = [...chat.shadowRoot!.querySelectorAll('ai-stream-message')].at(-1);
  const texts = [...(message?.shadowRoot?.querySelectorAll('[part~="content"]') ?? [])];
  return texts.map((text) => text.textContent!.trim()).join('|');
}

describe('<ai-stream-chat> over a WebSocket', () => {
  it('answers a call while the answer goes on, over the same socket and in the same run', async () => {
    const { chat, log } = await chatOn('tool');
    const events = recordEvents(chat, 'stream_start', 'tool_result', 'stream_end');
    chat.addEventListener('tool_call', (event) => (event as ToolCallEvent).respondWith(42));
    const outcome = await chat.send('add');
    await chat.settled;
    expect(outcome).to.deep.include({ reason: 'stop', complete: true });
    expect(answer(chat)).to.equal('It is 42.');
    expect(chat.state).to.equal('idle');
    expect(chat.messages.length).to.equal(2);
    expect(events.map(({ type }) => type)).to.deep.equal(['stream_start', 'tool_result', 'stream_end']);
    expect(events[0]!.detail).to.deep.include({ dialect: 'native', transport: 'websocket' });
    const [messages] = await log();
    expect(messages!.filter((type) => type !== 'ack')).to.deep.equal(['run', 'tool_result']);
  });

  it('uses one socket for one run after the other, and acknowledges what it has shown', async () => {
    const { chat, log } = await chatOn('numbers');
    for (let count = 0; count < 2; count += 1) {
      await chat.send('count');
      await chat.settled;
      expect(answer(chat).split(' ').length).to.equal(300);
    }
    const sockets = await log();
    expect(sockets.length).to.equal(1);
    expect(sockets[0]!.filter((type) => type === 'run').length).to.equal(2);
    expect(sockets[0]).to.include('ack');
  });

  it('tells the server when the reader stops', async () => {
    const { chat, log } = await chatOn('hang');
    void chat.send('go');
    await until(() => answer(chat) === 'waiting');
    await chat.stop();
    const [messages] = await until(async () => {
      const sockets = await log();
      return sockets[0]?.includes(1000) ? sockets : undefined;
    });
    expect(messages).to.include.members(['run', 'cancel', 1000]);
  });

  it('keeps what had come when the socket drops', async () => {
    const { chat } = await chatOn('drop');
    await chat.send('go');
    await chat.settled;
    expect(answer(chat)).to.equal('half');
    expect(chat.messages.at(-1)!.status).to.equal('interrupted');
  });
});
