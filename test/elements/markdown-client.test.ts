import { expect, waitUntil } from '@open-wc/testing';
import {
  createMarkdownClient,
  loadMarkdownEngine,
  type MarkdownClient,
} from '../../src/core/markdown/index.js';
import { openView, sampleText } from '../core/markdown/client-view.js';

const engineSource = `(${loadMarkdownEngine})()`;

function startWorker(source: string): Worker {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  return worker;
}

function wholeHtml(text: string): string {
  const stream = loadMarkdownEngine().createMarkdownStream();
  stream.append(text);
  const steps = stream.finish();
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value.map((patch) => (patch.op === 'put' ? patch.html : '')).join('');
}

/** Sends the sample character by character, the second half after the first update. */
async function streamSample(client: MarkdownClient) {
  const { session, view } = openView(client);
  const middle = Math.floor(sampleText.length / 2);
  for (const character of sampleText.slice(0, middle)) session.append(character);
  await waitUntil(() => view.updates.length > 0, 'the first update comes');
  for (const character of sampleText.slice(middle)) session.append(character);
  session.end();
  await view.ended;
  return view;
}

describe('a markdown client', () => {
  let client: MarkdownClient | undefined;
  let loaded = 0;
  const loadEngine = () => {
    loaded += 1;
    return loadMarkdownEngine();
  };

  beforeEach(() => {
    loaded = 0;
  });

  afterEach(() => {
    client?.dispose();
  });

  it('parses in one worker for all sessions', async () => {
    let started = 0;
    client = createMarkdownClient({
      startWorker: () => {
        started += 1;
        return startWorker(`${engineSource}.serveMarkdown(self)`);
      },
      loadEngine,
      readyTimeout: 15_000,
    });
    const views = await Promise.all([streamSample(client), streamSample(client)]);
    for (const view of views) {
      expect(view.html()).to.equal(wholeHtml(sampleText));
      expect(view.updates.at(-1)?.received).to.equal(sampleText.length);
      expect(view.updates.some(({ reset }) => reset)).to.equal(false);
    }
    expect(started).to.equal(1);
    expect(loaded).to.equal(0);
  });

  it('parses in place when the worker cannot be made', async () => {
    client = createMarkdownClient({
      startWorker: () => {
        throw new TypeError('This page requires TrustedScriptURL.');
      },
      loadEngine,
    });
    const view = await streamSample(client);
    expect(view.html()).to.equal(wholeHtml(sampleText));
    expect(loaded).to.equal(1);
  });

  const failures: Record<string, { source: string; readyTimeout: number }> = {
    'never gets ready': { source: 'self.onmessage = () => {}', readyTimeout: 50 },
    'fails before it is ready': { source: 'throw new Error("no")', readyTimeout: 15_000 },
    'dies in the middle of a text': {
      source: `${engineSource}.serveMarkdown(self);
        const serve = self.onmessage;
        let left = 100;
        self.onmessage = (event) => {
          left -= 1;
          if (left === 0) throw new Error('dead');
          serve(event);
        };`,
      readyTimeout: 15_000,
    },
  };
  for (const [failure, { source, readyTimeout }] of Object.entries(failures)) {
    it(`starts over in place, with nothing lost or doubled, when the worker ${failure}`, async () => {
      client = createMarkdownClient({ startWorker: () => startWorker(source), loadEngine, readyTimeout });
      const view = await streamSample(client);
      expect(view.html()).to.equal(wholeHtml(sampleText));
      expect(view.updates.at(-1)?.received).to.equal(sampleText.length);
      expect(view.updates.filter(({ reset }) => reset).length).to.equal(1);
      expect(view.updates.filter(({ ended }) => ended).length).to.equal(1);
      expect(loaded).to.equal(1);
    });
  }

  it('lets no worker start for sessions that open after it failed', async () => {
    let started = 0;
    client = createMarkdownClient({
      startWorker: () => {
        started += 1;
        return startWorker('throw new Error("no")');
      },
      loadEngine,
      readyTimeout: 15_000,
    });
    await streamSample(client);
    const view = await streamSample(client);
    expect(view.updates.some(({ reset }) => reset)).to.equal(false);
    expect(started).to.equal(1);
  });
});
