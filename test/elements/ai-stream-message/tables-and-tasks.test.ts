import { expect, fixture, html } from '@open-wc/testing';
import createDOMPurify from 'dompurify';
import { Marked } from 'marked';
import '../../../src/message.js';
import type { AiStreamMessageElement } from '../../../src/message.js';
import { createRandom } from '../../support/random.js';

async function message(): Promise<AiStreamMessageElement> {
  return fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
}

function content(element: AiStreamMessageElement): HTMLElement {
  return element.shadowRoot!.querySelector<HTMLElement>('[part~="content"]')!;
}

describe('a table', () => {
  it('aligns its columns, and scrolls by itself, also by the keyboard', async () => {
    const element = await message();
    element.style.inlineSize = '300px';
    const wide = `a${'wide '.repeat(30)}`.replaceAll(' ', '_');
    element.content = `| a | b | c | d |\n|---|:--|:-:|--:|\n| ${wide} | 2 | 3 | 4 |\n`;
    await element.settled;
    const alignment = [...content(element).querySelectorAll('td')].map(
      (cell) => getComputedStyle(cell).textAlign,
    );
    expect(alignment.slice(1)).to.deep.equal(['left', 'center', 'right']);
    const scroller = content(element).querySelector<HTMLElement>('[part="table"]')!;
    expect(scroller.scrollWidth).to.be.above(scroller.clientWidth);
    expect(element.scrollWidth).to.be.at.most(element.clientWidth);
    scroller.focus();
    expect(element.shadowRoot!.activeElement).to.equal(scroller);
    await expect(element).to.be.accessible();
  });
});

describe('a task', () => {
  const TASKS = [
    '- [x] done *well*\n- [ ] open\n  - [ ] inside `of` it\n\n    ```js\n    x\n    ```\n',
    '1. [ ] loose\n\n2. [x] with [a link](https://example.com)\n\n   and more\n',
  ].join('\n');

  it('says whether it is done', async () => {
    const element = await message();
    element.content = TASKS;
    await element.settled;
    const boxes = [...content(element).querySelectorAll('input')];
    expect(boxes.map((box) => box.ariaLabel)).to.deep.equal(['Done', 'To do', 'To do', 'To do', 'Done']);
    expect(element.renderedHtml).to.not.contain('aria-label');
    await expect(element).to.be.accessible();
  });

  it('is as one-shot marked and DOMPurify show it, however its text is cut', async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    console.log(`seed ${seed}`);
    const random = createRandom(seed);
    const text = TASKS + `\n- [ ] ${'many words '.repeat(150)}**and**\n`.repeat(3);
    const whole = createDOMPurify(window).sanitize(new Marked().parse(text, { async: false }));
    for (let run = 0; run < 5; run += 1) {
      const element = await message();
      for (let at = 0; at < text.length;) {
        const length = 1 + Math.floor(random() * (run === 0 ? 3 : 80));
        element.append(text.slice(at, at + length));
        at += length;
        if (random() < 0.1) await element.settled;
      }
      element.finish();
      await element.settled;
      expect(element.renderedHtml).to.equal(whole);
      element.remove();
    }
  });
});
