import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_TOOL_LIMITS, readArguments, visibleText } from '../../../src/core/tools/index.js';

function argsOf(json: string): Record<string, unknown> {
  const reading = readArguments(JSON.parse(json));
  assert.ok('args' in reading);
  return reading.args;
}

function errorOf(args: unknown, argsText = '', limits = {}): string {
  const reading = readArguments(args, argsText, { ...DEFAULT_TOOL_LIMITS, ...limits });
  assert.ok('error' in reading);
  return reading.error;
}

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let level = 1; level < depth; level += 1) value = { a: value };
  return value;
}

describe('arguments of a call', () => {
  it('are a copy that is frozen all the way down', () => {
    const args = { a: { b: [{ c: 1 }] } };
    const reading = readArguments(args);
    assert.ok('args' in reading);
    assert.deepEqual(reading.args, args);
    assert.notEqual(reading.args['a'], args.a);
    const { a } = reading.args as typeof args;
    for (const value of [reading.args, a, a.b, a.b[0]]) assert.ok(Object.isFrozen(value));
  });

  it('have no keys that reach prototypes, however they are written', () => {
    const args = argsOf(
      '{"__proto__":{"polluted":1},"\\u005f_proto__":2,"a":{"constructor":{"prototype":{"polluted":1}},"b":1}}',
    );
    assert.deepEqual(args, { a: { b: 1 } });
    assert.deepEqual(Object.keys(args), ['a']);
    assert.equal(Object.getPrototypeOf(args), Object.prototype);
    assert.equal('polluted' in {}, false);
  });

  it('are an object of names, and nothing else', () => {
    for (const json of ['null', '[]', '1', '"rm"', 'true']) {
      assert.match(errorOf(JSON.parse(json)), /not a JSON object/);
    }
    assert.match(errorOf('{"a":NaN}'), /not a JSON object/);
    assert.match(errorOf('{"value":"abc'), /incomplete/);
  });

  it('are no longer, deeper or more than a limit allows', () => {
    assert.match(errorOf({ a: 'x'.repeat(100) }, '', { maxArgumentChars: 50 }), /longer than 50 characters/);
    assert.match(errorOf({ a: 1 }, ' '.repeat(51), { maxArgumentChars: 50 }), /longer than 50 characters/);
    assert.match(errorOf(nested(65)), /64 deep/);
    assert.ok('args' in readArguments(nested(64)));
    assert.match(errorOf(nested(100_000)), /64 deep/);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, [index]]));
    assert.ok('args' in readArguments(many));
    assert.match(errorOf({ ...many, more: 1 }), /more than 1000 fields/);
  });
});

describe('visibleText', () => {
  it('shows what a reader could not see, and leaves the rest as it is', () => {
    assert.equal(visibleText('a\n\tb é 日本 😀'), 'a\n\tb é 日本 😀');
    assert.equal(
      visibleText('x\u0000y\u202E\u200B\u{E0041}\uFEFF'),
      'x<U+0000>y<U+202E><U+200B><U+E0041><U+FEFF>',
    );
    assert.equal(visibleText('\uD83D!'), '<U+D83D>!');
    assert.equal(visibleText('a\u00A0b\u2003c\u2800'), 'a<U+00A0>b<U+2003>c<U+2800>');
  });
});
