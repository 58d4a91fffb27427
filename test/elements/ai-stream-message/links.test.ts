import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import '../../../src/index.js';
import type { AiStreamChatElement, AiStreamMessageElement } from '../../../src/index.js';
import { linkWarnings } from '../../../src/elements/ai-stream-message/link-facts.js';
import { ENGLISH } from '../../../src/core/index.js';
import { recordEvents, until } from '../support.js';

async function message(markdown: string): Promise<AiStreamMessageElement> {
  const element = await fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
  element.content = markdown;
  await element.settled;
  return element;
}

function links(element: AiStreamMessageElement): HTMLAnchorElement[] {
  return [...element.shadowRoot!.querySelectorAll<HTMLAnchorElement>('a')];
}

/** The open dialog in the shadow root of an element. */
function dialogIn(element: Element): HTMLDialogElement | undefined {
  const host = [...element.shadowRoot!.children].find(
    (child) => child.hasAttribute('exportparts') && child.shadowRoot,
  );
  return host?.shadowRoot!.querySelector('dialog') ?? undefined;
}

function button(dialog: HTMLDialogElement, value: string): HTMLButtonElement {
  return dialog.querySelector<HTMLButtonElement>(`button[value="${value}"]`)!;
}

function text(dialog: HTMLDialogElement, selector: string): string {
  return dialog.querySelector<HTMLElement>(selector)!.innerText.trim();
}

/** Puts a list in the place of `window.open`. */
function recordOpened(): { calls: string[][]; restore: () => void } {
  const { open } = window;
  const calls: string[][] = [];
  window.open = (...args: unknown[]) => {
    calls.push(args.map(String));
    return null;
  };
  return { calls, restore: () => void (window.open = open) };
}

