import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFramer, StreamError, type Frame, type FramerOptions } from '../../../src/core/index.js';
import { readSeed } from '../../support/random.js';
import { atRandomPlaces, byteByByte, frameBytes, whole } from '../../support/wire.js';

const seed = readSeed();
console.log(`Random cuts: TEST_SEED=${seed}`);

interface Cut {
  frames: Frame[];
  error?: StreamError;
}

function cutOnce(pieces: Uint8Array[], options: FramerOptions): Cut {
  const frames: Frame[] = [];
  try {
    for (const frame of frameBytes(pieces, options)) frames.push(frame);
  } catch (error) {
    assert.ok(error instanceof StreamError);
    return { frames, error };
  }
  return { frames };
}

/** Text has no frames of its own: its pieces are joined, so that every split compares. */
function joinText({ frames, error }: Cut): Cut {
  if (frames[0]?.framing !== 'text') return { frames, ...(error && { error }) };
  return { frames: [{ ...frames[0], data: frames.map(({ data }) => data).join('') }] };
}

/** Cuts a text whole, byte by byte and at random places, checks that it makes no difference, and gives the frames. */
function cut(text: string, options: FramerOptions = {}): Cut {
  const bytes = new TextEncoder().encode(text);
  const expected = joinText(cutOnce(whole(bytes), options));
  for (const split of [byteByByte, ...[0, 1, 2, 3].map((round) => atRandomPlaces(5, seed + round))]) {
    const actual = joinText(cutOnce(split(bytes), options));
    assert.deepEqual(actual.frames, expected.frames);
    assert.equal(actual.error?.message, expected.error?.message);
  }
  return expected;
}

function dataOf(text: string, options?: FramerOptions): string[] {
  return cut(text, options).frames.map(({ data }) => data);
}

function framing(text: string, contentType = ''): string | undefined {
  return cut(text, { contentType }).frames[0]?.framing;
}

