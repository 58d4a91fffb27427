import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  createDialectDecoder,
  type DialectName,
  type Frame,
  type StreamEvent,
} from '../../../src/core/index.js';
import { createPathDecoder, parsePath, type CustomShape } from '../../../src/core/dialect/path.js';
import { frame } from '../../support/dialect.js';
import { readSeed } from '../../support/random.js';
import {
  atRandomPlaces,
  byteByByte,
  decodeFrames,
  frameBytes,
  readAnswer,
  whole,
  type Answer,
  type Split,
} from '../../support/wire.js';

const seed = readSeed();
console.log(`Random cuts: TEST_SEED=${seed}`);
const SPLITS: [string, Split][] = [
  ['whole', whole],
  ['byte by byte', byteByByte],
  ['at 20 random places', atRandomPlaces(20, seed)],
];

function decode(custom: CustomShape, ...frames: (Frame | object | string)[]): StreamEvent[] {
  const list = frames.map((each) => (typeof each === 'object' && 'framing' in each ? each : frame(each)));
  return decodeFrames(list, createPathDecoder(custom));
}

function read(custom: CustomShape, ...frames: (Frame | object | string)[]): Answer {
  return readAnswer(decode(custom, ...frames));
}

describe('a path to the text', () => {
  const paths: [string, string[][]][] = [
    ['text', [['text']]],
    ['choices.0.delta.content', [['choices', '0', 'delta', 'content']]],
    ['choices[0].delta', [['choices', '0', 'delta']]],
    ['[1][2]', [['1', '2']]],
    ['a["b.c"].d', [['a', 'b.c', 'd']]],
    [`["a b"]['c"d']`, [['a b', 'c"d']]],
    [String.raw`["a\"b"]`, [['a"b']]],
    [' a.b\n c ', [['a', 'b'], ['c']]],
    ['größe.$value', [['größe', '$value']]],
  ];
  for (const [text, expected] of paths) {
    it(`is read from ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parsePath(text), expected);
    });
  }

  for (const [text, character] of [
    ['', 1],
    ['  ', 1],
    ['.a', 1],
    ['a.', 2],
    ['a..b', 2],
    ['a[b]', 2],
    ['a[0]b', 5],
    ['ok a["b]', 5],
    ['a"b"', 2],
  ] as const) {
    it(`is none: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parsePath(text),
        (error) => error instanceof TypeError && error.message.includes(`character ${character}.`),
      );
    });
  }

  it('that is none is reported in place of the answer, once', () => {
    const events = decode({ textPath: 'a..b' }, { a: 'x' }, { a: 'y' });
    assert.deepEqual(
      events.map(({ type }) => type),
      ['error', 'done'],
    );
    assert.match(readAnswer(events).errors[0]?.message ?? '', /"a\.\.b" is no path/);
    assert.deepEqual(readAnswer(decode({ textPath: '[' })).done.length, 1);
  });
});

