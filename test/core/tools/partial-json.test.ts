import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createPartialJson, type PartialJsonOptions } from '../../../src/core/tools/index.js';
import { createRandom, readSeed } from '../../support/random.js';

const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'Free text' },
    nick: { type: ['string', 'null'] },
    day: { type: 'string', format: 'date' },
    size: { type: 'string', enum: ['small', 'smaller'] },
    code: { type: 'string', pattern: '^a' },
    either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    guests: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' } },
    pair: { enum: [['a', 'b'], ['a']] },
    address: { type: 'object', properties: { street: { type: 'string' } } },
  },
};

/** What is certain after each character, by what was there before it. */
function values(text: string, options: PartialJsonOptions = { schema: SCHEMA }): unknown[] {
  const json = createPartialJson(options);
  return [...text].flatMap((character) => {
    json.push(character);
    const taken = json.take();
    return taken ? [taken.value] : [];
  });
}

/** Every value a field has had, in order. */
function history(text: string, field: string, options?: PartialJsonOptions): unknown[] {
  const had = values(text, options).flatMap((value) =>
    Object.hasOwn(value as object, field) ? [(value as Record<string, unknown>)[field]] : [],
  );
  return had.filter((value, index) => index === 0 || value !== had[index - 1]);
}

function final(text: string): unknown {
  const json = createPartialJson();
  json.push(text);
  assert.equal(json.state, 'complete');
  return json.take()?.value;
}

/** Whether one value could become the other by more of its text: longer texts at its end, more fields, more items. */
function isPrefix(before: unknown, after: unknown): boolean {
  if (typeof before === 'string') return typeof after === 'string' && after.startsWith(before);
  if (Array.isArray(before)) {
    return Array.isArray(after) && before.every((item, index) => isPrefix(item, after[index]));
  }
  if (typeof before === 'object' && before !== null) {
    return Object.entries(before).every(([key, value]) =>
      isPrefix(value, (after as Record<string, unknown>)[key]),
    );
  }
  return before === after;
}

/** The text in pieces of 0 to 9 characters. */
function randomPieces(text: string, random: () => number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const length = Math.floor(random() * 10);
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return pieces;
}

