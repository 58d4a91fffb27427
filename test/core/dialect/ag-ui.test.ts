import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getDialect, type Frame, type StreamEvent } from '../../../src/core/index.js';
import { decodeAs, frame } from '../../support/dialect.js';
import { decodeFrames, readAnswer } from '../../support/wire.js';

function decode(...frames: (Frame | object | string)[]): StreamEvent[] {
  return decodeAs('ag-ui', ...frames);
}

function ofType(events: StreamEvent[], ...types: StreamEvent['type'][]): StreamEvent[] {
  return events.filter(({ type }) => types.includes(type));
}

function opaqueValues(events: StreamEvent[]): unknown[] {
  return events.flatMap((event) => (event.type === 'opaque' ? [event.value] : []));
}

const started = { type: 'RUN_STARTED', threadId: 't', runId: 'r' };
const finished = { type: 'RUN_FINISHED', threadId: 't', runId: 'r' };
const text = (delta: string, messageId = 'm1'): object => ({
  type: 'TEXT_MESSAGE_CONTENT',
  messageId,
  delta,
});
const begin = (toolCallId: string, more: object = {}): object => ({
  type: 'TOOL_CALL_START',
  toolCallId,
  toolCallName: 'f',
  ...more,
});
const args = (toolCallId: string, delta: string): object => ({ type: 'TOOL_CALL_ARGS', toolCallId, delta });
const endCall = (toolCallId: string): object => ({ type: 'TOOL_CALL_END', toolCallId });
const result = (toolCallId: string, more: object = {}): object => ({
  type: 'TOOL_CALL_RESULT',
  toolCallId,
  content: 'ok',
  ...more,
});
const snapshot = (...messages: object[]): object => ({ type: 'MESSAGES_SNAPSHOT', messages });
const said = (content: string, more: object = {}): object => ({
  id: 'm1',
  role: 'assistant',
  content,
  ...more,
});
const question = { id: 'u', role: 'user', content: 'Hello' };

describe('text and reasoning of ag-ui', () => {
  it('starts with the id of the run, in either spelling', () => {
    assert.deepEqual(decode(started)[0], { type: 'start', streamId: 'r' });
    assert.deepEqual(decode({ type: 'RUN_STARTED', thread_id: 't', run_id: 'r', model: 'm' })[0], {
      type: 'start',
      streamId: 'r',
      model: 'm',
    });
  });

  it('joins messages, and notes their ids', () => {
    const events = decode(
      started,
      { type: 'TEXT_MESSAGE_START', message_id: 'm1', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', message_id: 'm1', delta: 'a' },
      { type: 'TEXT_MESSAGE_END', message_id: 'm1' },
      text('b', 'm2'),
      finished,
    );
    assert.equal(readAnswer(events).text, 'ab');
    assert.deepEqual(opaqueValues(events), [{ messageId: 'm1' }, { messageId: 'm2' }]);
  });

  it('goes on with a message whose pieces leave its id out', () => {
    const events = decode(
      started,
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', role: 'assistant', delta: 'a' },
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'b' },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'u1', role: 'user', delta: 'x' },
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'y' },
      finished,
    );
    assert.equal(readAnswer(events).text, 'ab');
  });

  it('takes the words of other speakers for no part of the answer', () => {
    const events = decode(
      { type: 'TEXT_MESSAGE_START', messageId: 'u1', role: 'user' },
      text('x', 'u1'),
      text('a', 'm1'),
      finished,
    );
    assert.equal(readAnswer(events).text, 'a');
  });

  it('reads reasoning under its new and its old names', () => {
    const events = decode(
      { type: 'REASONING_START', messageId: 's' },
      { type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'a' },
      { type: 'REASONING_MESSAGE_CHUNK', delta: 'b' },
      { type: 'THINKING_TEXT_MESSAGE_CONTENT', delta: 'c' },
      finished,
    );
    assert.equal(readAnswer(events).reasoning, 'abc');
  });

  it('keeps encrypted values with what they belong to', () => {
    const secret = (subtype: string, entityId: string): object => ({
      type: 'REASONING_ENCRYPTED_VALUE',
      subtype,
      entityId,
      encryptedValue: 'x',
      encryptedValueType: 'p.kind',
    });
    const value = { encryptedValue: 'x', encryptedValueType: 'p.kind' };
    assert.deepEqual(
      opaqueValues(
        decode(
          { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'hm' },
          secret('message', 'r'),
          text('a'),
          secret('message', 'm1'),
          begin('c'),
          secret('tool-call', 'c'),
          endCall('c'),
          finished,
        ),
      ),
      [
        { reasoning: { id: 'r', role: 'reasoning', content: 'hm', ...value } },
        { messageId: 'm1' },
        { entityId: 'm1', ...value },
        { entityId: 'c', ...value },
      ],
    );
  });

  it('reads a run that is joined in the middle', () => {
    const answer = readAnswer(decode(text('b'), args('c', '1}'), endCall('c'), text('c'), finished));
    assert.deepEqual([answer.text, answer.toolCalls, answer.errors], ['bc', [], []]);
  });
});