describe('text at a path', () => {
  it('is found under names, indices and quoted names', () => {
    assert.equal(read({ textPath: 'a.b.1' }, { a: { b: ['x', 'y'] } }).text, 'y');
    assert.equal(read({ textPath: '["a.b"][0]' }, { 'a.b': ['x'] }).text, 'x');
    assert.equal(read({ textPath: '0.t' }, [{ t: 'x' }], [{ t: 'y' }]).text, 'xy');
    assert.equal(read({ textPath: 'a.0' }, { a: { 0: 'x' } }).text, 'x');
  });

  it('is taken from the first path that leads somewhere', () => {
    const textPath = 'delta.text message';
    const answer = read(
      { textPath },
      { delta: { text: 'a' }, message: 'x' },
      { message: 'b' },
      { delta: null },
    );
    assert.equal(answer.text, 'ab');
    assert.equal(read({ textPath: 'a b' }, { a: null, b: 'x' }).text, 'x');
    assert.equal(read({ textPath: 'a b' }, { a: '', b: 'x' }).text, '');
  });

  it('may be a number or a boolean', () => {
    assert.equal(read({ textPath: 't' }, { t: 1.5 }, { t: ' ' }, { t: false }, { t: 0 }).text, '1.5 false0');
  });

  it('is missing in events that are about something else, which is no error', () => {
    const decoder = createPathDecoder({ textPath: 't' });
    const events = [{ t: 'a' }, { type: 'status', text: 'x' }, { u: { t: 'y' } }, { t: 'b' }];
    assert.equal(
      readAnswer(
        decodeFrames(
          events.map((each) => frame(each)),
          decoder,
        ),
      ).text,
      'ab',
    );
    assert.equal(decoder.unknownFrames, 0);
  });

  it('is no object: that is counted', () => {
    const decoder = createPathDecoder({ textPath: 't' });
    const events = [{ t: { u: 'x' } }, { t: ['y'] }, { t: 'a' }].flatMap((each) =>
      decoder.decode(frame(each)),
    );
    assert.deepEqual(events, [{ type: 'text', content: 'a' }]);
    assert.equal(decoder.unknownFrames, 2);
  });

  it('is not looked for outside of the JSON itself', () => {
    for (const textPath of ['constructor.name', '__proto__', 'length', 't.length']) {
      assert.equal(read({ textPath }, { t: 'abc' }, ['x']).text, '');
    }
  });

  it('that is nowhere in the answer is reported at its end', () => {
    const { errors, done } = read({ textPath: 'x.y' }, { text: 'a' }, { text: 'b' });
    assert.equal(errors.length, 1);
    assert.deepEqual([errors[0]?.code, errors[0]?.recoverable], ['protocol', false]);
    assert.match(errors[0]?.message ?? '', /"x\.y".*"text-path"/);
    assert.deepEqual(done, [{ type: 'done', reason: 'error', complete: false }]);
  });

  it('may be empty', () => {
    assert.deepEqual(decode({ textPath: 't' }, { t: '' }), [
      { type: 'done', reason: 'unknown', complete: true },
    ]);
  });

  it('is as it is where there is no JSON, and in JSON strings', () => {
    assert.equal(
      read({ textPath: 't' }, 'Hello', ' there', '{"t":"x"}', 'null').text,
      'Hello there{"t":"x"}null',
    );
    assert.equal(read({ textPath: 't' }, 'null', '{"t":"x"}').text, 'null{"t":"x"}');
    assert.equal(read({ textPath: 't' }, '"a"', { t: 'b' }).text, 'ab');
    assert.equal(read({ textPath: 't' }, frame('{"t":1}', { framing: 'text' })).text, '{"t":1}');
  });

  it('comes once and in order where events have numbers', () => {
    const numbered = [1, 2, 2, 4, 3, 1].map((seq) => ({ t: String(seq), seq }));
    assert.equal(read({ textPath: 't' }, ...numbered).text, '1234');
  });

  const failures: [string, Frame | object][] = [
    ['{"error":"…"}', { error: 'No.' }],
    ['{"error":{message}} beside the path', { error: { message: 'No.' }, t: 'x' }],
    ['{"type":"error"}', { type: 'error', message: 'No.', t: 'x' }],
    ['{"detail":"…"}', { detail: 'No.' }],
    ['event: error', frame('No.', { event: 'error' })],
  ];
  for (const [what, each] of failures) {
    it(`stands beside failures that are read as with plain shapes: ${what}`, () => {
      const answer = read({ textPath: 't' }, { t: 'a', error: null }, each);
      assert.deepEqual([answer.text, answer.errors[0]?.message], ['a', 'No.']);
      assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: false }]);
    });
  }

  it('may stand where failures have their words', () => {
    assert.equal(read({ textPath: 'detail' }, { detail: 'a' }).text, 'a');
  });
});

