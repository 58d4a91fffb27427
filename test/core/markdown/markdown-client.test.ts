import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as engine from '../../../src/core/markdown/engine.js';
import { createMarkdownClient } from '../../../src/core/markdown/markdown-client.js';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { openView, sampleText } from './client-view.js';

const loadEngine = () => engine;

describe('a markdown client without a worker', () => {
  it('loads the engine at the first session, once', async () => {
    let loaded = 0;
    const client = createMarkdownClient({
      loadEngine: () => {
        loaded += 1;
        return engine;
      },
    });
    assert.equal(loaded, 0);
    const one = openView(client);
    const other = openView(client);
    one.session.end();
    other.session.end();
    await Promise.all([one.view.ended, other.view.ended]);
    assert.equal(loaded, 1);
    client.dispose();
  });

  it('gives each session the blocks of its own text', async () => {
    const client = createMarkdownClient({ loadEngine });
    const views = ['first *text*', sampleText, ''].map((text) => {
      const { session, view } = openView(client);
      for (const character of text) session.append(character);
      session.end();
      return { text, view };
    });
    for (const { text, view } of views) {
      await view.ended;
      assert.equal(view.html(), renderWhole(text));
      assert.equal(view.updates.at(-1)?.received, text.length);
      assert.equal(view.updates.filter(({ ended }) => ended).length, 1);
    }
    client.dispose();
  });

  it('flushes a burst of deltas once', async () => {
    const client = createMarkdownClient({ loadEngine });
    const { session, view } = openView(client);
    for (let left = 100; left > 0; left -= 1) session.append('word ');
    session.end();
    await view.ended;
    assert.equal(view.updates.length, 1);
    client.dispose();
  });

  it('takes a long text in slices, and other sessions in between', async () => {
    const text = 'A paragraph of some *words*.\n\n'.repeat(5000);
    const client = createMarkdownClient({ loadEngine });
    const long = openView(client);
    long.session.append(text);
    long.session.end();
    const short = openView(client);
    short.session.append('short');
    short.session.end();
    await short.view.ended;
    assert.ok(long.view.updates.length <= 2);
    await long.view.ended;
    const received = [0, ...long.view.updates.map((update) => update.received)];
    for (const [index, count] of received.slice(1).entries()) {
      assert.ok(count - (received[index] ?? 0) <= 16_384);
    }
    assert.equal(long.view.html(), renderWhole(text));
    client.dispose();
  });

  it('never calls back from within append or end', async () => {
    const client = createMarkdownClient({ loadEngine });
    const { session, view } = openView(client);
    session.append('text');
    session.end();
    assert.equal(view.updates.length, 0);
    await view.ended;
    client.dispose();
  });

  it('tells a session nothing after it was disposed, and takes nothing after its end', async () => {
    const client = createMarkdownClient({ loadEngine });
    const gone = openView(client);
    gone.session.append('text');
    gone.session.dispose();
    gone.session.append('more');
    const ended = openView(client);
    ended.session.append('text');
    ended.session.end();
    ended.session.append(' more');
    ended.session.end();
    await ended.view.ended;
    const last = openView(client);
    last.session.end();
    await last.view.ended;
    assert.equal(gone.view.updates.length, 0);
    assert.equal(ended.view.html(), '<p>text</p>\n');
    assert.equal(ended.view.updates.length, 1);
    client.dispose();
  });
});
