import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import type { AiStreamChatElement, AiVirtualListElement, Message } from '../../../src/index.js';
import { announcements, endpoint, requestsOf, until } from '../support.js';

const HEIGHT = 480;

interface Settings {
  readonly src?: string;
  readonly historySrc?: string;
  readonly conversationId?: string;
  readonly scrollMode?: 'follow' | 'question';
  readonly windowing?: 'on' | 'off';
  readonly persist?: 'session';
  readonly id?: string;
  readonly messages?: readonly Pick<Message, 'id' | 'role' | 'parts'>[];
}

async function chatWith(settings: Settings): Promise<AiStreamChatElement> {
  const chat = document.createElement('ai-stream-chat');
  chat.style.blockSize = `${HEIGHT}px`;
  Object.assign(chat, settings);
  const place = await fixture<HTMLElement>(html`<div></div>`);
  place.append(chat);
  await chat.updateComplete;
  return chat;
}

function conversation(count: number): Pick<Message, 'id' | 'role' | 'parts'>[] {
  return Array.from({ length: count }, (_, number) => ({
    id: `m-${number}`,
    role: number % 2 === 0 ? ('user' as const) : ('assistant' as const),
    parts: [{ type: 'text' as const, text: `Message ${number}.\n\nWith a second paragraph.` }],
  }));
}

const listOf = (chat: AiStreamChatElement) =>
  chat.shadowRoot!.querySelector<AiVirtualListElement>('ai-virtual-list')!;
const toEnd = (chat: AiStreamChatElement) => chat.shadowRoot!.querySelector<HTMLButtonElement>('.to-end')!;
const elementOf = (chat: AiStreamChatElement, id: string) =>
  [...chat.shadowRoot!.querySelectorAll('ai-stream-message')].find(({ messageId }) => messageId === id);

/** Px below the upper edge of the list. */
function topOf(chat: AiStreamChatElement, id: string): number {
  const row = elementOf(chat, id)?.closest('.row');
  if (!row) return Number.NaN;
  return row.getBoundingClientRect().top - listOf(chat).getBoundingClientRect().top;
}

/** Waits until nothing has moved for some frames. */
async function still(chat: AiStreamChatElement): Promise<void> {
  let same = 0;
  let before = '';
  await until(() => {
    const list = listOf(chat);
    const now = `${list.scrollTop} ${list.scrollHeight} ${list.range.first} ${list.range.last}`;
    same = now === before ? same + 1 : 0;
    before = now;
    return same > 5;
  });
}

async function scrollBy(chat: AiStreamChatElement, top: number): Promise<void> {
  listOf(chat).scrollTop += top;
  await still(chat);
}