describe('an event stream', () => {
  it('keeps the last event id for the events that follow', () => {
    const { frames } = cut('id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n');
    assert.deepEqual(
      frames.map(({ id }) => id),
      ['1', '1', ''],
    );
  });

  it('keeps the id of an event without data', () => {
    assert.equal(cut('id: 7\n\ndata: a\n\n').frames[0]?.id, '7');
  });

  it('tells the id of the last whole event, not of one that is still coming', () => {
    const framer = createFramer();
    const idAfter = (text: string): string => {
      for (const frame of framer.push(text)) assert.ok(frame);
      return framer.eventId;
    };
    assert.equal(idAfter('id: 7\ndata: a\n\nid: 8\ndata: b\n'), '7');
    assert.equal(idAfter('\n'), '8');
    assert.equal(idAfter('id: 9\n'), '8');
    assert.equal(idAfter('\nid\n'), '9');
    assert.equal(idAfter('\n'), '');
    assert.equal(idAfter('id: 10\n\nid: 11\n'), '10');
  });

  it('ignores an id with a NUL in it', () => {
    assert.equal(cut('id: 1\nid: 2\0\ndata: a\n\n').frames[0]?.id, '1');
  });

  it('does not take a field that begins with "id" for an id', () => {
    assert.equal(cut('id: 1\nidentity: 2\ndata: id: 3\n\n').frames[0]?.id, '1');
  });

  it('ends lines at CR, LF and CRLF, also mixed and cut between CR and LF', () => {
    assert.deepEqual(dataOf('data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\r'), ['a\nb\nc', 'd']);
  });

  it('gives an event of a CR stream as soon as its blank line has come', () => {
    const framer = createFramer();
    assert.deepEqual(
      Array.from(framer.push('data: a\r\r'), (frame) => frame.data),
      ['a'],
    );
  });

  it('does not end lines at U+2028, U+2029, U+0085, VT and FF', () => {
    const text = 'a\u2028id: 5\u2029b\u0085c\vd\fe';
    const { frames } = cut(`data: ${text}\n\n`);
    assert.equal(frames[0]?.data, text);
    assert.equal(frames[0]?.id, '');
  });

  it('drops one byte order mark at the start, and none elsewhere', () => {
    assert.deepEqual(dataOf('\uFEFFdata: a\n\ndata: \uFEFFb\n\n'), ['a', '\uFEFFb']);
  });

  it('gives an event that no blank line closes when the answer ends, marked as not closed', () => {
    const { frames } = cut('data: a\n\nevent: end\ndata: b');
    assert.deepEqual(frames[0], { framing: 'sse', event: '', data: 'a', id: '', closed: true });
    assert.deepEqual(frames[1], { framing: 'sse', event: 'end', data: 'b', id: '', closed: false });
  });

  it('passes over comments, unknown fields and events without data', () => {
    assert.deepEqual(dataOf(': hi\n\nevent: ping\n\nfoo: bar\ndata: a\n\n'), ['a']);
  });

  it('gives JSON that stands bare between the events as a frame of its own', () => {
    const error =
      '{\n  "error": {\n    "message": "Gone: data: x",\n    "details": [\n      1\n    ]\n  }\n}';
    for (const text of [error, error.replaceAll('\n', '\r\n'), '[{"error":{}}]', '{"error":{}}\n']) {
      const frames = cut(`data: a\n\n${text}`).frames;
      assert.deepEqual(
        frames.map(({ framing: kind, closed }) => [kind, closed]),
        [
          ['sse', true],
          ['json', true],
        ],
      );
      assert.equal(frames[1]?.data, text.replaceAll('\r', '').trimEnd());
    }
    assert.deepEqual(dataOf(`data: a\n\n${error}\n\ndata: b\n\n`), ['a', error, 'b']);
  });

  it('marks bare JSON that breaks off as not closed', () => {
    assert.deepEqual(cut('data: a\n\n{\n  "error": {\n').frames[1], {
      framing: 'json',
      event: '',
      data: '{\n  "error": {',
      id: '',
      closed: false,
    });
  });

  it('passes over lines that begin like JSON and are none', () => {
    assert.deepEqual(dataOf('data: a\n\n{name}\n[note]\n{"a":1,}\n "b"\n\ndata: b\n\n'), ['a', 'b']);
  });

  it('stops at bare JSON longer than the limit', () => {
    const { frames, error } = cut(`data: a\n\n{\n${'"x": 1,\n'.repeat(20)}`, { maxFrameChars: 50 });
    assert.equal(frames.length, 1);
    assert.equal(error?.code, 'limit');
  });

  it('reads the reconnection time', () => {
    const framer = createFramer();
    assert.deepEqual([...framer.push('retry: 2500\nretry: soon\ndata: a\n\n')].length, 1);
    assert.equal(framer.retry, 2500);
  });

  it('stops at a line longer than the limit, after the events before it', () => {
    const { frames, error } = cut(`data: a\n\n: ${'x'.repeat(60)}\n\ndata: b\n\n`, { maxFrameChars: 50 });
    assert.deepEqual(
      frames.map((frame) => frame.data),
      ['a'],
    );
    assert.equal(error?.code, 'limit');
    assert.match(error?.message ?? '', /longer than 50 characters/);
  });

  it('stops at an event longer than the limit, though its lines are short', () => {
    const { frames, error } = cut(`data: a\n\n${'data: 0123456789\n'.repeat(6)}\n`, { maxFrameChars: 50 });
    assert.equal(frames.length, 1);
    assert.equal(error?.code, 'limit');
  });

  it('takes any number of events, however long they are together', () => {
    assert.equal(dataOf('data: 0123456789\n\n'.repeat(50), { maxFrameChars: 50 }).length, 50);
  });
});

describe('NDJSON', () => {
  it('gives one frame a line, and passes over blank lines', () => {
    assert.deepEqual(dataOf('{"a":1}\r\n\r\n{"a":"\\n"}\n'), ['{"a":1}', '{"a":"\\n"}']);
  });

  it('marks a last line without a line end as not closed', () => {
    assert.deepEqual(
      cut('{"a":1}\n{"a":2}').frames.map(({ closed }) => closed),
      [true, false],
    );
  });

  it('drops a byte order mark', () => {
    assert.deepEqual(dataOf('\uFEFF{"a":1}\n{"a":2}\n'), ['{"a":1}', '{"a":2}']);
  });

  it('stops at a line longer than the limit, after the lines before it', () => {
    const { frames, error } = cut(`{"a":1}\n{"a":2}\n{"a":"${'x'.repeat(60)}"}\n`, { maxFrameChars: 50 });
    assert.equal(frames.length, 2);
    assert.equal(error?.code, 'limit');
  });
});

