import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPagedItems, FAILED, MAX_PAGES, PAGE_SIZE, PENDING } from '../../../src/core/layout/index.js';

interface Asked {
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal;
  readonly answer: (items?: readonly unknown[]) => void;
  readonly fail: () => void;
}

function setUp(count = 10_000) {
  const asked: Asked[] = [];
  let changes = 0;
  const failures: unknown[] = [];
  const load = (start: number, end: number, signal: AbortSignal): Promise<readonly unknown[]> =>
    new Promise((resolve, reject) => {
      const items = Array.from({ length: end - start }, (_, index) => `item ${start + index}`);
      asked.push({
        start,
        end,
        signal,
        answer: (given = items) => resolve(given),
        fail: () => reject(new Error('away')),
      });
    });
  const pages = createPagedItems(
    { count, load },
    { changed: () => (changes += 1), failed: (range, error) => failures.push([range, error]) },
  );
  /** What is under way comes to its end. */
  const flush = () => new Promise((resolve) => setImmediate(resolve));
  const answerAll = async () => {
    await flush();
    for (const { answer } of asked) answer();
    await flush();
  };
  return { pages, asked, load, failures, flush, answerAll, changes: () => changes };
}

describe('createPagedItems', () => {
  it('loads the page in use and the one after it, once', async () => {
    const { pages, asked, answerAll, changes } = setUp();
    assert.equal(pages.at(3), PENDING);
    pages.use({ first: 0, last: 10 });
    pages.use({ first: 5, last: 20 });
    await answerAll();
    assert.deepEqual(
      asked.map(({ start, end }) => [start, end]),
      [
        [0, PAGE_SIZE],
        [PAGE_SIZE, 2 * PAGE_SIZE],
      ],
    );
    assert.equal(pages.at(3), 'item 3');
    assert.equal(pages.at(PAGE_SIZE), `item ${PAGE_SIZE}`);
    assert.equal(changes(), 2);
  });

  it('keeps the pages used last, and no more than it may', async () => {
    const { pages, answerAll } = setUp();
    for (let page = 0; page < 30; page += 1) {
      pages.use({ first: page * PAGE_SIZE, last: page * PAGE_SIZE + 1 });
      await answerAll();
    }
    const kept = Array.from({ length: 200 }, (_, page) => pages.at(page * PAGE_SIZE) !== PENDING);
    assert.equal(kept.filter(Boolean).length, MAX_PAGES);
    assert.deepEqual([kept[0], kept[28], kept[30]], [false, true, true]);
  });

  it('keeps all pages in use, however many', async () => {
    const { pages, answerAll } = setUp();
    pages.use({ first: 0, last: 20 * PAGE_SIZE });
    await answerAll();
    for (let page = 0; page < 20; page += 1)
      assert.equal(pages.at(page * PAGE_SIZE), `item ${page * PAGE_SIZE}`);
  });

  it('aborts what it does not need any more, and takes no answer of it', async () => {
    const { pages, asked, flush, changes } = setUp();
    pages.use({ first: 0, last: 10 });
    await flush();
    pages.use({ first: 5000, last: 5010 });
    assert.deepEqual(
      asked.map(({ signal }) => signal.aborted),
      [true, true],
    );
    asked[0]!.answer();
    await flush();
    assert.equal(pages.at(0), PENDING);
    assert.equal(changes(), 0);
  });

  it('says what failed, and asks again only when it is told to', async () => {
    const { pages, asked, failures, flush, answerAll } = setUp();
    pages.use({ first: 0, last: 10 });
    await flush();
    asked[0]!.fail();
    asked[1]!.answer(['too few']);
    await flush();
    assert.equal(pages.at(0), FAILED);
    assert.equal(pages.at(PAGE_SIZE), FAILED);
    assert.deepEqual(failures, [
      [{ first: 0, last: PAGE_SIZE }, new Error('away')],
      [
        { first: PAGE_SIZE, last: 2 * PAGE_SIZE },
        new RangeError('load(50, 100) gave 1 items. Give all of them.'),
      ],
    ]);
    pages.use({ first: 0, last: 10 });
    await flush();
    assert.equal(asked.length, 2);
    pages.retry();
    await answerAll();
    assert.equal(pages.at(0), 'item 0');
  });

  it('takes a source that throws for one that fails', async () => {
    const failures: unknown[] = [];
    const load = () => {
      throw new Error('at once');
    };
    const pages = createPagedItems(
      { count: 10, load },
      { changed: () => {}, failed: (_range, error) => failures.push(error) },
    );
    pages.use({ first: 0, last: 10 });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(pages.at(0), FAILED);
    assert.deepEqual(failures, [new Error('at once')]);
  });

  it('loads the last page again when there are more items', async () => {
    const { pages, asked, answerAll, load } = setUp(75);
    pages.use({ first: 0, last: 75 });
    await answerAll();
    assert.equal(pages.at(74), 'item 74');
    pages.resize({ count: 80, load });
    assert.equal(pages.length, 80);
    assert.equal(pages.at(74), PENDING);
    pages.use({ first: 0, last: 80 });
    await answerAll();
    assert.deepEqual(asked.at(-1) && [asked.at(-1)!.start, asked.at(-1)!.end], [50, 80]);
    assert.equal(pages.at(79), 'item 79');
  });

  it('asks the object that it goes on with', async () => {
    const { pages, asked, answerAll } = setUp(50);
    pages.use({ first: 0, last: 10 });
    await answerAll();
    pages.resize({ count: 100, load: (start, end) => Array.from({ length: end - start }, () => 'other') });
    pages.use({ first: 0, last: 100 });
    await answerAll();
    assert.equal(pages.at(49), 'item 49');
    assert.equal(pages.at(99), 'other');
    assert.equal(asked.length, 1);
  });

  it('asks for nothing more when it is stopped, and keeps what it has', async () => {
    const { pages, asked, flush } = setUp();
    pages.use({ first: 0, last: 10 });
    await flush();
    asked[0]!.answer();
    await flush();
    pages.stop();
    assert.equal(asked[1]!.signal.aborted, true);
    assert.equal(pages.at(0), 'item 0');
  });
});
