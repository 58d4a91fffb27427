// The arguments of all recorded tool calls, a character at a time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DIALECT_NAMES } from '../../../src/core/index.js';
import { isRecord, parseJson } from '../../../src/core/model/json.js';
import { createPartialJson } from '../../../src/core/tools/index.js';
import { recordedAnswers } from '../../support/recorded-answers.js';

describe('recorded arguments', () => {
  it('come to what their text is, and are never more than that on the way', (context) => {
    let calls = 0;
    let characters = 0;
    for (const dialect of DIALECT_NAMES) {
      for (const { file, message } of recordedAnswers(dialect)) {
        const texts = message.parts.flatMap((part) => (part.type === 'tool' ? part.argsText : []));
        for (const argsText of texts) {
          const args = parseJson(argsText);
          // Free text, or a call that broke off.
          if (!isRecord(args)) continue;
          const json = createPartialJson();
          let last: unknown;
          for (const character of argsText) {
            json.push(character);
            last = json.take()?.value ?? last;
            // Without a schema nothing grows, so every value there is, is one of the end.
            for (const [key, value] of Object.entries(last ?? {})) {
              if (typeof value !== 'object') assert.deepEqual(value, args[key], file);
            }
          }
          assert.equal(json.state, 'complete', file);
          assert.deepEqual(last, args, file);
          calls += 1;
          characters += argsText.length;
        }
      }
    }
    context.diagnostic(`${calls} calls, ${characters} characters`);
    if (calls === 0) context.skip('the recordings are not there');
  });
});
