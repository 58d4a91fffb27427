import { expect } from '@open-wc/testing';
import {
  createMarkdownClient,
  loadMarkdownEngine,
  type MarkdownClient,
} from '../../src/core/markdown/index.js';
import { openView, sampleText } from '../core/markdown/client-view.js';
import { buildText, OWN_CASES, type PathologicalCase } from '../support/pathological.js';

/** Without markup, blanks and entities: whatever a text is read as, its words are there. */
const words = (html: string) => html.replaceAll(/<[^>]*>|&[#\w]+;|[^a-z]/g, '');

describe('a text made to be slow', () => {
  let client: MarkdownClient;
  let cases: readonly PathologicalCase[] = OWN_CASES;

  before(async () => {
    const response = await fetch('/__shared/conformance/pathological-a.json');
    if (response.ok) cases = [...((await response.json()) as PathologicalCase[]), ...OWN_CASES];
    else console.log('pathological-a.json is missing: 21 cases skipped');
  });

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

  it('comes to an end in the worker, and the text after it is rendered', async function () {
    this.timeout(120_000);
    for (const { name, segments } of cases) {
      const text = buildText(segments);
      const { session, view } = openView(client);
      session.append(text);
      session.end();
      const start = performance.now();
      await view.ended;
      console.log(`${name}: ${Math.round(performance.now() - start)} ms`);
      const { updates } = view;
      expect(updates.at(-1)?.received, name).to.equal(text.length);
      // Labels of definitions do not show.
      if (!text.includes(']: '))
        expect(words(view.html()).length, name).to.be.at.least(words(text).length / 2);
      const next = openView(client);
      next.session.append(sampleText);
      next.session.end();
      await next.view.ended;
      expect(next.view.html(), name).to.contain('<h1>Title</h1>');
    }
  });
});
