import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, type DialectName, type Frame, type StreamEvent } from '../../../src/core/index.js';
import { asked, frame } from '../../support/dialect.js';
import { createRandom, readSeed } from '../../support/random.js';
import { decodeFrames } from '../../support/wire.js';

function decode(frames: (Frame | object | string)[], dialect: DialectName = 'plain'): StreamEvent[] {
  const list = frames.map((each) => (typeof each === 'object' && 'framing' in each ? each : frame(each)));
  return decodeFrames(list, getDialect(dialect).createDecoder());
}

function textOf(events: StreamEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.content : '')).join('');
}

/** Text events that say their own number. */
function numbered(...numbers: number[]): object[] {
  return numbers.map((seq) => ({ type: 'text', seq, content: String(seq) }));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Which events the gaps in a stream are said to lack. */
function gapsOf(events: StreamEvent[]): (string | undefined)[] {
  return events.flatMap((event) =>
    event.type === 'error' && event.code === 'protocol'
      ? [/events? \d+(?: to \d+)?/.exec(event.message)?.[0]]
      : [],
  );
}

describe('the native dialect', () => {
  const events: StreamEvent[] = [
    { type: 'start', streamId: 's1', messageId: 'm1', model: 'x' },
    { type: 'step' },
    { type: 'text', content: 'a' },
    { type: 'text_set', content: '' },
    { type: 'reasoning', content: 'b' },
    { type: 'tool_call_start', id: 'c1', name: 'f', by: 'server' },
    { type: 'tool_call_delta', id: 'c1', delta: '{"a"' },
    { type: 'tool_call', id: 'c1', name: 'f', args: { a: [1, null] } },
    { type: 'tool_result', id: 'c1', result: null, isError: true },
    { type: 'tool_approval', id: 'c1', message: 'May it?', options: ['yes', 'no'] },
    { type: 'source', id: 'u', url: 'https://example.com', title: 'T' },
    { type: 'file', url: 'data:,x', mediaType: 'text/plain', name: 'n' },
    { type: 'block', index: 0, content: '# A' },
    { type: 'data', name: 'chart', value: [1] },
    { type: 'usage', inputTokens: 1, outputTokens: 0 },
    { type: 'error', code: 'tool', message: 'It broke.', recoverable: false, retryAfter: 5, status: 500 },
    { type: 'done', reason: 'length', complete: true, origin: 'max_tokens' },
  ];

  it('gives every event as it was sent', () => {
    assert.deepEqual(
      decode(
        events.filter(({ type }) => type !== 'error'),
        'native',
      ),
      events.filter(({ type }) => type !== 'error'),
    );
    const [error] = decode([events[15]!], 'native');
    assert.deepEqual(error, { ...events[15], origin: { code: 'tool' } });
  });

  it('passes over and counts events with fields of a wrong type', () => {
    const decoder = getDialect('native').createDecoder();
    const broken = [
      { type: 'tool_call', id: 1, name: 'f' },
      { type: 'tool_call_delta', id: 'c', delta: {} },
      { type: 'text', content: 5 },
      { type: 'block', index: 1.5, content: 'x' },
      { type: 'usage', inputTokens: -1 },
      { type: 'file', mediaType: 'image/png' },
      { type: '__proto__' },
      { type: 'constructor' },
      { type: 'from_the_future', value: { a: 1 } },
    ];
    for (const each of broken) assert.deepEqual(decoder.decode(frame(each)), []);
    assert.equal(decoder.unknownFrames, broken.length);
  });

  it('is complete with "done" only', () => {
    assert.deepEqual(decode([{ type: 'text', content: 'a' }], 'native').at(-1), {
      type: 'done',
      reason: 'unknown',
      complete: false,
    });
    assert.deepEqual(decode([{ type: 'step' }, { content: 'a' }], 'plain').at(-1), {
      type: 'done',
      reason: 'unknown',
      complete: false,
    });
  });

  it('gives nothing after "done"', () => {
    const decoder = getDialect('native').createDecoder();
    assert.equal(decoder.decode(frame({ type: 'done', reason: 'stop', complete: true })).length, 1);
    assert.deepEqual(decoder.decode(frame({ type: 'text', content: 'late' })), []);
    assert.deepEqual(decoder.finish(), []);
  });

  it('drops what it has seen, by "seq"', () => {
    assert.equal(textOf(decode(numbered(1, 2, 3, 2, 3, 4), 'native')), '1234');
  });

  it('puts events that are out of order back into it', () => {
    const decoded = decode(numbered(1, 2, 4, 3, 7, 6, 6, 5, 8), 'native');
    assert.equal(textOf(decoded), '12345678');
    assert.deepEqual(gapsOf(decoded), []);
  });

  it('keeps an event without a number behind the one it came behind', () => {
    const word = (content: string): object => ({ type: 'text', content });
    const frames = [...numbered(1, 3), word('a'), ...numbered(2), word('b')];
    assert.equal(textOf(decode(frames, 'native')), '123ab');
  });

  it('reports gaps that are still there at the end, gives what was held back, and is not complete', () => {
    const decoded = decode(
      [...numbered(1, 2, 4, 5, 9), { type: 'done', reason: 'stop', complete: true, seq: 10 }],
      'native',
    );
    assert.equal(textOf(decoded), '12459');
    assert.deepEqual(gapsOf(decoded), ['event 3', 'events 6 to 8']);
    assert.deepEqual(
      decoded.map(({ type }) => type),
      ['text', 'text', 'error', 'text', 'text', 'error', 'text', 'done'],
    );
    assert.deepEqual(decoded.at(-1), { type: 'done', reason: 'stop', complete: false, origin: 'stop' });
  });

  it('holds "[DONE]" and named ends back behind a gap', () => {
    for (const end of ['[DONE]', frame({ seq: 9 }, { event: 'done' }), frame('', { event: 'end' })]) {
      const decoder = getDialect('native').createDecoder();
      const held = [
        ...numbered(1, 2, 4).map((each) => frame(each)),
        typeof end === 'string' ? frame(end) : end,
      ];
      assert.equal(textOf(held.flatMap((each) => decoder.decode(each))), '12');
      const rest = [...decoder.decode(frame(numbered(3)[0])), ...decoder.finish()];
      assert.equal(textOf(rest), '34');
      const done = rest.at(-1);
      assert.ok(done?.type === 'done' && done.reason === 'stop');
      // Only a number shows whether something is missing before an end that has one.
      assert.equal(done.complete, typeof end === 'string' || end.event === 'end');
    }
  });

  it('lacks events when more are held back than can be out of order', () => {
    const decoder = getDialect('native').createDecoder();
    for (const each of numbered(1, ...range(3, 18))) decoder.decode(frame(each));
    assert.equal(decoder.lacksEvents, false);
    decoder.decode(frame(numbered(19)[0]));
    assert.equal(decoder.lacksEvents, true);
    const rest = decoder.decode(frame(numbered(2)[0]));
    assert.equal(rest.length, 18);
    assert.equal(decoder.lacksEvents, false);
  });

  it('gives up when it is told to, and goes on', () => {
    const decoder = getDialect('native').createDecoder();
    for (const each of numbered(1, 3, 4)) decoder.decode(frame(each));
    const given = decoder.giveUp?.() ?? [];
    assert.deepEqual(gapsOf(given), ['event 2']);
    assert.equal(textOf(given), '34');
    assert.equal(textOf(decoder.decode(frame(numbered(2)[0]))), '');
    assert.equal(textOf(decoder.decode(frame(numbered(5)[0]))), '5');
    assert.deepEqual(decoder.decode(frame({ type: 'done', reason: 'stop', complete: true })), [
      { type: 'done', reason: 'stop', complete: false, origin: 'stop' },
    ]);
  });

  it('gives up by itself with 64 events behind a gap', () => {
    const decoder = getDialect('native').createDecoder();
    const given = numbered(1, ...range(3, 66)).map((each) => decoder.decode(frame(each)));
    assert.deepEqual(
      given.map(({ length }) => length),
      [1, ...range(1, 63).map(() => 0), 65],
    );
    assert.deepEqual(gapsOf(given.flat()), ['event 2']);
  });

  it('never gives text that is out of order, wherever events are lost, repeated and moved', () => {
    const seed = readSeed();
    console.log(`Random order: TEST_SEED=${seed}`);
    const random = createRandom(seed);
    for (let round = 0; round < 200; round += 1) {
      const order = range(1, 60)
        .filter((seq) => seq === 1 || random() > 0.05)
        .flatMap((seq) => (random() > 0.9 ? [seq, seq] : [seq]))
        .map((seq) => ({ seq, place: seq === 1 ? 0 : seq + random() * 8 }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ seq }) => seq);
      const decoded = decode(
        order.map((seq) => ({ type: 'text', seq, content: `${seq} ` })),
        'native',
      );
      const given = textOf(decoded).trim().split(' ').map(Number);
      assert.deepEqual(
        given,
        [...new Set(order)].toSorted((a, b) => a - b),
      );
      const lost = given.filter((seq, index) => index > 0 && seq !== given[index - 1]! + 1);
      assert.equal(gapsOf(decoded).length, lost.length);
    }
  });

  it('reports a gap between the first two events, which was promised not to be', () => {
    assert.deepEqual(gapsOf(decode(numbered(1, 3), 'native')), ['event 2']);
  });

  it('refuses the events of another stream, also those that look like a replay', () => {
    const start = (streamId: string): object => ({ type: 'start', streamId, seq: 0 });
    const decoder = getDialect('native').createDecoder();
    for (const each of [start('a'), ...numbered(1, 2), start('a')]) decoder.decode(frame(each));
    const [error, done, ...rest] = decoder.decode(frame(start('b')));
    assert.ok(error?.type === 'error');
    assert.deepEqual([error.code, error.recoverable], ['protocol', false]);
    assert.match(error.message, /another stream/);
    assert.deepEqual(done, { type: 'done', reason: 'error', complete: false });
    assert.deepEqual(rest, []);
    assert.deepEqual([...decoder.decode(frame(numbered(3)[0])), ...decoder.finish()], []);
  });

  it('passes over and counts the events of another message', () => {
    const decoder = getDialect('native').createDecoder();
    const decoded = [
      { type: 'start', streamId: 's', messageId: 'm1', seq: 0 },
      { type: 'text', content: 'a', messageId: 'm1', seq: 1 },
      { type: 'text', content: 'x', messageId: 'm2', seq: 7 },
      { type: 'text', content: 'b', seq: 2 },
      { type: 'done', reason: 'stop', complete: true, messageId: 'm2', seq: 8 },
      { type: 'done', reason: 'stop', complete: true, seq: 3 },
    ].flatMap((each) => decoder.decode(frame(each)));
    assert.equal(textOf(decoded), 'ab');
    assert.deepEqual(decoded.at(-1), { type: 'done', reason: 'stop', complete: true, origin: 'stop' });
    assert.equal(decoder.unknownFrames, 2);
  });

  it('is gone on with by the number of the last event in order, where there are no ids', () => {
    const decoder = getDialect('native').createDecoder();
    assert.equal(decoder.resume?.(asked(), undefined), undefined);
    for (const each of numbered(1, 2, 4)) decoder.decode(frame(each));
    const { url, method, body } = asked();
    assert.deepEqual(decoder.resume?.(asked(), undefined), {
      url,
      method,
      body,
      lastEventId: '2',
      from: 'cursor',
    });
    for (const each of numbered(1, 2, 3)) decoder.decode(frame(each));
    assert.equal(decoder.resume?.(asked(), undefined)?.lastEventId, '4');
  });

  it('leaves an answer with ids to them, unless events before the last id are missing', () => {
    const decoder = getDialect('native').createDecoder();
    const send = (seq: number): unknown => decoder.decode(frame(numbered(seq)[0], { id: `e${seq}` }));
    for (const seq of [1, 2]) send(seq);
    assert.equal(decoder.resume?.(asked(), 'e2'), undefined);
    send(4);
    assert.equal(decoder.resume?.(asked(), 'e4')?.lastEventId, 'e2');
    // The endpoint has taken its ids back.
    const { url, method, body } = asked();
    assert.deepEqual(decoder.resume?.(asked(), undefined), { url, method, body, from: 'cursor' });
  });

  it('never just ends, and plain shapes and raw text do', () => {
    const endsSilently = (name: DialectName, ...frames: Frame[]): boolean | undefined => {
      const decoder = getDialect(name).createDecoder();
      for (const each of frames) decoder.decode(each);
      return decoder.endsSilently;
    };
    const cut = frame('{"content":"b', { closed: false });
    assert.equal(endsSilently('native', frame({ text: 'a' })), false);
    assert.equal(endsSilently('plain', frame({ type: 'step' })), false);
    assert.equal(endsSilently('plain', frame({ text: 'a' })), true);
    assert.equal(endsSilently('plain', frame({ text: 'a' }), cut), false);
    assert.equal(endsSilently('plain', frame({ text: 'a' }), cut, frame({ text: 'b' })), true);
    assert.equal(endsSilently('plain', frame('a')), true);
    assert.equal(endsSilently('plain', ...numbered(1, 2, 4).map((each) => frame(each))), false);
    assert.equal(endsSilently('native', frame({ type: 'error', message: 'No.' })), true);
  });

  it('may start at any number, as a resumed stream does', () => {
    assert.equal(decode([{ type: 'text', seq: 40, content: 'a' }], 'native').length, 2);
  });

  it('takes numbers that never grew by one for something else than a count', () => {
    const counted = [100, 250, 300].map((seq) => ({ token: String(seq), seq }));
    assert.equal(decode(counted).filter(({ type }) => type === 'error').length, 0);
  });
});