describe('snapshots of ag-ui', () => {
  it('replace the text with all that was said since the last question', () => {
    const events = decode(
      started,
      text('4'),
      snapshot(said('Earlier.'), question, said('One, '), { role: 'tool', toolCallId: 'x' }, said('two.')),
      finished,
    );
    assert.equal(readAnswer(events).text, 'One, two.');
  });

  it('say nothing where they agree with what has arrived', () => {
    assert.deepEqual(ofType(decode(text('a'), snapshot(question, said('a')), finished), 'text_set'), []);
  });

  it('take text away that they do not have, and are gone on with', () => {
    const events = decode(
      text('draft'),
      snapshot(question),
      text('a'),
      snapshot(question, said('a')),
      finished,
    );
    assert.equal(readAnswer(events).text, 'a');
  });

  it('are all that some agents send', () => {
    const events = decode(started, snapshot(question, said('a', { id: 'm7' })), finished);
    assert.deepEqual(ofType(events, 'text_set', 'opaque'), [
      { type: 'opaque', dialect: 'ag-ui', value: { messageId: 'm7' } },
      { type: 'text_set', content: 'a' },
    ]);
  });

  it('do not repeat what stands in the message before a result of the page', () => {
    const before = [question, said('Let me see.'), { role: 'tool', toolCallId: 'earlier', content: 'ok' }];
    const events = decode(
      started,
      snapshot(...before),
      text('Done.', 'm2'),
      snapshot(...before, said('Done.', { id: 'm2' })),
      finished,
    );
    assert.equal(readAnswer(events).text, 'Done.');
    assert.deepEqual(ofType(events, 'text_set'), []);
  });

  it('may have content in parts', () => {
    const parts = [{ type: 'text', text: 'a' }, { type: 'image' }, { type: 'text', text: 'b' }];
    const events = decode(snapshot(question, { id: 'm', role: 'assistant', content: parts }), finished);
    assert.equal(readAnswer(events).text, 'ab');
  });
});

