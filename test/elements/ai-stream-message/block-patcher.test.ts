import { expect } from '@open-wc/testing';
import { loadMarkdownEngine } from '../../../src/core/markdown/index.js';
import { type BlockPatch, ENGLISH, type MarkdownStream } from '../../../src/core/index.js';
import { BlockPatcher } from '../../../src/elements/ai-stream-message/block-patcher.js';
import type { ContentPolicy } from '../../../src/elements/ai-stream-message/content-policy.js';
import { renderedHtml } from '../../../src/elements/ai-stream-message/rendered-html.js';
import { sampleText } from '../../core/markdown/client-view.js';

const engine = loadMarkdownEngine();

const POLICY: ContentPolicy = {
  strings: ENGLISH,
  imageOrigins: new Set(),
  linkOrigins: new Set(),
  html: false,
};

function finish(stream: MarkdownStream): BlockPatch[] {
  const steps = stream.finish();
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Text on its way into the DOM, without a worker and without frames. */
class Typing {
  readonly root = document.createElement('div');
  readonly patcher = new BlockPatcher(this.root, () => POLICY);
  readonly #stream = engine.createMarkdownStream();

  constructor() {
    document.body.append(this.root);
  }

  type(text: string, by = text.length): this {
    for (let from = 0; from < text.length; from += by) {
      this.#stream.append(text.slice(from, from + by));
      this.#apply(this.#stream.flush());
    }
    return this;
  }

  end(): this {
    this.#apply(finish(this.#stream));
    return this;
  }

  #apply(patches: BlockPatch[]): void {
    this.patcher.add(patches);
    this.patcher.apply(Infinity);
  }
}

const giants: Record<string, string> = {
  'a sample of all': sampleText,
  'a fence': `\`\`\`js\n${'\nconst a = "<b>" && 1;\n'.repeat(1500)}\`\`\`\n\nafter`,
  'a list': '- item *with* `code`\n'.repeat(600),
  'a loose list': '3. item\n\n   ```\n   code\n   ```\n\n'.repeat(300),
  'a table': `| a | b |\n|---|--:|\n${'| *one* | [x](javascript:y) |\n'.repeat(400)}`,
  'a paragraph': 'Words with **bold &copy; text** and ![no](http://image) in it. '.repeat(300),
  'a quote': '> words\n>\n> - item\n>   - nested\n>\n'.repeat(200),
  'nested lists': `- top\n${'  - [ ] task with <kbd>K</kbd>\n'.repeat(300)}`,
  'raw HTML': `<details>\n${'text <b>bold</b>\n'.repeat(300)}`,
};

