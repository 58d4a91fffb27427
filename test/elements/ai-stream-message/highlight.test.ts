import { expect, fixture, html } from '@open-wc/testing';
import '../../../src/message.js';
import { TOKEN_KINDS } from '../../../src/core/index.js';
import { MAX_HIGHLIGHTED_LENGTH } from '../../../src/elements/ai-stream-message/highlighted-code.js';
import type { AiStreamMessageElement } from '../../../src/message.js';
import { until } from '../support.js';

const LINE = "const answer = call(42, 'text'); // why\n";
/** What is colored in `LINE`. */
const COLORED = ['keyword:const', 'function:call', 'number:42', "string:'text'", 'comment:// why'];

async function message(): Promise<AiStreamMessageElement> {
  return fixture<AiStreamMessageElement>(html`<ai-stream-message></ai-stream-message>`);
}

function content(element: AiStreamMessageElement): HTMLElement {
  return element.shadowRoot!.querySelector<HTMLElement>('[part~="content"]')!;
}

function ranges(kind: string): AbstractRange[] {
  return [...(CSS.highlights.get(`ai-code-${kind}`) ?? [])];
}

function textOf({ startContainer, startOffset, endContainer, endOffset }: AbstractRange): string {
  const range = new Range();
  range.setStart(startContainer, startOffset);
  range.setEnd(endContainer, endOffset);
  return range.toString();
}

/** All that has a color in an element, in the order in which it stands there. */
function colored(element: AiStreamMessageElement): string[] {
  return TOKEN_KINDS.flatMap((kind) => ranges(kind).map((range) => ({ kind, range })))
    .filter(({ range }) => content(element).contains(range.startContainer))
    .toSorted(({ range: one }, { range: other }) =>
      one.startContainer === other.startContainer
        ? one.startOffset - other.startOffset
        : one.startContainer.compareDocumentPosition(other.startContainer) & Node.DOCUMENT_POSITION_FOLLOWING
          ? -1
          : 1,
    )
    .map(({ kind, range }) => `${kind}:${textOf(range)}`);
}

function frame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

/** Waits until the colors stay as they are. */
async function steady(element: AiStreamMessageElement): Promise<string[]> {
  await element.settled;
  let before = 'none yet';
  let same = 0;
  await until(() => {
    const now = JSON.stringify(colored(element));
    same = now === before ? same + 1 : 0;
    before = now;
    return same === 10;
  });
  return colored(element);
}

/** What comes line by line is not joined over its lines. */
function byLine(tokens: readonly string[]): string[] {
  return tokens.flatMap((token) => {
    const [kind] = token.split(':');
    return token.split('\n').map((line, index) => (index === 0 ? line : `${kind}:${line}`));
  });
}

