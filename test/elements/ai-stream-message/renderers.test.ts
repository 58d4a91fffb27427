import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/index.js';
import type { AiStreamChatElement, AiStreamMessageElement, CodeRenderer } from '../../../src/index.js';
import { until } from '../support.js';

interface Call {
  readonly source: string;
  readonly element: HTMLElement;
  readonly complete: boolean;
}

function recorder(
  show: (source: string, element: HTMLElement) => unknown = (source, element) =>
    (element.textContent = `[${source}]`),
) {
  const calls: Call[] = [];
  const renderer: CodeRenderer = (source, element, { complete }) => {
    calls.push({ source, element, complete });
    show(source, element);
  };
  return { calls, renderer };
}

async function message(): Promise<AiStreamMessageElement> {
  return fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
}

function content(element: AiStreamMessageElement): HTMLElement {
  return element.shadowRoot!.querySelector<HTMLElement>('[part~="content"]')!;
}

function warnings(): { texts: string[]; restore: () => void } {
  const texts: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void texts.push(text);
  return { texts, restore: () => void (console.warn = warn) };
}

describe('renderers', () => {
  it('show code of their language in its place, and get it once when it comes as a whole', async () => {
    const element = await message();
    const { calls, renderer } = recorder();
    element.renderers = { chart: renderer };
    element.content =
      'Before.\n\n```chart\na: 1\nb: 2\n```\n\n```js\nlet a;\n```\n\n> ```Chart\n> c\n> ```\n';
    await element.settled;
    expect(calls.map(({ source, complete }) => ({ source, complete }))).to.deep.equal([
      { source: 'a: 1\nb: 2', complete: true },
      { source: 'c', complete: true },
    ]);
    const [chart, code] = content(element).querySelectorAll('pre');
    expect(calls[0]!.element.getBoundingClientRect().height).to.be.above(10);
    expect(chart!.getBoundingClientRect().height).to.equal(0);
    expect(code!.getBoundingClientRect().height).to.be.above(10);
    expect(element.renderedHtml).to.contain('a: 1\nb: 2');
    expect(element.renderedHtml).to.not.contain('[a: 1');
  });

  it('get code while it grows, at most once per frame, and once more when it is complete', async () => {
    const element = await message();
    let frame = 0;
    const frames: number[] = [];
    const { calls, renderer } = recorder(() => frames.push(frame));
    element.renderers = { chart: renderer };
    const text = `\`\`\`chart\n${'one line\n'.repeat(20)}\`\`\`\n\nAfter it.`;
    for (const character of text) {
      element.append(character);
      if (Math.random() < 0.5) continue;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      frame += 1;
    }
    element.finish();
    await element.settled;
    const whole = 'one line\n'.repeat(20).slice(0, -1);
    expect(calls.filter(({ complete }) => complete).map(({ source }) => source)).to.deep.equal([whole]);
    expect(calls.at(-1)!.complete).to.equal(true);
    expect(calls.length).to.be.above(5);
    expect(new Set(calls.map(({ element: place }) => place)).size).to.equal(1);
    expect(new Set(frames).size).to.equal(frames.length);
    for (const [index, { source }] of calls.slice(1).entries()) {
      // Half of the closing fence is code until the other half comes.
      expect(source.length).to.be.at.least(calls[index]!.source.replace(/\n`*$/, '').length);
    }
  });

  it('leave the code where it is until they put something in its place', async () => {
    const element = await message();
    element.renderers = {
      chart: (source, place, { complete }) => {
        if (complete) place.textContent = source;
      },
    };
    element.append('```chart\na\nb\n');
    await element.settled;
    const pre = content(element).querySelector('pre')!;
    expect(pre.getBoundingClientRect().height).to.be.above(10);
    element.finish();
    await element.settled;
    expect(pre.getBoundingClientRect().height).to.equal(0);
  });

  it('that fail are reported once, and the code is shown', async () => {
    const heard = warnings();
    const element = await message();
    element.renderers = {
      now: (_source, place) => {
        place.textContent = 'half';
        throw new Error('no such chart');
      },
      later: async (_source, place) => {
        place.textContent = 'half';
        await Promise.resolve();
        throw new Error('no such chart');
      },
    };
    element.content = '```now\na\n```\n\n```later\nb\n```\n\n```now\nc\n```\n';
    await element.settled;
    await until(() =>
      [...content(element).querySelectorAll('pre')].every((pre) => pre.getBoundingClientRect().height > 10),
    );
    expect(heard.texts.filter((text) => text.includes('renderer-failed'))).to.have.length(1);
    expect(heard.texts[0]).to.contain('no such chart');
    heard.restore();
  });

  it('that are set later show what is there already', async () => {
    const element = await message();
    element.content = '```chart\na\n```\n';
    await element.settled;
    const { calls, renderer } = recorder();
    element.renderers = { chart: renderer };
    await element.updateComplete;
    expect(calls.map(({ source, complete }) => ({ source, complete }))).to.deep.equal([
      { source: 'a', complete: true },
    ]);
    element.renderers = {};
    await element.updateComplete;
    expect(content(element).querySelector('pre')!.getBoundingClientRect().height).to.be.above(10);
  });

  it('are not taken from what every object has', async () => {
    const element = await message();
    element.content = '```constructor\na\n```\n\n```toString\na\n```\n';
    await element.settled;
    const heights = [...content(element).querySelectorAll('pre')].map((pre) => pre.offsetHeight);
    expect(Math.min(...heights)).to.be.above(10);
  });

  it('of a chat are those of its messages', async () => {
    const { calls, renderer } = recorder();
    const chat = await fixture<AiStreamChatElement>(html`<ai-stream-chat></ai-stream-chat>`);
    chat.renderers = { chart: renderer };
    chat.append({ role: 'assistant', content: '```chart\na\n```\n' });
    await chat.settled;
    await until(() => calls.length > 0);
    expect(calls.map(({ source, complete }) => ({ source, complete }))).to.deep.equal([
      { source: 'a', complete: true },
    ]);
  });

  describe('for math', () => {
    const TEXT = 'So $a_1$ and $b_1$:\n\n$$\n+ c\n$$\n\n- \\(d\\) $$e$$ ![i](j)\n\n```math\nf\n```\n';

    it('get the source of each, and show it where it stands', async () => {
      const element = await message();
      const calls: string[] = [];
      element.renderers = {
        math: (source, place, { complete, display }) => {
          if (complete) calls.push(`${display ? 'display' : 'inline'} ${source}`);
          place.textContent = `<${source}>`;
        },
      };
      for (const character of TEXT) {
        element.append(character);
        if (Math.random() < 0.2) await element.settled;
      }
      element.finish();
      await element.settled;
      expect(calls.toSorted()).to.deep.equal([
        'display + c',
        'display e',
        'display f',
        'inline a_1',
        'inline b_1',
        'inline d',
      ]);
      const [line] = content(element).querySelectorAll('p');
      expect(line!.textContent).to.equal('So a_1 and b_1:');
      expect(line!.querySelector('[part="math"]')!.shadowRoot!.textContent).to.contain('<a_1>');
      expect(line!.querySelector('code')!.getClientRects().length).to.equal(0);
      // All of it stands in one line.
      expect(line!.getBoundingClientRect().height).to.be.below(40);
      expect(content(element).querySelector('[part="image"]')!.getBoundingClientRect().width).to.be.above(1);
    });

    it('change nothing where there are none', async () => {
      const element = await message();
      element.renderers = { chart: () => {} };
      element.content = TEXT;
      await element.settled;
      expect(content(element).querySelector('[part="math"]')).to.equal(null);
      expect(content(element).querySelector('p')!.textContent).to.equal('So $a_1$ and $b_1$:');
    });

    it('read the text again when they are set or taken away', async () => {
      const element = await message();
      element.content = TEXT;
      await element.settled;
      const { calls, renderer } = recorder();
      element.renderers = { math: renderer };
      await element.updateComplete;
      await element.settled;
      expect(calls.length).to.equal(6);
      expect(calls.every(({ complete }) => complete)).to.equal(true);
      element.renderers = {};
      await element.updateComplete;
      await element.settled;
      expect(content(element).querySelector('[part="math"]')).to.equal(null);
    });
  });
});
