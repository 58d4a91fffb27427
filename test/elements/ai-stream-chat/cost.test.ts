import { expect, fixture, html } from '@open-wc/testing';
import { Conversation } from '../../../src/core/index.js';
import '../../../src/index.js';
import {
  AiStreamChatElement,
  AiStreamMessageElement,
  AiVirtualListElement,
  type MessageInput,
} from '../../../src/index.js';
import { endpoint, until } from '../support.js';

/** More than a run takes that has hardly any deltas; far less than one for every delta. */
const FEW = 40;

interface Updating {
  performUpdate(): unknown;
}

const restore: (() => void)[] = [];

/** Counts the updates of all elements of a class until the end of the test. */
function countUpdates(element: { readonly prototype: object }): () => number {
  const prototype = element.prototype as Updating;
  const { performUpdate } = prototype;
  let count = 0;
  prototype.performUpdate = function counted(this: Updating) {
    count += 1;
    return performUpdate.call(this);
  };
  restore.push(() => Reflect.deleteProperty(prototype, 'performUpdate'));
  return () => count;
}

/** Counts how often the list of messages is copied until the end of the test. */
function countCopies(): () => number {
  const { prototype } = Conversation;
  const getter = Object.getOwnPropertyDescriptor(prototype, 'messages')!;
  let count = 0;
  Object.defineProperty(prototype, 'messages', {
    ...getter,
    get(this: Conversation) {
      count += 1;
      return getter.get!.call(this) as unknown;
    },
  });
  restore.push(() => Object.defineProperty(prototype, 'messages', getter));
  return () => count;
}

async function chatOn(name: string, count: number): Promise<AiStreamChatElement> {
  const { src } = endpoint(name, { count: String(count) });
  const element = await fixture<AiStreamChatElement>(html`
    <ai-stream-chat style="block-size: 480px" src=${src}></ai-stream-chat>
  `);
  await element.updateComplete;
  return element;
}

function lastMessage(chat: AiStreamChatElement): AiStreamMessageElement {
  return [...chat.shadowRoot!.querySelectorAll('ai-stream-message')].at(-1)!;
}

/** What a message shows, without the marks that Lit leaves. */
function shownBy(message: AiStreamMessageElement): string {
  return message.shadowRoot!.innerHTML.replaceAll(/<!--.*?-->/g, '');
}

describe('<ai-stream-chat> does as much for many deltas as for few', () => {
  afterEach(() => {
    for (const undo of restore.splice(0)) undo();
  });

  it('renders no more for 5,000 deltas of reasoning and 5,000 of arguments', async () => {
    const chat = await chatOn('thoughtful', 5000);
    const updates = {
      chat: countUpdates(AiStreamChatElement),
      list: countUpdates(AiVirtualListElement),
      message: countUpdates(AiStreamMessageElement),
    };
    await chat.send('go');
    await chat.settled;
    for (const [name, count] of Object.entries(updates)) expect(count(), name).to.be.within(1, FEW);
    const [reasoning, call, text] = chat.messages[1]!.parts;
    expect(reasoning).to.have.property('text').with.length.above(20_000);
    expect(call).to.include({ type: 'tool', state: 'done' });
    expect(call).to.have.property('argsText').with.length.above(20_000);
    expect(text).to.deep.equal({ type: 'text', text: 'Done.' });
  });

  it('shows the same in the end as a message that came whole', async () => {
    const chat = await chatOn('thoughtful', 500);
    await chat.send('go');
    await chat.settled;
    const streamed = lastMessage(chat);
    const whole = await fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
    whole.parts = chat.messages[1]!.parts;
    await whole.settled;
    expect(shownBy(streamed)).to.equal(shownBy(whole));
    expect(shownBy(whole)).to.contain('498 499.');
  });

  it('copies no list of 10,000 messages for a delta', async () => {
    const chat = await chatOn('many', 2000);
    chat.messages = Array.from({ length: 10_000 }, (_, index): MessageInput => ({
      role: index % 2 ? 'assistant' : 'user',
      content: `message ${index}`,
    }));
    await chat.settled;
    const copies = countCopies();
    const updates = countUpdates(AiStreamChatElement);
    const run = chat.send('go');
    await run;
    await until(() => chat.state === 'idle');
    await chat.settled;
    expect(copies()).to.be.within(1, FEW);
    expect(updates()).to.be.within(1, FEW);
    expect(lastMessage(chat).content).to.match(/1999 $/);
  });
});
