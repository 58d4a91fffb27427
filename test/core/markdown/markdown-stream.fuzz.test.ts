import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderWhole } from '../../../src/core/markdown/whole-text.js';
import { randomConcatenation, randomText } from './line-grammar.js';
import {
  chooseSeed,
  commonmarkExamples,
  createRandom,
  cutAtRandom,
  gfmExamples,
  streamPieces,
} from './support.js';

/** How many texts of each kind are made; `COUNT` in the environment, as `npm run fuzz` sets it. */
const CASES = Number(process.env.COUNT ?? 1500);
/** The longest piece, and from which length on open blocks are shown in parts: all, all, and as it is. */
const CUTS = [
  [1, 0],
  [12, 0],
  [60, 0],
  [12, undefined],
] as const;
/** The share of runs in which the end may have to mend what the rules settled too early. */
const MENDED_SHARE = 0.001;

describe('random texts in random pieces', () => {
  const random = createRandom(chooseSeed());
  const examples = [...commonmarkExamples, ...gfmExamples].map(({ markdown }) => markdown);
  const kinds = {
    'random lines': { make: () => randomText(random), skip: false },
    'examples in a row': { make: () => randomConcatenation(examples, random), skip: examples.length === 0 },
  };
  for (const [kind, { make, skip }] of Object.entries(kinds)) {
    it(`come to the whole text's blocks: ${kind}`, { skip }, () => {
      let runs = 0;
      let mended = 0;
      let rewritten = 0;
      for (let left = CASES; left > 0; left -= 1) {
        const text = make();
        const whole = renderWhole(text);
        for (const [longest, nestFrom] of CUTS) {
          const pieces = cutAtRandom(text, longest, random);
          const result = streamPieces(pieces, { nestFrom });
          runs += 1;
          assert.equal(result.html, whole, JSON.stringify(pieces));
          if (result.mended > 0) {
            mended += 1;
            console.log(`mended at the end: ${JSON.stringify(text)}`);
          }
          if (result.rewrites > 0) {
            rewritten += 1;
            assert.ok(
              result.rewound > 0 || text.includes(']:'),
              `a settled block changed without a definition or a loose list: ${JSON.stringify(pieces)}`,
            );
          }
        }
      }
      console.log(`${kind}: ${runs} runs, ${mended} mended at the end, ${rewritten} with late definitions`);
      assert.ok(
        mended <= Math.max(1, runs * MENDED_SHARE),
        `${mended} of ${runs} runs were mended at the end`,
      );
    });
  }
});