describe('the end of an answer of an endpoint that nobody knows', () => {
  const tokens: [string, Frame | object | string][] = [
    ['its data', '<end>'],
    ['its data, with blanks around', ' <end> '],
    ['its data as a JSON string', '"<end>"'],
    ['its name', frame({ t: 'x' }, { event: '<end>' })],
    ['a value in its JSON', { status: '<end>', t: 'x' }],
  ];
  for (const [what, each] of tokens) {
    for (const textPath of ['t', '']) {
      it(`is an event with the token as ${what}, ${textPath === '' ? 'without a path' : 'with one'}`, () => {
        const custom = { textPath, doneToken: '<end>' };
        assert.deepEqual(decode(custom, { t: 'a', content: 'a' }, each, { t: 'late' }), [
          { type: 'text', content: 'a' },
          { type: 'done', reason: 'stop', complete: true, origin: '<end>' },
        ]);
      });
    }
  }

  it('is found in raw text as well', () => {
    const answer = read({ textPath: 't', doneToken: 'END' }, 'a', ' END of b', 'END', 'c');
    assert.deepEqual([answer.text, answer.done[0]?.complete], ['a END of b', true]);
  });

  it('is "[DONE]" in any case', () => {
    assert.equal(read({ textPath: 't', doneToken: 'END' }, { t: 'a' }, '[DONE]').done[0]?.complete, true);
  });

  it('is any end where no token is set', () => {
    const decoder = createPathDecoder({ textPath: 't' });
    decoder.decode(frame({ t: 'a' }));
    assert.equal(decoder.endsSilently, true);
    assert.deepEqual(decoder.finish(), [{ type: 'done', reason: 'unknown', complete: true }]);
  });

  it('is missing where the token is', () => {
    for (const textPath of ['t', '']) {
      const decoder = createPathDecoder({ textPath, doneToken: 'END' });
      decoder.decode(frame({ t: 'a', text: 'a' }));
      assert.equal(decoder.endsSilently, false);
      assert.deepEqual(decoder.finish(), [{ type: 'done', reason: 'unknown', complete: false }]);
    }
  });

  it('needs no token where the answer has no frames', () => {
    const decoder = createPathDecoder({ doneToken: 'END' });
    decoder.decode(frame('a', { framing: 'text' }));
    assert.equal(decoder.endsSilently, true);
    assert.equal(readAnswer(decoder.finish()).done[0]?.complete, true);
  });

  it('waits for events that are missing before it', () => {
    const numbered = [1, 3].map((seq) => ({ t: String(seq), seq }));
    const decoder = createPathDecoder({ textPath: 't', doneToken: 'END' });
    const events = [{ t: '0', seq: 0 }, ...numbered, { t: 'END', seq: 4 }].flatMap((each) =>
      decoder.decode(frame(each)),
    );
    assert.equal(readAnswer(events).done.length, 0);
    const answer = readAnswer([...events, ...decoder.decode(frame({ t: '2', seq: 2 }))]);
    assert.deepEqual([answer.text, answer.done[0]?.complete], ['0123', true]);
  });
});

describe('a path over the wire', () => {
  const words = ['Grüße', ', ', '😀', ' and', ' more\n'];
  const events = words.map((text) => JSON.stringify({ a: [{ 'b.c': text }] }));
  const end = '{"kind":"END"}';
  const bodies: [string, string][] = [
    ['an event stream', [...events, end].map((data) => `data: ${data}\r\n\r\n`).join('')],
    ['JSON lines', [...events, end].map((data) => `${data}\n`).join('')],
    ['an array that grows', `[${[...events, end].join(',\r\n')}]`],
    ['one JSON value', JSON.stringify({ a: [{ 'b.c': words.join('') }], kind: 'x' })],
  ];
  for (const [what, body] of bodies) {
    for (const [how, split] of SPLITS) {
      it(`is read in ${what}, ${how}`, () => {
        const doneToken = body.includes('END') ? 'END' : '';
        const frames = frameBytes(split(new TextEncoder().encode(body)));
        const decoder = createDialectDecoder('auto', () => {}, { textPath: 'a.0["b.c"]', doneToken });
        const answer = readAnswer(decodeFrames(frames, decoder));
        assert.equal(answer.text, words.join(''));
        assert.deepEqual([answer.errors, answer.done[0]?.complete], [[], true]);
      });
    }
  }
});

describe('choosing a custom shape', () => {
  function nameAndText(name: DialectName | 'auto', custom: CustomShape): [DialectName[], string] {
    const names: DialectName[] = [];
    const decoder = createDialectDecoder(name, (each) => names.push(each), custom);
    const chunk = { choices: [{ delta: { content: 'a' } }], t: 'b', text: 'c' };
    return [names, readAnswer(decodeFrames([frame(chunk)], decoder)).text];
  }

  it('takes it for plain, whatever the answer looks like', () => {
    assert.deepEqual(nameAndText('auto', { textPath: 't' }), [['plain'], 'b']);
    assert.deepEqual(nameAndText('auto', { doneToken: 'END' }), [['plain'], 'c']);
    assert.deepEqual(nameAndText('plain', { textPath: 't' }), [[], 'b']);
  });

  it('leaves it to a dialect that is named, and to nothing where nothing is set', () => {
    assert.deepEqual(nameAndText('openai-chat', { textPath: 't', doneToken: 'END' }), [[], 'a']);
    assert.deepEqual(nameAndText('auto', { textPath: '', doneToken: undefined }), [['openai-chat'], 'a']);
  });
});
