import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys, sendMouse } from '@web/test-runner-commands';
import '../../../src/message.js';
import type { AiStreamMessageElement } from '../../../src/message.js';
import { until } from '../support.js';

const CODE = "const a = '<b>';\n\n// done\n";
const DOCUMENT = `Before.\n\n\`\`\`js\n${CODE}\`\`\`\n\n- item\n\n  ~~~python\n  def f():\n      pass\n  ~~~\n\nAfter.\n\n    indented\n`;

async function message(): Promise<AiStreamMessageElement> {
  return fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
}

function content(element: AiStreamMessageElement): HTMLElement {
  return element.shadowRoot!.querySelector<HTMLElement>('[part~="content"]')!;
}

/** The shadow roots with the headers of the code, in order. */
function frames(element: AiStreamMessageElement): ShadowRoot[] {
  return [...content(element).querySelectorAll('[part="code"]')].map((wrapper) => wrapper.shadowRoot!);
}

function copyButton(frame: ShadowRoot): HTMLButtonElement {
  return frame.querySelector('button')!;
}

/** Clicks with the mouse, as a user: the clipboard is closed to anything else. */
async function click(button: HTMLElement): Promise<void> {
  button.scrollIntoView({ block: 'center' });
  const { left, top, width, height } = button.getBoundingClientRect();
  await sendMouse({
    type: 'click',
    position: [Math.round(left + width / 2), Math.round(top + height / 2)],
  });
}

/** What is written to the clipboard. */
function recordCopies(): { texts: string[]; restore: () => void } {
  const texts: string[] = [];
  const clipboard = navigator.clipboard;
  Object.defineProperty(clipboard, 'writeText', {
    configurable: true,
    value: async (text: string) => void texts.push(text),
  });
  return { texts, restore: () => delete (clipboard as Partial<Clipboard>).writeText };
}

describe('the header of code', () => {
  it('names the language, and is not in the rendered content', async () => {
    const element = await message();
    element.content = DOCUMENT;
    await element.settled;
    const headers = frames(element).map((frame) => frame.querySelector('[part="code-header"]')!);
    expect(headers.map((header) => header.querySelector('#language')!.textContent)).to.deep.equal([
      'js',
      'python',
      'Code',
    ]);
    expect(element.renderedHtml).to.not.contain('Copy');
    expect(content(element).textContent).to.not.contain('Copy');
    expect(content(element).querySelector('button')).to.equal(null);
    for (const pre of content(element).querySelectorAll('pre')) {
      expect(pre.getAttributeNames()).to.deep.equal([]);
    }
  });

  it('is reached by ::part() from the page', async () => {
    const element = await message();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('ai-stream-message::part(code-header) { letter-spacing: 3px; }');
    document.adoptedStyleSheets.push(sheet);
    element.content = DOCUMENT;
    await element.settled;
    const [frame] = frames(element);
    expect(getComputedStyle(frame!.querySelector('.header')!).letterSpacing).to.equal('3px');
    document.adoptedStyleSheets.pop();
  });

  it('copies exactly the code, and says so', async () => {
    const element = await message();
    element.content = DOCUMENT;
    await element.settled;
    const copies = recordCopies();
    const [frame] = frames(element);
    const button = copyButton(frame!);
    expect(button.getAttribute('aria-label')).to.equal('Copy code');
    const status = frame!.querySelector('[role="status"]')!;
    expect(status.textContent).to.equal('');
    button.click();
    await until(() => status.textContent === 'Copied');
    expect(button.textContent!.trim()).to.equal('Copied');
    expect(copies.texts).to.deep.equal([CODE.slice(0, -1)]);
    await until(() => status.textContent === '');
    expect(button.textContent!.trim()).to.equal('Copy');
    copies.restore();
  });

  it('copies what has come so far while the code streams', async () => {
    const element = await message();
    const copies = recordCopies();
    const shown: string[] = [];
    for (const delta of ['```js\n', 'let a', ' = 1;\nlet', ' b', ';\n\n']) {
      element.append(delta);
      await element.settled;
      const [frame] = frames(element);
      if (!frame) continue;
      shown.push(content(element).querySelector('code')!.textContent!.replace(/\n$/, ''));
      copyButton(frame).click();
      await until(() => copies.texts.length === shown.length);
    }
    expect(copies.texts).to.deep.equal(shown);
    expect(copies.texts.at(-1)).to.contain('let a = 1;\nlet b;');
    copies.restore();
  });

  it('copies by hand where the clipboard is closed to the page', async () => {
    const element = await message();
    element.content = DOCUMENT;
    await element.settled;
    Object.defineProperty(navigator.clipboard, 'writeText', {
      configurable: true,
      value: () => Promise.reject(new DOMException('', 'NotAllowedError')),
    });
    const copied: string[] = [];
    const note = (event: Event): void => {
      const [field] = event.composedPath();
      if (field instanceof HTMLTextAreaElement)
        copied.push(field.value.slice(field.selectionStart, field.selectionEnd));
    };
    document.addEventListener('copy', note);
    const [frame] = frames(element);
    await click(copyButton(frame!));
    await until(() => frame!.querySelector('[role="status"]')!.textContent === 'Copied');
    expect(copied).to.deep.equal([CODE.slice(0, -1)]);
    expect(frame!.querySelector('textarea')).to.equal(null);
    document.removeEventListener('copy', note);
    delete (navigator.clipboard as Partial<Clipboard>).writeText;
  });

  it('is worked by the keyboard alone', async () => {
    const element = await message();
    element.content = DOCUMENT;
    await element.settled;
    const copies = recordCopies();
    const [frame] = frames(element);
    const before = document.createElement('button');
    element.before(before);
    before.focus();
    await sendKeys({ press: 'Tab' });
    expect(frame!.activeElement).to.equal(copyButton(frame!));
    await sendKeys({ press: 'Enter' });
    await until(() => copies.texts.length > 0);
    await sendKeys({ press: 'Tab' });
    expect(frame!.activeElement!.className).to.equal('scroller');
    before.remove();
    copies.restore();
  });

  it('goes with code that turns into something else', async () => {
    const element = await message();
    for (const text of ['    code\n', '| a |\n|---|\n| 1 |\n', '```js\nx\n```\n', 'text\n']) {
      element.content = text;
      await element.settled;
      for (const wrapper of content(element).querySelectorAll('[data-chunk]')) {
        expect(Boolean(wrapper.shadowRoot), text).to.equal(wrapper.querySelector(':scope > pre') !== null);
      }
    }
  });

  it('says its texts in other words when the page changes them', async () => {
    const element = await message();
    element.content = DOCUMENT;
    await element.settled;
    element.strings = { ...element.strings, copy: 'Kopieren', code: 'Quelltext' };
    await element.updateComplete;
    const [first, , last] = frames(element);
    expect(copyButton(first!).textContent!.trim()).to.equal('Kopieren');
    expect(last!.querySelector('#language')!.textContent).to.equal('Quelltext');
  });

  it('passes axe', async () => {
    const element = await message();
    element.content = `${DOCUMENT}\n\`\`\`\n${'wide '.repeat(200)}\n\`\`\`\n`;
    await element.settled;
    await expect(element).to.be.accessible();
  });
});