describe('<ai-stream-chat> keeps the reader where they are', () => {
  describe('with scroll-mode="question"', () => {
    it('puts the question at the top, and leaves it there while a long answer comes', async () => {
      const chat = await chatWith({
        src: endpoint('long').src,
        scrollMode: 'question',
        messages: conversation(20),
      });
      await still(chat);
      const run = chat.send('What now?');
      await chat.updateComplete;
      const { id } = chat.messages.findLast(({ role }) => role === 'user')!;
      await until(() => Math.abs(topOf(chat, id)) < 1);
      await run;
      await chat.settled;
      await still(chat);
      expect(topOf(chat, id)).to.be.within(-1, 1);
      expect(toEnd(chat).hidden).to.equal(false);
      toEnd(chat).click();
      await until(() => listOf(chat).atEnd);
      expect(toEnd(chat).hidden).to.equal(true);
    });

    it('makes room under a short answer, and offers no way to an end that is in sight', async () => {
      const chat = await chatWith({
        src: endpoint('echo').src,
        scrollMode: 'question',
        messages: conversation(20),
      });
      await still(chat);
      await chat.send('one');
      await chat.settled;
      await still(chat);
      const { id } = chat.messages.findLast(({ role }) => role === 'user')!;
      expect(topOf(chat, id)).to.be.within(-1, 1);
      expect(toEnd(chat).hidden).to.equal(true);
      // Up and down again: the room is still there.
      await scrollBy(chat, -200);
      await scrollBy(chat, 200);
      expect(topOf(chat, id)).to.be.within(-1, 1);
      await chat.send('two');
      await chat.settled;
      await still(chat);
      const next = chat.messages.findLast(({ role }) => role === 'user')!;
      expect(topOf(chat, next.id)).to.be.within(-1, 1);
    });
  });

  it('says how many messages have come since the reader left the end', async () => {
    const chat = await chatWith({ messages: conversation(40) });
    await still(chat);
    expect(toEnd(chat).hidden).to.equal(true);
    await scrollBy(chat, -300);
    expect(toEnd(chat).hidden).to.equal(false);
    expect(toEnd(chat).textContent!.trim()).to.equal('To the newest message');
    chat.append({ role: 'assistant', content: 'One.' });
    await chat.updateComplete;
    expect(toEnd(chat).textContent!.trim()).to.equal('1 new message');
    chat.append({ role: 'assistant', content: 'Two.' });
    await chat.updateComplete;
    expect(toEnd(chat).textContent!.trim()).to.equal('2 new messages');
    toEnd(chat).click();
    await until(() => toEnd(chat).hidden);
    await scrollBy(chat, -300);
    expect(toEnd(chat).textContent!.trim()).to.equal('To the newest message');
  });

  it('is at its end in every frame while the composer grows and shrinks', async () => {
    const chat = await chatWith({ messages: conversation(100) });
    await still(chat);
    const input = chat.shadowRoot!.querySelector('textarea')!;
    const list = listOf(chat);
    const heights = new Set<number>();
    for (const lines of [2, 5, 9, 3, 1]) {
      input.value = 'A line.\n'.repeat(lines - 1);
      input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
      for (let frame = 0; frame < 3; frame += 1) {
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const end = list.lastElementChild!.getBoundingClientRect().bottom;
        expect(end - list.getBoundingClientRect().bottom, `${lines} lines`).to.be.within(-1, 1);
      }
      heights.add(list.clientHeight);
    }
    expect(heights.size).to.be.above(2);
  });

  it('says nothing of what is mounted while the reader scrolls, nor of what the page puts before it', async () => {
    const messages = conversation(300);
    const chat = await chatWith({ messages: messages.slice(100) });
    await still(chat);
    const said = announcements(chat);
    for (let step = 0; step < 3; step += 1) await scrollBy(chat, -3 * HEIGHT);
    chat.messages = messages;
    await still(chat);
    expect(listOf(chat).querySelectorAll('[aria-posinset]').length).to.be.above(0);
    expect(said).to.deep.equal([]);
    let element: Element | null = listOf(chat);
    for (; element && element !== chat; element = element.parentElement) {
      const isLive = element.matches('[role=log], [role=status], [role=alert], [aria-live]');
      if (isLive) expect(element.getAttribute('aria-live'), element.localName).to.equal('off');
    }
  });

  it('leaves the keys that scroll its list to the browser', async () => {
    const chat = await chatWith({ messages: conversation(100) });
    for (const key of ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', ' ']) {
      const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true });
      expect(listOf(chat).dispatchEvent(event), key).to.equal(true);
    }
  });

  it('brings a message into view', async () => {
    const chat = await chatWith({ messages: conversation(500) });
    chat.scrollToMessage('m-123');
    await until(() => Math.abs(topOf(chat, 'm-123')) < 1);
    await still(chat);
    expect(topOf(chat, 'm-123')).to.be.within(-1, 1);
    chat.scrollToEnd();
    await until(() => listOf(chat).atEnd);
  });

  it('mounts every message with windowing="off"', async () => {
    const chat = await chatWith({ messages: conversation(200), windowing: 'off' });
    await until(() => chat.shadowRoot!.querySelectorAll('ai-stream-message').length === 200);
    chat.windowing = 'on';
    await until(() => chat.shadowRoot!.querySelectorAll('ai-stream-message').length < 100);
  });

  describe('with history-src', () => {
    it('loads the newest messages first, and earlier ones when the reader comes to the start', async () => {
      const { src, key } = endpoint('history');
      const chat = await chatWith({
        historySrc: `${src}&id={conversationId}`,
        conversationId: 'c/1',
        headers: { 'X-Key': 'k' },
      } as Settings);
      const said = announcements(chat);
      await until(() => chat.messages.length >= 30);
      await still(chat);
      expect(listOf(chat).atEnd).to.equal(true);
      const { length, 0: oldest } = chat.messages;
      chat.scrollToMessage(oldest!.id);
      await until(() => chat.messages.length > length);
      await still(chat);
      expect(topOf(chat, oldest!.id)).to.be.within(-1, 1);
      expect(said.at(-1)).to.equal('30 earlier messages');
      const [first, second] = await requestsOf(key);
      expect(first!.method).to.equal('GET');
      expect(first!.headers['x-key']).to.equal('k');
      expect(second).to.not.equal(undefined);
    });

    it('asks for everything but once, and stops at the start', async () => {
      const { src, key } = endpoint('history', { total: '70' });
      const chat = await chatWith({ historySrc: src });
      await until(() => chat.messages.length >= 30);
      for (const id of ['m-40', 'm-10', 'm-0']) {
        chat.scrollToMessage(id);
        await until(() => Number(chat.messages[0]!.id.slice(2)) <= Math.max(0, Number(id.slice(2)) - 10));
        await still(chat);
      }
      expect(chat.messages.map(({ id }) => id)).to.deep.equal(
        Array.from({ length: 70 }, (_, number) => `m-${number}`),
      );
      expect(await requestsOf(key)).to.have.length(3);
    });

    it('says that earlier messages could not be loaded, and loads them when it is asked to', async () => {
      const { src } = endpoint('history', { fails: '1' });
      const chat = await chatWith({ historySrc: src });
      const notice = await until(() => chat.shadowRoot!.querySelector('.earlier'));
      expect(notice.textContent).to.contain('Earlier messages could not be loaded.');
      notice.querySelector('button')!.click();
      await until(() => chat.messages.length >= 30);
      await chat.updateComplete;
      expect(chat.shadowRoot!.querySelector('.earlier')).to.equal(null);
    });

    it('puts what it loads before an answer that is being written', async () => {
      const chat = await chatWith({
        src: endpoint('long', { lines: '200' }).src,
        historySrc: endpoint('history').src,
      });
      await chat.send('go');
      await until(() => chat.messages.length >= 32);
      await chat.settled;
      expect(chat.messages.at(-1)!.status).to.equal('complete');
      expect(chat.messages.at(-2)!.role).to.equal('user');
      await still(chat);
      expect(listOf(chat).atEnd).to.equal(true);
    });

    it('loads what it has not loaded when it was taken away', async () => {
      const chat = await chatWith({ historySrc: endpoint('history').src });
      const { parentNode } = chat;
      chat.remove();
      await until(() => !chat.isConnected && chat.messages.length === 0);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      parentNode!.append(chat);
      await until(() => chat.messages.length >= 30);
    });

    it('loads what comes before the messages of the page when it is told where from', async () => {
      const chat = await chatWith({ messages: conversation(41).slice(40) });
      await still(chat);
      chat.historySrc = endpoint('history').src;
      await until(() => chat.messages.length > 30);
    });

    it('loads another conversation when the messages are taken away after its id has changed', async () => {
      const chat = await chatWith({ messages: conversation(100), conversationId: 'one' });
      await still(chat);
      chat.historySrc = endpoint('history').src;
      chat.conversationId = 'two';
      await chat.updateComplete;
      await chat.clear();
      await until(() => chat.messages.length >= 30);
    });

    it('brings nothing back after clear(), and names no message that the endpoint does not know', async () => {
      const { src, key } = endpoint('history');
      const chat = await chatWith({ src: endpoint('echo').src, historySrc: src });
      const said = announcements(chat);
      await until(() => chat.messages.length >= 30);
      await still(chat);
      expect(said.filter((text) => text.includes('earlier'))).to.deep.equal([]);
      const { length } = await requestsOf(key);
      await chat.clear();
      await chat.send('hello');
      await still(chat);
      expect(chat.messages).to.have.length(2);
      expect(await requestsOf(key)).to.have.length(length);
    });

    it('takes an address that knows nothing of the conversation for its start', async () => {
      const chat = await chatWith({ historySrc: '/nothing/here' });
      await chat.updateComplete;
      await until(() => !chat.shadowRoot!.querySelector<HTMLElement>('.welcome')!.hidden);
      expect(chat.shadowRoot!.querySelector('.earlier')).to.equal(null);
    });
  });

  describe('through a reload', () => {
    const reload = () => window.dispatchEvent(new PageTransitionEvent('pagehide'));

    afterEach(() => sessionStorage.clear());

    it('comes back to the message, and the place in it', async () => {
      const before = await chatWith({ conversationId: 'reload-1', messages: conversation(200) });
      before.scrollToMessage('m-90');
      await until(() => Math.abs(topOf(before, 'm-90')) < 1);
      await scrollBy(before, 17);
      const place = topOf(before, 'm-90');
      reload();
      before.remove();
      const after = await chatWith({ conversationId: 'reload-1', messages: conversation(200) });
      await until(() => Math.abs(topOf(after, 'm-90') - place) < 1);
      await still(after);
      expect(topOf(after, 'm-90')).to.be.closeTo(place, 1);
      expect(toEnd(after).hidden).to.equal(false);
    });

    it('comes back to a message that history-src has yet to give', async () => {
      const before = await chatWith({ conversationId: 'reload-2', messages: conversation(100) });
      before.scrollToMessage('m-20');
      await until(() => Math.abs(topOf(before, 'm-20')) < 1);
      await scrollBy(before, 10);
      const place = topOf(before, 'm-20');
      reload();
      before.remove();
      const after = await chatWith({ conversationId: 'reload-2', historySrc: endpoint('history').src });
      await until(() => Math.abs(topOf(after, 'm-20') - place) < 1);
    });

    it('gives up a message that history-src does not give', async () => {
      const { src, key } = endpoint('history', { total: '100000' });
      sessionStorage.setItem('ai-stream-chat:scroll:reload-5', '{"messageId":"gone","top":3}');
      const chat = await chatWith({ conversationId: 'reload-5', historySrc: src });
      await until(() => chat.messages.length >= 600);
      await still(chat);
      expect((await requestsOf(key)).length).to.be.within(20, 22);
    });

    it('takes nobody back who has gone somewhere else meanwhile', async () => {
      sessionStorage.setItem('ai-stream-chat:scroll:reload-6', '{"messageId":"m-20","top":3}');
      const chat = await chatWith({ conversationId: 'reload-6', messages: conversation(100).slice(50) });
      await still(chat);
      await scrollBy(chat, -100);
      const { scrollTop } = listOf(chat);
      chat.append({ role: 'assistant', content: 'One more.' });
      chat.messages = [...conversation(100), ...chat.messages.slice(-1)];
      await still(chat);
      expect(topOf(chat, 'm-20')).to.not.be.within(-10, 10);
      expect(scrollTop).to.be.above(0);
    });

    it('remembers the place of a chat that is hidden, and nothing for an id that is random', async () => {
      const chat = await chatWith({ conversationId: 'reload-7', messages: conversation(200) });
      chat.scrollToMessage('m-90');
      await until(() => Math.abs(topOf(chat, 'm-90')) < 1);
      await still(chat);
      chat.style.display = 'none';
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      reload();
      expect(sessionStorage.getItem('ai-stream-chat:scroll:reload-7')).to.contain('m-90');
      const other = await chatWith({ messages: conversation(200) });
      other.scrollToMessage('m-90');
      await until(() => Math.abs(topOf(other, 'm-90')) < 1);
      const { length } = sessionStorage;
      reload();
      expect(sessionStorage.length).to.equal(length);
    });

    it('comes back to the place in a conversation that is kept under the name of its chat', async () => {
      const settings = { id: 'kept', persist: 'session' as const };
      const before = await chatWith({ ...settings, messages: conversation(100) });
      before.scrollToMessage('m-40');
      await until(() => Math.abs(topOf(before, 'm-40')) < 1);
      await scrollBy(before, 12);
      const place = topOf(before, 'm-40');
      reload();
      before.remove();
      const after = await chatWith(settings);
      await until(() => Math.abs(topOf(after, 'm-40') - place) < 1);
    });

    it('is at the end where the reader was at the end, or in another conversation', async () => {
      const before = await chatWith({ conversationId: 'reload-3', messages: conversation(100) });
      await still(before);
      reload();
      before.remove();
      for (const conversationId of ['reload-3', 'reload-4']) {
        const after = await chatWith({ conversationId, messages: conversation(100) });
        await still(after);
        expect(listOf(after).atEnd, conversationId).to.equal(true);
      }
    });
  });
});
