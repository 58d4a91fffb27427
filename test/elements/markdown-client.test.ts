import { expect } from '@open-wc/testing';
import {
  createMarkdownClient,
  loadMarkdownEngine,
  type MarkdownClient,
} from '../../src/core/markdown/index.js';
import { openView, sampleText } from '../core/markdown/client-view.js';
import { until } from './support.js';

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
  await until(() => view.updates.length > 0);
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

  /** A worker that hangs, or throws, as soon as a text holds the word. */
  const faultyWorker = (fault: string, word = 'poison') => `
    ${engineSource}.serveMarkdown(self);
    const serve = self.onmessage;
    self.onmessage = (event) => {
      serve(event);
      for (const { type, stream, delta, plain } of event.data) {
        if (plain) isPlain.add(stream);
        if (type === 'append' && delta.includes('${word}') && !isPlain.has(stream)) {
          ${fault}
        }
      }
    };
    const isPlain = new Set();`;
  const faults: Record<string, string> = {
    hangs: 'for (;;);',
    'reports an error': "throw new Error('dead');",
  };
  const poison = '# Title\n\nwith *poison* in it\n';

  for (const [fault, code] of Object.entries(faults)) {
    it(`shows a text as it is written when a worker ${fault} at it, and all others as ever`, async () => {
      let started = 0;
      client = createMarkdownClient({
        startWorker: () => {
          started += 1;
          return startWorker(faultyWorker(code));
        },
        loadEngine,
        readyTimeout: 15_000,
        renderTimeout: 100,
      });
      const other = openView(client);
      other.session.append(sampleText.slice(0, 50));
      await until(() => other.view.updates.length > 0);
      const { session, view } = openView(client);
      session.append(poison);
      await until(() => view.updates.length > 0);
      expect(view.html()).to.equal('<p># Title\n\nwith *poison* in it\n</p>');
      session.append('\nmore *text*');
      session.end();
      other.session.append(sampleText.slice(50));
      other.session.end();
      await Promise.all([view.ended, other.view.ended]);
      expect(view.html()).to.equal('<p># Title\n\nwith *poison* in it\n\nmore *text*</p>');
      expect(other.view.html()).to.equal(wholeHtml(sampleText));
      expect(other.view.updates.filter(({ reset }) => reset).length).to.equal(1);
      expect((await streamSample(client)).html()).to.equal(wholeHtml(sampleText));
      expect(started).to.equal(2);
      expect(loaded).to.equal(0);
    });
  }

  it('parses in place when three workers have failed at their work', async () => {
    let started = 0;
    client = createMarkdownClient({
      startWorker: () => {
        started += 1;
        return startWorker(faultyWorker(faults['hangs'] ?? ''));
      },
      loadEngine,
      readyTimeout: 15_000,
      renderTimeout: 50,
    });
    for (let left = 3; left > 0; left -= 1) {
      const { session, view } = openView(client);
      session.append(poison);
      session.end();
      await view.ended;
      expect(view.html()).to.contain('*poison*');
    }
    expect(loaded).to.equal(1);
    const { session, view } = openView(client);
    session.append(poison);
    session.end();
    await view.ended;
    expect(view.html()).to.equal(wholeHtml(poison));
    expect(started).to.equal(3);
  });

  it('hears no more of a worker that was given up', async () => {
    const given: Worker[] = [];
    client = createMarkdownClient({
      startWorker: () => {
        const worker = startWorker(faultyWorker(given.length === 0 ? "throw new Error('dead');" : ''));
        given.push(worker);
        return worker;
      },
      loadEngine,
      readyTimeout: 15_000,
    });
    const { session, view } = openView(client);
    session.append('first ');
    await until(() => view.updates.length > 0);
    const listener = given[0]?.onmessage;
    session.append('poison ');
    await until(() => view.updates.some(({ reset }) => reset));
    const patches = [{ op: 'put', id: 9, html: '<p>late</p>' }];
    const late = { stream: 0, patches, received: 1, ended: true, hasMore: false };
    const data = { type: 'done', update: late, tokens: [], taken: 9 };
    if (given[0]) listener?.call(given[0], new MessageEvent('message', { data }));
    session.append('last');
    session.end();
    await view.ended;
    expect(view.html()).to.equal('<p>first poison last</p>');
    const received = view.updates.map((update) => update.received);
    const reset = view.updates.findIndex((update) => update.reset);
    expect(received.slice(reset)).to.deep.equal(received.slice(reset).toSorted((one, other) => one - other));
  });

  it('takes a page that was busy for longer than a render may take for no failure', async () => {
    let started = 0;
    client = createMarkdownClient({
      startWorker: () => {
        started += 1;
        return startWorker(`${engineSource}.serveMarkdown(self)`);
      },
      loadEngine,
      readyTimeout: 15_000,
      renderTimeout: 50,
    });
    const { session, view } = openView(client);
    session.append('text ');
    await until(() => view.updates.length > 0);
    session.append('more');
    session.end();
    const busyUntil = performance.now() + 200;
    while (performance.now() < busyUntil);
    await view.ended;
    expect(view.html()).to.equal('<p>text more</p>\n');
    expect(started).to.equal(1);
  });
});
