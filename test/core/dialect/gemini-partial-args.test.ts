import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPartialArgs } from '../../../src/core/dialect/gemini-partial-args.js';

/** What a list of [path, value] makes: the text as it grows, and the value. */
function build(...pieces: [string, unknown][]): { deltas: string[]; value: unknown; inOrder: boolean } {
  const args = createPartialArgs();
  const deltas = pieces.map(([jsonPath, value]) => {
    if (typeof value === 'string') return args.add({ jsonPath, stringValue: value, willContinue: true });
    if (typeof value === 'number') return args.add({ jsonPath, numberValue: value });
    if (typeof value === 'boolean') return args.add({ jsonPath, boolValue: value });
    return args.add({ jsonPath, nullValue: 'NULL_VALUE' });
  });
  deltas.push(args.close());
  return { deltas, value: args.value, inOrder: args.inOrder };
}

describe('arguments of Gemini that arrive value by value', () => {
  it('grow as one JSON text', () => {
    const { deltas, value, inOrder } = build(
      ['$.items[0].name', 'a"'],
      ['$.items[0].name', '\nb'],
      ['$.items[0].price', 0.5],
      ['$.items[1].name', ''],
      ['$.items[1].tags[0]', 'x'],
      ['$.items[1].tags[1]', null],
      ['$.done', false],
    );
    assert.deepEqual(deltas, [
      '{"items":[{"name":"a\\"',
      '\\nb',
      '","price":0.5',
      '},{"name":"',
      '","tags":["x',
      '",null',
      ']}],"done":false',
      '}',
    ]);
    assert.equal(inOrder, true);
    assert.deepEqual(JSON.parse(deltas.join('')), value);
    assert.deepEqual(value, {
      items: [
        { name: 'a"\nb', price: 0.5 },
        { name: '', tags: ['x', null] },
      ],
      done: false,
    });
  });

  it('are an empty object where there are none', () => {
    assert.deepEqual(build(), { deltas: ['{}'], value: {}, inOrder: true });
  });

  it('may have any key', () => {
    const { deltas, value } = build(["$['a.b']['it\\'s']", 1], ['$["__proto__"].x', 2], ['$.日本', 3]);
    const text = deltas.join('');
    assert.equal(text, '{"a.b":{"it\'s":1},"__proto__":{"x":2},"日本":3}');
    assert.equal(JSON.stringify(value), text);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });

  it('keep both halves of a character that two pieces share', () => {
    const { deltas } = build(['$.a', '\ud83d'], ['$.a', '\ude00']);
    assert.deepEqual(JSON.parse(deltas.join('')), { a: '😀' });
  });

  it('hold their value when they come out of order, while the text stops growing', () => {
    const { deltas, value, inOrder } = build(
      ['$.a.b', 'x'],
      ['$.c', 1],
      ['$.a.d', 'y'],
      ['$.a.d', 'z'],
      ['$.c', 2],
    );
    assert.equal(inOrder, false);
    assert.equal(deltas.slice(0, 4).join(''), '{"a":{"b":"x"},"c":1');
    assert.deepEqual(value, { a: { b: 'x', d: 'yz' }, c: 2 });
  });

  it('pass over what cannot be placed', () => {
    const args = createPartialArgs();
    for (const piece of [
      null,
      {},
      { jsonPath: '$', stringValue: 'a' },
      { jsonPath: 'a', stringValue: 'a' },
      { jsonPath: '$.a[', stringValue: 'a' },
      { jsonPath: '$[0]', stringValue: 'a' },
      { jsonPath: '$.a' },
      { jsonPath: '$.n[7]', numberValue: 1 },
    ]) {
      assert.equal(args.add(piece), '');
    }
    assert.equal(args.add({ jsonPath: '$.a', numberValue: 1 }), '{"a":1');
    assert.equal(args.add({ jsonPath: '$.a.b', numberValue: 1 }), '');
  });

  it('have no value when they are too long', () => {
    const args = createPartialArgs();
    args.add({ jsonPath: '$.a', stringValue: 'x'.repeat(1_048_000) });
    args.add({ jsonPath: '$.a', stringValue: 'x'.repeat(1_000) });
    assert.equal(args.value, undefined);
  });
});
