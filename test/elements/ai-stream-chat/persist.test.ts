import { expect } from '@open-wc/testing';
import '../../../src/index.js';
import type { AiStreamChatElement } from '../../../src/index.js';
import { endpoint, until } from '../support.js';

let used = 0;

/** Settings of a chat whose conversation no other test has. */
function settings(persist: 'none' | 'session' | 'local' = 'session') {
  used += 1;
  return { persist, id: `chat-${used}`, src: endpoint('echo').src };
}

type Settings = Partial<AiStreamChatElement>;

function mount(properties: Settings): AiStreamChatElement {
  const chat = Object.assign(document.createElement('ai-stream-chat'), properties);
  document.body.append(chat);
  return chat;
}

/** Fulfils when it has been kept as it ended. */
async function unmount(chat: AiStreamChatElement): Promise<void> {
  chat.remove();
  await until(() => chat.state === 'idle');
  await new Promise((resolve) => setTimeout(resolve));
}

const textsOf = ({ messages }: AiStreamChatElement): string[] =>
  messages.map(({ parts: [part] }) => (part?.type === 'text' ? part.text : ''));
const keys = (storage: Storage): string[] =>
  Object.keys(storage).filter((key) => key.startsWith('ai-stream-chat:conversation:'));

describe('a chat that keeps its conversation', () => {
  afterEach(async () => {
    await Promise.all([...document.querySelectorAll('ai-stream-chat')].map(unmount));
    for (const storage of [localStorage, sessionStorage]) {
      for (const key of keys(storage)) storage.removeItem(key);
    }
  });

  it('stores nothing unless it is told to', async () => {
    const chat = mount(settings('none'));
    await chat.send('hello');
    dispatchEvent(new PageTransitionEvent('pagehide'));
    expect([...keys(localStorage), ...keys(sessionStorage)]).to.deep.equal([]);
  });

  for (const persist of ['session', 'local'] as const) {
    it(`has it at once when the element is there again: ${persist}`, async () => {
      const kept = settings(persist);
      const chat = mount(kept);
      await chat.send('hello');
      const { conversationId, messages } = chat;
      await unmount(chat);
      const again = mount(kept);
      expect(again.messages).to.deep.equal(messages);
      expect(again.conversationId).to.equal(conversationId);
      await again.send('again');
      expect(again.messages.length).to.equal(4);
    });
  }

  it('writes when an answer settles, and not with each piece of it', async () => {
    const kept = settings();
    const { src } = endpoint('long', { length: '20000' });
    const chat = mount({ ...kept, src });
    let texts = 0;
    chat.addEventListener('text', () => (texts += 1));
    const written: string[] = [];
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function record(key: string, text: string) {
      written.push(key);
      setItem.call(this, key, text);
    };
    try {
      await chat.send('hello');
      await chat.settled;
    } finally {
      Storage.prototype.setItem = setItem;
    }
    expect(texts).to.be.greaterThan(0);
    // The question, the empty answer, the whole answer; each with what says that it is there.
    expect(written.filter((key) => /:\d+$/.test(key)).length).to.be.at.most(3);
    expect(written.length).to.be.at.most(8);
  });

  it('takes the messages that the page sets in place of those it had', async () => {
    const kept = settings();
    const first = mount(kept);
    await first.send('hello');
    await unmount(first);
    const second = mount({
      ...kept,
      messages: [{ id: 'a', role: 'user', parts: [{ type: 'text', text: 'set' }] }],
    });
    await second.updateComplete;
    expect(textsOf(second)).to.deep.equal(['set']);
    await unmount(second);
    expect(textsOf(mount(kept))).to.deep.equal(['set']);
  });

  it('forgets it with clear()', async () => {
    const kept = settings();
    const chat = mount(kept);
    await chat.send('hello');
    expect(keys(sessionStorage).length).to.be.greaterThan(0);
    await chat.clear();
    expect(keys(sessionStorage)).to.deep.equal([]);
  });

  it('forgets it when it is to be kept no more', async () => {
    const chat = mount(settings());
    await chat.send('hello');
    chat.persist = 'none';
    await chat.updateComplete;
    expect(keys(sessionStorage)).to.deep.equal([]);
    expect(chat.messages.length).to.equal(2);
  });

  it('shows another one when the page names another one', async () => {
    const chat = mount({ ...settings(), conversationId: 'one' });
    await chat.send('first');
    chat.conversationId = 'two';
    await chat.updateComplete;
    expect(chat.messages).to.deep.equal([]);
    await chat.send('second');
    chat.conversationId = 'one';
    await chat.updateComplete;
    expect(textsOf(chat)[0]).to.equal('first');
    chat.conversationId = 'two';
    await chat.updateComplete;
    expect(textsOf(chat)[0]).to.equal('second');
  });

  it('is one of two on a page that have the same name, and the other one keeps nothing', async () => {
    const kept = settings();
    const warn = console.warn;
    const warnings: string[] = [];
    console.warn = (text: string) => warnings.push(text);
    try {
      const first = mount(kept);
      const second = mount(kept);
      await first.send('hello');
      await second.send('other');
      expect(warnings.length).to.equal(1);
      expect(warnings[0]).to.match(/give each an id/);
      await unmount(first);
      await unmount(second);
      expect(textsOf(mount(kept))[0]).to.equal('hello');
    } finally {
      console.warn = warn;
    }
  });

  it('keeps an answer that was stopped as stopped', async () => {
    const kept = settings();
    const chat = mount({ ...kept, src: endpoint('hang').src });
    void chat.send('hello');
    await until(() => chat.state === 'streaming');
    await unmount(chat);
    expect(mount(kept).messages.at(-1)!.status).to.equal('aborted');
  });

  it('is what was stored when a page comes back that had been put away', async () => {
    const chat = mount({ ...settings(), src: endpoint('hang').src });
    void chat.send('hello');
    await until(() => chat.state === 'streaming');
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    const head = keys(sessionStorage).find((key) => !/:\d$/.test(key)) ?? '';
    expect(JSON.parse(sessionStorage.getItem(head)!)).to.deep.include({ isLeft: true });
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await until(() => chat.messages.at(-1)!.status === 'interrupted');
    expect(textsOf(chat)).to.deep.equal(['hello', 'waiting']);
    expect(JSON.parse(sessionStorage.getItem(head)!)).to.deep.include({ isLeft: false });
  });

  it('goes on with what it had after a move', async () => {
    const kept = settings();
    const chat = mount(kept);
    await chat.send('hello');
    const place = document.createElement('div');
    document.body.append(place);
    place.append(chat);
    await chat.send('again');
    await unmount(chat);
    place.remove();
    expect(mount(kept).messages.length).to.equal(4);
  });
});