describe('the block patcher', () => {
  let typing: Typing;

  beforeEach(() => {
    typing = new Typing();
  });

  afterEach(() => {
    typing.root.remove();
  });

  for (const [name, text] of Object.entries(giants)) {
    it(`comes to the DOM of the whole text by pieces: ${name}`, () => {
      typing.type(text, 37).end();
      const whole = new Typing();
      // Nothing is flushed before the end, so all blocks come whole.
      const stream = engine.createMarkdownStream();
      for (let from = 0; from < text.length; from += 500) stream.append(text.slice(from, from + 500));
      whole.patcher.add(finish(stream));
      whole.patcher.apply(Infinity);
      whole.root.remove();
      expect(renderedHtml(typing.root)).to.equal(renderedHtml(whole.root));
      expect(typing.root.querySelector('script, [onclick], a[href^="javascript"]')).to.equal(null);
    });
  }

  it('touches nothing outside of the open block', () => {
    const observer = new MutationObserver(() => {});
    observer.observe(typing.root, { subtree: true, childList: true, characterData: true, attributes: true });
    const blocks = '# Title\n\nA paragraph of *some* words.\n\n- one\n- two\n\n```\ncode\n```\n\n';
    const text = blocks.repeat(20);
    const isGroup = (node: Node) => node === typing.root || node.parentNode === typing.root;
    let records = 0;
    for (let from = 0; from < text.length; from += 5) {
      // The open block is the last one, with the line end behind it.
      const open = [...(typing.root.lastElementChild?.childNodes ?? [])].slice(-2);
      const ours = new Set<Node>(open);
      typing.type(text.slice(from, from + 5));
      for (const { target, type, addedNodes, removedNodes } of observer.takeRecords()) {
        records += 1;
        for (const node of addedNodes) ours.add(node);
        if ([...ours].some((node) => node.contains(target) && !isGroup(node))) continue;
        expect(isGroup(target), `${type} in ${target.nodeName}`).to.equal(true);
        // Groups get new blocks, and the mark that they are finished.
        for (const node of removedNodes) expect(ours.has(node)).to.equal(true);
      }
    }
    observer.disconnect();
    expect(typing.root.querySelectorAll('h1').length).to.equal(20);
    expect(records).to.be.lessThan(text.length);
  });

  it('keeps the nodes of what has settled, and a selection in it', () => {
    typing.type('# Title\n\nFirst words of a text.\n\n> quoted\n\n');
    const kept = [...typing.root.querySelectorAll('h1, p, blockquote')].slice(0, 2);
    const text = kept[1]?.firstChild;
    getSelection()?.setBaseAndExtent(text!, 0, text!, 5);
    typing.type(`${'more *words*\n\n'.repeat(100)}- a\n${'- b\n'.repeat(500)}`, 11).end();
    expect([...typing.root.querySelectorAll('h1, p, blockquote')].slice(0, 2)).to.deep.equal(kept);
    // Not by its own `toString()`: Firefox leaves out what layout skips until it has noted the selection there.
    expect(String(getSelection()!.getRangeAt(0))).to.equal('First');
  });

  it('keeps a selection in a list that becomes one of many blocks', () => {
    typing.type('- first item\n- second\n');
    const text = typing.root.querySelector('li')!.firstChild!;
    getSelection()!.setBaseAndExtent(text, 0, text, 5);
    typing.type('- item of a list that gets long\n'.repeat(200), 9).end();
    expect(String(getSelection()!.getRangeAt(0))).to.equal('first');
    expect(typing.root.querySelector('li')!.firstChild).to.equal(text);
  });

  it('grows text in the node it is in', () => {
    typing.type('Some words');
    const text = typing.root.querySelector('p')!.firstChild as Text;
    typing.type(' and *more, and');
    typing.type(' more');
    expect(typing.root.querySelector('p')!.firstChild).to.equal(text);
    expect(typing.root.querySelector('em')!.textContent).to.equal('more, and more');
  });

  it('groups blocks by 32, and lets layout skip the groups that are finished at the height they had', () => {
    typing.type('A paragraph.\n\n'.repeat(100), 14).type('open');
    typing.patcher.apply(Infinity);
    const groups = [...typing.root.children] as HTMLElement[];
    expect(groups.map(({ childElementCount }) => childElementCount)).to.deep.equal([32, 32, 32, 5]);
    expect(groups.map(({ style }) => style.contentVisibility)).to.deep.equal(['auto', 'auto', 'auto', '']);
    for (const group of groups.slice(0, 3)) {
      expect(group.style.containIntrinsicBlockSize).to.equal(`auto ${group.offsetHeight}px`);
    }
  });

  it('puts the groups behind the first sixteen in outer ones, which layout skips when they are finished', () => {
    typing.type('A paragraph.\n\n'.repeat(32 * 50), 400).type('open');
    for (let frame = 0; frame < 50; frame += 1) typing.patcher.apply(Infinity);
    const groups = [...typing.root.children] as HTMLElement[];
    expect(groups.length).to.equal(16 + 3);
    const outer = groups.slice(16);
    expect(outer.map(({ childElementCount }) => childElementCount)).to.deep.equal([16, 16, 3]);
    expect(outer.map(({ style }) => style.contentVisibility)).to.deep.equal(['auto', 'auto', '']);
    const [inner] = outer[2]!.children;
    expect((inner as HTMLElement).style.contentVisibility).to.equal('auto');
  });

  it('groups the blocks in a long quote, and goes on with the numbers in a long list', () => {
    typing.type('> words\n>\n'.repeat(300), 40).end();
    expect(typing.root.querySelectorAll('blockquote > [data-chunk]').length).to.be.greaterThan(5);
    const list = new Typing().type('7. item\n'.repeat(900), 40).end();
    const groups = [...list.root.querySelectorAll<HTMLElement>('ol > [data-chunk]')];
    list.root.remove();
    expect(groups.length).to.equal(3);
    for (const group of groups) {
      const before = [...list.root.querySelectorAll('li')].indexOf(group.querySelector('li')!);
      expect(group.style.counterReset).to.equal(`list-item ${6 + before}`);
    }
  });

  it('splits long code in stretches of whole lines', () => {
    const code = 'const answer = 42;\n'.repeat(5000);
    typing.type(`\`\`\`\n${code}`, 400);
    const element = typing.root.querySelector('code')!;
    const stretches = [...element.querySelectorAll('[data-chunk]:not(:has([data-chunk]))')].map(
      (stretch) => stretch.textContent,
    );
    expect(stretches.length).to.be.greaterThan(9);
    for (const stretch of stretches) expect(stretch.length).to.be.lessThan(8192 + 1000);
    for (const stretch of stretches.slice(0, -1)) expect(stretch.endsWith('\n')).to.equal(true);
    expect(`${element.textContent}\n`).to.equal(code);
  });

  it('spreads over frames what takes longer than its deadline, and loses none of it', () => {
    const stream = engine.createMarkdownStream();
    stream.append(sampleText);
    typing.patcher.add(finish(stream));
    let frames = 1;
    while (!typing.patcher.apply(0)) frames += 1;
    expect(frames).to.be.greaterThan(5);
    const whole = new Typing().type(sampleText).end();
    whole.root.remove();
    expect(renderedHtml(typing.root)).to.equal(renderedHtml(whole.root));
  });
});