describe('a link', () => {
  let opened: ReturnType<typeof recordOpened>;

  beforeEach(() => {
    opened = recordOpened();
  });

  afterEach(() => {
    opened.restore();
  });

  it('has no address in the page until it is followed, and is a link all the same', async () => {
    const element = await message(
      '[a](https://example.com/x?y "Bank") [b](mailto:a@b.example) www.c.example',
    );
    for (const link of links(element)) {
      expect(link.hasAttribute('href')).to.equal(false);
      expect(link.getAttribute('role')).to.equal('link');
      link.focus();
      expect(element.shadowRoot!.activeElement).to.equal(link);
    }
    expect(links(element).map(({ title }) => title)).to.deep.equal([
      'https://example.com/x?y',
      'mailto:a@b.example',
      'http://www.c.example/',
    ]);
    await expect(element).to.be.accessible();
  });

  it('to the page itself and to allowed origins has its address, as the URL parser writes it', async () => {
    const element = await message(
      '[a](/x) [b](HTTPS://Docs.example/y) [c](https://docs.example:8443) [d](#z)',
    );
    element.setAttribute('link-origins', 'https://docs.example https://other.example/path');
    await element.updateComplete;
    await element.settled;
    expect(links(element).map((link) => link.getAttribute('href'))).to.deep.equal([
      `${location.origin}/x`,
      'https://docs.example/y',
      null,
      new URL('#z', document.baseURI).href,
    ]);
    links(element)[1]!.click();
    expect(dialogIn(element)).to.equal(undefined);
    expect(opened.calls).to.deep.equal([['https://docs.example/y', '_blank', 'noopener,noreferrer']]);
  });

  it('says where it leads, and is followed when the reader says so', async () => {
    const element = await message('[our bank](https://evil.example/login?token=1)');
    const events = recordEvents(element, 'link_open');
    element.messageId = 'm1';
    links(element)[0]!.click();
    const dialog = dialogIn(element)!;
    expect(dialog.open).to.equal(true);
    expect(text(dialog, '[part="link-host"]')).to.equal('evil.example');
    expect(text(dialog, '[part="link-address"]')).to.equal('https://evil.example/login?token=1');
    expect(getComputedStyle(dialog.querySelector('[part="link-address"]')!).direction).to.equal('ltr');
    expect(dialog.getRootNode() instanceof ShadowRoot).to.equal(true);
    expect((dialog.getRootNode() as ShadowRoot).activeElement).to.equal(button(dialog, 'cancel'));
    await expect(dialog).to.be.accessible();
    expect(opened.calls).to.deep.equal([]);
    button(dialog, 'open').click();
    expect(opened.calls).to.deep.equal([
      ['https://evil.example/login?token=1', '_blank', 'noopener,noreferrer'],
    ]);
    expect(events.map(({ detail }) => detail)).to.deep.equal([
      { url: 'https://evil.example/login?token=1', messageId: 'm1' },
    ]);
    expect(links(element)[0]!.href).to.equal('https://evil.example/login?token=1');
    await until(() => !dialogIn(element));
  });

  it('gets the focus back when the reader stays', async () => {
    const element = await message('[a](https://example.com)');
    links(element)[0]!.focus();
    await sendKeys({ press: 'Enter' });
    expect(dialogIn(element)!.open).to.equal(true);
    await sendKeys({ press: 'Escape' });
    await until(() => !dialogIn(element));
    expect(element.shadowRoot!.activeElement).to.equal(links(element)[0]);
    await sendKeys({ press: 'Enter' });
    button(dialogIn(element)!, 'cancel').click();
    await until(() => !dialogIn(element));
    expect(element.shadowRoot!.activeElement).to.equal(links(element)[0]);
    expect(opened.calls).to.deep.equal([]);
  });

  it('is copied and opened from its menu', async () => {
    const element = await message('[a](https://example.com/x)');
    const events = recordEvents(element, 'link_open');
    const menu = new MouseEvent('contextmenu', { bubbles: true, composed: true, cancelable: true });
    links(element)[0]!.dispatchEvent(menu);
    expect(menu.defaultPrevented).to.equal(true);
    const dialog = dialogIn(element)!;
    const { clipboard } = navigator;
    let copied = '';
    Object.defineProperty(navigator, 'clipboard', {
      configurable: true,
      value: { writeText: async (address: string) => void (copied = address) },
    });
    button(dialog, 'copy').click();
    await until(() => button(dialog, 'copy').textContent === 'Copied');
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard });
    expect(copied).to.equal('https://example.com/x');
    expect(events.length).to.equal(0);
    button(dialog, 'open').click();
    expect(events.length).to.equal(1);
    expect(opened.calls.length).to.equal(1);
  });

  it('does not open where the page takes care of it', async () => {
    const element = await message('[a](https://example.com/x) [b](/here)');
    const events = recordEvents(element, 'link_open');
    element.addEventListener('link_open', (event) => event.preventDefault());
    for (const link of links(element)) link.click();
    expect(events.map(({ detail }) => detail.url)).to.deep.equal([
      'https://example.com/x',
      `${location.origin}/here`,
    ]);
    expect(dialogIn(element)).to.equal(undefined);
    expect(opened.calls).to.deep.equal([]);
  });

  it('among sources and files keeps to the same rules', async () => {
    const element = await message('');
    element.parts = [
      { type: 'file', mediaType: 'text/plain', url: 'https://files.example/a', name: 'a\u{E0041}.txt' },
      { type: 'source', id: '1', url: 'https://news.example/b', title: 'News' },
      { type: 'source', id: '2', url: 'javascript:alert(1)', title: 'Not' },
    ];
    await element.settled;
    await element.updateComplete;
    expect(
      links(element).map((link) => [link.textContent, link.getAttribute('href'), link.title]),
    ).to.deep.equal([
      ['a.txt', null, 'https://files.example/a'],
      ['News', null, 'https://news.example/b'],
    ]);
    links(element)[1]!.click();
    expect(text(dialogIn(element)!, '[part="link-host"]')).to.equal('news.example');
  });

  it('has no text that controls turn around', async () => {
    const element = await message(
      '[\u202Emoc.knab\u202C](https://evil.example) and [a&#x202E;b](https://evil.example)',
    );
    expect(links(element).map(({ textContent }) => textContent)).to.deep.equal(['moc.knab', 'ab']);
  });

  it('in a chat asks in a dialog of the chat, which outlives the row', async () => {
    const chat = await fixture<AiStreamChatElement>(html`<ai-stream-chat></ai-stream-chat>`);
    chat.messages = [{ role: 'assistant', content: '[a](https://example.com)' }];
    await chat.settled;
    const row =
      chat.shadowRoot!.querySelector('ai-virtual-list')!.querySelector('ai-stream-message') ??
      chat.shadowRoot!.querySelector('ai-virtual-list')!.shadowRoot!.querySelector('ai-stream-message')!;
    await row.settled;
    links(row)[0]!.click();
    const dialog = dialogIn(chat)!;
    expect(dialogIn(row)).to.equal(undefined);
    chat.messages = [];
    await chat.updateComplete;
    expect(dialog.open).to.equal(true);
    expect(dialog.isConnected).to.equal(true);
    button(dialog, 'cancel').click();
    await until(() => !dialogIn(chat));
  });
});

