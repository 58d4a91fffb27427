import { expect } from '@open-wc/testing';
import {
  createMarkdownClient,
  loadMarkdownEngine,
  type MarkdownClient,
} from '../../src/core/markdown/index.js';
import { openView, sampleText } from '../core/markdown/client-view.js';
import { buildText, OWN_CASES, type PathologicalCase } from '../support/pathological.js';

const lettersIn = (text: string) => text.replaceAll(/[^a-z]/g, '').length;

/** What HTML shows, without its tags and entities. */
const textOf = (html: string) =>
  html
    .split('<')
    .map((piece) => piece.slice(piece.indexOf('>') + 1))
    .join('')
    .replaceAll(/&[#\w]+;/g, '');

const given = await fetch('/__shared/conformance/pathological-a.json');
if (!given.ok) console.log('pathological-a.json is missing: 21 cases skipped');
const cases = [...(given.ok ? ((await given.json()) as PathologicalCase[]) : []), ...OWN_CASES];

describe('a text made to be slow', () => {
  let client: MarkdownClient;

  beforeEach(() => {
    client = createMarkdownClient({
      startWorker: () => {
        const source = `(${loadMarkdownEngine})().serveMarkdown(self)`;
        return new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
      },
      loadEngine: loadMarkdownEngine,
      readyTimeout: 15_000,
    });
  });

  afterEach(() => {
    client.dispose();
  });

  for (const { name, segments } of cases) {
    it(`comes to an end in the worker, and the text after it is rendered: ${name}`, async () => {
      const text = buildText(segments);
      const { session, view } = openView(client);
      session.append(text);
      session.end();
      await view.ended;
      const { updates } = view;
      expect(updates.at(-1)?.received).to.equal(text.length);
      // Whatever a text is read as, its words are there; but labels of definitions do not show.
      const words = text.replaceAll(/<\w{1,9}>|&#?\w{1,9};/g, '');
      if (!text.includes(']: ')) expect(lettersIn(textOf(view.html()))).to.be.at.least(lettersIn(words) / 2);
      const next = openView(client);
      next.session.append(sampleText);
      next.session.end();
      await next.view.ended;
      expect(next.view.html()).to.contain('<h1>Title</h1>');
    });
  }
});