describe('the colors of code', () => {
  before(function () {
    // Code is plain where there are no highlights.
    if (typeof Highlight !== 'function') this.skip();
  });

  it('are ranges over the text, and change nothing in the DOM', async () => {
    const element = await message();
    element.content = `\`\`\`js\n${LINE}\`\`\`\n\n- x\n\n  \`\`\`json\n  {"a": 1}\n  \`\`\`\n`;
    await element.settled;
    const records: MutationRecord[] = [];
    const observer = new MutationObserver((list) => records.push(...list));
    observer.observe(content(element), {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    await until(() => colored(element).length === COLORED.length + 2);
    expect(colored(element)).to.deep.equal([...COLORED, 'name:"a"', 'number:1']);
    expect(records).to.deep.equal([]);
    expect(content(element).querySelector('code')!.childNodes.length).to.equal(1);
    observer.disconnect();
  });

  it('are those of the custom properties', async () => {
    const element = await message();
    element.content = `\`\`\`js\n${LINE}\`\`\`\n`;
    await element.settled;
    const pre = content(element).querySelector('pre')!;
    const colorOf = (kind: string) => getComputedStyle(pre, `::highlight(ai-code-${kind})`).color;
    expect(new Set(TOKEN_KINDS.map(colorOf)).has(getComputedStyle(pre).color)).to.equal(false);
    element.style.colorScheme = 'dark';
    const dark = colorOf('keyword');
    element.style.colorScheme = 'light';
    expect(colorOf('keyword')).to.not.equal(dark);
    for (const kind of TOKEN_KINDS) {
      element.style.setProperty(`--ai-code-${kind}`, 'rgb(1, 2, 3)');
      expect(colorOf(kind), kind).to.equal('rgb(1, 2, 3)');
    }
  });

  it('come line by line while code streams, and end as those of the whole', async () => {
    const text = `\`\`\`js\n${LINE}\n/* over\nlines */ return 1;\n${LINE.repeat(40)}\`\`\`\n\nafter`;
    const whole = await message();
    whole.content = text;
    const wanted = byLine(await steady(whole));
    whole.remove();
    for (const size of [3, 17, 160]) {
      const element = await message();
      for (let at = 0; at < text.length; at += size) {
        element.append(text.slice(at, at + size));
        if (at % 3 === 0) await frame();
      }
      element.finish();
      expect(byLine(await steady(element)), `in pieces of ${size}`).to.deep.equal(wanted);
      element.remove();
    }
  });

  it('are asked for once for each line', async () => {
    const element = await message();
    const sent: string[] = [];
    // The engine runs in place where no worker got ready in time.
    const posts = [Worker.prototype, MessagePort.prototype].map((prototype) => {
      const post = prototype.postMessage;
      prototype.postMessage = function (this: Worker & MessagePort, posted: unknown, ...rest: []) {
        const requests = (Array.isArray(posted) ? posted : []) as { type: string; text: string }[];
        for (const { type, text } of requests) if (type === 'tokenize') sent.push(text);
        post.call(this, posted, ...rest);
      };
      return () => (prototype.postMessage = post);
    });
    try {
      element.append('```js\n');
      for (let line = 0; line < 30; line += 1) {
        element.append(`let line${line} = ${line};\n`);
        await element.settled;
        await frame();
      }
      element.finish();
      await steady(element);
    } finally {
      for (const restore of posts) restore();
    }
    expect(sent.join('')).to.equal(content(element).querySelector('code')!.textContent);
  });

  it('are there for what is on screen only, and come when it scrolls in', async () => {
    const scroller = document.createElement('div');
    scroller.style.cssText = 'block-size: 300px; overflow: auto';
    const element = document.createElement('ai-stream-message');
    scroller.append(element);
    document.body.append(scroller);
    const block = `\`\`\`js\n${LINE}\`\`\`\n\n`;
    element.content = `${block}${'Some text.\n\n'.repeat(400)}${block}`;
    const [first, last] = await until(() => {
      const blocks = content(element)?.querySelectorAll('pre') ?? [];
      return blocks.length === 2 ? [...blocks] : undefined;
    });
    await until(() => colored(element).length === COLORED.length);
    const standsIn = (pre: Element) =>
      ranges('keyword').some(({ startContainer }) => pre.contains(startContainer));
    expect(standsIn(first!)).to.equal(true);
    expect(standsIn(last!)).to.equal(false);
    scroller.scrollTop = scroller.scrollHeight;
    await until(() => {
      // What comes into view gets its real size, so the end is further down than it was.
      scroller.scrollTop = scroller.scrollHeight;
      return standsIn(last!) && !standsIn(first!);
    });
    expect(colored(element)).to.deep.equal(COLORED);
    scroller.remove();
  });

  it('are few for a long block that streams, and all of them when its message has ended', async () => {
    const element = await message();
    element.append('```js\n');
    let most = 0;
    for (let batch = 0; batch < 60; batch += 1) {
      element.append(LINE.repeat(10));
      await element.settled;
      await frame();
      window.scrollTo(0, document.documentElement.scrollHeight);
      most = Math.max(most, colored(element).length);
    }
    expect(most).to.be.within(COLORED.length, 300 * COLORED.length);
    element.finish();
    await until(() => colored(element).length === 600 * COLORED.length);
    window.scrollTo(0, 0);
  });

  it('end at the limit of a long block', async () => {
    const element = await message();
    element.content = `\`\`\`js\n${LINE.repeat((3 * MAX_HIGHLIGHTED_LENGTH) / LINE.length)}\`\`\`\n`;
    const found = await steady(element);
    expect(found.length / COLORED.length).to.be.closeTo(MAX_HIGHLIGHTED_LENGTH / LINE.length, 1);
  });

  it('go with the message, and come back with it', async () => {
    const element = await message();
    element.content = `\`\`\`js\n${LINE}\`\`\`\n`;
    await until(() => colored(element).length === COLORED.length);
    const parent = element.parentElement!;
    element.remove();
    await until(() => colored(element).length === 0);
    parent.append(element);
    await until(() => colored(element).length === COLORED.length);
    element.content = 'other';
    await element.settled;
    await until(() => TOKEN_KINDS.every((kind) => ranges(kind).length === 0));
  });

  it('leave code of no language, and of one that is not known, plain', async () => {
    const element = await message();
    element.content = `\`\`\`\n${LINE}\`\`\`\n\n\`\`\`nothing\n${LINE}\`\`\`\n\n    ${LINE}`;
    expect(await steady(element)).to.deep.equal([]);
  });
});