describe('plain shapes', () => {
  for (const key of [
    'delta',
    'content',
    'text',
    'token',
    'data',
    'message',
    'value',
    'response',
    'answer',
    'chunk',
    'output',
  ]) {
    it(`takes the string under "${key}" for text`, () => {
      assert.equal(textOf(decode([{ [key]: 'a' }, { [key]: '' }, { [key]: ' b' }])), 'a b');
      assert.equal(textOf(decode([{ type: 'chunk', [key]: 'a' }])), 'a');
    });
  }

  it('takes the first of several, in the order of the table', () => {
    assert.equal(textOf(decode([{ message: 'm', text: 't', delta: null }])), 't');
  });

  it('takes text of a thinking type or event for reasoning', () => {
    const [first, second] = decode([
      { type: 'thinking', content: 'a' },
      frame({ content: 'b' }, { event: 'reasoning' }),
    ]);
    assert.deepEqual(first, { type: 'reasoning', content: 'a' });
    assert.deepEqual(second, { type: 'reasoning', content: 'b' });
  });

  for (const type of ['done', 'end', 'finish', 'complete', 'stop']) {
    it(`ends at the type "${type}", and does not add what it repeats`, () => {
      assert.deepEqual(decode([{ content: 'a' }, { type, content: 'a' }, { content: 'late' }]), [
        { type: 'text', content: 'a' },
        { type: 'done', reason: 'stop', complete: true, origin: type },
      ]);
    });
  }

  it('prefers a reason to the word that ends the stream', () => {
    const [done] = decode([{ type: 'done', finish_reason: 'length' }]);
    assert.deepEqual(done, { type: 'done', reason: 'length', complete: true, origin: 'length' });
  });

  for (const event of ['done', 'end']) {
    it(`ends at the event "${event}" whatever its data`, () => {
      for (const data of ['', '{}', 'bye', '{"content":"all of it"}']) {
        assert.deepEqual(decode([{ content: 'a' }, frame(data, { event })]).slice(1), [
          { type: 'done', reason: 'stop', complete: true, origin: event },
        ]);
      }
    });
  }

  it('is complete when it just ends', () => {
    assert.deepEqual(decode([{ text: 'a' }]).at(-1), { type: 'done', reason: 'unknown', complete: true });
  });

  it('is not complete when nothing arrived', () => {
    assert.deepEqual(decode([]), [{ type: 'done', reason: 'unknown', complete: false }]);
    assert.deepEqual(decode([frame('', { event: 'ping' })]), [
      { type: 'done', reason: 'unknown', complete: false },
    ]);
  });

  it('reads JSON strings, and raw text by the first payload', () => {
    assert.equal(textOf(decode(['"a"', '" b"'])), 'a b');
    assert.equal(textOf(decode([' a', '{"b', 'null', '', '"c"'])), ' a{"bnull"c"');
    assert.equal(textOf(decode(['42', '{"content":"x"}'])), '42{"content":"x"}');
  });

  it('takes JSON between the events of raw text for an error, or for nothing', () => {
    const bare = (data: string, closed = true): Frame => frame(data, { framing: 'json', closed });
    const events = decode(['a', bare('{"error":{"message":"Gone"}}')]);
    assert.deepEqual(
      events.map((event) => (event.type === 'error' ? event.message : event.type)),
      ['text', 'Gone', 'done'],
    );
    assert.deepEqual(decode(['a', bare('{"err', false)]), [
      { type: 'text', content: 'a' },
      { type: 'done', reason: 'unknown', complete: false },
    ]);
  });

  it('does not trim or end an answer that has no frames', () => {
    const text = (data: string): Frame => frame(data, { framing: 'text' });
    assert.deepEqual(decode([text('[DONE]'), text(' \n')]), [
      { type: 'text', content: '[DONE]' },
      { type: 'text', content: ' \n' },
      { type: 'done', reason: 'unknown', complete: true },
    ]);
  });

  const errors: [string, Frame | object, string, object | undefined][] = [
    ['{"error":"…"}', { error: 'No.' }, 'No.', undefined],
    ['{"error":{message}}', { error: { message: 'No.', code: 429 } }, 'No.', { code: 429 }],
    ['{"type":"error",message}', { type: 'error', message: 'No.', code: 'E1' }, 'No.', { code: 'E1' }],
    ['{"detail":"…"}', { detail: 'No.' }, 'No.', undefined],
    ['{"detail":[…]}', { detail: [{ loc: ['body', 'x'], msg: 'No.' }] }, 'body.x: No.', undefined],
    ['event: error with text', frame('No.', { event: 'error' }), 'No.', undefined],
    ['event: error with JSON', frame({ message: 'No.' }, { event: 'error' }), 'No.', undefined],
  ];
  for (const [what, each, message, origin] of errors) {
    it(`reports ${what}`, () => {
      const [, error, done] = decode([{ content: 'a' }, each]);
      assert.ok(error?.type === 'error');
      assert.deepEqual([error.code, error.message, error.origin], ['provider', message, origin]);
      assert.deepEqual(done, { type: 'done', reason: 'error', complete: false });
    });
  }

  it('tells an error that may pass from one that will stay', () => {
    const recoverable = (error: object): unknown => {
      const [event] = decode([{ error: { message: 'No.', ...error } }]);
      return event?.type === 'error' && event.recoverable;
    };
    assert.equal(recoverable({ type: 'overloaded_error' }), true);
    assert.equal(recoverable({ code: '503' }), true);
    assert.equal(recoverable({ code: 'invalid_api_key' }), false);
    assert.equal(recoverable({ code: 400 }), false);
    assert.equal(recoverable({}), true);
  });

  it('does not take an empty error for one', () => {
    assert.equal(
      textOf(
        decode([
          { content: 'a', error: null },
          { content: 'b', error: '' },
        ]),
      ),
      'ab',
    );
  });

  it('skips a closed event that is not JSON, says so once, and goes on', () => {
    const decoded = decode([{ content: 'a' }, '{"content":', '{broken', { content: 'b' }, '[DONE]']);
    assert.equal(textOf(decoded), 'ab');
    const found = decoded.filter((event) => event.type === 'error');
    assert.equal(found.length, 1);
    assert.deepEqual([found[0]?.code, found[0]?.recoverable], ['protocol', true]);
    assert.deepEqual(decoded.at(-1), { type: 'done', reason: 'stop', complete: true, origin: 'done' });
  });

  it('takes a last event that breaks off for the cut that it is', () => {
    const cut = frame('{"content":"b', { closed: false });
    for (const before of [[], [{ content: 'a' }]]) {
      const decoded = decode([...before, cut]);
      assert.equal(decoded.length, before.length + 1);
      assert.deepEqual(decoded.at(-1), { type: 'done', reason: 'unknown', complete: false });
    }
  });

  it('says that it knows nothing of an answer of which it knows nothing', () => {
    const [error, done] = decode([{ kind: 'delta', payload: { words: ['a'] } }]);
    assert.ok(error?.type === 'error');
    assert.equal(error.code, 'protocol');
    assert.match(error.message, /"dialect"/);
    assert.deepEqual(done, { type: 'done', reason: 'error', complete: false });
  });
});
