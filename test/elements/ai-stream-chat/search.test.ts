import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import '../../../src/index.js';
import type { AiStreamChatElement } from '../../../src/index.js';
import { until } from '../support.js';

async function chatOf(count: number): Promise<AiStreamChatElement> {
  const chat = await fixture<AiStreamChatElement>(html`
    <ai-stream-chat style="block-size: 480px"></ai-stream-chat>
  `);
  chat.messages = Array.from({ length: count }, (_, number) => ({
    id: `m-${number}`,
    role: 'assistant' as const,
    content: `Message ${number}.\n\n${number % 100 === 7 ? 'A **needle** here.' : 'Hay.'}`,
  }));
  await chat.updateComplete;
  await chat.settled;
  return chat;
}

const field = (chat: AiStreamChatElement) => chat.shadowRoot!.querySelector<HTMLElement>('.search')!;
const input = (chat: AiStreamChatElement) => field(chat).querySelector('input')!;
const list = (chat: AiStreamChatElement) => chat.shadowRoot!.querySelector('ai-virtual-list')!;
const said = (chat: AiStreamChatElement) => field(chat).querySelector('span')!.textContent;

/** The keys of the browser's search. Says whether they are left to it. */
function pressFind(target: Element): boolean {
  const options = { key: 'f', ctrlKey: true, bubbles: true, composed: true, cancelable: true };
  return target.dispatchEvent(new KeyboardEvent('keydown', options));
}

function topOf(chat: AiStreamChatElement, id: string): number {
  const messages = [...chat.shadowRoot!.querySelectorAll('ai-stream-message')];
  const row = messages.find(({ messageId }) => messageId === id)?.closest('.row');
  return row ? row.getBoundingClientRect().top - list(chat).getBoundingClientRect().top : Number.NaN;
}

describe('<ai-stream-chat> finds text', () => {
  it('in messages that are not mounted, the newest first', async () => {
    const chat = await chatOf(300);
    list(chat).focus();
    expect(pressFind(list(chat))).to.equal(false);
    await until(() => chat.shadowRoot!.activeElement === input(chat));
    await sendKeys({ type: 'Needle' });
    await until(() => said(chat) === '3 of 3');
    await until(() => Math.abs(topOf(chat, 'm-207')) < 400);
    if ('highlights' in CSS) {
      const ranges = () => [...(CSS.highlights.get('ai-found') ?? [])] as Range[];
      await until(() => ranges().length === 1);
      expect(ranges()[0]!.toString()).to.equal('needle');
    }
    await sendKeys({ press: 'Enter' });
    await until(() => said(chat) === '2 of 3' && Math.abs(topOf(chat, 'm-107')) < 400);
    await sendKeys({ press: 'Enter' });
    await until(() => said(chat) === '1 of 3' && Math.abs(topOf(chat, 'm-7')) < 400);
    await sendKeys({ press: 'Escape' });
    await until(() => field(chat).hidden);
    expect(chat.shadowRoot!.activeElement).to.equal(list(chat));
    if ('highlights' in CSS) expect(CSS.highlights.has('ai-found')).to.equal(false);
  });

  it('as it is shown, not as it is written', async () => {
    const chat = await chatOf(300);
    chat.messages = chat.messages.map(({ id, role }, number) => ({
      id,
      role,
      content: number === 7 ? 'İİİ A **bold** word and [a link](https://example.com/secret).' : 'Hay.',
    }));
    await chat.settled;
    pressFind(list(chat));
    await until(() => chat.shadowRoot!.activeElement === input(chat));
    await sendKeys({ type: 'bold word' });
    await until(() => said(chat) === '1 of 1');
    if ('highlights' in CSS) {
      await until(() => String([...(CSS.highlights.get('ai-found') ?? [])][0]) === 'bold word');
    }
    input(chat).value = 'secret';
    input(chat).dispatchEvent(new Event('input'));
    await until(() => said(chat) === 'Nothing found');
  });

  it('and leaves Enter to an input method, and Escape to nobody else', async () => {
    const chat = await chatOf(300);
    chat.focus();
    const from = chat.shadowRoot!.activeElement;
    pressFind(chat);
    await until(() => chat.shadowRoot!.activeElement === input(chat));
    await sendKeys({ type: 'needle' });
    await until(() => said(chat) === '3 of 3');
    const press = (init: KeyboardEventInit) =>
      input(chat).dispatchEvent(new KeyboardEvent('keydown', { ...init, cancelable: true }));
    press({ key: 'Enter', isComposing: true });
    await chat.updateComplete;
    expect(said(chat)).to.equal('3 of 3');
    expect(press({ key: 'Escape' })).to.equal(false);
    expect(chat.shadowRoot!.activeElement).to.equal(from);
  });

  it('in two chats at once', async () => {
    if (!('highlights' in CSS)) return;
    const chats = [await chatOf(300), await chatOf(300)];
    for (const [index, chat] of chats.entries()) {
      list(chat).focus();
      pressFind(list(chat));
      await until(() => chat.shadowRoot!.activeElement === input(chat));
      await sendKeys({ type: 'needle' });
      await until(() => CSS.highlights.get('ai-found')?.size === index + 1);
    }
    await sendKeys({ press: 'Escape' });
    expect(CSS.highlights.get('ai-found')?.size).to.equal(1);
  });

  it('and says where there is none', async () => {
    const chat = await chatOf(300);
    pressFind(list(chat));
    await until(() => chat.shadowRoot!.activeElement === input(chat));
    await sendKeys({ type: 'nowhere' });
    await until(() => said(chat) === 'Nothing found');
  });

  it('with the search of the browser, where that finds everything or is asked for again', async () => {
    const chat = await chatOf(3);
    await until(() => list(chat).range.first === 0 && list(chat).range.last === 2);
    expect(pressFind(list(chat))).to.equal(true);
    const long = await chatOf(300);
    expect(pressFind(list(long))).to.equal(false);
    await until(() => long.shadowRoot!.activeElement === input(long));
    expect(pressFind(input(long))).to.equal(true);
    expect(pressFind(document.body)).to.equal(true);
  });
});
