import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createMarkdownStream } from '../../../src/core/markdown/markdown-stream.js';
import type {
  BlockPatch,
  MarkdownStream,
  MarkdownStreamOptions,
  StreamWork,
} from '../../../src/core/markdown/protocol.js';
import { BlockView } from './block-view.js';

/** A random number generator (mulberry32) whose run can be repeated by its seed. */
export function createRandom(seed: number) {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    chance: (probability: number) => next() < probability,
    /** An integer from `low` to `high`, both included. */
    integer: (low: number, high: number) => low + Math.floor(next() * (high - low + 1)),
    pick<Item>(items: readonly Item[]): Item {
      const item = items[Math.floor(next() * items.length)];
      assert.ok(item !== undefined, 'nothing to pick from');
      return item;
    },
  };
}

export type Random = ReturnType<typeof createRandom>;

/** The seed of this run: `SEED`, or a new one. It is printed, so that a failure can be repeated. */
export function chooseSeed(): number {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  return seed;
}

/** Cuts a text into pieces of 1 to `longest` UTF-16 units. */
export function cutAtRandom(text: string, longest: number, random: Random): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    const length = random.integer(1, longest);
    pieces.push(text.slice(from, from + length));
    from += length;
  }
  return pieces;
}

export interface Example {
  readonly example: number;
  readonly section: string;
  readonly markdown: string;
  readonly html: string;
}

/** The examples of a specification that lie beside the repository; none, and a word about it, where they do not. */
export function readExamples(name: string, count: number): Example[] {
  const file = new URL(`../../../../shared/conformance/${name}`, import.meta.url);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Example[];
  console.log(`${name} is missing: ${count} examples skipped`);
  return [];
}

export const commonmarkExamples = readExamples('commonmark-0.31.2.json', 652);
export const gfmExamples = readExamples('gfm-extensions.json', 24);

export interface StreamResult extends StreamWork {
  readonly html: string;
  /** How often a settled block was written again before the end. */
  readonly rewrites: number;
}

/** Runs the steps of a stream's end. */
export function finish(stream: MarkdownStream): BlockPatch[] {
  const steps = stream.finish();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Streams a text in pieces with a flush after each. */
export function streamPieces(pieces: readonly string[], options?: MarkdownStreamOptions): StreamResult {
  const stream = createMarkdownStream(options);
  let view = new BlockView();
  let isPlain = false;
  const apply = (patches: readonly BlockPatch[]): void => {
    if (stream.isPlain && !isPlain) view = new BlockView();
    ({ isPlain } = stream);
    view.apply(patches);
  };
  for (const piece of pieces) {
    stream.append(piece);
    apply(stream.flush());
  }
  const { rewrites } = view;
  apply(finish(stream));
  return { html: view.html, rewrites, ...stream.work };
}