describe('tool calls of ag-ui', () => {
  it('tells a call from its start to its result', () => {
    assert.deepEqual(
      decode(begin('c'), args('c', '{"a"'), args('c', ':1}'), endCall('c'), result('c'), finished),
      [
        { type: 'tool_call_start', id: 'c', name: 'f', by: 'client' },
        { type: 'tool_call_delta', id: 'c', delta: '{"a"' },
        { type: 'tool_call_delta', id: 'c', delta: ':1}' },
        { type: 'tool_call', id: 'c', name: 'f', args: { a: 1 } },
        { type: 'tool_result', id: 'c', result: 'ok' },
        { type: 'done', reason: 'stop', complete: true, origin: 'finished' },
      ],
    );
  });

  it('keeps calls apart whose arguments interleave', () => {
    const answer = readAnswer(
      decode(
        begin('a'),
        begin('b'),
        args('a', '{"x":'),
        args('b', '{"y":'),
        args('a', '1}'),
        args('b', '2}'),
        endCall('b'),
        endCall('a'),
        finished,
      ),
    );
    assert.deepEqual(answer.toolCalls, [
      { id: 'b', name: 'f', args: { y: 2 } },
      { id: 'a', name: 'f', args: { x: 1 } },
    ]);
    assert.equal(answer.done[0]?.reason, 'tool_calls');
  });

  it('ends a call in the short form at the next event of another kind, or of another call', () => {
    const chunk = (fields: object): object => ({ type: 'TOOL_CALL_CHUNK', ...fields });
    const events = decode(
      chunk({ tool_call_id: 'a', tool_call_name: 'f', delta: '{"x":' }),
      { type: 'RAW', event: {} },
      chunk({ delta: '1}' }),
      chunk({ toolCallId: 'b', toolCallName: 'g' }),
      chunk({ toolCallId: 'b', toolCallName: 'g', delta: '{}' }),
      text('a'),
      chunk({ delta: 'lost' }),
      finished,
    );
    assert.deepEqual(
      ofType(events, 'tool_call', 'text').map((event) => ('args' in event ? event.args : event.type)),
      [{ x: 1 }, {}, 'text'],
    );
  });

  it('never gives a call whose end the stream cut off', () => {
    assert.deepEqual(readAnswer(decode(started, begin('c'), args('c', '{"a":1}'))).toolCalls, []);
    const chunk = { type: 'TOOL_CALL_CHUNK', toolCallId: 'c', toolCallName: 'f', delta: '{"a":1}' };
    assert.deepEqual(readAnswer(decode(started, chunk)).toolCalls, []);
    const failed = decode(started, begin('c'), args('c', '{"a"'), { type: 'RUN_ERROR', message: 'No.' });
    assert.deepEqual(readAnswer(failed).toolCalls, []);
    const half = { ...chunk, delta: '{"a":' };
    for (const end of [
      { type: 'RUN_ERROR', message: 'No.' },
      { ...finished, outcome: { type: 'cancelled' } },
    ]) {
      assert.deepEqual(readAnswer(decode(started, half, end)).toolCalls, []);
      assert.deepEqual(readAnswer(decode(started, begin('c'), args('c', '{"a"'), end)).toolCalls, []);
    }
  });

  it('gives a call that its agent forgot to end when the run finishes', () => {
    const answer = readAnswer(decode(begin('c'), args('c', '{"a":1}'), finished));
    assert.deepEqual(answer.toolCalls[0]?.args, { a: 1 });
  });

  it('gives {} for no arguments, and the text of what is not JSON', () => {
    const answer = readAnswer(
      decode(begin('a'), endCall('a'), begin('b'), args('b', 'SELECT 1'), endCall('b'), finished),
    );
    assert.deepEqual(
      answer.toolCalls.map((call) => call.args),
      [{}, 'SELECT 1'],
    );
  });

  it('gives a call once that its agent tells of again', () => {
    const once = [begin('c'), args('c', '{}'), endCall('c')];
    assert.equal(readAnswer(decode(...once, ...once, finished)).toolCalls.length, 1);
  });

  it('reads results under either name, of calls of earlier runs too, and keeps their ids', () => {
    const events = decode(
      begin('c', { parentMessageId: 'm1' }),
      endCall('c'),
      { type: 'TOOL_CALL_RESULT', tool_call_id: 'c', result: { a: 1 }, message_id: 'r1' },
      result('earlier', { error: 'No.' }),
      finished,
    );
    assert.deepEqual(readAnswer(events).toolResults, [
      { id: 'c', result: { a: 1 }, isError: false },
      { id: 'earlier', result: 'ok', isError: true },
    ]);
    assert.deepEqual(opaqueValues(events), [{ messageId: 'm1' }, { toolCallId: 'c', resultId: 'r1' }]);
  });
});

