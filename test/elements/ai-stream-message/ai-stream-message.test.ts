import { expect, fixture, html } from '@open-wc/testing';
import createDOMPurify from 'dompurify';
import { Marked } from 'marked';
import '../../../src/message.js';
import type { MessagePart } from '../../../src/core/index.js';
import type { AiStreamMessageElement } from '../../../src/message.js';
import { endpoint, nextEvent, recordEvents, requestsOf, until } from '../support.js';

const DOCUMENT = `# Title

A paragraph with **strong**, *emphasis*, \`code\`, ~~gone~~ and a [link](https://example.com/ "there").

- one
- two
  1. nested
  2. list

- [x] done
- [ ] open

> A quote
> of two lines

| left | right |
|:-----|------:|
| a    |     1 |

\`\`\`js
const a = '<b>';
\`\`\`

Setext
======

***

Last line, *never closed
`;

function oneShot(markdown: string): string {
  const clean = createDOMPurify(window);
  return clean.sanitize(new Marked().parse(markdown, { async: false }));
}

async function message(): Promise<AiStreamMessageElement> {
  return fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
}

function content(element: AiStreamMessageElement): HTMLElement {
  return element.shadowRoot!.querySelector<HTMLElement>('[part~="content"]')!;
}

describe('<ai-stream-message>', () => {
  it('shows what one-shot marked and DOMPurify make of its content', async () => {
    const element = await message();
    element.content = DOCUMENT;
    await element.settled;
    expect(element.renderedHtml).to.equal(oneShot(DOCUMENT));
    expect(element.content).to.equal(DOCUMENT);
  });

  it('shows the same when the text comes in pieces cut anywhere', async () => {
    for (const size of [1, 7, 64]) {
      const element = await message();
      for (let at = 0; at < DOCUMENT.length; at += size) {
        element.append(DOCUMENT.slice(at, at + size));
        if (at % 5 === 0) await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      element.finish();
      await element.settled;
      expect(element.renderedHtml, `in pieces of ${size}`).to.equal(oneShot(DOCUMENT));
    }
  });

  it('takes its first content from its text children, without their indent', async () => {
    const element = document.createElement('ai-stream-message');
    element.textContent = '\n      # Heading\n\n      Some **text**.\n    ';
    document.body.append(element);
    await until(() => content(element)?.querySelector('h1'));
    await element.settled;
    expect(element.content).to.equal('# Heading\n\nSome **text**.');
    element.remove();
  });

  it('counts properties that were set before it was defined', async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const page = frame.contentDocument!;
    const early = page.createElement('ai-stream-message') as AiStreamMessageElement;
    early.content = 'set *early*';
    page.body.append(early);
    const script = page.createElement('script');
    script.type = 'module';
    script.src = new URL('../../../src/message.ts', import.meta.url).href;
    page.head.append(script);
    await until(() => early.shadowRoot?.querySelector('em'));
    expect(early.content).to.equal('set *early*');
    frame.remove();
  });

  it('is streaming from the first append until finish', async () => {
    const element = await message();
    expect(element.streaming).to.equal(false);
    element.append('a');
    expect(element.streaming).to.equal(true);
    await element.updateComplete;
    expect(element.hasAttribute('streaming')).to.equal(true);
    element.finish();
    await element.updateComplete;
    expect(element.hasAttribute('streaming')).to.equal(false);
  });

  it('takes 10,000 deltas complete and in order, and the page answers clicks meanwhile', async () => {
    const element = await message();
    let clicks = 0;
    const button = document.createElement('button');
    button.addEventListener('click', () => (clicks += 1));
    document.body.append(button);
    const words: string[] = [];
    const clickedBetween: number[] = [];
    for (let batch = 0; batch < 100; batch += 1) {
      for (let index = 0; index < 100; index += 1) {
        const word = `w${batch * 100 + index} `;
        words.push(word);
        element.append(index === 99 ? `${word}\n\n` : word);
      }
      // As fast as the page takes them: a turn of its event loop after every hundred.
      await new Promise((resolve) => {
        setTimeout(resolve);
      });
      button.click();
      clickedBetween.push(clicks);
    }
    element.finish();
    await element.settled;
    expect(clickedBetween.at(-1)).to.equal(100);
    expect(content(element).textContent!.replaceAll(/\s+/g, ' ').trim()).to.equal(words.join('').trim());
    button.remove();
  });

  it('takes 10,000 deltas in one go', async () => {
    const element = await message();
    for (let index = 0; index < 10_000; index += 1) element.append(`${index} `);
    element.finish();
    await element.settled;
    const numbers = content(element).textContent!.trim().split(' ').map(Number);
    expect(numbers).to.have.length(10_000);
    expect(numbers.every((number, index) => number === index)).to.equal(true);
  });

  it('leaves settled blocks alone while later ones arrive', async () => {
    const element = await message();
    element.append('# First\n\nSecond paragraph.\n\nThird ');
    await element.settled;
    const heading = content(element).querySelector('h1')!;
    const records: MutationRecord[] = [];
    const observer = new MutationObserver((list) => records.push(...list));
    observer.observe(heading.parentElement!, { subtree: true, childList: true, characterData: true });
    for (const word of ['grows ', 'and ', 'grows.\n\n', 'Fourth']) {
      element.append(word);
      await element.settled;
    }
    const touched = records.filter(({ target }) => heading.contains(target));
    expect(touched).to.deep.equal([]);
    expect(content(element).querySelector('h1')).to.equal(heading);
    observer.disconnect();
  });

  it('keeps the text node of a growing paragraph, and a selection in it', async () => {
    const element = await message();
    element.append('A growing paragraph');
    await element.settled;
    const text = content(element).querySelector('p')!.firstChild!;
    element.append(' that goes on');
    await element.settled;
    expect(content(element).querySelector('p')!.firstChild).to.equal(text);
    expect(text.textContent).to.equal('A growing paragraph that goes on');
  });

  it('shows raw HTML as text', async () => {
    const element = await message();
    element.content =
      'a <img src=x onerror=alert(1)> b\n\n<script>alert(1)</script>\n\n<div onclick="x">c</div>';
    await element.settled;
    expect(content(element).querySelector('img, script, [onclick]')).to.equal(null);
    expect(content(element).textContent).to.contain('<script>alert(1)</script>');
  });

  it('is as high after its blocks have settled as before', async () => {
    const element = await message();
    element.append('A short answer.\n\n- one\n- two\n');
    await element.settled;
    const height = element.offsetHeight;
    element.finish();
    await element.settled;
    for (let frame = 0; frame < 3; frame += 1) {
      expect(element.offsetHeight, `frame ${frame}`).to.equal(height);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });

  it('shows parts in order, and grows the last one', async () => {
    const element = await message();
    element.streaming = true;
    element.parts = [
      { type: 'reasoning', text: 'Let me see' },
      { type: 'text', text: 'First.' },
      {
        type: 'tool',
        id: 't',
        name: 'look_up',
        by: 'client',
        state: 'done',
        argsText: '',
        args: { a: 1 },
        result: 'ok',
      },
      { type: 'text', text: 'Sec' },
    ];
    element.append('ond.');
    await element.settled;
    const root = element.shadowRoot!;
    expect(root.querySelector('[part="reasoning"]')!.textContent).to.contain('Let me see');
    expect(root.querySelector('[part="tool"] summary')!.textContent).to.contain('look_up');
    const texts = [...root.querySelectorAll('[part="content"]')].map((node) => node.textContent!.trim());
    expect(texts).to.deep.equal(['First.', 'Second.']);
    expect(element.content).to.equal('First.Second.');
  });

  for (const [what, ...deltas] of [
    ['a paragraph', 'Hello', ' there.'],
    ['a heading', '#', ' ', 'Title', '\n'],
    ['a quote', '>', ' ', 'said'],
    ['a list', '-', ' one'],
    ['space', '\n', '\n', 'Hello'],
  ] as const) {
    it(`is never without its first line while it streams ${what}`, async () => {
      const element = await message();
      element.streaming = true;
      await element.updateComplete;
      const line = element.offsetHeight;
      expect(line).to.be.above(10);
      element.parts = [{ type: 'opaque', dialect: 'd', value: 1 }];
      const heights: number[] = [];
      const frame = async () => {
        heights.push(element.offsetHeight);
        await new Promise((resolve) => requestAnimationFrame(resolve));
        heights.push(element.offsetHeight);
      };
      await frame();
      for (const delta of deltas) {
        element.append(delta);
        await element.updateComplete;
        await frame();
        await element.settled;
        await frame();
      }
      element.finish();
      for (let frames = 0; frames < 5; frames += 1) await frame();
      await element.settled;
      await frame();
      expect(Math.min(...heights)).to.be.at.least(line);
    });
  }

  it('is never without its first line when its text and its end come at once', async () => {
    const element = await message();
    element.streaming = true;
    await element.updateComplete;
    const line = element.offsetHeight;
    element.append('Hello');
    element.finish();
    const settled = element.settled.then(() => true);
    const nextFrame = () =>
      new Promise<boolean>((resolve) => requestAnimationFrame(() => queueMicrotask(() => resolve(false))));
    do expect(element.offsetHeight).to.be.at.least(line);
    while (!(await Promise.race([settled, nextFrame()])));
    expect(element.offsetHeight).to.be.at.least(line);
  });

  it('takes no room for text that says nothing, once that is sure', async () => {
    const element = await message();
    element.append('\n\n');
    element.finish();
    await element.settled;
    expect(element.offsetHeight).to.equal(0);
  });

  it('shows the arguments of a call as they arrive, and writes to the page once per frame', async () => {
    const element = await message();
    element.parts = [
      { type: 'tool', id: 'c', name: 'look_up', by: 'client', state: 'preparing', argsText: '{"a":[' },
    ];
    element.streaming = true;
    await element.settled;
    const shown = element.shadowRoot!.querySelector('[part="tool"] pre')!;
    expect(shown.textContent).to.equal('{"a":[');
    const records: MutationRecord[] = [];
    const observer = new MutationObserver((list) => records.push(...list));
    const all = { subtree: true, childList: true, characterData: true, attributes: true };
    observer.observe(element.shadowRoot!, all);
    let expected = '{"a":[';
    for (let frame = 0; frame < 20; frame += 1) {
      for (let index = 0; index < 250; index += 1) {
        expected += `${index},`;
        element.appendDelta({ type: 'tool_call_delta', id: 'c', delta: `${index},` });
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    await element.settled;
    expect(shown.textContent).to.equal(expected);
    expect(records.length).to.be.within(1, 21);
    expect(
      records.every(({ target, removedNodes }) => shown.contains(target) && removedNodes.length === 0),
    ).to.equal(true);
    observer.disconnect();

    const [call] = element.parts;
    element.parts = [{ ...(call as object), state: 'running', args: { a: [1] } } as MessagePart];
    // What comes late belongs to text that is no longer shown.
    element.appendDelta({ type: 'tool_call_delta', id: 'c', delta: ' ' });
    await element.settled;
    expect(shown.textContent).to.equal(JSON.stringify({ a: [1] }, null, 2));
  });

  it('shows reasoning as it arrives, and as its text is after it', async () => {
    const element = await message();
    for (const delta of ['Let *me', '* see.', '\n\nYes.']) {
      element.appendDelta({ type: 'reasoning', content: delta });
      await element.settled;
    }
    element.append('So.');
    element.finish();
    await element.settled;
    const reasoning = element.shadowRoot!.querySelector('[part="reasoning"] .markdown')!;
    expect(reasoning.textContent!.trim().split(/\s+/)).to.deep.equal(['Let', 'me', 'see.', 'Yes.']);
    expect(reasoning.querySelector('em')!.textContent).to.equal('me');
    expect(content(element).textContent!.trim()).to.equal('So.');
    expect(element.content).to.equal('So.');
  });

  it('shows other text when its content is replaced, also while streaming', async () => {
    const element = await message();
    element.append('one *two');
    await element.settled;
    element.content = 'three';
    element.finish();
    await element.settled;
    expect(content(element).textContent!.trim()).to.equal('three');
    element.content = '';
    await element.settled;
    expect(content(element).textContent!.trim()).to.equal('');
  });

  it('goes on after it was finished', async () => {
    const element = await message();
    element.content = '- one';
    await element.settled;
    element.append('\n- two');
    element.finish();
    await element.settled;
    expect(element.renderedHtml).to.equal(oneShot('- one\n- two'));
  });

  it('loses nothing when it is moved, or taken out and put back, while streaming', async () => {
    const element = await message();
    const elsewhere = document.createElement('div');
    document.body.append(elsewhere);
    element.append('one ');
    elsewhere.append(element);
    element.append('two ');
    await element.settled;
    element.remove();
    await new Promise((resolve) => requestAnimationFrame(resolve));
    element.append('three ');
    elsewhere.append(element);
    element.append('four');
    element.finish();
    await element.settled;
    expect(content(element).textContent!.trim()).to.equal('one two three four');
    elsewhere.remove();
  });

  it('streams from its src as soon as it is connected', async () => {
    const { src } = endpoint('openai');
    const element = document.createElement('ai-stream-message');
    const events = recordEvents(element, 'stream_start', 'stream_end');
    const end = nextEvent(element, 'stream_end');
    element.src = src;
    document.body.append(element);
    await end;
    await element.settled;
    expect(content(element).textContent!.trim()).to.equal('Hello from OpenAI');
    expect(events.map(({ type }) => type)).to.deep.equal(['stream_start', 'stream_end']);
    expect(events[0]!.detail.dialect).to.equal('openai-chat');
    expect(events[1]!.detail).to.include({ reason: 'stop', complete: true });
    expect(element.streaming).to.equal(false);
    element.remove();
  });

  it('stops streaming when other content is set', async () => {
    const { src, key } = endpoint('hang');
    const element = document.createElement('ai-stream-message');
    element.src = src;
    document.body.append(element);
    await until(() => element.content === 'waiting');
    element.content = 'other';
    await until(async () => (await requestsOf(key))[0]?.left);
    expect(element.content).to.equal('other');
    expect(element.streaming).to.equal(false);
    element.remove();
  });

  it('is empty when its content attribute is taken away', async () => {
    const element = await fixture<AiStreamMessageElement>(
      html`<ai-stream-message content="a"></ai-stream-message>`,
    );
    element.removeAttribute('content');
    expect(element.content).to.equal('');
  });

  it('closes the connection when it is removed', async () => {
    const { src, key } = endpoint('hang');
    const element = document.createElement('ai-stream-message');
    element.src = src;
    document.body.append(element);
    await until(() => element.content === 'waiting');
    element.remove();
    await until(async () => (await requestsOf(key))[0]?.left);
    expect(element.content).to.equal('waiting');
  });

  it('says what failed, and leaves that to the page when it asks for it', async () => {
    const { src } = endpoint('html-500');
    const element = document.createElement('ai-stream-message');
    const failed = nextEvent(element, 'stream_error');
    element.src = src;
    document.body.append(element);
    expect((await failed).detail).to.include({ code: 'http', status: 500 });
    await until(() => element.shadowRoot!.querySelector('[part="error"]'));
    element.remove();

    const quiet = document.createElement('ai-stream-message');
    quiet.addEventListener('stream_error', (event) => event.preventDefault());
    const ended = nextEvent(quiet, 'stream_end');
    quiet.src = endpoint('html-500').src;
    document.body.append(quiet);
    await ended;
    await quiet.updateComplete;
    expect(quiet.shadowRoot!.querySelector('[part="error"]')).to.equal(null);
    quiet.remove();
  });

  it('passes axe with a document of every kind of block', async () => {
    const element = await message();
    element.content = DOCUMENT;
    await element.settled;
    await expect(element).to.be.accessible({
      ignoredRules: ['heading-order', 'page-has-heading-one'],
    });
  });
});
