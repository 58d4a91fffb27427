import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import type { AiStreamChatElement, AiVirtualListElement } from '../../../src/index.js';
import { nextTask } from '../ai-virtual-list/support.js';
import { endpoint, until } from '../support.js';

const HEIGHT = 480;

const listOf = (chat: AiStreamChatElement) =>
  chat.shadowRoot!.querySelector<AiVirtualListElement>('ai-virtual-list')!;

async function chatOn(kind: string): Promise<AiStreamChatElement> {
  const chat = await fixture<AiStreamChatElement>(html`
    <ai-stream-chat
      style="block-size: ${HEIGHT}px; inline-size: 480px"
      src=${endpoint('megabyte', { kind }).src}
    ></ai-stream-chat>
  `);
  chat.messages = Array.from({ length: 20 }, (_, number) => ({
    id: `m-${number}`,
    role: 'assistant' as const,
    content: `Message ${number}.\n\nWith a second paragraph.`,
  }));
  await chat.settled;
  return chat;
}

/** Waits until sizes have been observed in the next frame: what is there then is what is painted. */
async function painting(chat: AiStreamChatElement): Promise<void> {
  await new Promise((resolve) => requestAnimationFrame(resolve));
  await new Promise<void>((resolve) => {
    const observer = new ResizeObserver(() => {
      observer.disconnect();
      resolve();
    });
    observer.observe(chat);
  });
}

/** Px from the lower edge of the list to the end of its last row. */
function pastEnd(chat: AiStreamChatElement): number {
  const list = listOf(chat);
  return list.lastElementChild!.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
}

function answerOf(chat: AiStreamChatElement) {
  return [...chat.shadowRoot!.querySelectorAll('ai-stream-message')].at(-1)!;
}

/** Where a word of the answer stands: px below the upper edge of the list. */
function topOfWord(chat: AiStreamChatElement, word: string): number {
  const walker = document.createTreeWalker(answerOf(chat).shadowRoot!, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const start = node.data.indexOf(word);
    if (start < 0) continue;
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, start + word.length);
    return range.getBoundingClientRect().top - listOf(chat).getBoundingClientRect().top;
  }
  return Number.NaN;
}

/** Looks for a word by the search of the chat, and waits until it says that it has found it. */
async function find(chat: AiStreamChatElement, word: string): Promise<void> {
  const list = listOf(chat);
  const key = { key: 'f', ctrlKey: true, bubbles: true, composed: true, cancelable: true };
  list.focus();
  list.dispatchEvent(new KeyboardEvent('keydown', key));
  const search = await until(() => chat.shadowRoot!.querySelector('.search:not([hidden])'));
  const input = search.querySelector('input')!;
  input.value = word;
  input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  await until(() => search.querySelector('span')!.textContent === '1 of 1');
  for (let frame = 0; frame < 10; frame += 1) await painting(chat);
}

describe('<ai-stream-chat> with an answer of 1 MiB', () => {
  for (const kind of ['paragraphs', 'line', 'code']) {
    it(`is at its end in every frame while it comes, and holds still in its middle: ${kind}`, async () => {
      const chat = await chatOn(kind);
      const list = listOf(chat);
      const ended = new AbortController();
      const shown = chat.send('go').then(() => chat.settled);
      void shown.finally(() => ended.abort());
      let frames = 0;
      for (; !ended.signal.aborted; frames += 1) {
        await painting(chat);
        const { height } = list.lastElementChild!.getBoundingClientRect();
        await nextTask();
        // What has come since the paint is not on screen yet.
        if (list.lastElementChild!.getBoundingClientRect().height !== height) continue;
        expect(Math.abs(pastEnd(chat)), `frame ${frames}`).to.be.below(1);
      }
      await shown;
      expect(frames, 'frames in which it came').to.be.above(30);
      expect(JSON.stringify(chat.messages.at(-1)!.parts).length).to.be.above(2 ** 20);
      expect(list.children.length).to.be.below(300);

      list.scrollTop = list.scrollHeight / 2;
      await painting(chat);
      await painting(chat);
      const { left, top, height } = list.getBoundingClientRect();
      const answer = answerOf(chat).shadowRoot!;
      const seen = answer.elementFromPoint(left + 40, top + height / 2)!;
      expect(answer.contains(seen)).to.equal(true);
      const seenTop = seen.getBoundingClientRect().top;
      for (let frame = 0; frame < 10; frame += 1) {
        await painting(chat);
        expect(seen.getBoundingClientRect().top, `frame ${frame}`).to.be.closeTo(seenTop, 1);
      }
    });

    it(`brings a word in its middle into view: ${kind}`, async () => {
      const chat = await chatOn(kind);
      await chat.send('go');
      await chat.settled;
      await find(chat, 'needle');
      expect(topOfWord(chat, 'needle')).to.be.within(0, listOf(chat).clientHeight - 10);
    });
  }
});