describe('finding out the framing', () => {
  const cases: [string, string, string, string | undefined][] = [
    ['an event stream by a field', 'data: a\n\n', 'text/plain', 'sse'],
    ['an event stream by a comment', ': hi\n\ndata: a\n\n', 'application/json', 'sse'],
    ['an event stream behind blank lines', '\n\r\n  \ndata: a\n\n', '', 'sse'],
    ['an event stream by the line "message"', 'message:\ndata:{"event":"token"}\n\n', '', 'sse'],
    [
      'an unknown lead as an event stream if the type says so',
      'foo: 1\ndata: a\n\n',
      'text/event-stream',
      'sse',
    ],
    ['a field without a value if the type says event stream', 'data\ndata\n\n', 'text/event-stream', 'sse'],
    ['an unknown lead as text', 'foo: 1\ndata: a\n\n', '', 'text'],
    ['text that begins like a field', 'database: a', '', 'text'],
    ['text that begins like a field, in capitals', 'Data: a', '', 'text'],
    ['text that is the beginning of a field', 'dat', 'text/plain', 'text'],
    ['JSON lines', '{"a":1}\n{"a":2}\n', 'text/plain', 'ndjson'],
    ['JSON lines called JSON', '{"a":1}\n{"a":2}\n', 'application/json', 'ndjson'],
    ['JSON lines called an event stream', '{"a":1}\n{"a":2}\n', 'text/event-stream', 'ndjson'],
    ['one JSON line that knows "done"', '{"done":false}\n', '', 'ndjson'],
    ['JSON lines by their type, from the first byte', '["a"]\n["b"]\n', 'application/jsonl', 'ndjson'],
    ['one JSON object', '{"a":1}', 'text/plain', 'json'],
    ['one JSON object and a line end', '{"a":1}\n', '', 'json'],
    ['one JSON object over many lines', '{\n  "a": [\n1, "}"]\n}\n', '', 'json'],
    ['one JSON array', '[{"a":1}\r\n,\r\n{"a":2}]', '', 'json'],
    ['a JSON string if the type says so', '"Hello"', 'application/json; charset=utf-8', 'json'],
    ['a quoted word as text otherwise', '"Hello" she said', 'text/plain', 'text'],
    ['a link', '[Docs](https://example.com) say', 'text/plain', 'text'],
    ['a footnote', '[1] According to\nthe docs', '', 'text'],
    ['a word in brackets', '[note] take care', '', 'text'],
    ['a word in braces', '{name} is missing', '', 'text'],
    ['an array with text behind it, if the type says text', '[{"a":1}] is JSON', 'text/plain', 'text'],
    ['JSON with text behind it', '{"a":1} is JSON', '', 'text'],
    ['broken JSON that is closed', '{"a":1,}', 'text/plain', 'text'],
    ['a tag that is no page', '<think>Hm</think>Yes', 'text/html', 'text'],
  ];
  for (const [what, text, contentType, expected] of cases) {
    it(`takes ${what} for ${expected}`, () => {
      assert.equal(framing(text, contentType), expected);
    });
  }

  it('loses no character of text while it finds out', () => {
    for (const text of ['  message in a bottle', '[1] a\n\n[2] b ', '\n\n{name}', 'mess', '[note', '<hr>']) {
      assert.deepEqual(dataOf(text, { contentType: 'text/plain' }), [text]);
    }
  });

  it('gives text piece by piece, without waiting', () => {
    const framer = createFramer();
    assert.deepEqual(
      ['Hel', 'lo', ' '].flatMap((piece) => Array.from(framer.push(piece), (frame) => frame.data)),
      ['Hel', 'lo', ' '],
    );
  });

  it('gives each object of an array as soon as it is whole', () => {
    const framer = createFramer({ contentType: 'application/json; charset=UTF-8' });
    const pieces = ['[{"a":', '"}]"}', '\r\n,\r\n{"b":{}', '}', '\n]\n'];
    assert.deepEqual(
      pieces.map((piece) => Array.from(framer.push(piece), (frame) => frame.data)),
      [[], ['{"a":"}]"}'], [], ['{"b":{}}'], []],
    );
    assert.deepEqual([...framer.end()], []);
    assert.equal(framer.framing, 'json');
  });

  it('gives the same objects of an array however it is called and wherever it ends', () => {
    for (const contentType of ['', 'application/json', 'text/event-stream', 'text/plain']) {
      assert.deepEqual(dataOf(' [ {"a":1}\r\n,\r\n{"a":[{}]}]\n', { contentType }), [
        '{"a":1}',
        '{"a":[{}]}',
      ]);
    }
    assert.deepEqual(
      cut('[{"a":1},{"a":').frames.map(({ data, closed }) => [data, closed]),
      [
        ['{"a":1}', true],
        ['{"a":', false],
      ],
    );
    assert.deepEqual(dataOf('[{"a":1}'), ['{"a":1}']);
    assert.deepEqual(dataOf('[1, "a"]'), ['[1, "a"]']);
  });

  it('limits each object of an array, not the array', () => {
    const options = { contentType: 'application/json', maxFrameChars: 50 };
    assert.equal(dataOf(`[${'{"a":"0123456789"},'.repeat(20)}]`, options).length, 20);
    const { frames, error } = cut(`[{"a":1},{"a":"${'x'.repeat(60)}"}]`, options);
    assert.equal(frames.length, 1);
    assert.equal(error?.code, 'limit');
  });

  it('takes JSON that breaks off for JSON that is not closed', () => {
    for (const text of ['{', '[', '{"a', '{"a":1', '["a"']) {
      assert.deepEqual(cut(text).frames, [{ framing: 'json', event: '', data: text, id: '', closed: false }]);
    }
  });

  it('refuses what is no JSON and says it is', () => {
    for (const text of ['{"a":1,}', '{"a":1} and more', '{name}', '[note]']) {
      const { frames, error } = cut(text, { contentType: 'application/json' });
      assert.deepEqual(frames, []);
      assert.equal(error?.code, 'protocol');
    }
  });

  it('gives no frames for an empty answer and for one of blanks', () => {
    assert.deepEqual(cut('').frames, []);
    assert.deepEqual(cut(' \n\r\n').frames, []);
  });

  it('bounds what it keeps while it finds out', () => {
    const { frames, error } = cut(`{"a":"${'x'.repeat(100)}"}`, { maxFrameChars: 50 });
    assert.deepEqual(frames, []);
    assert.equal(error?.code, 'limit');
  });

  it('says that Amazon event streams are not supported', () => {
    const { error } = cut('\0\0\0\u0001binary', { contentType: 'application/vnd.amazon.eventstream' });
    assert.equal(error?.code, 'protocol');
    assert.match(error?.message ?? '', /vnd\.amazon\.eventstream/);
  });
});