describe('the question before a link', () => {
  const cases: readonly { title: string; url: string; text: string; warnings: readonly string[] }[] = [
    { title: 'its own name', url: 'https://example.com/x', text: 'example.com', warnings: [] },
    { title: 'its own address', url: 'https://www.example.com/', text: 'https://example.com/', warnings: [] },
    {
      title: 'a part of the site it names',
      url: 'https://docs.example.com',
      text: 'example.com',
      warnings: [],
    },
    {
      title: 'a file',
      url: 'https://example.com',
      text: 'read config.json and index.html, e.g. v1.2',
      warnings: [],
    },
    {
      title: 'sentences',
      url: 'https://example.com',
      text: 'The end. The start',
      warnings: [],
    },
    {
      title: 'another site',
      url: 'https://evil.example/login',
      text: 'https://bank.example/login',
      warnings: [ENGLISH.linkNames('bank.example')],
    },
    {
      title: 'another site with a space nobody sees',
      url: 'https://evil.example',
      text: 'pay\u200Bpal.example',
      warnings: [ENGLISH.linkNames('paypal.example')],
    },
    {
      title: 'another site in wide letters',
      url: 'https://evil.example',
      text: 'ｂａｎｋ．ｅｘａｍｐｌｅ',
      warnings: [ENGLISH.linkNames('bank.example')],
    },
    {
      title: 'a user that reads as a site',
      url: 'https://bank.example@evil.example/',
      text: 'go',
      warnings: [ENGLISH.linkHasUser],
    },
    {
      title: 'letters of another alphabet',
      url: 'https://аpple.example/',
      text: 'apple',
      warnings: [ENGLISH.linkImitates],
    },
    {
      title: 'what only looks like a slash',
      url: 'https://bank.example∕login.evil.example/',
      text: 'https://bank.example∕login.evil.example/',
      warnings: [ENGLISH.linkNames('bank.example'), ENGLISH.linkImitates],
    },
    { title: 'an open connection', url: 'http://example.com', text: 'x', warnings: [ENGLISH.linkIsOpen] },
    {
      title: 'mail to somebody else',
      url: 'mailto:a@evil.example',
      text: 'help@bank.example',
      warnings: [ENGLISH.linkNames('bank.example')],
    },
    { title: 'mail', url: 'mailto:a@b.example?body=x', text: 'a@b.example', warnings: [] },
  ];
  for (const { title, url, text: words, warnings } of cases) {
    it(`tells what is odd about ${title}`, () => {
      if (!URL.canParse(url)) return;
      expect(linkWarnings(new URL(url), words, ENGLISH)).to.deep.equal(warnings);
    });
  }
});

describe('the dialog for spoofed links', () => {
  it('names the host as the URL parser sees it', async function () {
    const response = await fetch('/__shared/conformance/spoof-a.json');
    if (!response.ok) {
      console.log('spoof-a.json is missing: 9 cases skipped');
      this.skip();
    }
    let asked = 0;
    for (const { payload } of (await response.json()) as { payload: string }[]) {
      const element = await message(payload);
      for (const link of links(element).filter(({ title }) => title)) {
        link.click();
        const dialog = dialogIn(element)!;
        expect(text(dialog, '[part="link-host"]').replaceAll(/\s/g, '')).to.equal(
          new URL(link.title).hostname,
        );
        expect(dialog.querySelector('[part="link-host"]')!.scrollWidth).to.be.at.most(dialog.clientWidth);
        expect(link.textContent).to.not.match(/\p{Bidi_Control}/u);
        asked += 1;
        button(dialog, 'cancel').click();
        await until(() => !dialogIn(element));
      }
    }
    expect(asked).to.be.at.least(5);
  });
});
