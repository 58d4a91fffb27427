import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freezeArguments } from '../../../src/core/tools/tool-arguments.js';

describe('freezeArguments', () => {
  it('gives a copy that nobody can change, all the way down', () => {
    const args = { list: [{ a: 1 }] };
    const frozen = freezeArguments(args) as typeof args;
    assert.notEqual(frozen, args);
    assert.deepEqual(frozen, args);
    assert.throws(() => {
      frozen.list[0]!.a = 2;
    }, TypeError);
  });

  it('drops the keys that reach a prototype, at every depth', () => {
    const args: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"a":{"constructor":{"prototype":{"polluted":1}}}}',
    );
    const frozen = freezeArguments(args);
    assert.deepEqual(frozen, { a: {} });
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });

  for (const args of ['"rm"', '[1]', 'null', '1', 'true']) {
    it(`refuses ${args}: arguments have names`, () => {
      assert.equal(freezeArguments(JSON.parse(args)), undefined);
    });
  }
});
