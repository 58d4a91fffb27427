import { expect, fixture, html } from '@open-wc/testing';
import createDOMPurify from 'dompurify';
import { Marked } from 'marked';
import '../../../src/message.js';
import type { AiStreamMessageElement } from '../../../src/message.js';
import { until } from '../support.js';

async function message(): Promise<AiStreamMessageElement> {
  return fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
}

function content(element: AiStreamMessageElement): HTMLElement {
  return element.shadowRoot!.querySelector<HTMLElement>('[part~="content"]')!;
}

function placeholders(element: AiStreamMessageElement): HTMLElement[] {
  return [...content(element).querySelectorAll<HTMLElement>('[part="image"]')];
}

function inFrame<E extends Element>(placeholder: HTMLElement, selector: string): E | null {
  return placeholder.shadowRoot!.querySelector<E>(selector);
}

/** The same server by its other name is another origin. */
const OTHER = `http://${location.hostname === 'localhost' ? '127.0.0.1' : 'localhost'}:${location.port}`;

let keys = 0;

/** An image that the log knows by a key. */
function image(name: string, origin = OTHER): { url: string; asked: () => Promise<string[]> } {
  keys += 1;
  const key = `${Date.now()}-${keys}`;
  return {
    url: `${origin}/image/${name}?key=${key}`,
    asked: async () => (await (await fetch(`/image/log?key=${key}`)).json()) as string[],
  };
}

describe('an image', () => {
  it('stands as its words and its host until the reader asks for it', async () => {
    const element = await message();
    const { url, asked } = image('a.png');
    element.content = `![A chart](${url}) and ![](${url})`;
    await element.settled;
    const [chart, nameless] = placeholders(element);
    expect(content(element).querySelector('img')).to.equal(null);
    expect(chart!.textContent).to.equal('A chart');
    expect(nameless!.textContent).to.equal('Image');
    expect(inFrame(chart!, '.host')!.textContent).to.equal(new URL(OTHER).host);
    expect(await asked()).to.deep.equal([]);
    await expect(element).to.be.accessible();
    inFrame<HTMLButtonElement>(chart!, 'button')!.click();
    const shown = inFrame<HTMLImageElement>(chart!, 'img')!;
    await until(() => shown.naturalWidth === 1);
    expect(shown.alt).to.equal('A chart');
    expect(chart!.shadowRoot!.activeElement).to.equal(shown);
    expect(await asked()).to.deep.equal(['/image/a.png']);
    expect(inFrame(nameless!, 'img')).to.equal(null);
  });

  it('has its words and its button again where it cannot be loaded', async () => {
    const element = await message();
    element.content = `![gone](${image('missing.png').url})`;
    await element.settled;
    const [placeholder] = placeholders(element);
    inFrame<HTMLButtonElement>(placeholder!, 'button')!.click();
    expect(inFrame(placeholder!, 'button')).to.equal(null);
    await until(() => inFrame(placeholder!, 'button'));
  });

  it('is words only where its address is none to load, or in a link', async () => {
    const element = await message();
    const large = `data:image/png;base64,${'A'.repeat(40_000)}`;
    const { url } = image('a.png');
    // Markdown cuts what is that long.
    element.html = true;
    element.content = [
      '![a](data:image/svg+xml,%3Csvg/%3E)',
      `<img alt="b" src="${large}">`,
      '![c](javascript:alert(1))',
      '![d](file:///etc/passwd)',
      `[![e](${url})](https://example.com)`,
    ].join('\n\n');
    await element.settled;
    expect(placeholders(element).map((placeholder) => placeholder.textContent)).to.deep.equal([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
    for (const placeholder of placeholders(element)) {
      expect(inFrame(placeholder, 'button'), placeholder.textContent).to.equal(null);
    }
  });

  it('that a text brings along is shown on request', async () => {
    const element = await message();
    element.content = '![dot](data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=)';
    await element.settled;
    const [placeholder] = placeholders(element);
    inFrame<HTMLButtonElement>(placeholder!, 'button')!.click();
    await until(() => inFrame<HTMLImageElement>(placeholder!, 'img')!.complete);
    expect(inFrame(placeholder!, '.host')).to.equal(null);
  });

  it('of an allowed origin is loaded at once, without cookies, and once however its text streams', async () => {
    document.cookie = 'session=secret; path=/';
    const element = await message();
    element.imageOrigins = `https://example.com ${OTHER} ${location.origin}`;
    const images = [image('a.png'), image('b.png', location.origin)];
    const text = `Before ![one](${images[0]!.url}) and ![two](${images[1]!.url}) behind it *comes* **more** text.\n`;
    for (let at = 0; at < text.length; at += 5) {
      element.append(text.slice(at, at + 5));
      if (at > 50) await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    element.finish();
    await element.settled;
    for (const placeholder of placeholders(element)) {
      const shown = await until(() => inFrame<HTMLImageElement>(placeholder, 'img'));
      await until(() => shown.naturalWidth === 1);
    }
    expect(await images[0]!.asked()).to.deep.equal(['/image/a.png']);
    expect(await images[1]!.asked()).to.deep.equal(['/image/b.png']);
  });

  it('is not followed to another address from an allowed origin', async () => {
    const element = await message();
    element.imageOrigins = OTHER;
    const { url, asked } = image('redirect');
    element.content = `![away](${url})`;
    await element.settled;
    await until(async () => (await asked()).length > 0);
    const later = image('a.png');
    element.content += `\n\n![later](${later.url})`;
    await element.settled;
    await until(() => placeholders(element)[1] && inFrame(placeholders(element)[1]!, 'img'));
    expect([...new Set(await asked())]).to.deep.equal(['/image/redirect']);
    expect(inFrame(placeholders(element)[0]!, 'button')).to.not.equal(null);
  });

  it('is asked for again by other rules', async () => {
    const element = await message();
    const { url, asked } = image('a.png');
    element.content = `![a](${url})`;
    await element.settled;
    element.setAttribute('image-origins', `nonsense ${OTHER}/path ${OTHER}`);
    await element.updateComplete;
    await element.settled;
    await until(async () => (await asked()).length === 1);
    element.strings = { ...element.strings, showImage: 'Bild zeigen' };
    element.removeAttribute('image-origins');
    await element.updateComplete;
    await element.settled;
    await until(() => inFrame(placeholders(element)[0]!, 'button')?.textContent?.trim() === 'Bild zeigen');
  });

  it('and a link are in the HTML as one-shot marked and DOMPurify have them', async () => {
    const text = [
      '![a *b*](https://a.example/x.png "title") and [a **link**](../here?x=1#y "t") to [b](HTTPS://B.example)',
      '[![badge](https://c.example/b.svg)](https://c.example) <https://d.example> https://e.example a@b.example',
      '- [x] [a][r] ![i][r]\n\n[r]: https://f.example "r"',
    ].join('\n\n');
    const whole = createDOMPurify(window).sanitize(new Marked().parse(text, { async: false }));
    const element = await message();
    element.linkOrigins = 'https://b.example';
    element.content = text;
    await element.settled;
    expect(element.renderedHtml).to.equal(whole);
    const streamed = await message();
    for (const character of text) streamed.append(character);
    streamed.finish();
    await streamed.settled;
    expect(streamed.renderedHtml).to.equal(whole);
  });
});