describe('what else ag-ui sends', () => {
  it('passes state, activities, subagents and events of its own to the page', () => {
    const activity = { type: 'ACTIVITY_SNAPSHOT', messageId: 'a', activityType: 'PLAN', content: {} };
    assert.deepEqual(
      ofType(
        decode(
          { type: 'STATE_SNAPSHOT', snapshot: { a: 1 } },
          { type: 'STATE_DELTA', delta: [] },
          { type: 'CUSTOM', name: 'on_interrupt', value: 'x' },
          activity,
          finished,
        ),
        'data',
      ),
      [
        { type: 'data', name: 'STATE_SNAPSHOT', value: { a: 1 } },
        { type: 'data', name: 'STATE_DELTA', value: [] },
        { type: 'data', name: 'on_interrupt', value: 'x' },
        { type: 'data', name: 'ACTIVITY_SNAPSHOT', value: activity },
      ],
    );
  });

  it('passes raw events, unless they came with an event of the protocol', () => {
    const events = decode(
      { ...text('a'), rawEvent: { n: 1 } },
      { type: 'RAW', event: { n: 1 } },
      { type: 'RAW', event: { n: 2 } },
      finished,
    );
    assert.deepEqual(ofType(events, 'data'), [{ type: 'data', name: 'RAW', value: { n: 2 } }]);
  });

  it('adds up the tokens of all models', () => {
    const usage = [
      { model: 'm', inputTokens: 1, outputTokens: 2, totalTokens: 3, reasoningTokens: 1 },
      { model: 'n', inputTokens: 4, outputTokens: 5 },
    ];
    assert.deepEqual(ofType(decode({ ...finished, usage }), 'usage'), [
      { type: 'usage', inputTokens: 5, outputTokens: 7, totalTokens: 3, reasoningTokens: 1 },
    ]);
  });

  it('asks what a run stops for, under the id of its call where there is one', () => {
    const outcome = {
      type: 'interrupt',
      interrupts: [
        { id: 'i1', reason: 'approval', message: 'Send it?', toolCallId: 'c' },
        { id: 'i2', reason: 'Which one?', responseSchema: { enum: ['a', 'b'] } },
      ],
    };
    const events = decode(begin('c'), endCall('c'), { ...finished, outcome });
    assert.deepEqual(ofType(events, 'tool_approval', 'opaque', 'done'), [
      { type: 'opaque', dialect: 'ag-ui', value: { interrupt: { id: 'i1', toolCallId: 'c' } } },
      { type: 'tool_approval', id: 'c', message: 'Send it?' },
      { type: 'opaque', dialect: 'ag-ui', value: { interrupt: { id: 'i2' } } },
      { type: 'tool_approval', id: 'i2', name: 'interrupt', message: 'Which one?', options: ['a', 'b'] },
      { type: 'done', reason: 'tool_calls', complete: true, origin: 'interrupt' },
    ]);
  });

  it('passes over types that it does not know, and counts them', () => {
    const decoder = getDialect('ag-ui').createDecoder();
    const frames = [
      started,
      { type: 'USAGE_METADATA', input_tokens: 1 },
      { type: 'NEW' },
      text('a'),
      finished,
    ];
    const answer = readAnswer(
      decodeFrames(
        frames.map((each) => frame(each)),
        decoder,
      ),
    );
    assert.deepEqual([answer.text, answer.errors, decoder.unknownFrames], ['a', [], 2]);
  });
});

describe('errors and the end of ag-ui', () => {
  const error = { type: 'RUN_ERROR', message: 'No.', code: 'X' };

  it('keeps the error of a run that says afterwards that it is over, and of one that said so before', () => {
    for (const frames of [
      [text('a'), error, finished],
      [text('a'), finished, error],
    ]) {
      const answer = readAnswer(decode(started, ...frames));
      assert.deepEqual(
        answer.errors.map(({ message, origin }) => [message, origin]),
        [['No.', { code: 'X' }]],
      );
      assert.equal(answer.text, 'a');
      assert.deepEqual(answer.done, [{ type: 'done', reason: 'error', complete: true, origin: 'error' }]);
    }
  });

  it('reads an error under another name', () => {
    const answer = readAnswer(decode(started, { type: 'RUN_ERROR', error: 'Quota.' }));
    assert.equal(answer.errors[0]?.message, 'Quota.');
    assert.equal(readAnswer(decode({ error: { message: 'No.' } })).errors[0]?.message, 'No.');
  });

  it('reads another run on the same stream', () => {
    const answer = readAnswer(decode(started, error, { ...started, runId: 'r2' }, text('a'), finished));
    assert.equal(answer.text, 'a');
    assert.deepEqual(answer.done, [{ type: 'done', reason: 'stop', complete: true, origin: 'finished' }]);
  });

  it('knows the outcomes of a run', () => {
    const done = (outcome: object | null): unknown => decode(text('a'), { ...finished, outcome }).at(-1);
    assert.deepEqual(done(null), { type: 'done', reason: 'stop', complete: true, origin: 'finished' });
    assert.deepEqual(done({ type: 'success' }), {
      type: 'done',
      reason: 'stop',
      complete: true,
      origin: 'success',
    });
    assert.deepEqual(done({ type: 'cancelled' }), {
      type: 'done',
      reason: 'aborted',
      complete: true,
      origin: 'cancelled',
    });
  });

  it('is not complete while the run has not ended', () => {
    assert.deepEqual(decode(started, text('a')).at(-1), { type: 'done', reason: 'unknown', complete: false });
  });

  it('skips an event that is not JSON, and cuts the last one off silently', () => {
    const answer = readAnswer(
      decode(text('a'), '{"type":', text('b'), frame('{"type":"RU', { closed: false })),
    );
    assert.equal(answer.text, 'ab');
    assert.deepEqual(
      answer.errors.map(({ code }) => code),
      ['protocol'],
    );
  });
});