describe('PartialJson', () => {
  it('lets a text grow where its schema says that it is a text and nothing more', () => {
    assert.deepEqual(history('{"name":"Ada"}', 'name'), ['A', 'Ad', 'Ada']);
    assert.deepEqual(history('{"nick":"Ad"}', 'nick'), ['A', 'Ad']);
    assert.deepEqual(history('{"tags":["ab"]}', 'tags'), [[], ['a'], ['ab']]);
    assert.deepEqual(history('{"address":{"street":"ab"}}', 'address'), [
      {},
      { street: 'a' },
      { street: 'ab' },
    ]);
  });

  it('withholds every other text until it is whole', () => {
    for (const field of ['day', 'size', 'code', 'either', 'unknown']) {
      assert.deepEqual(history(`{"${field}":"smaller"}`, field), ['smaller']);
    }
    assert.deepEqual(history('{"name":"Ada"}', 'name', {}), ['Ada']);
    assert.deepEqual(history('{"pair":["a","b"]}', 'pair'), [['a', 'b']]);
    const either = { ...SCHEMA, anyOf: [{ required: ['name'] }] };
    assert.deepEqual(history('{"name":"Ada"}', 'name', { schema: either }), ['Ada']);
  });

  it('withholds numbers and literals until something closes them', () => {
    assert.deepEqual(history('{"guests":12,"a":1}', 'guests'), [12]);
    for (const [written, value] of [
      ['-1.5e+3', -1500],
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      assert.deepEqual(history(`{"a":${written}}`, 'a'), [value]);
      assert.deepEqual(values(`{"a":${written}`), [{}]);
    }
  });

  it('never shows half a key, half an escape or half a pair', () => {
    assert.deepEqual(values('{"na'), [{}]);
    assert.deepEqual(history('{"name":"a\\n\\u00e9\\"b"}', 'name'), ['a', 'a\n', 'a\né', 'a\né"', 'a\né"b']);
    assert.deepEqual(history('{"name":"\\ud83d\\ude00!"}', 'name'), ['😀', '😀!']);
    const json = createPartialJson({ schema: SCHEMA });
    json.push('{"name":"a\uD83D');
    assert.deepEqual(json.take()?.value, { name: 'a' });
    json.push('\uDE00');
    assert.deepEqual(json.take()?.value, { name: 'a😀' });
  });

  it('says where all that is new stands', () => {
    const json = createPartialJson({ schema: SCHEMA });
    const paths = ['{', '"name":"A', 'da","tags":[', '"a"', ',"b"', '],"guests":2,"day":"x"}'].map((text) => {
      json.push(text);
      return json.take()?.path;
    });
    assert.deepEqual(paths, [[], ['name'], [], ['tags', 0], ['tags', 1], []]);
    assert.equal(json.take(), undefined);
  });

  it('gives frozen values without keys that reach prototypes, and keeps what is closed as it is', () => {
    const json = createPartialJson();
    json.push('{"__proto__":{"polluted":1},"a":{"b":[1],"constructor":{"x":1}},"c":[');
    const first = json.take()?.value as Record<string, unknown>;
    assert.deepEqual(first, { a: { b: [1] }, c: [] });
    assert.equal(Object.getPrototypeOf(first), Object.prototype);
    assert.ok(Object.isFrozen(first) && Object.isFrozen(first['a']) && Object.isFrozen(first['c']));
    json.push('2]}');
    const last = json.take()?.value as Record<string, unknown>;
    assert.deepEqual(last, { a: { b: [1] }, c: [2] });
    assert.equal(last['a'], first['a']);
    assert.equal('polluted' in {}, false);
  });

  it('takes what is no JSON for nothing from there on', () => {
    for (const text of [
      '{"a":NaN}',
      '{"a":Infinity}',
      '{"a":01}',
      '{"a" 1}',
      '{"a":1 "b":2}',
      '{"a":1,}',
      '[1,]',
      '{,}',
      '[}',
      '{]',
      ']',
      '{}}',
      '{"a":"\n"}',
      '{"a":"\\x"}',
      '{"a":"\\u00zz"}',
      "{'a':1}",
      '{a:1}',
      '{"a":tru,"b":1}',
      '{"a":"b"c}',
      '[1:2]',
      '{"a":{"b"}}',
    ]) {
      const json = createPartialJson();
      json.push(text);
      assert.equal(json.state, 'invalid', text);
    }
  });

  it('reads what JSON.parse reads', () => {
    for (const text of [
      ' {"a" : [ 1 , -2.5e-3,true,false , null,"\\/\\b\\u2028" ] ,\n"b":{}, "a2":[], "":"" }\r\n',
      '{"a":1,"b":2,"a":3}',
      '"text"',
      '[]',
      '{"a":"\uD83D"}',
      '{"a":"\\ud83d"}',
    ]) {
      assert.deepEqual(final(text), JSON.parse(text));
    }
  });

  it('reads no more than a limit allows', () => {
    const state = (text: string, options: PartialJsonOptions) => {
      const json = createPartialJson(options);
      json.push(text);
      return json.state;
    };
    assert.equal(state('[[[]]]', { maxDepth: 3 }), 'complete');
    assert.equal(state('[[[', { maxDepth: 2 }), 'invalid');
    assert.equal(state('[1,2]', { maxKeys: 2 }), 'complete');
    assert.equal(state('[1,2,3', { maxKeys: 2 }), 'invalid');
    assert.equal(state('"12345', { maxChars: 5 }), 'invalid');
  });

  it('takes nothing back, wherever arguments are cut, and ends as they do in one piece', (context) => {
    const seed = readSeed();
    const random = createRandom(seed);
    context.diagnostic(`seed ${seed}`);
    const text = JSON.stringify({
      name: 'Ada \u0001 "é" 😀',
      day: '2026-10-01',
      guests: 123,
      tags: ['one', 'two \\ three'],
      address: { street: 'x', deep: [{ on: true, off: null, n: -1.25 }] },
      constructor: 'no',
    });
    const whole = final(text);
    const cuts = [[...text], [text], ...Array.from({ length: 200 }, () => randomPieces(text, random))];
    for (const pieces of cuts) {
      const json = createPartialJson({ schema: SCHEMA });
      for (const piece of pieces) {
        json.push(piece);
        const taken = json.take();
        if (taken) assert.ok(isPrefix(taken.value, whole), JSON.stringify(taken.value));
      }
      assert.equal(json.state, 'complete');
    }
  });

  it('looks at a text no more than once, however small its pieces are', () => {
    // Each value is looked at by JSON.parse, once; a reader that starts over would do that again with each piece.
    const { parse } = JSON;
    const count = (fields: number): number => {
      const text = JSON.stringify(
        Object.fromEntries(Array.from({ length: fields }, (_, index) => [`k${index}`, index])),
      );
      let chars = 0;
      JSON.parse = (read: string) => {
        chars += read.length;
        return parse(read) as unknown;
      };
      const json = createPartialJson({ maxKeys: fields });
      for (let at = 0; at < text.length; at += 4) {
        json.push(text.slice(at, at + 4));
        json.take();
      }
      JSON.parse = parse;
      assert.equal(json.state, 'complete');
      return chars / text.length;
    };
    const [small, large] = [count(50), count(800)];
    assert.ok(small < 1 && large < 1 && large < small * 1.5, `${small} ${large}`);
  });

  it('keeps up with a megabyte of one text in pieces of four characters', () => {
    const json = createPartialJson({ schema: SCHEMA });
    json.push('{"name":"');
    let taken = 0;
    for (let sent = 0; sent < 1_000_000; sent += 4) {
      json.push('text');
      // As often as frames come in which a fast stream brings a kilobyte.
      if (sent % 1024 === 0) taken += json.take() ? 1 : 0;
    }
    json.push('"}');
    assert.equal(json.state, 'complete');
    const { value } = json.take()!;
    assert.equal((value as { name: string }).name.length, 1_000_000);
    assert.equal(taken, 977);
  });
});

describe('the tool-args cases', () => {
  const file = new URL('../../../../shared/conformance/tool-args-a.json', import.meta.url);

  it('give nothing that their whole text does not, byte by byte', (context) => {
    if (!existsSync(file)) {
      context.diagnostic('skipped: the cases are not there');
      context.skip();
      return;
    }
    const cases = JSON.parse(readFileSync(file, 'utf8')) as { id: string; input: unknown }[];
    const texts = cases.flatMap(({ id, input }) => (typeof input === 'string' ? [[id, input] as const] : []));
    context.diagnostic(
      `skipped ${cases.length - texts.length} of ${cases.length} cases: they are no JSON text`,
    );
    for (const [id, text] of texts) {
      const json = createPartialJson();
      let last: unknown;
      for (const character of text) {
        json.push(character);
        last = json.take()?.value ?? last;
        assert.equal('polluted' in {}, false, id);
      }
      if (json.state === 'complete') assert.equal(isPrefix(last, JSON.parse(text)), true, id);
      else assert.throws(() => JSON.parse(text), id);
    }
  });
});
