import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, type DialectName, type Frame, type StreamEvent } from '../../../src/core/index.js';
import { frame } from '../../support/dialect.js';
import { decodeFrames } from '../../support/wire.js';

function decode(frames: (Frame | object | string)[], dialect: DialectName = 'plain'): StreamEvent[] {
  const list = frames.map((each) => (typeof each === 'object' && 'framing' in each ? each : frame(each)));
  return decodeFrames(list, getDialect(dialect).createDecoder());
}

function textOf(events: StreamEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.content : '')).join('');
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
    const numbered = [1, 2, 3, 2, 3, 4].map((seq) => ({ type: 'text', seq, content: String(seq) }));
    assert.equal(textOf(decode(numbered, 'native')), '1234');
  });

  it('reports a gap in "seq" once, and goes on', () => {
    const numbered = [1, 2, 4, 3, 5, 9].map((seq) => ({ type: 'text', seq, content: String(seq) }));
    const decoded = decode(numbered, 'native');
    assert.equal(textOf(decoded), '12459');
    const gaps = decoded.filter((event) => event.type === 'error');
    assert.deepEqual(
      gaps.map(({ code, recoverable, message }) => [
        code,
        recoverable,
        /events? [\d to]+/.exec(message)?.[0].trim(),
      ]),
      [
        ['protocol', true, 'event 3'],
        ['protocol', true, 'events 6 to 8'],
      ],
    );
  });

  it('reports a gap between the first two events, which was promised not to be', () => {
    const numbered = [1, 3].map((seq) => ({ type: 'text', seq, content: 'a' }));
    assert.equal(decode(numbered, 'native').filter(({ type }) => type === 'error').length, 1);
  });

  it('may start at any number, as a resumed stream does', () => {
    assert.equal(decode([{ type: 'text', seq: 40, content: 'a' }], 'native').length, 2);
  });

  it('takes numbers that never grew by one for something else than a count', () => {
    const numbered = [100, 250, 300].map((seq) => ({ token: String(seq), seq }));
    assert.equal(decode(numbered).filter(({ type }) => type === 'error').length, 0);
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