describe('an HTML page', () => {
  const cases: [string, string][] = [
    ['<!DOCTYPE html><html><head><title>Sign in &amp; go &#8212; &#x4F;K</title>', 'Sign in & go — OK'],
    ['\n<HTML lang="en"><body><h1>Bad\n <i>Gateway</i></h1></body>', 'Bad Gateway'],
    ['<html><title> </title><h2>Down</h2>', 'Down'],
  ];
  for (const [page, message] of cases) {
    it(`is refused as "${message}"`, () => {
      const { frames, error } = cut(page, { contentType: 'text/event-stream' });
      assert.deepEqual(frames, []);
      assert.equal(error?.message, message);
      assert.equal(error?.code, 'protocol');
      assert.deepEqual(error?.origin, { type: 'html' });
    });
  }

  it('is told by other openings where the type says HTML', () => {
    assert.equal(cut('<center><h1>502</h1></center>', { contentType: 'text/html' }).error?.message, '502');
  });

  it('is refused with advice when it has neither title nor heading', () => {
    assert.match(cut('<html>').error?.message ?? '', /Check that the address/);
  });

  it('is refused without waiting for the end of a long one', () => {
    const framer = createFramer();
    assert.throws(() => [...framer.push(`<html><title>Long</title>${'x'.repeat(70_000)}`)], /Long/);
  });
});
